"""The sixteen figures as they are read: sums that add up, lists that are walked to their end, filters, parameters."""

import json
from collections import Counter
from dataclasses import replace
from datetime import date
from statistics import median_low
from typing import Any

import pytest
from sqlalchemy import select

from service.db.batches import add_sums
from service.db.duty_tables import duty_case
from service.db.scan_tables import copy_alert
from service.domain.recovery.sums import FED_WITH_BATTERIES, Key, Measure, Sum
from service.errors import NotFoundError, RefusedError, SettingsError
from service.figures.asking import Row
from service.figures.figures import FIGURES
from service.figures.following import Follower
from service.figures.lists import COLUMNS, Which, read_rows
from service.figures.parameters import BUILT_IN, FILE, NAMES, Parameters, read_parameters
from service.figures.reading import parameters_of, read_figure
from service.figures.shapes import Filter, Table
from service.operators import enrol_operator
from tests.needs import ROOT
from tests.service.town import AUTHORITY, Town, pack


@pytest.fixture(scope="module")
def town(wrong_town: Town) -> Town:
    """Three years later: much has not been heard of since."""
    wrong_town.clock.move(days=900)
    return wrong_town


def members(table: Table) -> list[dict[str, Any]]:
    return [dict(zip([column.key for column in table.columns], row, strict=True)) for row in table.rows]


@pytest.mark.parametrize("engine", ["wrong_town", "wrong_postgres"])
def test_every_figure_answers_in_every_grouping_and_every_list_is_walked_to_its_end(
    request: pytest.FixtureRequest, engine: str
) -> None:
    register = request.getfixturevalue(engine).register
    for slug, figure in FIGURES.items():
        for by in figure.by:
            table = read_figure(register, slug, Filter(by=by))
            assert table.complete
            assert {len(row) for row in table.rows} <= {len(figure.columns)}
        for name in figure.lists:
            whole = read_rows(register, slug, Filter(), Which(name=name, limit=500))
            assert whole.next is None
            found, place = list[Row](), None
            while True:
                page = read_rows(register, slug, Filter(), Which(name=name, after=place, limit=2))
                found += page.rows
                place = page.next
                if place is None:
                    break
            assert tuple(found) == whole.rows
            assert {len(row) for row in found} <= {len(COLUMNS[name])}


def test_what_came_into_a_state_less_what_left_it_is_there_now(town: Town) -> None:
    table = members(read_figure(town.register, "flows", Filter()))
    for name in ("count", "mass_g", "energy_wh"):
        left: Counter[tuple[str, str]] = Counter()
        for row in table:
            if row["flow"] in ("moved", "weighed"):
                left[row["level"], row["after"]] += row[name]
            if row["flow"] == "moved" and row["before"]:
                left[row["level"], row["before"]] -= row[name]
        stock = {(row["level"], row["after"]): row[name] for row in table if row["flow"] == "stock"}
        assert {key: amount for key, amount in left.items() if amount} == {k: v for k, v in stock.items() if v}
    packs = {row["after"]: row["count"] for row in table if (row["flow"], row["level"]) == ("stock", "P")}
    assert packs == {"REGISTERED": 2, "ASSEMBLED": 2, "IN_USE": 7, "RETIRED": 1, "COLLECTED": 2, "RECYCLED": 1,
                     "VOIDED": 1}  # fmt: skip


def test_what_crossed_a_border_is_counted_by_its_two_countries(town: Town) -> None:
    rows = members(read_figure(town.register, "flows", Filter(operator="cq-motors")))
    shipped = {(row["before"], row["after"]): row["count"] for row in rows if row["flow"] == "shipped"}
    assert shipped == {("CN", "DE"): 1, ("DE", "CN"): 1}  # what did not occur is taken back


@pytest.mark.parametrize("by", ["month", "operator", "district", "model"])
def test_every_grouping_adds_up_to_the_same(town: Town, by: str) -> None:
    whole, parts = Counter[Any](), Counter[Any]()
    for sums, group in ((whole, "total"), (parts, by)):
        for row in members(read_figure(town.register, "flows", Filter(by=group))):
            if row["flow"] != "handed":  # told of organisations and districts only
                sums[row["flow"], row["level"], row["before"], row["after"]] += row["mass_g"]
    assert parts == whole


