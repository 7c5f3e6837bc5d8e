"""Conservation rule 8: who acts holds the role, and a licence that is valid on the day of the event."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.domain.bodies import Licence
from service.domain.errors import RuleBreach
from service.domain.events import KINDS
from service.domain.licences import NEEDED, LicenceDay, lapses, shown
from service.domain.roles import Role
from service.domain.rules_use import date_in_china
from service.domain.words import LicenceKind
from tests.service.domain.scenes import KINDS_WITH_SCENES, scene
from tests.service.domain.story import World

days = st.integers(-30, 30)
periods = st.lists(st.tuples(days, st.none() | days), min_size=1, max_size=4)


@given(periods)
def test_a_recycler_recycles_only_on_days_on_which_a_permit_is_valid(told: list[tuple[int, int | None]]) -> None:
    world, event = scene("recycle")
    today = date_in_china(event.occurred_at)
    world.licences["cq-recycle"] = tuple(
        Licence(
            LicenceKind.POLLUTANT_DISCHARGE,
            f"P-{n}",
            today + timedelta(days=begin),
            None if end is None else today + timedelta(days=end),
        )
        for n, (begin, end) in enumerate(told)
    )
    valid = any(begin <= 0 and (end is None or end >= 0) for begin, end in told)
    try:
        world.decide(event)
    except RuleBreach as breach:
        assert not valid
        assert breach.rule == "licence"
    else:
        assert valid


def test_a_permit_that_ended_yesterday_is_named_with_its_last_day() -> None:
    world, event = scene("recycle")
    last = date_in_china(event.occurred_at) - timedelta(days=1)
    permit = Licence(LicenceKind.POLLUTANT_DISCHARGE, "P-1", date(2026, 1, 1), last)
    world.licences["cq-recycle"] = (permit,)
    with pytest.raises(RuleBreach) as caught:
        world.decide(event)
    assert last.isoformat() in caught.value.message_en
    assert "排污许可" in caught.value.message_zh


def test_licences_nobody_told_of_are_listed_and_refuse_nothing() -> None:
    world, event = scene("recycle")
    assert world.decide(event)
    untold = list(lapses("recycle", Role.RECYCLER, date(2034, 7, 1), None))
    assert {each.need.licence for each in untold if each.need.is_enforced} == {
        LicenceKind.POLLUTANT_DISCHARGE,
        LicenceKind.ENVIRONMENTAL_ASSESSMENT,
        LicenceKind.INVESTMENT_APPROVAL,
    }
    assert all(each.last_day is None for each in untold)


@given(since=days, set_before=st.none() | days)
def test_a_licence_nobody_told_of_is_missing_from_the_day_that_the_authority_set_last(
    since: int, set_before: int | None
) -> None:
    world, event = scene("recycle")
    today = date_in_china(event.occurred_at)
    offsets = [since] if set_before is None else [set_before, since]
    told = [LicenceDay(today + timedelta(days=n), "notice", at) for at, n in enumerate(offsets)]
    set_days = {(Role.RECYCLER, LicenceKind.POLLUTANT_DISCHARGE): tuple(told)}
    try:
        world.decide(event, licence_days=set_days)
    except RuleBreach as breach:
        assert (breach.rule, since <= 0) == ("licence", True)
        assert LicenceKind.POLLUTANT_DISCHARGE.en in breach.message_en
    else:
        assert since > 0
    permit = Licence(LicenceKind.POLLUTANT_DISCHARGE, "P-1", date(2026, 1, 1))
    world.licences["cq-recycle"] = (permit,)
    assert world.decide(event, licence_days=set_days), "told and valid"


@pytest.mark.parametrize(
    ("role", "licence", "slug"),
    [
        ("recycler", "pollutant_discharge", ""),
        ("workshop", "pollutant_discharge", "licence-not-needed"),
        ("tester", "test_accreditation", "licence-only-shown"),
    ],
)
def test_a_day_is_set_for_what_the_law_is_known_to_need(role: str, licence: str, slug: str) -> None:
    world = World()
    event = world.event("set_licence_day", role=role, licence=licence)
    if not slug:
        assert world.decide(event) == {}
        return
    with pytest.raises(RuleBreach) as caught:
        world.decide(event)
    assert (caught.value.rule, caught.value.pointer) == (slug, "/body/licence")
    assert LicenceKind(licence).zh in caught.value.message_zh


def test_a_row_without_a_source_is_shown_and_not_enforced() -> None:
    assert [need for need in NEEDED if not need.is_enforced]
    world, event = scene("test")
    expired = Licence(LicenceKind.TEST_ACCREDITATION, "T-1", date(2020, 1, 1), date(2021, 1, 1))
    world.licences["cq-lab"] = (expired,)
    assert world.decide(event)


@pytest.mark.parametrize("need", NEEDED, ids=lambda need: f"{need.role}-{need.licence}")
def test_every_row_is_about_kinds_that_the_role_may_record(need: object) -> None:
    for kind in need.kinds:  # type: ignore[attr-defined]
        assert need.role in KINDS[kind].roles  # type: ignore[attr-defined]


@given(st.sampled_from(KINDS_WITH_SCENES), st.sets(st.sampled_from(Role)))
def test_an_event_is_for_the_roles_of_its_kind(kind: str, roles: set[Role]) -> None:
    world, event = scene(kind)
    try:
        world.decide(event, roles=frozenset(roles))
    except RuleBreach as breach:
        allowed = not roles.isdisjoint(KINDS[kind].roles)
        assert not allowed or breach.rule in ("not-the-maker", "not-the-teller", "role", "notice-unknown")
    else:
        assert roles & KINDS[kind].roles


def test_shown_are_the_licences_that_the_event_needs_and_that_are_valid_on_its_day() -> None:
    day = date(2026, 7, 1)
    permit = Licence(LicenceKind.POLLUTANT_DISCHARGE, "P-1", day, day)
    ended = Licence(LicenceKind.INVESTMENT_APPROVAL, "I-1", date(2020, 1, 1), day - timedelta(days=1))
    other = Licence(LicenceKind.HAZARDOUS_WASTE, "H-1", date(2020, 1, 1))
    told = (permit, ended, other)
    assert shown("recycle", {Role.RECYCLER}, day, told) == (permit,)
    assert shown("recycle", {Role.WORKSHOP}, day, told) == shown("repair", {Role.RECYCLER}, day, told) == ()
    assert shown("recycle", {Role.RECYCLER}, day, None) == ()
