"""Duties through the real register: begun, answered, undone and summed up, and derived again to the last row."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import text

from service.db.duties import case_of
from service.domain.duties.cases import DutyCase
from service.duties import (
    DutySum,
    LateQuery,
    all_duties,
    duties_in_force,
    find_late,
    late_cases,
    set_deadline,
    sums_of,
)
from service.errors import FaultyError, NotPermittedError
from service.operators import enrol_operator
from service.recording.rebuilding import rebuild
from service.settings import Settings
from tests.service.domain.story import PACK_MODEL
from tests.service.town import START, StillClock, Town, pack
from tests.service.verification.test_register import verify

GREEN = "cq-recycle"
"""The recycler of the town."""


@pytest.fixture
def late_town(either_settings: Settings) -> Iterator[Town]:
    """The shared register, open on 1 September 2026, with pack 1 out of service."""
    opened = Town(either_settings, StillClock(START + timedelta(days=123)))
    yield opened
    opened.close()


def cases(town: Town, **where: Any) -> list[DutyCase]:
    clause = " AND ".join(f"{name} = :{name}" for name in where) or "1 = 1"
    query = text(f"SELECT * FROM duty_case WHERE {clause} ORDER BY idx, code, duty")
    with town.register.read() as reader:
        return [case_of(row) for row in reader.connection.execute(query, where)]


def at(day: str) -> str:
    return f"{day}T02:00:00.000Z"


def retire_and_collect(town: Town, number: int, *, on: str) -> tuple[int, int]:
    """The entries that say that a pack was retired on a day and taken in by the recycler three days later."""
    later = (date.fromisoformat(on) + timedelta(days=3)).isoformat()
    [retired] = town.must(town.tell("cq-motors", "retire", pack(number), occurred_at=at(on)))
    [taken] = town.must(town.tell(GREEN, "collect", pack(number), occurred_at=at(later), from_operator="cq-motors"))
    return retired.index, taken.index


def test_what_was_recorded_after_its_last_day_stands_in_the_list_of_the_late(late_town: Town) -> None:
    _, index = retire_and_collect(late_town, 1, on="2026-05-10")
    page = find_late(late_town.register, LateQuery(operator=GREEN))
    [case] = page.cases
    assert (case.index, case.code, case.duty) == (index, pack(1), "cn73-recycler-in")
    assert (case.since, case.due_on, case.answered_on) == (date(2026, 5, 13), date(2026, 6, 12), date(2026, 9, 1))
    assert case.days_late(page.today) == 81
    assert page.next is None


def test_what_was_recorded_in_time_does_not(late_town: Town) -> None:
    retire_and_collect(late_town, 1, on="2026-08-10")
    assert find_late(late_town.register, LateQuery(operator=GREEN)).cases == ()


def test_an_event_of_march_2026_is_judged_by_working_days_of_the_old_rules(late_town: Town) -> None:
    """Scenario 22: the rules of 2018 for a fact of their time, Order 73 for one of May, in one list."""
    _, old = retire_and_collect(late_town, 1, on="2026-05-10")
    late_town.must(
        late_town.tell("cq-cells", "register", pack(7_000_001), made_on="2026-02-26", occurred_at=at("2026-02-27"))
    )
    [installed] = late_town.must(
        late_town.tell(
            "cq-motors", "install", pack(7_000_001), occurred_at=at("2026-03-02"), private={"vin": "LSVAU2A34N2183294"}
        )
    )
    found = {case.index: case for case in find_late(late_town.register, LateQuery()).cases}
    assert found[installed.index].duty == "cn2018-install"
    assert found[installed.index].due_on == date(2026, 3, 23), "15 working days"
    assert found[old].duty == "cn73-recycler-in"
    assert found[old].due_on == date(2026, 6, 12), "30 calendar days"


def test_a_hand_over_stays_open_until_the_other_side_takes_it_and_is_late_after_its_days(late_town: Town) -> None:
    set_days(late_town, "handover-confirmed", 10)
    late_town.must(late_town.tell("cq-motors", "retire", pack(2), occurred_at=at("2026-08-01")))
    [given] = late_town.must(
        late_town.tell(
            "cq-motors", "hand_over", pack(2), occurred_at=at("2026-08-02"), to_operator=GREEN, transport_document="T1"
        )
    )
    [open_case] = cases(late_town, duty="handover-confirmed")
    assert (open_case.actor, open_case.due_on, open_case.answer) == (GREEN, date(2026, 8, 12), None)
    late = find_late(late_town.register, LateQuery(operator=GREEN))
    assert [case.index for case in late.cases] == [given.index]
    [taken] = late_town.must(
        late_town.tell(GREEN, "receive", pack(2), occurred_at=at("2026-08-03"), from_operator="cq-motors")
    )
    [closed] = cases(late_town, duty="handover-confirmed")
    assert (closed.answer, closed.answered_on, closed.is_late) == (taken.index, date(2026, 9, 1), True)


def test_a_collection_answers_the_duty_to_hand_a_retired_battery_over(late_town: Town) -> None:
    set_days(late_town, "cn73-collection", 30)
    retired, taken = retire_and_collect(late_town, 3, on="2026-08-20")
    [case] = cases(late_town, duty="cn73-collection")
    assert (case.index, case.answer, case.is_late) == (retired, taken, False)


def test_what_did_not_occur_begins_nothing_and_answers_nothing(late_town: Town) -> None:
    set_days(late_town, "cn73-collection", 5)
    late_town.must(late_town.tell("cq-motors", "retire", pack(4), occurred_at=at("2026-08-10")))
    told = late_town.tell(GREEN, "collect", pack(4), occurred_at=at("2026-08-11"), from_operator="cq-motors")
    late_town.must(told)
    assert [row.cases for row in sums_of(late_town.register, GREEN) if row.duty == "cn73-recycler-in"] == [1]
    late_town.must(
        late_town.tell(
            GREEN,
            "correct",
            pack(4),
            event_id=told.submission.event.id,
            reason="did_not_occur",
            note="wrong pack",
            mass_g=None,
        )
    )
    assert cases(late_town, duty="cn73-recycler-in", code=pack(4)) == []
    [reopened] = cases(late_town, duty="cn73-collection", code=pack(4))
    assert reopened.answer is None
    assert [row for row in sums_of(late_town.register, GREEN) if row.duty == "cn73-recycler-in"] == []


def test_a_corrected_day_of_sale_moves_the_deadline(late_town: Town) -> None:
    told = late_town.tell("cq-cells", "register", pack(7_000_002), made_on="2026-02-26", occurred_at=at("2026-02-27"))
    sale = late_town.tell("cq-motors", "sell", pack(7_000_002), sold_on="2026-05-02", occurred_at=at("2026-05-02"))
    late_town.must(
        told,
        late_town.tell(
            "cq-motors", "install", pack(7_000_002), occurred_at=at("2026-05-01"), private={"vin": "LSVAU2A34N2183294"}
        ),
        sale,
    )
    [wrong] = cases(late_town, duty="cn73-sale", code=pack(7_000_002))
    assert wrong.is_late
    late_town.must(
        late_town.tell(
            "cq-motors",
            "correct",
            pack(7_000_002),
            event_id=sale.submission.event.id,
            reason="incorrect_data",
            note="a slip of the month",
            mass_g=None,
            sold_on="2026-08-30",
        )
    )
    [right] = cases(late_town, duty="cn73-sale", code=pack(7_000_002))
    assert (right.since, right.due_on, right.is_late) == (date(2026, 8, 30), date(2026, 9, 19), False)


def test_an_importer_codes_and_installs_a_battery_and_reports_it_from_the_day_of_its_certificate(
    late_town: Town,
) -> None:
    town, code, importer = late_town, "0IMPE12ABCDEFGG2T0000001", "cq-export"
    model = PACK_MODEL | {"model_id": "IM-1", "manufacturer_code": "0IM", "gtin": "09521234000099"}
    car = {"vin": "LSVAU2A34N2183294"}
    installed = town.tell(
        importer, "install", code, occurred_at=at("2026-07-02"), certificate_on="2026-07-01", private=car
    )
    sale = town.tell(importer, "sell", code, occurred_at=at("2026-08-30"), sold_on="2026-08-30")
    town.must(town.tell(importer, "publish_model", **model))
    town.must(
        town.tell(importer, "register", code, model_id="IM-1", made_on="2026-02-26", occurred_at=at("2026-06-20")),
        installed,
        sale,
    )
    [case] = cases(town, duty="cn73-install", code=code)
    assert (case.actor, case.since, case.due_on) == (importer, date(2026, 7, 1), date(2026, 7, 21))
    assert case.is_late
    [sold] = cases(town, duty="cn73-sale", code=code)
    assert (sold.due_on, sold.is_late) == (date(2026, 9, 19), False)
    event_id = installed.submission.event.id
    told: dict[str, Any] = {"event_id": event_id, "reason": "incorrect_data", "note": "cleared later", "mass_g": None}
    town.must(town.tell(importer, "correct", code, certificate_on="2026-08-15", **told))
    [moved] = cases(town, duty="cn73-install", code=code)
    assert (moved.since, moved.due_on, moved.is_late) == (date(2026, 8, 15), date(2026, 9, 4), False)
    assert verify(town.settings).failures == ()


def set_days(town: Town, duty: str, days: int, **more: Any) -> int:
    body = {"duty": duty, "days": days, "clock": "calendar_days", "valid_from": "2026-04-01", "source": "a notice"}
    return set_deadline(town.recorder, body | more).index


def test_the_authority_sets_days_that_the_law_as_found_does_not_say(late_town: Town) -> None:
    registry = late_town.register.registry
    today = date(2026, 9, 1)
    [before] = [row for row in duties_in_force(registry, on=today) if row.duty.id == "cn73-repair"]
    assert (before.days, before.state) == (None, "source needed")
    set_days(late_town, "cn73-repair", 30, clock="working_days", source="MIIT notice of August 2026")
    [after] = [row for row in all_duties(late_town.register.registry) if row.duty.id == "cn73-repair"]
    assert (after.days, after.clock, after.source) == (30, "working_days", "MIIT notice of August 2026")
    assert after.state == "judged"


def test_nobody_overrides_the_law_or_a_duty_that_is_not_there(late_town: Town) -> None:
    size = late_town.size()
    for duty, code in (("cn73-sale", "duty-settled"), ("cn73-nothing", "duty-unknown")):
        with pytest.raises(FaultyError) as refused:
            set_days(late_town, duty, 30)
        assert [(fault.code, fault.pointer) for fault in refused.value.faults] == [(code, "/body/duty")]
    body = {"duty": "cn73-repair", "days": 1, "clock": "calendar_days", "valid_from": "2026-04-01", "source": "x"}
    with pytest.raises(NotPermittedError):
        late_town.must(late_town.tell(GREEN, "set_deadline", **body))
    assert late_town.size() == size


def test_a_deadline_judges_nothing_that_was_recorded_before_it(late_town: Town) -> None:
    late_town.must(late_town.tell("cq-motors", "retire", pack(5), occurred_at=at("2026-05-10")))
    set_days(late_town, "cn73-collection", 5)
    [case] = cases(late_town, duty="cn73-collection", code=pack(5))
    assert case.due_on is None


def test_another_process_learns_of_a_deadline_before_it_judges(late_town: Town) -> None:
    other = Town(late_town.settings, late_town.clock)
    set_days(late_town, "cn73-collection", 5)
    other.must(other.tell("cq-motors", "retire", pack(6), occurred_at=at("2026-08-10")))
    other.close()
    [case] = cases(late_town, duty="cn73-collection", code=pack(6))
    assert case.due_on == date(2026, 8, 15)


def test_sums_say_how_many_were_answered_how_many_late_and_how_long_it_took(late_town: Town) -> None:
    for number, day in ((1, "2026-05-10"), (2, "2026-08-10"), (3, "2026-08-20")):
        retire_and_collect(late_town, number, on=day)
    found = [row for row in sums_of(late_town.register, GREEN) if row.duty == "cn73-recycler-in"]
    assert found == [
        DutySum(GREEN, "cn73-recycler-in", "2026-05", 1, 1, 1, 111),
        DutySum(GREEN, "cn73-recycler-in", "2026-08", 2, 2, 0, 19 + 9),
    ]
    assert sums_of(late_town.register, GREEN, since="2026-06", until="2026-07") == []


def test_a_refused_batch_leaves_no_trace_in_the_duties(late_town: Town) -> None:
    before = cases(late_town)
    items = [
        late_town.tell("cq-motors", "retire", pack(1), occurred_at=at("2026-08-10")),
        late_town.tell("cq-motors", "retire", pack(9_999_999), occurred_at=at("2026-08-10")),
    ]
    with pytest.raises(FaultyError):
        late_town.must(*items, atomic=True)
    assert cases(late_town) == before


def test_pages_follow_each_other_without_gap_or_repetition(late_town: Town) -> None:
    for number in range(1, 8):
        retire_and_collect(late_town, number, on=f"2026-05-{9 + number:02d}")
    whole = find_late(late_town.register, LateQuery(operator=GREEN)).cases
    paged: list[DutyCase] = []
    query = LateQuery(operator=GREEN, limit=3)
    while True:
        page = find_late(late_town.register, query)
        paged += page.cases
        if page.next is None:
            break
        query = LateQuery(operator=GREEN, limit=3, after=page.next)
    assert tuple(paged) == whole and len(whole) == 7
    span = LateQuery(operator=GREEN, since=date(2026, 6, 14), until=date(2026, 6, 15))
    assert len(find_late(late_town.register, span).cases) == 2


def test_who_is_late_is_a_range_of_an_index(town: Town) -> None:
    for query, index in ((LateQuery(), "duty_case_due"), (LateQuery(operator=GREEN), "duty_case_actor_due")):
        statement = late_cases(query, date(2026, 9, 1)).limit(10)
        with town.register.read() as reader:
            compiled = statement.compile(reader.connection.engine, compile_kwargs={"literal_binds": True})
            plan = reader.connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {compiled}").all()
        assert any(f"USING INDEX {index} " in row[3] for row in plan), plan
        assert not any("SCAN" in row[3] or "TEMP B-TREE" in row[3] for row in plan), plan


def test_duties_are_derived_again_to_the_last_row(late_town: Town) -> None:
    set_days(late_town, "handover-confirmed", 10)
    retire_and_collect(late_town, 1, on="2026-05-10")
    late_town.must(late_town.tell("cq-motors", "retire", pack(2), occurred_at=at("2026-08-01")))
    late_town.must(
        late_town.tell(
            "cq-motors", "hand_over", pack(2), occurred_at=at("2026-08-02"), to_operator=GREEN, transport_document="T1"
        )
    )
    assert verify(late_town.settings).failures == ()
    before, sums = cases(late_town), sums_of(late_town.register, GREEN)
    with late_town.register.write_beside() as connection:
        connection.execute(text("DELETE FROM duty_case"))
        connection.execute(text("DELETE FROM duty_sum"))
        connection.execute(text("DELETE FROM duty_days"))
    assert not verify(late_town.settings, signatures=False).ok
    rebuild(late_town.register)
    assert cases(late_town) == before
    assert sums_of(late_town.register, GREEN) == sums


def test_an_operator_enrolled_without_the_role_has_no_duty(late_town: Town) -> None:
    body = {"operator_id": GREEN, "name": "重庆循环", "roles": ["dismantler"], "region": "500112"}
    enrol_operator(late_town.recorder, body)
    _, index = retire_and_collect(late_town, 1, on="2026-05-10")
    assert {case.duty for case in cases(late_town, idx=index)} == {"cn73-outlet-in"}