def test_the_days_that_reports_took_are_counted_from_every_case(town: Town) -> None:
    with town.register.read() as reader:
        cases = reader.connection.execute(select(duty_case)).all()
    table = {row["group"]: row for row in members(read_figure(town.register, "overdue", Filter(by="duty")))}
    assert set(table) == {case.duty for case in cases}
    today = town.clock.now.date().isoformat()
    for duty, row in table.items():
        own = [case for case in cases if case.duty == duty]
        took = sorted(
            (date.fromisoformat(case.answered_on) - date.fromisoformat(case.since)).days
            for case in own if case.answered_on
        )  # fmt: skip
        overdue = sum(case.answered_on is None and "" < case.due_on < today for case in own)
        assert (row["cases"], row["answered"]) == (len(own), len(took))
        assert (row["late"], row["overdue"]) == (sum(case.late for case in own), overdue)
        assert row["median_days"] == (median_low(took) if took else None)
    for asked in (Filter(by="month"), Filter(by="operator"), Filter(since="2026-01", by="duty"),
                  Filter(since="2025-03", until="2026-12", by="duty")):  # fmt: skip
        whole = members(read_figure(town.register, "overdue", asked))
        assert sum(row["cases"] for row in whole) == len(cases)
    for operator in sorted({case.actor for case in cases}):
        for asked in (Filter(operator=operator, by="duty"), Filter(operator=operator, by="operator"),
                      Filter(operator=operator, since="2025-03", until="2026-12", by="duty")):  # fmt: skip
            own = members(read_figure(town.register, "overdue", asked))
            assert sum(row["cases"] for row in own) == sum(case.actor == operator for case in cases) > 0
    none = Filter(since="2027-01", until="2028-12", by="duty")
    assert read_figure(town.register, "overdue", none).rows == ()


def test_who_has_not_been_heard_of_is_counted_by_the_limit_of_its_state(town: Town) -> None:
    found = members(read_figure(town.register, "orphans", Filter()))
    over = {(row["state"], row["limit_months"]): row["count"] for row in found if row["over"]}
    assert over == {("IN_USE", 24): 7, ("RETIRED", 2): 1, ("COLLECTED", 1): 2}
    page = read_rows(town.register, "orphans", Filter(), Which(limit=500))
    assert Counter(row[1] for row in page.rows) == {"IN_USE": 7, "RETIRED": 1, "COLLECTED": 2}
    astray = {row["case"]: row["count"] for row in members(read_figure(town.register, "illegal-flow", Filter()))}
    assert astray == {"retired": 1, "missing": 1, "shortfall": 1}
    assert [row[0] for row in read_rows(town.register, "illegal-flow", Filter()).rows] == [pack(4)]


def test_a_filter_narrows_and_one_that_a_figure_does_not_take_is_refused(town: Town) -> None:
    register = town.register
    assert read_figure(register, "orphans", Filter(operator="cq-motors", model="CQ-150")).count > 0
    assert read_figure(register, "orphans", Filter(operator="cq-cells", model="none")).count == 0
    assert read_figure(register, "orphans", Filter(district="500112")).rows
    assert read_figure(register, "orphans", Filter(district="500101")).rows == ()
    assert read_figure(register, "flows", Filter(since="2031-01", by="month")).rows[0][1] == "stock"
    for wrong in (Filter(model="x"), Filter(since="2026-13"), Filter(by="model"), Filter("2026-02", "2026-01"),
                  Filter(until="0000-01"), Filter(operator="x\0")):  # fmt: skip
        with pytest.raises(RefusedError):
            read_figure(register, "overdue", wrong)
    with pytest.raises(NotFoundError):
        read_figure(register, "no-such", Filter())
    with pytest.raises(NotFoundError):
        read_rows(register, "overdue", Filter(), Which(name="orphans"))
    huge = "9" * 20
    wrong_places = {
        "orphans": ("x", "1", "RETIRED:x", "a,b,c", "RETIRED:\0,"),
        "copied-labels": ("x", huge),
        "overdue": ("x", "2026-01-01,x,,", f"2026-01-01,{huge},,"),
        "double-registration": ("1", f"{huge},"),
    }
    for slug, places in wrong_places.items():
        for place in places:
            with pytest.raises(RefusedError):
                read_rows(register, slug, Filter(), Which(after=place))


