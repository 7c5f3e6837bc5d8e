"""Conservation rule 6: not in the future, not before production, in order but for what is declared to be late."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.domain.case import parts_of
from service.domain.errors import RuleBreach
from service.domain.events import KINDS
from service.domain.lifecycle import AFTERLIFE, ON_PAPER, TRANSITIONS, UNTIMED
from service.domain.rules_time import CLOCK_SKEW, LATE_KINDS
from service.domain.states import TERMINAL, BatteryState, OpState
from tests.service.domain.scenes import KINDS_WITH_SCENES, Scene, scene
from tests.service.domain.story import CAR, PACK, SPARE

minutes = st.integers(-200, 200)
ROWS = {(row.kind, row.part): row for row in TRANSITIONS}
DONE_HERE = {"publish_passport", "void", "approve_void", "erase_values"}
"""What is done in the register and nowhere else: it happens when it is recorded."""
KEPT = ("soce_ppm", "remaining_capacity_mah", "full_cycles", "throughput_wh", "measured_at", "last_occurred_at")


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
def test_an_older_event_is_taken_only_with_a_reason(kind: str, ahead: int) -> None:
    world, event = scene(kind)
    known = [code for code in event.subjects if code in world.states]
    for code in known:
        world.put(code, last_occurred_at=event.occurred_at + timedelta(minutes=ahead), moved_at=event.occurred_at)
    try:
        after = world.decide(event)
    except RuleBreach as breach:
        assert kind not in AFTERLIFE | UNTIMED
        assert breach.rule == ("late-reason" if kind in LATE_KINDS else "out-of-order")
        return
    assert not known or kind in AFTERLIFE | UNTIMED
    for code in known:
        assert after[code].last_occurred_at >= world.states[code].last_occurred_at


def late(kind: str, ahead: timedelta, **state: Any) -> tuple[Scene, datetime]:
    """The scene of a kind, its event with a reason; of all its batteries something is known that much later."""
    world, event = happening = scene(kind, late_reason="offline")
    newest = event.occurred_at + ahead
    for code in event.subjects:
        if code in world.states:
            world.put(code, last_occurred_at=newest, **state)
    return happening, newest


@given(st.sampled_from(sorted(LATE_KINDS)), st.integers(6, 10_000))
def test_an_event_of_any_kind_can_be_told_late_and_leaves_what_is_newer_alone(kind: str, ahead: int) -> None:
    """A report of health and a notice came first; health, counters and the newest time stay what they are."""
    (world, event), newest = late(kind, timedelta(minutes=ahead))
    before: dict[str, BatteryState] = {}
    for code in (code for code in event.subjects if code in world.states):
        measured = {"measured_at": newest, "soce_ppm": 650_000, "full_cycles": 0, "throughput_wh": 7}
        world.put(code, moved_at=event.occurred_at, seen_at=event.occurred_at, **measured)
        before[code] = world.states[code]
    after = world.decide(event)
    for part, code in zip(parts_of(event, KINDS[kind]), event.subjects, strict=True):
        if code in before:
            assert [getattr(after[code], name) for name in KEPT] == [getattr(before[code], name) for name in KEPT]
            moved = ROWS[kind, part].holds or after[code].op_state is not before[code].op_state
            assert after[code].since == (event.occurred_at if moved else before[code].since)
            assert after[code].count == before[code].count + 1


@given(st.sampled_from(sorted(LATE_KINDS)), st.integers(6, 10_000))
def test_who_moves_a_battery_late_does_so_in_order_with_the_other_moves(kind: str, ahead: int) -> None:
    (world, event), newest = late(kind, timedelta(minutes=ahead), moved_at=None, seen_at=None)
    moves = any(row.kind == kind and row.before and (row.holds or row.after is not None) for row in TRANSITIONS)
    try:
        after = world.decide(event)
    except RuleBreach as breach:
        assert moves or kind == "hand_over"
        assert breach.rule == "before-last-change"
    else:
        assert not moves
        assert {state.last_occurred_at for state in after.values()} == {newest}


@pytest.mark.parametrize("kind", sorted({row.kind for row in TRANSITIONS if row.after in TERMINAL} & LATE_KINDS))
def test_nothing_that_takes_a_battery_is_known_after_its_end(kind: str) -> None:
    for seen, taken in ((timedelta(hours=1), False), (timedelta(0), True)):
        (world, event), _ = late(kind, timedelta(days=1))
        for code in (code for code in event.subjects if code in world.states):
            world.put(code, moved_at=event.occurred_at, seen_at=event.occurred_at + seen)
        if taken:
            assert world.decide(event)
            continue
        with pytest.raises(RuleBreach) as caught:
            world.decide(event)
        assert caught.value.rule == "end-before"


def test_paper_alone_does_not_keep_an_end_from_being_told() -> None:
    world, event = scene("recycle", late_reason="offline")
    [code] = event.subjects
    world.tell("issue_notice", code, on="2034-07-01", notice_id="R-9")
    assert "issue_notice" in ON_PAPER
    assert world.decide(event, received_at=world.now)[code].op_state is OpState.RECYCLED
    world.tell("report_incident", code, happened_on="2034-07-01")
    with pytest.raises(RuleBreach) as caught:
        world.decide(event, received_at=world.now)
    assert caught.value.rule == "end-before"


def test_a_swap_without_a_network_is_told_at_its_time_after_a_report_of_health() -> None:
    world, swap = scene("swap", late_reason="offline")
    world.tell("report_soh", PACK, on="2026-03-12", soce_ppm=870_000)
    reported = world.now
    after = world.decide(swap, received_at=reported + timedelta(days=1))
    assert (after[PACK].op_state, after[SPARE].op_state) == (OpState.IN_SWAP_POOL, OpState.IN_USE)
    assert (after[PACK].vehicle, after[SPARE].vehicle) == (None, CAR)
    assert (after[PACK].soce_ppm, after[PACK].measured_at) == (870_000, reported)
    assert (after[SPARE].soce_ppm, after[SPARE].measured_at) == (960_000, swap.occurred_at)
    assert (after[PACK].since, after[PACK].last_occurred_at) == (swap.occurred_at, reported)


def test_what_was_measured_before_a_battery_moved_on_is_taken_afterwards() -> None:
    """Nobody knows any more where it stood in its life; the odometer was that of a car that it may have left."""
    world, report = scene("report_soh", late_reason="offline", odometer_km=900)
    world.tell("retire", PACK, on="2026-04-01", soce_ppm=None)
    after = world.decide(report, received_at=world.now)[PACK]
    assert (after.op_state, after.soce_ppm, after.odometer_km) == (OpState.RETIRED, 885_000, None)
    assert after.measured_at == report.occurred_at


def test_the_owner_is_the_newest_in_whatever_order_owners_are_told() -> None:
    world, first = scene("transfer_ownership", late_reason="found_later", new_owner="owner-1")
    world.tell("report_soh", PACK, on="2026-03-20")
    assert world.decide(first, received_at=world.now)[PACK].owner == "owner-1"
    world.tell("transfer_ownership", PACK, new_owner="owner-2", on="2026-03-22")
    assert world.decide(first, received_at=world.now)[PACK].owner == "owner-2"


def test_a_giver_may_tell_of_its_hand_over_after_the_receipt() -> None:
    world, given_away = scene("hand_over", late_reason="offline")
    world.tell("receive", PACK, on="2034-06-20", from_operator="cq-repair")
    assert world.states[PACK].taken_from == "cq-repair"
    after = world.decide(given_away, received_at=world.now)[PACK]
    assert (after.taken_from, after.holder, after.handed_to) == (None, "cq-outlet", None)


def test_a_market_told_late_leaves_who_answers_for_the_battery() -> None:
    world, placed = scene("place_on_market", late_reason="found_later", market="CN")
    world.tell("export", PACK, on="2026-03-01")
    world.tell("place_on_market", PACK, on="2026-03-05", actor="cq-export", placed_on="2026-03-05")
    assert world.states[PACK].responsible == "cq-export"
    after = world.decide(placed, received_at=world.now)[PACK]
    assert (after.responsible, after.markets) == ("cq-export", ("EU", "CN"))


def test_a_test_told_late_leaves_a_newer_measurement_and_decides() -> None:
    (world, event), newest = late("test", timedelta(hours=2))
    world.put(PACK, moved_at=event.occurred_at, measured_at=newest, soce_ppm=690_000, remaining_capacity_mah=9)
    after = world.decide(event)[PACK]
    assert (after.soce_ppm, after.remaining_capacity_mah, after.measured_at) == (690_000, 9, newest)
    assert (after.op_state, after.decision) == (OpState.TESTED, "second_life")


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


def test_every_kind_about_a_battery_that_is_there_may_be_told_late() -> None:
    """But for what is done in the register itself, and what is of paper and has no order."""
    about = {row.kind for row in TRANSITIONS if row.before}
    assert about - DONE_HERE - UNTIMED == LATE_KINDS
