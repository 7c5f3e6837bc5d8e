"""docs/scenarios.md lists every scenario, and its tests are there."""

import re

from tests.needs import ROOT

LISTED = re.compile(r"^\| (\d+) \| `(test_\w+)` \|", re.MULTILINE)


def test_the_table_names_every_test_and_no_other() -> None:
    rows = LISTED.findall((ROOT / "docs" / "scenarios.md").read_text(encoding="utf-8"))
    files = [file for file in (ROOT / "tests/journeys/scenarios").glob("test_*.py") if file.name != "test_table.py"]
    written = {name for file in files for name in re.findall(r"^def (test_\w+)", file.read_text(), re.MULTILINE)}
    assert {name for _, name in rows} == written
    assert all(name.startswith(f"test_{number}_") for number, name in rows)
    assert {int(number) for number, _ in rows} == set(range(1, 26))