def test_groups_of_few_measurements_are_not_told(town: Town) -> None:
    table = read_figure(town.register, "state-of-health", Filter(by="model"))
    assert sum(row[3] for row in table.rows) >= 10  # type: ignore[misc]
    (town.settings.data / FILE).write_text(json.dumps({"parameters": [
        {"name": "least_cell", "of": "measurements", "value": 100, "source": "a test"}]}))  # fmt: skip
    try:
        table = read_figure(town.register, "state-of-health", Filter(by="model"))
        assert (table.rows, table.notes) == ((), ("suppressed",))
    finally:
        (town.settings.data / FILE).unlink()


def test_rows_of_the_installation_stand_before_those_built_in(town: Town) -> None:
    rows = [
        {"name": "orphan_months", "of": "IN_USE", "value": 48, "source": "a decree", "since": "2027-01-01"},
        {"name": "capacity_g", "of": "cq-recycle", "value": 100_000, "source": "a permit"},
    ]
    file = town.settings.data / FILE
    file.write_text(json.dumps({"parameters": rows}))
    try:
        found = members(read_figure(town.register, "orphans", Filter()))
        assert {row["limit_months"] for row in found if row["state"] == "IN_USE"} == {48}
        [capacity] = members(read_figure(town.register, "recycler-capacity", Filter()))
        assert (capacity["treated_g"], capacity["share_ppm"], capacity["over"]) == (300_000, 3_000_000, 1)
        assert ("a decree", 48) in [(row.source, row.value) for row in parameters_of(town.register, date(2028, 1, 1))]
        file.write_text('{"parameters": [{"name": "orphan_years", "of": "", "value": 1, "source": ""}]}')
        with pytest.raises(SettingsError, match="orphan_years"):
            read_parameters(town.settings.data)
    finally:
        file.unlink()
    assert Parameters().find("orphan_months", "IN_USE", date(2028, 1, 1)) is not None


def test_what_is_not_folded_yet_is_told(town: Town) -> None:
    town.must(town.tell("cq-cells", "register", pack(70)))
    table = read_figure(town.register, "flows", Filter())
    assert (table.lag, table.complete) == (1, False)
    Follower(town.register).catch_up()
    assert read_figure(town.register, "flows", Filter()).complete


def test_a_number_and_the_rows_behind_it_agree_whatever_is_asked_for(town: Town) -> None:
    register = town.register
    alert = {"sign": "impossible_travel", "raised_at": "2026-05-02T00:00:00.000Z", "second_cell": "", "times": 1}
    alerts = [
        {"code": pack(number), "maker": maker, "holder": holder, "second_at": alert["raised_at"]} | alert
        for number, maker, holder in ((1, "cq-cells", "cq-motors"), (2, "cq-motors", "cq-cells"))
    ]
    with register.write_beside() as connection:
        connection.execute(copy_alert.insert(), alerts)
    for number, day in ((5, "2026-05-20"), (11, "2026-06-14")):  # told two years later
        at = f"{day}T02:00:00.000Z"
        town.must(town.tell("cq-motors", "retire", pack(number), occurred_at=at))
        town.must(town.tell("cq-recycle", "collect", pack(number), from_operator="cq-motors", occurred_at=at))
    Follower(register).catch_up()
    numbers = {
        ("overdue", "late"): lambda row: row["late"] + row["overdue"],
        ("double-registration", "near"): lambda row: row["pairs"],
        ("copied-labels", "copies"): lambda row: row["open"],
        ("illegal-flow", "retired"): lambda row: row["count"] * (row["case"] == "retired"),
        ("illegal-flow", "missing"): lambda row: row["count"] * (row["case"] == "missing"),
        ("illegal-flow", "shortfall"): lambda row: row["count"] * (row["case"] == "shortfall"),
    }
    places = [Filter(), *(Filter(operator=each) for each in ("cq-cells", "cq-motors", "cq-recycle", "nobody"))]
    places += [Filter(district=each) for each in ("50", "500112", "500101")]
    some = Counter[str]()
    for (slug, name), number_of in numbers.items():
        for place in places:
            for period in ({}, {"since": "2026-05", "until": "2026-05"}, {"since": "2026-06"}, {"until": "2026-04"}):
                asked = replace(place, **period)
                number = sum(map(number_of, members(read_figure(register, slug, asked))))
                rows = read_rows(register, slug, asked, Which(name, limit=500))
                assert (len(rows.rows), rows.next) == (number, None), (slug, name, asked)
                some[name] += number > 0
    assert set(some) == {name for _, name in numbers} and min(some.values()) > 1


