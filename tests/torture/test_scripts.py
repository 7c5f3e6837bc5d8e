"""Mutants of JavaScript: what is code is changed, what only looks like it is not."""

import subprocess
from pathlib import Path

import pytest

from tests.torture import scripts
from tests.torture.scripts import TESTS, sites_of
from tests.verifier.node import find_node

CODE = """// a < b && 1
const MAX_KNOWN = 64;
const TEXT = "x < 1" + 'true' + `${y < 2}!`;
function judge(size, hashes) {
  if (size >= 0x10n && !/[/<]1+$/u.test(TEXT)) throw new InvalidError("3 > 2");
  return hashes.map((hash) => { return -hash / 2; /* 7 */ });
}
"""
CHANGES = [
    (3, "const TEXT = \"x < 1\" - 'true' + `${y < 2}!`;"),
    (3, "const TEXT = \"x < 1\" + 'true' - `${y < 2}!`;"),
    (5, 'if (false) throw new InvalidError("3 > 2");'),
    (5, 'if (size > 0x10n && !/[/<]1+$/u.test(TEXT)) throw new InvalidError("3 > 2");'),
    (5, 'if (size >= 17n && !/[/<]1+$/u.test(TEXT)) throw new InvalidError("3 > 2");'),
    (5, 'if (size >= 0x10n || !/[/<]1+$/u.test(TEXT)) throw new InvalidError("3 > 2");'),
    (5, 'if (size >= 0x10n && /[/<]1+$/u.test(TEXT)) throw new InvalidError("3 > 2");'),
    (5, "if (size >= 0x10n && !/[/<]1+$/u.test(TEXT)) ;"),
    (6, "return null;"),
    (6, "return hashes.map((hash) => { return null; /* 7 */ });"),
    (6, "return hashes.map((hash) => { return -hash / 3; /* 7 */ });"),
]


def test_only_code_is_changed_one_thing_at_a_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "judge.js").write_text(CODE)
    monkeypatch.setattr(scripts, "ROOT", tmp_path)
    sites = sites_of("judge.js")
    lines = CODE.splitlines()
    for site, (line, text) in zip(sites, CHANGES, strict=True):
        changed = [*lines[: line - 1], lines[line - 1][: -len(lines[line - 1].lstrip())] + text, *lines[line:]]
        assert (site.line, site.source.splitlines()) == (line, changed)


def test_every_module_of_the_second_verifier_is_cut_into_words_and_stays_javascript(tmp_path: Path) -> None:
    for module in TESTS:
        sites = sites_of(module)
        assert len(sites) > 10, module
        assert len({site.source for site in sites}) == len(sites), module
    (tmp_path / "mutant.mjs").write_text(sites_of("api/static/verifier/bundle.js")[0].source)
    subprocess.run([find_node(), "--check", tmp_path / "mutant.mjs"], check=True)
