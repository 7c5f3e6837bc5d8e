"""Templates to HTML: the environment they run in, and what every page shares (languages, links, footer).

Templates hold no words: all text comes from the catalogue, the domain's names, or the register. They are compiled once
per process. There is no inline style and no script; the only other file a page needs is the stylesheet, whose address
carries its hash.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from hashlib import sha256
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from urllib.parse import urlencode

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from api.language import LANGUAGES, TAGS, Catalogue, Language, catalogue
from api.pages.scripts import script_address
from service.domain.rules_use import CODE_ZONE

ICONS = ("ok", "attention", "ended", "unknown", "stop", "bin", "mark")
_API = Path(__file__).parents[1]


@dataclass(frozen=True, slots=True)
class Visit:
    """What all pages need to know of a request: its language, whether the address names it, time, origin of the log."""

    language: Language
    explicit: bool
    now: datetime
    origin: str

    @property
    def say(self) -> Catalogue:
        return catalogue(self.language)

    def link(self, path: str, **query: str) -> str:
        """A path of ours with a query, in the language that the visitor chose."""
        values = query | ({"lang": self.language} if self.explicit else {})
        return f"{path}?{urlencode(values)}" if values else path


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page is, for the language switch: a path of ours and its query."""

    path: str
    query: tuple[tuple[str, str], ...] = ()

    def address(self, language: Language) -> str:
        return f"{self.path}?{urlencode([*self.query, ('lang', language)])}"


def render(template: str, visit: Visit, place: Place, **values: object) -> str:
    """The HTML of a page."""
    others = [other for other in LANGUAGES if other != visit.language]
    return (
        _environment()
        .get_template(template)
        .render(
            say=visit.say,
            language=visit.language,
            explicit=visit.explicit,
            tag=TAGS[visit.language],
            tags=TAGS,
            languages=LANGUAGES,
            others=[(other, catalogue(other)("language.self"), place.address(other)) for other in others],
            place=place,
            link=visit.link,
            version=product_version(),
            clock=format_moment(visit.now),
            origin=visit.origin,
            **values,
        )
    )


def format_moment(moment: datetime) -> str:
    """A time as people read it in China: `2026-11-22 14:03`, UTC+8."""
    return moment.astimezone(CODE_ZONE).strftime("%Y-%m-%d %H:%M")


def format_number(number: int) -> str:
    """`1234567` as `1,234,567`."""
    return f"{number:,d}"


def group(code: str) -> list[str]:
    """A code in groups of four, as it stands on labels."""
    return [code[start : start + 4] for start in range(0, len(code), 4)]


@cache
def product_version() -> str:
    """The version of the installed package; "source" when it runs uninstalled."""
    try:
        return version("packtrail")
    except PackageNotFoundError:
        return "source"


@cache
def asset(name: str) -> str:
    """The address of a file in the folder `static`; it changes with its content, since browsers keep it."""
    return f"/static/{name}?v={sha256((_API / 'static' / name).read_bytes()).hexdigest()[:12]}"


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(_API / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        auto_reload=False,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"moment": format_moment, "number": format_number, "group": group}
    environment.globals |= {"icon": _icons(), "asset": asset, "module": script_address}
    return environment


def _icons() -> Callable[[str], Markup]:
    drawings = {name: Markup((_API / "static" / "icons" / f"{name}.svg").read_text().strip()) for name in ICONS}
    return drawings.__getitem__
