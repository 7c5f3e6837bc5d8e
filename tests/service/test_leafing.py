"""Entries by a filter: what is found is what a look at every entry finds, and the cost of a page is bounded."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import event

from ledger.entry import Entry, parse_entry
from service import leafing
from service.explorer import PAGE
from service.leafing import FEW, Leafed, Sought, first_received, leaf_through
from tests.service.town import Town, pack


def all_pages(town: Town, sought: Sought) -> Iterator[Leafed]:
    before = None
    while True:
        page = leaf_through(town.register, sought, before=before)
        yield page
        if page.older is None:
            return
        assert before is None or page.older < before
        before = page.older


def fits(index: int, entry: Entry, sought: Sought) -> bool:
    told, last = entry.event, sought.last
    return (
        sought.kind in ("", told.type)
        and sought.actor in ("", told.actor)
        and (not sought.battery or sought.battery in told.subjects)
        and (sought.since is None or entry.at >= sought.since)
        and (sought.until is None or entry.at < sought.until)
        and sought.first <= index
        and (last is None or index <= last)
    )


@pytest.mark.parametrize("scan", [20_000, 90])
def test_pages_hold_what_a_look_at_every_entry_finds(
    either_town: Town, monkeypatch: pytest.MonkeyPatch, scan: int
) -> None:
    monkeypatch.setattr(leafing, "SCAN", scan)
    monkeypatch.setattr(leafing, "FEW", min(scan, 20))
    monkeypatch.setattr(leafing, "CHUNK", min(scan, 40))
    entries = [parse_entry(data) for data in either_town.entries()]
    actor, kind, at = entries[-1].event.actor, "register", entries[len(entries) // 2].at
    common = max({each.event.type for each in entries}, key=[each.event.type for each in entries].count)
    for sought in (
        Sought(),
        Sought(kind=kind),
        Sought(kind=common),
        Sought(kind="no_such"),
        Sought(kind="commit_map"),
        Sought(kind="enrol_operator"),
        Sought(actor=actor),
        Sought(kind=common, actor=actor),
        Sought(battery=pack(1)),
        Sought(battery=pack(1), kind=kind),
        Sought(battery=pack(1), actor="nobody"),
        Sought(since=at),
        Sought(until=at, kind=common),
        Sought(since=at, until=at + timedelta(seconds=1)),
        Sought(since=datetime.max.replace(tzinfo=at.tzinfo)),
        Sought(first=5, last=9),
        Sought(first=5, last=10**18, kind=common),
        Sought(first=9, last=5),
    ):
        wanted = [index for index, entry in enumerate(entries) if fits(index, entry, sought)][::-1]
        pages = list(all_pages(either_town, sought))
        found = [line for page in pages for line in page.lines]
        assert [line.index for line in found] == wanted, sought
        assert all(line.entry == entries[line.index] for line in found)
        assert all(len(page.lines) <= PAGE for page in pages)


def test_a_page_says_which_indexes_it_looked_at(either_town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(leafing, "SCAN", 30)
    size = either_town.size()
    sought = Sought(actor="nobody")
    first = leaf_through(either_town.register, sought)
    assert (first.lines, first.low, first.high, first.older) == ((), size - 30, size, size - 30)
    second = leaf_through(either_town.register, sought, before=first.older)
    assert (second.low, second.high) == (size - 60, size - 30)
    whole = leaf_through(either_town.register, replace(sought, first=size - 10))
    assert (whole.low, whole.high, whole.older) == (size - 10, size, None)


def test_a_question_looks_at_a_bounded_part_of_the_index_of_events(town: Town) -> None:
    """The index of kinds holds all events of a kind: of many only so much is read as tells that they are many."""
    asked: list[tuple[str, tuple[Any, ...]]] = []
    engine = town.register.store.engine

    def note(_connection: Any, _cursor: Any, statement: str, values: tuple[Any, ...], *_more: Any) -> None:
        if "event_facet" in statement:
            asked.append((statement, values))

    event.listen(engine, "before_cursor_execute", note)
    try:
        leaf_through(town.register, Sought(kind="register"))
        leaf_through(town.register, Sought(actor="nobody"))
    finally:
        event.remove(engine, "before_cursor_execute", note)
    with town.register.read() as reader:
        plans = [
            row[3]
            for statement, values in asked
            for row in reader.connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)
        ]
    assert "LIMIT" in asked[0][0] and asked[0][1] == ("register", FEW + 1, 0)
    assert plans[0] == "SEARCH event_facet USING COVERING INDEX event_facet_kind (kind=?)"
    assert len(plans) > 1
    assert [each for each in plans[1:] if not each.startswith("SEARCH") or "event_facet_kind" in each] == []


def test_a_time_is_turned_into_the_index_of_the_first_entry_received_since(either_town: Town) -> None:
    entries = [parse_entry(data) for data in either_town.entries()]
    with either_town.register.read() as reader:
        for index in (0, len(entries) // 3, len(entries) - 1):
            at = entries[index].at
            first = next(place for place, entry in enumerate(entries) if entry.at >= at)
            assert first_received(reader, at, len(entries)) == first
        assert first_received(reader, entries[-1].at + timedelta(milliseconds=1), len(entries)) == len(entries)
