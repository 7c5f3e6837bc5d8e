"""The sixteen figures as they are read: sums that add up, lists that are walked to their end, filters, parameters."""

import json
from collections import Counter
from datetime import date
from statistics import median_low
from typing import Any

import pytest
from sqlalchemy import select

from service.db.duty_tables import duty_case
from service.errors import NotFoundError, RefusedError, SettingsError
from service.figures.asking import Row
from service.figures.figures import FIGURES
from service.figures.following import Follower
from service.figures.lists import COLUMNS, Which, read_rows
from service.figures.parameters import BUILT_IN, FILE, NAMES, Parameters, read_parameters
from service.figures.reading import parameters_of, read_figure
from service.figures.shapes import Filter, Table
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
    none = Filter(since="2027-01", until="2028-12", by="duty")
    assert read_figure(town.register, "overdue", none).rows == ()


def test_who_has_not_been_heard_of_is_counted_by_the_limit_of_its_state(town: Town) -> None:
    found = members(read_figure(town.register, "orphans", Filter()))
    over = {(row["state"], row["limit_months"]): row["count"] for row in found if row["over"]}
    assert over == {("IN_USE", 24): 7, ("RETIRED", 2): 1, ("COLLECTED", 1): 2}
    page = read_rows(town.register, "orphans", Filter(), Which(limit=500))
    assert Counter(row[1] for row in page.rows) == {"IN_USE": 7, "RETIRED": 1, "COLLECTED": 2}
    astray = {row["case"]: row["count"] for row in members(read_figure(town.register, "illegal-flow", Filter()))}
    assert astray == {"retired": 1, "shortfall": 1}
    assert [row[0] for row in read_rows(town.register, "illegal-flow", Filter()).rows] == [pack(4)]


def test_a_filter_narrows_and_one_that_a_figure_does_not_take_is_refused(town: Town) -> None:
    register = town.register
    assert read_figure(register, "orphans", Filter(operator="cq-motors", model="CQ-150")).count > 0
    assert read_figure(register, "orphans", Filter(operator="cq-cells", model="none")).count == 0
    assert read_figure(register, "orphans", Filter(district="500112")).rows
    assert read_figure(register, "orphans", Filter(district="500101")).rows == ()
    assert read_figure(register, "flows", Filter(since="2031-01", by="month")).rows[0][1] == "stock"
    for wrong in (Filter(model="x"), Filter(since="2026-13"), Filter(by="model"), Filter("2026-02", "2026-01")):
        with pytest.raises(RefusedError):
            read_figure(register, "overdue", wrong)
    with pytest.raises(NotFoundError):
        read_figure(register, "no-such", Filter())
    with pytest.raises(NotFoundError):
        read_rows(register, "overdue", Filter(), Which(name="orphans"))
    for place in ("x", "1", "RETIRED:x", "a,b,c"):
        with pytest.raises(RefusedError):
            read_rows(register, "orphans", Filter(), Which(after=place))


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
