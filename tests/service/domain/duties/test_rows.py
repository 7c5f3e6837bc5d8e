"""The rows themselves: complete, unambiguous, and true to the reference."""

from datetime import date, timedelta

import pytest

from service.domain.duties.clocks import SOURCE_NEEDED, Clock
from service.domain.duties.milestones import MILESTONES, milestones_on
from service.domain.duties.rows import ACTOR, DUTIES, Duty, Jurisdiction, duties_on
from service.domain.events import KINDS, fields_of
from service.domain.roles import Role

LAST_OLD, FIRST_NEW = date(2026, 3, 31), date(2026, 4, 1)


def test_the_rules_of_2018_end_where_order_73_begins() -> None:
    old = [row for row in DUTIES.values() if row.id.startswith("cn2018-")]
    new = [row for row in DUTIES.values() if row.id.startswith("cn73-")]
    assert {(row.since, row.until) for row in old} == {(date(2018, 8, 1), LAST_OLD)}
    assert {(row.since, row.until) for row in new} == {(FIRST_NEW, None)}
    assert {row.clock for row in old} == {Clock.WORKING}
    assert {row.clock for row in new} <= {Clock.CALENDAR, Clock.MONTHS}


@pytest.mark.parametrize("row", DUTIES.values(), ids=DUTIES)
def test_a_row_names_kinds_and_fields_that_there_are(row: Duty) -> None:
    assert {row.trigger, *row.answers} <= KINDS.keys()
    body = KINDS[row.trigger].body
    assert body is not None
    fields = {field.name for field in fields_of(body)}
    assert row.day_of is None or row.day_of in fields
    assert row.who == ACTOR or row.who in fields
    if row.unjudged is None:
        assert row.roles & KINDS[row.trigger].roles, "nobody who may record it has this duty"
        assert row.answers


@pytest.mark.parametrize("row", DUTIES.values(), ids=DUTIES)
def test_a_row_without_days_says_that_its_source_is_needed(row: Duty) -> None:
    assert row.en and row.zh and row.article
    assert (row.days is None) == (row.source == SOURCE_NEEDED)
    assert row.days is None or row.days > 0


@pytest.mark.parametrize(
    ("duty", "days", "clock"),
    [
        ("cn2018-install", 15, Clock.WORKING),
        ("cn2018-sale", None, Clock.WORKING),
        ("cn2018-repair", 30, Clock.WORKING),
        ("cn2018-replacement", 30, Clock.WORKING),
        ("cn2018-outlet-in", 30, Clock.WORKING),
        ("cn2018-outlet-out", 30, Clock.WORKING),
        ("cn2018-scrap", 15, Clock.WORKING),
        ("cn2018-scrap-out", 15, Clock.WORKING),
        ("cn2018-product-repurposed", 15, Clock.WORKING),
        ("cn2018-product-reused", 15, Clock.WORKING),
        ("cn2018-product-remade", 15, Clock.WORKING),
        ("cn2018-second-life-waste", 15, Clock.WORKING),
        ("cn2018-recycler-in", 30, Clock.WORKING),
        ("cn2018-recycled", 30, Clock.WORKING),
        ("cn73-install", 20, Clock.CALENDAR),
        ("cn73-sale", 20, Clock.CALENDAR),
        ("cn73-recycler-in", 30, Clock.CALENDAR),
        ("cn73-product-repurposed", 30, Clock.CALENDAR),
        ("cn73-product-reused", 30, Clock.CALENDAR),
        ("cn73-product-remade", 30, Clock.CALENDAR),
        ("cn73-recycled", 30, Clock.CALENDAR),
        ("cn73-dismantling-guide", 6, Clock.MONTHS),
        ("cn73-repair", None, Clock.CALENDAR),
        ("cn73-replacement", None, Clock.CALENDAR),
        ("cn73-swap", None, Clock.CALENDAR),
        ("cn73-retirement", None, Clock.CALENDAR),
        ("cn73-scrap", None, Clock.CALENDAR),
        ("cn73-outlet-in", None, Clock.CALENDAR),
        ("cn73-outlet-out", None, Clock.CALENDAR),
        ("cn73-collection", None, Clock.CALENDAR),
        ("handover-confirmed", None, Clock.CALENDAR),
    ],
)
def test_the_days_are_those_of_the_reference(duty: str, days: int | None, clock: Clock) -> None:
    assert (DUTIES[duty].days, DUTIES[duty].clock) == (days, clock)


def test_vehicle_makers_and_importers_report_the_batteries_of_new_vehicles_under_both_regimes() -> None:
    """Of sales Order 73 names importers; the rules of 2018, as found, do not."""
    for duty in ("cn2018-install", "cn73-install"):
        assert DUTIES[duty].roles == {Role.VEHICLE_MAKER, Role.IMPORTER}
        assert DUTIES[duty].day_of == "certificate_on"
    assert Role.IMPORTER in DUTIES["cn73-sale"].roles
    assert Role.IMPORTER in DUTIES["cn73-dismantling-guide"].roles
    assert Role.IMPORTER not in DUTIES["cn2018-sale"].roles


def test_the_days_that_were_not_found_are_for_the_authority_to_set() -> None:
    for duty in ("cn2018-sale", "cn73-repair", "cn73-scrap", "cn73-outlet-in", "cn73-collection", "handover-confirmed"):
        assert DUTIES[duty].is_open
    assert not DUTIES["cn73-dismantling-guide"].is_open


def test_rows_are_found_by_day_and_jurisdiction() -> None:
    before = {row.id for row in duties_on(LAST_OLD, "CN")}
    after = {row.id for row in duties_on(LAST_OLD + timedelta(days=1), "CN")}
    assert before and after and not before & after
    assert [row.id for row in duties_on(FIRST_NEW, Jurisdiction.REGISTER.value)] == ["handover-confirmed"]
    assert len(list(duties_on())) == len(DUTIES)


def test_no_two_milestones_share_a_name_and_none_ends_before_it_begins() -> None:
    assert len({row.slug for row in MILESTONES}) == len(MILESTONES)
    assert all(row.since is None or row.until is None or row.since <= row.until for row in MILESTONES)
    assert all(row.en and row.zh and row.article and row.source for row in MILESTONES)


def test_the_passport_is_asked_for_from_18_february_2027() -> None:
    def slugs(day: date) -> set[str]:
        return {row.slug for row in milestones_on(day, "EU")}

    assert "eu-passport" not in slugs(date(2027, 2, 17))
    assert "eu-passport" in slugs(date(2027, 2, 18))
    assert "eu-due-diligence" not in slugs(date(2027, 8, 17))
    assert "eu-due-diligence" in slugs(date(2027, 8, 18))
    assert "eu-legitimate-interest" in slugs(date(2020, 1, 1)), "what has no date is always shown"
