"""The battery passport as everybody may see it: the public data points, how many of them the law wants, what is left.

Source: Regulation (EU) 2023/1542, Annex XIII, part 1. Nothing else is opened for this page.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from api.language import Catalogue
from api.pages.rendering import Place, Visit, render
from api.passport_values import Line, value_lines
from service.domain.names import PASSPORTS
from service.domain.passport.completeness import check_completeness
from service.domain.passport.datapoints import APPLIES_FROM, DATA_POINTS, Status, status_of
from service.domain.passport.passport import Passport
from service.domain.passport.sections import SECTIONS
from service.domain.passport.tiers import PUBLIC, Tier
from service.domain.rules_use import date_in_china
from service.passports.reading import read_passport
from service.work import Register

_LAW = "Regulation (EU) 2023/1542, "
"""The same for all, so it is not repeated."""
_SHOWN = (Status.MANDATORY, Status.OPTIONAL, Status.CONDITIONAL)


@dataclass(frozen=True, slots=True)
class Group:
    """Data points that are read together: number, name, the clause that asks for it, and its lines."""

    name: str
    rows: Sequence[tuple[int, str, str, Sequence[Line]]]


@dataclass(frozen=True, slots=True)
class Count:
    """Of the public data points that the law wants for this category. missing: number and name."""

    given: int
    wanted: int
    missing: Sequence[tuple[int, str]]

    @property
    def percent(self) -> int:
        return 100 * self.given // self.wanted if self.wanted else 0


def read_public(register: Register, code: str) -> Passport:
    """The passport of `code` with its public part. Raises NotFoundError."""
    return read_passport(register, code, audiences=PUBLIC)


def render_passport(passport: Passport, visit: Visit) -> str:
    """The page. One that has ceased shows what remains of it."""
    say, name, day = visit.say, PASSPORTS[passport.status], date_in_china(visit.now)
    return render(
        "passport.html",
        visit,
        Place(f"/b/{passport.code}/passport"),
        passport=passport,
        tone=name.tone,
        status=say.pick(name.en, name.zh),
        meaning=say.pick(name.meaning_en, name.meaning_zh),
        groups=[] if passport.has_ceased else list(_groups(passport, day, say)),
        count=None if passport.has_ceased else _count(passport, day, say),
        applies=APPLIES_FROM if day < APPLIES_FROM else None,
    )


def _groups(passport: Passport, day: date, say: Catalogue) -> Iterator[Group]:
    for section in SECTIONS.values():
        rows = [
            (
                row.nr,
                say.pick(row.en, row.zh),
                row.source.removeprefix(_LAW),
                value_lines(row.nr, passport.points[row.nr].value, say),
            )
            for row in section.rows
            if row.nr in passport.points and _is_shown(row.nr, passport, day)
        ]
        if rows:
            yield Group(say.pick(section.en, section.zh), rows)


def _is_shown(nr: int, passport: Passport, day: date) -> bool:
    """What is not to be displayed yet is left out, whoever filled it in."""
    return passport.category is None or status_of(nr, passport.category, max(day, APPLIES_FROM)) in _SHOWN


def _count(passport: Passport, day: date, say: Catalogue) -> Count | None:
    """None where no category is told, so that nobody knows what the law wants."""
    if passport.category is None:
        return None
    missing = check_completeness(passport.category, day, passport.points).missing
    names = [(nr, say.pick(DATA_POINTS[nr].en, DATA_POINTS[nr].zh)) for nr in missing if _is_public(nr)]
    when = max(day, APPLIES_FROM)
    wanted = [nr for nr in DATA_POINTS if status_of(nr, passport.category, when) is Status.MANDATORY and _is_public(nr)]
    return Count(len(wanted) - len(names), len(wanted), names)


def _is_public(nr: int) -> bool:
    return DATA_POINTS[nr].tier is Tier.PT1
