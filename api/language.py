"""The two languages of the pages: which one to answer in, and the catalogue of what is said in it.

A catalogue is `locale/<language>.json`: a key, and a text with {named} values, or a text for one and one for other
numbers (`{"one": ..., "other": ...}`, chosen by the value named `count`; Chinese has one form). Keys are never built
from a request. A missing key or value is an error at once, never a blank on the page.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final, Literal

from markupsafe import Markup, escape

Language = Literal["zh", "en"]

LANGUAGES: Final[tuple[Language, ...]] = ("zh", "en")
DEFAULT: Final[Language] = "zh"
TAGS: Final[Mapping[Language, str]] = {"zh": "zh-Hans", "en": "en"}
"""Source: BCP 47. The script is named so that Han characters get the shapes used in China."""

_LOCALE = Path(__file__).parent / "locale"
_MAX_HEADER = 1000
_WEIGHT = re.compile(r"0(\.[0-9]{0,3})?|1(\.0{0,3})?", re.ASCII)

Phrase = Markup | Mapping[str, Markup]


@dataclass(frozen=True, slots=True)
class Catalogue:
    """What the pages say in one language."""

    language: Language
    phrases: Mapping[str, Phrase]

    def __call__(self, key: str, **values: object) -> Markup:
        """The text of `key` with its values put in, safe for HTML: values are escaped unless they are Markup."""
        phrase = self.phrases[key]
        if not isinstance(phrase, Markup):
            phrase = phrase["one" if self.language == "en" and values["count"] == 1 else "other"]
        return phrase.format(**values) if values or "{" in phrase else phrase

    def pick(self, en: str, zh: str) -> str:
        """The one of two texts that is in this language."""
        return en if self.language == "en" else zh


@cache
def catalogue(language: Language) -> Catalogue:
    """The catalogue of a language, read once."""
    return make_catalogue(language, json.loads((_LOCALE / f"{language}.json").read_text(encoding="utf-8")))


def make_catalogue(language: Language, phrases: Mapping[str, str | Mapping[str, str]]) -> Catalogue:
    """A catalogue of these phrases. They are text, not HTML: what HTML would take for markup is escaped here."""
    ready: dict[str, Phrase] = {}
    for key, phrase in phrases.items():
        if isinstance(phrase, str):
            ready[key] = escape(phrase)
        else:
            ready[key] = {number: escape(text) for number, text in phrase.items()}
    return Catalogue(language, ready)


def choose_language(wanted: str | None, accepted: str) -> Language:
    """`wanted` (what the address asks for) if it is one of ours, else the best of Accept-Language, else Chinese."""
    for language in LANGUAGES:
        if wanted == language:
            return language
    best, best_weight = DEFAULT, 0.0
    for item in accepted[:_MAX_HEADER].split(","):
        tag, weight = weigh(item)
        primary = tag.partition("-")[0]
        for language in LANGUAGES:
            if primary == language and weight > best_weight:
                best, best_weight = language, weight
    return best


def weigh(item: str) -> tuple[str, float]:
    """One item of an Accept or Accept-Language header: its name in lower case and its weight, 0 where that is nonsense.

    Other parameters than q are ignored. Source: RFC 9110, 12.4.2.
    """
    name, *parameters = item.split(";")
    weight = 1.0
    for parameter in parameters:
        key, _, value = parameter.partition("=")
        if key.strip().lower() == "q":
            weight = _parse_weight(value.strip())
    return name.strip().lower(), weight


def _parse_weight(text: str) -> float:
    return float(text) if _WEIGHT.fullmatch(text) else 0.0
