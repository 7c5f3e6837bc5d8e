"""docs/security.md is complete and true: each attack has a response and tests, and all that it names are there."""

import ast
import re
from functools import cache
from pathlib import Path

from tests.needs import ROOT

FILE = ROOT / "docs" / "security.md"
NAMED = re.compile(r"`([a-z0-9_/]+\.py)::(test_[a-z0-9_]+)`")
BY_HAND = re.compile(r"By hand \(20[0-9]{2}-[0-9]{2}-[0-9]{2}\): .{20,}")
NEVER_RUN = {"skip", "xfail"}


def rows() -> list[list[str]]:
    lines = [line for line in FILE.read_text(encoding="utf-8").splitlines() if line.startswith("| S-")]
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines]


@cache
def running_in(path: Path) -> frozenset[str]:
    """The names of the tests in a module that nothing keeps from running."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    found = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")]
    return frozenset(each.name for each in found if not NEVER_RUN & _marks(each))


def _marks(test: ast.FunctionDef) -> set[str]:
    return {node.attr for mark in test.decorator_list for node in ast.walk(mark) if isinstance(node, ast.Attribute)}


def test_every_attack_has_its_row_in_order() -> None:
    assert [row[0] for row in rows()] == [f"S-{number:02}" for number in range(1, 59)]
    assert [row for row in rows() if len(row) != 4 or not all(row)] == []


def test_every_row_is_held_by_a_test_or_says_what_was_done_by_hand() -> None:
    assert [row[0] for row in rows() if not NAMED.search(row[3]) and not BY_HAND.search(row[2])] == []


def test_every_test_that_is_named_is_there_and_runs() -> None:
    named = NAMED.findall(FILE.read_text(encoding="utf-8"))
    missing = [
        f"{path}::{name}"
        for path, name in named
        if not (ROOT / "tests" / path).is_file() or name not in running_in(ROOT / "tests" / path)
    ]
    assert missing == []
    assert len(named) > 150


def test_every_test_of_an_attack_is_in_the_table() -> None:
    named = set(NAMED.findall(FILE.read_text(encoding="utf-8")))
    folder = ROOT / "tests" / "security"
    there = {(f"security/{path.name}", name) for path in sorted(folder.glob("test_*.py")) for name in running_in(path)}
    assert {each for each in there if each[0] != f"security/{Path(__file__).name}"} - named == set()
