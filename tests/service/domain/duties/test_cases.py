"""What an event makes of the duties. Scenario 22: each fact is judged by the law of its day."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.domain.duties.cases import ANSWERING, DutyCase, begin_cases
from service.domain.duties.clocks import Clock, due_date
from service.domain.duties.deadlines import Deadline, Deadlines, find_due_date
from service.domain.duties.rows import DUTIES, Duty
from service.domain.events import Event, parse_body
from tests.service.domain.story import BODIES, PACK, VIN

RECYCLER, MAKER = frozenset({"recycler"}), frozenset({"vehicle_maker"})


def collected(at: str, *, actor: str = "cq-green") -> Event:
    body = parse_body("collect", BODIES["collect"])
    return Event("id", "collect", actor, datetime.fromisoformat(at), (PACK,), body)


def sold(on: str) -> Event:
    body = parse_body("sell", BODIES["sell"] | {"sold_on": on})
    return Event("id", "sell", "cq-motors", datetime(2026, 8, 1, tzinfo=UTC), (PACK,), body)


def cases(event: Event, roles: frozenset[str], received: str, deadlines: Deadlines | None = None) -> list[DutyCase]:
    day = date.fromisoformat(received)
    return list(begin_cases(event, 7, roles=roles, received_on=day, deadlines=deadlines or {}))


def test_an_event_of_2025_is_judged_by_the_rules_of_2018_whenever_it_is_recorded() -> None:
    [case] = cases(collected("2025-03-03T10:00:00+08:00"), RECYCLER, "2026-06-01")
    assert (case.duty, case.due_on, case.is_late) == ("cn2018-recycler-in", date(2025, 4, 15), True)
    assert case.days_late(date(2030, 1, 1)) == 412, "31 May 2026 is 412 days after"


def test_an_event_of_may_2026_is_judged_by_order_73() -> None:
    [case] = cases(collected("2026-05-10T10:00:00+08:00"), RECYCLER, "2026-06-10")
    assert (case.duty, case.due_on, case.is_late) == ("cn73-recycler-in", date(2026, 6, 9), True)
    [case] = cases(collected("2026-05-10T10:00:00+08:00"), RECYCLER, "2026-06-09")
    assert not case.is_late, "the last day counts whole"


@pytest.mark.parametrize(("at", "duty"), [("15:59:59", "cn2018-recycler-in"), ("16:00:00", "cn73-recycler-in")])
def test_the_day_changes_at_midnight_in_china(at: str, duty: str) -> None:
    [case] = cases(collected(f"2026-03-31T{at}+00:00"), RECYCLER, "2026-04-02")
    assert case.duty == duty


def test_nobody_had_a_duty_before_the_first_rules() -> None:
    assert cases(collected("2018-07-31T10:00:00+08:00"), RECYCLER, "2018-08-02") == []


def test_only_those_whose_role_the_row_names_have_the_duty() -> None:
    assert cases(collected("2026-05-10T10:00:00+08:00"), frozenset({"dealer"}), "2026-05-11") == []


def test_a_sale_counts_from_the_day_of_sale_not_from_the_time_of_the_event() -> None:
    [case] = cases(sold("2026-06-01"), MAKER, "2026-08-01")
    assert (case.since, case.due_on, case.is_late) == (date(2026, 6, 1), date(2026, 6, 21), True)


def installed(certificate_on: str | None, at: str = "2026-06-10T10:00:00+08:00") -> Event:
    told = {} if certificate_on is None else {"certificate_on": certificate_on}
    body = parse_body("install", {"vin": VIN, "odometer_km": 12} | told)
    return Event("id", "install", "cq-motors", datetime.fromisoformat(at), (PACK,), body)


@pytest.mark.parametrize("role", ["vehicle_maker", "importer"])
@pytest.mark.parametrize(
    ("certificate_on", "duty", "due_on"),
    [
        (None, "cn73-install", date(2026, 6, 30)),
        ("2026-06-12", "cn73-install", date(2026, 7, 2)),
        ("2026-04-01", "cn73-install", date(2026, 4, 21)),
        ("2026-03-31", "cn2018-install", date(2026, 4, 22)),
    ],
)
def test_a_new_vehicle_counts_from_its_certificate_and_by_the_law_of_that_day(
    role: str, certificate_on: str | None, duty: str, due_on: date
) -> None:
    [case] = cases(installed(certificate_on), frozenset({role}), "2026-08-01")
    assert (case.duty, case.due_on) == (duty, due_on)
    assert cases(installed(certificate_on), frozenset({"workshop", "swap_operator"}), "2026-08-01") == []


def test_a_duty_without_days_judges_nobody() -> None:
    [case] = cases(sold("2026-01-05"), MAKER, "2026-08-01")
    assert (case.duty, case.due_on, case.is_late) == ("cn2018-sale", None, False)


def deadline(days: int, since: str, clock: Clock = Clock.WORKING) -> Deadline:
    return Deadline("cn2018-sale", days, clock, date.fromisoformat(since), "a notice", 3)


def test_days_that_the_authority_set_hold_for_the_facts_from_their_day_on() -> None:
    duty = DUTIES["cn2018-sale"]
    told = {"cn2018-sale": (deadline(30, "2025-01-01"), deadline(10, "2025-06-01", Clock.CALENDAR))}
    assert find_due_date(duty, date(2024, 12, 31), told) is None
    assert find_due_date(duty, date(2025, 3, 3), told) == date(2025, 4, 15)
    assert find_due_date(duty, date(2025, 6, 1), told) == date(2025, 6, 11)


def test_of_two_deadlines_for_one_day_the_one_recorded_last_holds() -> None:
    told = {"cn2018-sale": (deadline(30, "2025-01-01"), deadline(40, "2025-01-01"))}
    assert find_due_date(DUTIES["cn2018-sale"], date(2025, 3, 3), told) == due_date(date(2025, 3, 3), 40, Clock.WORKING)


def test_a_days_count_of_the_law_is_not_overridden() -> None:
    told = {"cn73-sale": (Deadline("cn73-sale", 99, Clock.CALENDAR, date(2026, 4, 1), "?", 3),)}
    assert find_due_date(DUTIES["cn73-sale"], date(2026, 6, 1), told) == date(2026, 6, 21)


JUDGED = [row for row in DUTIES.values() if row.unjudged is None and row.days is not None and row.since.year > 2025]


@given(st.sampled_from(JUDGED), st.dates(date(2026, 4, 1), date(2030, 1, 1)), st.integers(0, 90))
def test_a_case_is_late_exactly_when_recorded_after_its_last_day(duty: Duty, since: date, delay: int) -> None:
    due_on = find_due_date(duty, since, {})
    assert due_on is not None
    case = DutyCase(1, PACK, duty.id, "cq-green", since, due_on)
    recorded = date.fromordinal(since.toordinal() + delay)
    assert case.answered(9, recorded).is_late == (recorded > due_on)
    assert case.answered(9, recorded).reopened() == case
    assert case.is_overdue(recorded) == (recorded > due_on)


def test_what_answers_an_earlier_event_is_looked_up_and_nothing_else() -> None:
    assert {"collect", "receive"} == ANSWERING
