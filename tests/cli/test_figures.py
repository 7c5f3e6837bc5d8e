"""packtrail figures."""

import json
from pathlib import Path

from service.figures.figures import FIGURES
from tests.cli.conftest import call


def test_figures_are_listed_shown_in_both_languages_and_folded_anew(own: Path) -> None:
    listed = call("figures", "--data", own)
    assert listed.exit_code == 0, listed.stderr
    assert all(each.slug in listed.stdout for each in FIGURES.values())
    assert "逾期报送" in listed.stdout
    shown = call("figures", "flows", "--data", own)
    assert shown.exit_code == 0, shown.stderr
    assert shown.stdout.splitlines()[0].split()[:2] == ["All", "together"]
    first = json.loads(call("figures", "flows", "--data", own, "--json").stdout)
    assert (first["lag"], first["complete"]) == (0, True)
    assert json.loads(call("figures", "rebuild", "--data", own, "--json").stdout) == {"entries": first["size"]}
    assert json.loads(call("figures", "flows", "--data", own, "--json").stdout) == first
    rows = call("figures", "overdue", "--data", own, "--by", "duty", "--csv").stdout.splitlines()
    assert rows[0].startswith("group,cases,answered,late")
    assert len(rows) > 5
    assert call("figures", "no-such", "--data", own).exit_code == 2
    assert call("figures", "overdue", "--data", own, "--model", "x").exit_code == 2