def test_what_an_organisation_handed_on_is_among_its_flows_though_the_taker_told_it(town: Town) -> None:
    def handed(asked: Filter) -> list[Row]:
        rows = members(read_figure(town.register, "flows", asked))
        return sorted(
            (row["level"], row["before"], row["after"], row["count"]) for row in rows if row["flow"] == "handed"
        )

    every = handed(Filter(by="operator"))
    for operator in ("cq-cells", "cq-motors", "cq-recycle"):
        assert handed(Filter(operator=operator)) == [row for row in every if operator in row[1:3]]
    assert {row[1] for row in handed(Filter(operator="cq-recycle"))} == {"cq-motors"}
    assert any(row[1] == "cq-motors" for row in handed(Filter(operator="cq-motors", model="CQ-150", by="month")))
    assert handed(Filter(operator="cq-motors", since="2027-01")) == []


def test_material_of_every_family_of_batteries_counts_as_recovered(town: Town) -> None:
    amount = Sum(in_mg=5_000_000, out_mg=2_000_000)
    stage = min(FED_WITH_BATTERIES)
    found = {Key(stage, family, Measure.LITHIUM): amount for family in ("lfp", "ncm")}
    with town.register.write_beside() as connection:
        add_sums(connection, {("cq-recycle", "2025-03"): found})
    rows = members(read_figure(town.register, "recycled-content", Filter("2025-03", "2025-03")))
    assert {row["recovered_g"] for row in rows if row["material"] == "lithium"} == {4_000}


def test_a_figure_of_the_country_stands_once_for_its_year(town: Town) -> None:
    file = town.settings.data / FILE
    row = {"name": "national_g", "since": "2026-01-01", "source": "a yearbook"}
    own = [{"of": "CN", "value": 3_000_000}, {"of": "EU", "value": 600_000}, {"of": "CN", "value": 1}]
    file.write_text(json.dumps({"parameters": [row | each for each in own]}))
    try:
        found = members(read_figure(town.register, "coverage", Filter()))
    finally:
        file.unlink()
    told = {row["jurisdiction"]: (row["treated_g"], row["share_ppm"]) for row in found if row["year"] == "2026"}
    assert told == {"CN": (300_000, 100_000), "EU": (300_000, 500_000)}


def test_a_licence_for_ever_may_end_on_the_last_day_there_is(town: Town) -> None:
    ever = {"licence": "pollutant_discharge", "number": "1", "valid_from": "2020-01-01", "valid_until": "9999-12-31"}
    enrolment = {"name": "永久", "roles": ["recycler"], "region": "500112", "licences": [ever]}
    enrol_operator(town.recorder, enrolment | {"operator_id": "cq-ever"})
    Follower(town.register).catch_up()
    assert read_figure(town.register, "unlicensed", Filter()).count > 0


def test_an_act_without_a_licence_is_told_by_what_is_enrolled_now(town: Town) -> None:
    found = members(read_figure(town.register, "unlicensed", Filter()))
    recycled = [row for row in found if (row["group"], row["kind"]) == ("cq-recycle", "recycle")]
    assert {(row["told"], row["enforced"], row["events"]) for row in recycled} == {(0, 1, 1)}
    assert AUTHORITY not in {row["group"] for row in found}


def test_every_figure_and_parameter_is_documented() -> None:
    text = (ROOT / "docs" / "figures.md").read_text(encoding="utf-8")
    assert [each.number for each in FIGURES.values()] == list(range(1, 17))
    assert [slug for slug in FIGURES if f"`{slug}`" not in text] == []
    assert [name for name in sorted(NAMES) if f"`{name}`" not in text] == []
    assert [column.key for each in FIGURES.values() for column in each.columns if f"`{column.key}`" not in text] == []
    assert {row.name for row in BUILT_IN} <= NAMES
