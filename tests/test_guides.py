"""The guides say what the screen says: their pictures exist, and what stands in bold is a text of the pages."""

import json
import re
from functools import cache
from itertools import chain
from pathlib import Path

import pytest

from service.domain.events import KINDS
from service.domain.names import OP_STATES
from service.domain.titles import TITLES
from service.imports.kinds import CONTENTS
from tests.needs import ROOT

DOCS = ROOT / "docs"
ROLES = ("maker", "workshop", "authority", "owner")
GUIDES = {f"guide-{role}{ending}.md": language for role in ROLES for ending, language in (("", "en"), (".zh", "zh"))}
BOLD = re.compile(r"\*\*(.+?)\*\*")
PICTURE = re.compile(r'<img src="([^"]+)" width="\d+" alt="([^"]+)">')
STEP = re.compile(r"^(\d+)\. ", re.MULTILINE)


def text_of(guide: str) -> str:
    return (DOCS / guide).read_text(encoding="utf-8")


@cache
def texts(language: str) -> frozenset[str]:
    """Every text that pages show in a language without a number or name in it."""
    place = 0 if language == "en" else 1
    catalogue = json.loads((ROOT / "api" / "locale" / f"{language}.json").read_text(encoding="utf-8"))
    words = chain(
        ((each.title_en, each.title_zh) for each in KINDS.values()),
        ((each.en, each.zh) for each in OP_STATES.values()),
        ((each.title_en, each.title_zh) for each in CONTENTS.values()),
        TITLES.values(),
    )
    return frozenset(text for text in catalogue.values() if isinstance(text, str)) | {each[place] for each in words}


@pytest.mark.parametrize("guide", GUIDES)
def test_what_stands_in_bold_is_a_text_of_the_pages(guide: str) -> None:
    quoted = BOLD.findall(text_of(guide))
    assert len(quoted) > 15
    assert [each for each in quoted if each not in texts(GUIDES[guide])] == []


@pytest.mark.parametrize("guide", GUIDES)
def test_its_pictures_are_of_its_language_and_exist(guide: str) -> None:
    pictures = [Path(source) for source, _ in PICTURE.findall(text_of(guide))]
    assert len(pictures) >= 5
    assert len(pictures) == text_of(guide).count("<img")
    assert [each for each in pictures if not each.stem.endswith(f"-{GUIDES[guide]}")] == []
    assert [each for each in pictures if not (DOCS / each).is_file()] == []


@pytest.mark.parametrize("role", ROLES)
def test_both_languages_have_the_same_steps_and_pictures(role: str) -> None:
    english, chinese = text_of(f"guide-{role}.md"), text_of(f"guide-{role}.zh.md")
    steps = [int(each) for each in STEP.findall(english)]
    assert steps == list(range(1, len(steps) + 1))
    assert steps == [int(each) for each in STEP.findall(chinese)]
    shown = [source.replace("-en.png", "") for source, _ in PICTURE.findall(english)]
    assert shown == [source.replace("-zh.png", "") for source, _ in PICTURE.findall(chinese)]


@pytest.mark.parametrize("guide", GUIDES)
def test_it_leads_to_the_other_guides_and_its_twin(guide: str) -> None:
    ending = ".md" if GUIDES[guide] == "en" else ".zh.md"
    others = {f"guide-{role}{ending}" for role in ROLES} - {guide}
    twin = guide.replace(".zh.md", ".md") if ending == ".zh.md" else guide.replace(".md", ".zh.md")
    assert sorted(each for each in others | {twin} if f"({each})" not in text_of(guide)) == []
