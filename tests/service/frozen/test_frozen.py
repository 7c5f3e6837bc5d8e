"""Frozen reports and notes on cases, on SQLite and on PostgreSQL."""

from typing import Any

import pytest

from service.cases.finding import find_case
from service.cases.notes import LONGEST, MOST, add_note, count_notes, notes_of
from service.db.frozen_tables import case_note
from service.errors import NotFoundError, RefusedError
from service.frozen.reports import PAGE, count_reports, freeze, list_reports, read_report
from tests.service.town import AUTHORITY, Town

TABLE: dict[str, Any] = {"figure": "flows", "rows": [["a", 1], ["b", 2]]}


def test_a_report_is_found_by_its_hash_and_listed_newest_first(either_town: Town) -> None:
    register = either_town.register
    kept = [
        freeze(register, [TABLE] * number, by=AUTHORITY, asked={"since": f"2026-{number:02}"}, names={})
        for number in range(1, PAGE + 3)
    ]
    again = freeze(register, [TABLE], by=AUTHORITY, asked={"since": "2026-01"}, names={})
    assert again == kept[0] and count_reports(register) == len(kept) == len(set(kept))
    found = read_report(register, kept[1])
    assert (found.report.figures, found.report.rows, found.report.bytes) == (2, 4, len(found.content))
    assert found.document["rows"] == [TABLE] * 2 and found.document["made_by"] == AUTHORITY
    first = list_reports(register)
    assert [each.digest for each in first] == kept[: -PAGE - 2 : -1] and len(first) == PAGE + 1
    assert [each.digest for each in list_reports(register, before=first[PAGE - 1].number)] == kept[1::-1]
    with pytest.raises(NotFoundError):
        read_report(register, b"\0" * 32)


def test_notes_are_kept_in_order_and_nothing_is_kept_that_cannot_be(either_town: Town) -> None:
    register, now = either_town.register, either_town.register.clock()
    with register.write_beside() as connection:
        add_note(connection, "late:1~~x", "一", by=AUTHORITY, now=now)
        add_note(connection, "late:1~~x", "二", by=AUTHORITY, now=now)
        for wrong in ("", "x" * (LONGEST + 1), "a\0b"):
            with pytest.raises(RefusedError):
                add_note(connection, "late:1~~x", wrong, by=AUTHORITY, now=now)
        rows = [{"case_key": "full", "at": "2026-05-01T00:00:00.000Z", "operator": AUTHORITY, "text": "x"}] * MOST
        connection.execute(case_note.insert(), rows)
        with pytest.raises(RefusedError):
            add_note(connection, "full", "one too many", by=AUTHORITY, now=now)
        assert [note.text for note in notes_of(connection, "late:1~~x")] == ["一", "二"]
        assert count_notes(connection, ["late:1~~x", "full", "none"]) == {"late:1~~x": 2, "full": MOST}


def test_a_case_that_names_nothing_of_the_register_is_none(town: Town) -> None:
    assert find_case(town.register, "near", "0~cq-cells").entries == (0,)
    for key in ("0~x", "999999~cq-cells", "1~a\0b", "x~y", "1"):
        with pytest.raises(NotFoundError):
            find_case(town.register, "near", key)
