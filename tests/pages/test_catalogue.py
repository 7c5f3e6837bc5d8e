"""Every word of the pages is in the catalogue, in both languages."""

import json
import re
from pathlib import Path
from string import Formatter

import pytest

from api.language import LANGUAGES, catalogue, choose_language, make_catalogue
from tests.needs import ROOT

TEMPLATES = sorted((ROOT / "api" / "templates").rglob("*.html"))
CODE = (ROOT / "api" / "pages", ROOT / "api" / "desk", ROOT / "api" / "workshop")
ALONE = (ROOT / "api" / "resolver.py", ROOT / "service" / "figures" / "shapes.py")
SOURCES = [*TEMPLATES, *(file for folder in CODE for file in folder.rglob("*.py")), *ALONE]
_ADDRESS = r"(?:/static/[a-z/]+\.js|\{\{ script \}\}|\{\{ module\(\"[a-z]+\.js\"\) \}\})"
FILES_OF_OURS = re.compile(rf'<script (?:type="module" )?src="{_ADDRESS}"(?: defer)?></script>')
SPOKEN_ATTRIBUTES = ("alt", "title", "placeholder", "aria-label", "aria-description", "summary", "label")


def phrases(language: str) -> dict[str, str | dict[str, str]]:
    text = (ROOT / "api" / "locale" / f"{language}.json").read_text(encoding="utf-8")
    found: dict[str, str | dict[str, str]] = json.loads(text)
    return found


def texts(phrase: str | dict[str, str]) -> list[str]:
    return [phrase] if isinstance(phrase, str) else list(phrase.values())


def values(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


def keys_used() -> set[str]:
    """Keys in templates and code; one made with a placeholder, or of a beginning with `~`, stands for all that fit."""
    known = phrases("zh")
    sections = "|".join(sorted({key.partition(".")[0] for key in known}))
    used: set[str] = set()
    for source in SOURCES:
        text = source.read_text(encoding="utf-8")
        beginnings = set(re.findall(rf"""["']((?:{sections})\.[a-z_0-9.-]*)["'] ~""", text))
        used |= {key for key in known if key.startswith(tuple(beginnings))}
        used |= set(re.findall(rf"""["']((?:{sections})\.(?!(?:html|css|js)[\"'])[a-z_0-9.-]+)["'](?! ~)""", text))
        for pattern in re.findall(rf"""f["']((?:{sections})\.[a-z_.-]*\{{[\w.]+\}}[a-z_.-]*)["']""", text):
            whole = re.compile(re.sub(r"\\\{[\w.\\]+\\\}", "[a-z_0-9-]+", re.escape(pattern)))
            used |= {key for key in known if whole.fullmatch(key.lower())}
    return used


def test_both_languages_say_the_same_things() -> None:
    zh, en = phrases("zh"), phrases("en")
    assert sorted(zh) == sorted(en)
    differing = [
        key
        for key in zh
        if {name for text in texts(zh[key]) for name in values(text)}
        != {name for text in texts(en[key]) for name in values(text)}
    ]
    assert differing == []


def test_every_phrase_that_is_used_exists() -> None:
    assert sorted(keys_used() - phrases("zh").keys()) == []


def test_every_phrase_that_exists_is_used() -> None:
    assert sorted(phrases("zh").keys() - keys_used()) == []


def test_chinese_phrases_are_chinese_and_english_ones_are_not() -> None:
    han = re.compile("[\u4e00-\u9fff]")
    neutral = {"page.title", "punctuation.list", "punctuation.colon", "identity.gtin", "unknown.whole"}
    assert [
        key for key, each in phrases("zh").items() if key not in neutral and not han.search("".join(texts(each)))
    ] == []
    assert [key for key, each in phrases("en").items() if han.search("".join(texts(each)))] == []


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.name)
def test_no_template_holds_a_word(template: Path) -> None:
    text = re.sub(r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}", " ", template.read_text(encoding="utf-8"), flags=re.DOTALL)
    spoken = [value for name in SPOKEN_ATTRIBUTES for value in re.findall(rf'\b{name}="([^"]*)"', text)]
    outside = re.sub(r"<[^>]*>", " ", text).replace("UTC+8", "").replace("&", " ")
    assert re.findall(r"[^\W\d_]+", outside + " ".join(spoken)) == []


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.name)
def test_no_template_holds_style_or_script(template: Path) -> None:
    text = template.read_text(encoding="utf-8")
    text = FILES_OF_OURS.sub("", text)
    assert re.findall(r"<script|<style|\sstyle=|\son[a-z]+=|javascript:|\|\s*safe", text) == []


def test_a_number_of_one_is_singular_in_english() -> None:
    say = make_catalogue("en", {"n": {"one": "{count} event", "other": "{count} events"}})
    assert [say("n", count=number) for number in (0, 1, 2)] == ["0 events", "1 event", "2 events"]
    assert make_catalogue("zh", {"n": {"one": "x", "other": "{count}条"}})("n", count=1) == "1条"


def test_values_are_escaped_and_phrases_too() -> None:
    say = make_catalogue("en", {"greet": "<b> {name}"})
    assert str(say("greet", name="<i>")) == "&lt;b&gt; &lt;i&gt;"


def test_a_missing_phrase_or_value_is_an_error() -> None:
    with pytest.raises(KeyError):
        catalogue("zh")("no.such_key")
    with pytest.raises(KeyError):
        catalogue("zh")("footer.version")


@pytest.mark.parametrize(
    ("wanted", "accepted", "expected"),
    [
        ("en", "zh", "en"),
        ("zh", "en", "zh"),
        ("fr", "en", "en"),
        (None, "", "zh"),
        (None, "de", "zh"),
        (None, "de, en;q=0.5", "en"),
        (None, "zh-TW", "zh"),
        (None, "EN-us", "en"),
        (None, "en;q=0.8, zh;q=0.9", "zh"),
        (None, "en;q=0", "zh"),
        (None, "en;q=NaN", "zh"),
        (None, "*", "zh"),
        (None, "english", "zh"),
        (None, ";;,,=" * 5000, "zh"),
    ],
)
def test_the_language_is_the_chosen_one_then_the_accepted_one_then_chinese(
    wanted: str | None, accepted: str, expected: str
) -> None:
    assert choose_language(wanted, accepted) == expected


def test_catalogues_are_read_once() -> None:
    assert [catalogue(language) is catalogue(language) for language in LANGUAGES] == [True, True]
