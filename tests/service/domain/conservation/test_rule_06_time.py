"""Conservation rule 6: not in the future, not before production, in order but for what is declared to be late."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from service.domain.errors import RuleBreach
from service.domain.events import KINDS
from service.domain.lifecycle import AFTERLIFE
from service.domain.rules_time import CLOCK_SKEW, LATE_KINDS
from tests.service.domain.scenes import KINDS_WITH_SCENES, scene
from tests.service.domain.story import PACK

minutes = st.integers(-200, 200)


@given(st.lists(st.tuples(minutes, st.booleans()), min_size=1, max_size=12))
def test_reports_come_in_order_or_say_why_not(told: list[tuple[int, bool]]) -> None:
    """The present is what the newest report said, in whatever order the reports came."""
    world, _ = scene("report_soh")
    start, known = world.now, {PACK: (world.states[PACK].last_occurred_at, -1)}
    received = start + timedelta(days=1)
    for at, (offset, declared) in enumerate(told):
        world.now = start + timedelta(minutes=offset)
        late = world.now + CLOCK_SKEW < world.states[PACK].last_occurred_at
        details = {"full_cycles": 640, "soce_ppm": 885_000, "remaining_capacity_mah": at}
        event = world.event("report_soh", PACK, late_reason="offline" if declared else None, **details)
        try:
            after = world.decide(event, received_at=received)
        except RuleBreach as breach:
            assert late and not declared
            assert breach.rule == "late-reason"
            continue
        assert declared or not late
        world.states.update(after)
        newest, value = known[PACK]
        known[PACK] = (max(newest, event.occurred_at), value)
        if world.states[PACK].measured_at == event.occurred_at:
            known[PACK] = (known[PACK][0], at)
        assert world.states[PACK].last_occurred_at == known[PACK][0]
        assert world.states[PACK].remaining_capacity_mah == known[PACK][1]
        measured = world.states[PACK].measured_at
        assert measured is not None
        assert measured >= event.occurred_at


@given(st.sampled_from(KINDS_WITH_SCENES), st.integers(6, 10_000))
def test_an_older_event_is_taken_only_of_a_kind_that_may_be_late(kind: str, ahead: int) -> None:
    world, event = scene(kind)
    known = [code for code in event.subjects if code in world.states]
    for code in known:
        world.put(code, last_occurred_at=event.occurred_at + timedelta(minutes=ahead), moved_at=event.occurred_at)
    try:
        after = world.decide(event)
    except RuleBreach as breach:
        assert kind not in AFTERLIFE
        assert breach.rule == ("late-reason" if kind in LATE_KINDS else "out-of-order")
        return
    assert not known or kind in AFTERLIFE
    for code in known:
        assert after[code].last_occurred_at >= world.states[code].last_occurred_at


def test_a_late_collection_never_comes_before_the_retirement() -> None:
    world, _ = scene("collect")
    retired = world.now
    world.tell("report_incident", PACK, on="2034-06-09", severity="minor", happened_on="2034-06-09")
    for offset, expected in ((timedelta(hours=-1), "before-last-change"), (timedelta(hours=1), None)):
        world.now = retired + offset
        event = world.event("collect", PACK, late_reason="offline")
        try:
            after = world.decide(event, received_at=retired + timedelta(days=9))
        except RuleBreach as breach:
            assert breach.rule == expected
        else:
            assert expected is None
            assert after[PACK].since == event.occurred_at
            assert after[PACK].last_occurred_at == world.states[PACK].last_occurred_at


def test_every_kind_that_may_be_late_has_a_word_for_why() -> None:
    assert set(KINDS) >= LATE_KINDS
    using = {"report_soh", "report_incident", "load_bms_software", "repair"}
    assert using | {"retire", "collect", "receive", "scrap_vehicle"} == LATE_KINDS
