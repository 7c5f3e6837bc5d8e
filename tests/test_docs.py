"""The documents agree with the code and with each other."""

import re
import subprocess
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from service.settings import read_settings
from tests import references
from tests.needs import ROOT

ADRS = sorted((ROOT / "docs" / "adr").glob("[0-9]*.md"))
SKIPPED_FOLDERS = {".venv", "var", "build", "dist", "node_modules", ".pytest_cache", ".git"}
DOCUMENTS = sorted(
    path for path in ROOT.rglob("*.md") if not SKIPPED_FOLDERS & set(path.relative_to(ROOT).parts) and path.is_file()
)
LINK = re.compile(r"\]\(([^)\s]+)\)")
FENCE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)


def headings(document: Path) -> list[str]:
    return re.findall(r"^#+ (.+)$", FENCE.sub("", document.read_text(encoding="utf-8")), re.MULTILINE)


def anchor(heading: str) -> str:
    """The fragment a Markdown page gives a heading."""
    return re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-")


def glossary_rows() -> list[list[str]]:
    text = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if line.startswith("|") and not line.startswith("|---")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


@pytest.mark.parametrize("adr", ADRS, ids=lambda adr: adr.stem)
def test_a_decision_says_why_what_was_rejected_and_what_follows(adr: Path) -> None:
    found = headings(adr)
    assert [name for name in ("Context", "Decision", "Rejected", "Consequences") if name not in found] == []


def test_decisions_are_numbered_without_gaps() -> None:
    assert [int(adr.name[:4]) for adr in ADRS] == list(range(1, len(ADRS) + 1))


def test_every_decision_is_listed_in_the_index() -> None:
    index = (ROOT / "docs" / "adr" / "README.md").read_text(encoding="utf-8")
    assert [adr.name for adr in ADRS if f"({adr.name})" not in index] == []


def test_every_term_has_an_english_and_a_chinese_word_and_a_meaning() -> None:
    rows = [row for row in glossary_rows() if row != ["English", "中文", "Meaning here"]]
    assert len(rows) > 60
    chinese = re.compile("[\u4e00-\u9fff]")
    broken = [row for row in rows if len(row) != 3 or not row[0] or not row[2] or not chinese.search(row[1])]
    assert broken == []


def test_no_term_stands_in_the_glossary_twice() -> None:
    terms = [row[0].lower() for row in glossary_rows() if row[0] != "English"]
    assert sorted({term for term in terms if terms.count(term) > 1}) == []


def test_make_help_lists_every_target_a_person_may_call() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = re.findall(r"^([a-z][a-z-]*):", makefile, re.MULTILINE)
    shown = subprocess.run(
        ["make", "--no-print-directory", "help"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert [target for target in targets if f"make {target} " not in shown.stdout] == []
    assert len(targets) >= 7


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_to_files_of_the_repository_lead_somewhere(document: Path) -> None:
    broken = []
    for target in LINK.findall(FENCE.sub("", document.read_text(encoding="utf-8"))):
        if re.match(r"[a-z]+:", target):
            continue
        path, _, fragment = target.partition("#")
        file = (document.parent / path).resolve() if path else document
        if not file.exists() or (fragment and file.suffix == ".md" and fragment not in map(anchor, headings(file))):
            broken.append(target)
    assert broken == []


def test_the_changelog_tells_of_the_version_that_is_being_built() -> None:
    version = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    sections = headings(ROOT / "CHANGELOG.md")
    assert any(section.startswith((f"{version} ", "Unreleased")) for section in sections), sections


class Noted(Mapping[str, str]):
    """An environment that notes what is looked for in it."""

    def __init__(self, values: Mapping[str, str]) -> None:
        self._values = values
        self.asked: set[str] = set()

    def __getitem__(self, name: str) -> str:
        self.asked.add(name)
        return self._values[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)


def settings_in_the_code() -> set[str]:
    """Every variable that is named in the code, or asked for by a name that is put together."""
    code = [path.read_text(encoding="utf-8") for name in ("service", "api") for path in (ROOT / name).rglob("*.py")]
    named = set(re.findall(r"PACKTRAIL_[A-Z_]*[A-Z]\b", "\n".join(code)))
    single_sign_on = {"PACKTRAIL_OIDC_ISSUER": "https://id.example.cn", "PACKTRAIL_OIDC_CLIENT_ID": "register"}
    environment = Noted(single_sign_on)
    read_settings(environment)
    return named | environment.asked


def test_every_setting_stands_in_the_page_of_settings_and_nothing_else_does() -> None:
    page = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
    told = re.findall(r"^\| `(PACKTRAIL_[A-Z_]+)` \|", page, re.MULTILINE)
    assert sorted(told) == sorted(settings_in_the_code())


@pytest.mark.parametrize("page", references.PAGES)
def test_every_command_event_and_problem_stands_in_its_page(page: str) -> None:
    shown = (ROOT / "docs" / f"{page}.md").read_text(encoding="utf-8")
    assert shown == references.PAGES[page](), "run: python -m tests.references"
