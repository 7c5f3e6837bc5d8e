"""docs/law.md says what is so: it is current, its tests are there, and no row is without one."""

from tests.law import FILE, OTHERWISE, SWEEPS, find_rows, find_tests, untested, write_law


def test_the_table_of_the_law_is_current() -> None:
    assert FILE.read_text(encoding="utf-8") == write_law(find_rows()), "run: python -m tests.law"


def test_every_row_is_held_by_a_test() -> None:
    assert [f"{row.table} {row.name}" for row in untested(find_rows())] == []


def test_the_tests_that_go_through_whole_tables_are_there() -> None:
    there = {f"{test.place}::{test.name}" for test in find_tests()}
    assert {*SWEEPS.values(), *OTHERWISE.values()} - there == set()


def test_every_row_says_where_it_comes_from() -> None:
    assert [row for row in find_rows() if not row.clause.strip() or not row.name] == []


def test_the_tables_that_carry_the_law_are_among_the_rows() -> None:
    tables = {row.table for row in find_rows()}
    assert tables >= {"Kind", "Transition", "Rule", "Restriction", "Duty", "Milestone", "Target", "DataPoint", "Right"}
