"""docs/law.md: every clause, the row or rule that carries it out, and the test that holds it. `python -m tests.law`.

Rows are found, not listed: whatever stands in a table of `service.domain` and names its `source` is a row, so a new
table needs nothing here. The test of a row is one that names it, by its name as a string of its own; of several the
one that names the fewest rows, which is the one most about it. A table whose rows no test names one by one is held by
a test that goes through all of them: SWEEPS says which.
"""

import ast
import importlib
import pkgutil
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import Enum
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import service.domain
from tests.needs import ROOT

FILE = ROOT / "docs" / "law.md"
SOURCE_NEEDED = "source needed"
NAMES = ("slug", "id", "nr", "name", "notice", "application", "reader", "material", "letter", "role")
"""The fields that name a row, the first that it has."""
PAIRS = {"Transition": ("kind", "part"), "Restriction": ("kind", "name"), "HealthTold": ("kind", "part"),
         "Need": ("role", "licence"), "Claim": ("role", "reader")}  # fmt: skip
"""Tables whose rows two fields name together. A test names the first."""
_TABLES = "tests/service/domain/test_tables_of_rules.py"
_DUTIES = "tests/service/domain/duties"
_RECOVERY = "tests/service/domain/recovery/test_targets.py"
SWEEPS = {
    "CountingRule": f"{_DUTIES}/test_clocks.py::test_each_rule_of_counting_says_where_it_comes_from",
    "Milestone": f"{_DUTIES}/test_milestones.py::test_every_milestone_has_the_days_of_the_reference",
    "Target": f"{_RECOVERY}::test_every_target_has_the_figure_the_steps_and_the_days_of_the_reference",
    "RecycledContent": f"{_RECOVERY}::test_every_share_of_recycled_content_is_that_of_the_reference",
    "Kind": "tests/service/domain/test_lifecycle.py::test_only_the_roles_of_a_kind_may_record_it",
    "Tolerance": "tests/service/domain/materials/test_balance.py::test_a_batch_gives_what_went_in",
    "Need": "tests/service/domain/test_rules.py::test_the_rule_refuses",
    "NoticeRow": f"{_TABLES}::test_a_notice_sets_its_flag_while_it_is_open_and_only_its_issuers_issue_it",
    "WasteResponsibility": f"{_TABLES}::test_who_collects_waste_answers_for_it_by_role_or_else_its_producer",
    "Right": "tests/api/v1/test_passports.py::test_each_reader_sees_a_set_of_parts_and_none_sees_by_rank",
    "Claim": "tests/api/v1/test_passports.py::test_each_reader_sees_a_set_of_parts_and_none_sees_by_rank",
    "Transition": "tests/service/domain/test_lifecycle.py::test_a_battery_moves_only_along_the_rows_of_the_table",
    "Restriction": "tests/journeys/test_nothing_restricted.py::test_nothing_restricted_leaves_the_register",
    "DataPoint": "tests/conformance/test_data_points.py::test_every_clause_is_that_of_the_guidance",
    "HealthTold": "tests/service/domain/conservation/test_rule_07_counters.py::"
    "test_health_rises_only_after_a_repair_whoever_tells_it",
    "PaperRule": "tests/api/v1/test_documents.py::"
    "test_each_reader_gets_the_documents_of_its_parts_and_the_others_are_not_there",
    "Retention": "tests/service/disclosure/test_readings.py::test_old_readings_go_and_the_chain_goes_on",
    "Chemistry": "tests/service/domain/test_gbt34014.py::test_writing_what_was_read_gives_the_same_code",
}
"""By table: the test that goes through all of its rows."""
OTHERWISE = {"Duty": f"{_DUTIES}/test_rows.py::test_the_days_are_those_of_the_reference"}
"""By table: the same for rows that no test names."""
ACTS = re.compile(
    r"; (?=(?:MIIT|Regulation|Directive|Delegated|Implementing|Conservation rule|GB/T|GS1|GB |PIPL|Civil Code|EPCIS)\b)"
)
HEAD = """# The law and where it is

What the register does because a law, a standard or a conservation rule says so: clause, table, row, and the test that
holds it. Made by `python -m tests.law` from the tables of `service/domain` and from the tests; do not edit.
"source needed" stands where the text of the law was not at hand; such rows are shown to people as what they are.

法律条款与实现、测试对照表（自动生成，请勿手工修改）。

"""


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a table: `table` is its class, `name` what a test calls it, `detail` what else tells it apart."""

    table: str
    module: str
    name: str
    detail: str
    clause: str


class Test(NamedTuple):
    """A test with the strings that stand in it: `own` ones, those of its `parameters`, all `strings`."""

    place: str
    name: str
    own: frozenset[str]
    parameters: frozenset[str]
    strings: frozenset[str]

    def distance(self, name: str) -> int:
        """How far off the name stands."""
        return 0 if name in self.own else 1 if name in self.parameters else 2


def find_rows() -> list[Row]:
    """All rows of the domain that name their source, in the order of the modules."""
    found: dict[tuple[str, str, str], Row] = {}
    names = sorted(info.name for info in pkgutil.walk_packages(service.domain.__path__, "service.domain."))
    for name in names:
        for variable, value in vars(importlib.import_module(name)).items():
            if not variable.startswith("__"):
                for key, row in _rows_in(value, ""):
                    made = _row(key, row)
                    found.setdefault((made.table, made.name, made.detail), made)
    return list(found.values())


def _rows_in(value: Any, key: str, depth: int = 0) -> Iterator[tuple[str, Any]]:
    if hasattr(value, "source") and type(value).__module__.startswith("service.domain"):
        if not isinstance(value, type):
            yield key, value
    elif depth < 3 and isinstance(value, dict):
        for name, each in value.items():
            yield from _rows_in(each, str(name), depth + 1)
    elif depth < 3 and isinstance(value, (tuple, list, frozenset)):
        for each in value:
            yield from _rows_in(each, key, depth + 1)


def _row(key: str, row: Any) -> Row:
    table = type(row).__name__
    if table in PAIRS:
        first, second = (_text(getattr(row, field)) for field in PAIRS[table])
        name, detail = first, second
    else:
        name, detail = next((_text(getattr(row, field)) for field in NAMES if hasattr(row, field)), key), ""
    clause = getattr(row, "article", row.source)
    dated = getattr(row, "since", None)
    if dated is not None and not detail and table not in ("Duty", "Milestone", "Target"):
        detail = str(dated)
    return Row(table, type(row).__module__.removeprefix("service.domain."), name, detail, clause)


def _text(value: object) -> str:
    return str(value.value) if isinstance(value, Enum) else str(value)


@cache
def find_tests() -> tuple[Test, ...]:
    """All test functions, by path and name."""
    found = []
    for path in sorted((ROOT / "tests").rglob("test_*.py")):
        if path != Path(__file__):
            tree = ast.parse(path.read_text(encoding="utf-8"))
            shared = {name: strings for node in tree.body for name, strings in _constants(node)}
            tests = (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef))
            found += [_test(path, node, shared) for node in tests if node.name.startswith("test_")]
    return tuple(sorted(found))


def _constants(node: ast.stmt) -> Iterator[tuple[str, frozenset[str]]]:
    """The strings of a constant of the module, by its name."""
    if isinstance(node, (ast.Assign, ast.AnnAssign)) and node.value is not None:
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        for target in targets:
            if isinstance(target, ast.Name):
                yield target.id, frozenset(_strings(node.value))


def _test(path: Path, node: ast.FunctionDef, shared: dict[str, frozenset[str]]) -> Test:
    def told(parts: Iterable[ast.AST]) -> frozenset[str]:
        used = {each.id for part in parts for each in ast.walk(part) if isinstance(each, ast.Name)}
        return frozenset().union(*(shared[name] for name in used & shared.keys()))

    own = frozenset(string for part in (*node.decorator_list, *node.body) for string in _strings(part))
    parameters = told(node.decorator_list)
    return Test(str(path.relative_to(ROOT)), node.name, own, parameters, own | parameters | told(node.body))


def _strings(node: ast.AST) -> Iterable[str]:
    return (each.value for each in ast.walk(node) if isinstance(each, ast.Constant) and isinstance(each.value, str))


@cache
def _tests_naming() -> dict[str, list[Test]]:
    found: dict[str, list[Test]] = {}
    for test in find_tests():
        for string in test.strings:
            found.setdefault(string, []).append(test)
    return found


def proof_of(row: Row, names: frozenset[str]) -> str | None:
    """The test most about a row; None where none holds it. `names`: of all rows."""
    if row.table in SWEEPS:
        return SWEEPS[row.table]
    words = row.name.replace("-", "_").replace("_", " ")

    def far_off(test: Test) -> tuple[int, bool, bool, int, str, str]:
        elsewhere = not test.place.startswith("tests/service/domain")
        named_so = words in test.name.replace("_", " ")
        return test.distance(row.name), elsewhere, not named_so, len(test.strings & names), test.place, test.name

    best = min(_tests_naming().get(row.name, ()), key=far_off, default=None)
    return f"{best.place}::{best.name}" if best else OTHERWISE.get(row.table)


def untested(rows: Iterable[Row]) -> list[Row]:
    """The rows that no test holds."""
    rows = list(rows)
    names = frozenset(row.name for row in rows)
    return [row for row in rows if proof_of(row, names) is None]


def write_law(rows: Iterable[Row]) -> str:
    """The text of docs/law.md."""
    rows = list(rows)
    names = frozenset(row.name for row in rows)
    lines: dict[str, list[str]] = {}
    for row in rows:
        shown = f"`{row.name}`" + (f" {row.detail}" if row.detail else "")
        test = proof_of(row, names) or "**no test**"
        for clause in ACTS.split(row.clause):
            cells = (clause, f"{row.module}.{row.table}", shown, f"`{test.removeprefix('tests/')}`")
            lines.setdefault(_act(clause), []).append(f"| {' | '.join(cell.replace('|', '/') for cell in cells)} |")
    parts = [HEAD]
    for act in sorted(lines, key=lambda each: (each == SOURCE_NEEDED, each)):
        parts.append(f"## {act}\n\n| clause | table | row | test |\n|---|---|---|---|\n")
        parts.append("\n".join(sorted(lines[act], key=_natural)) + "\n\n")
    return "".join(parts).rstrip("\n") + "\n"


def _act(clause: str) -> str:
    """The law or standard that a clause is of."""
    if clause.startswith(SOURCE_NEEDED):
        return SOURCE_NEEDED
    if clause.startswith("Conservation rule"):
        return "Conservation rules"
    return re.split(r", |: | \((?!EU\))|（|\((?!EU\))|; | as amended", clause, maxsplit=1)[0]


def _natural(line: str) -> list[tuple[int, str]]:
    """Art. 9 before Art. 12."""
    return [(int(part), "") if part.isdigit() else (0, part) for part in re.split(r"(\d+)", line)]


if __name__ == "__main__":
    FILE.write_text(write_law(find_rows()), encoding="utf-8")
