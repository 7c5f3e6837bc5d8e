"""What the pages of a passport show of each data point: who sees it, what the law wants, its value, and who says it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from api.language import Catalogue
from api.passport_values import Line, value_lines
from service.domain.passport.composing import FOLLOWS
from service.domain.passport.content import Content
from service.domain.passport.datapoints import Status
from service.domain.passport.sections import SECTIONS, Section, section_of
from service.domain.passport.standing import Place, Standing
from service.domain.passport.tiers import Tier
from service.passports.editing import Origin, Writing

STATUS_WORDS = {
    Status.MANDATORY: "passport.mandatory",
    Status.OPTIONAL: "passport.optional",
    Status.CONDITIONAL: "passport.conditional",
    Status.PENDING: "passport.pending",
    Status.NONE: "passport.not_asked",
}
SEEN_BY = {
    Tier.PT1: "passport.seen_pt1",
    Tier.PT2: "passport.seen_pt2",
    Tier.PT3: "passport.seen_pt3",
    Tier.PT4: "passport.seen_pt4",
}
ORIGINS = {
    Origin.OWN: "passport.from_own",
    Origin.MODEL: "passport.from_model",
    Origin.DESIGN: "passport.from_design",
    Origin.RECORDED: "passport.from_recorded",
    Origin.MEASURED: "passport.from_measured",
}
PLACES = {
    Place.MISSING: "passport.is_missing",
    Place.BATTERY: "passport.is_battery",
    Place.RECORDED: "passport.is_recorded",
    Place.OPEN: "passport.is_open",
    Place.PENDING: "passport.is_pending",
    Place.NONE: "passport.not_asked",
}


@dataclass(frozen=True, slots=True)
class PointRow:
    """One data point. place: see `Place`. lines: of its value. words: who says that, or what its absence means."""

    nr: int
    name: str
    clause: str
    status: str
    since: date | None
    place: str
    lines: Sequence[Line]
    words: str
    index: int | None
    writable: bool
    inherited: bool
    """It is there without this content."""


@dataclass(frozen=True, slots=True)
class SectionRows:
    """given, wanted: of the mandatory data points that are to be said here."""

    section: Section
    name: str
    rows: Sequence[PointRow]
    given: int
    wanted: int

    @property
    def writable(self) -> bool:
        return any(row.writable for row in self.rows)


def sections_of(writing: Writing, say: Catalogue) -> list[SectionRows]:
    """All sections with those of their data points that the law does not rule out for the category."""
    found = []
    for section in SECTIONS.values():
        standings = [each for each in standings_of(writing, section) if each.place is not Place.NONE]
        counted = [each for each in standings if each.counts]
        given = sum(each.place is Place.GIVEN for each in counted)
        rows = [row_of(writing, each, say) for each in standings]
        found.append(SectionRows(section, say.pick(section.en, section.zh), rows, given, len(counted)))
    return found


def standings_of(writing: Writing, section: Section) -> list[Standing]:
    return [(writing.standing or {})[row.nr] for row in section.rows] if writing.standing else []


def row_of(writing: Writing, standing: Standing, say: Catalogue) -> PointRow:
    row = standing.row
    is_shown = row.nr in writing.points and not (writing.of_model and standing.place is Place.RECORDED)
    point = writing.points[row.nr] if is_shown else None
    return PointRow(
        row.nr,
        say.pick(row.en, row.zh),
        clause_of(row.source),
        say(STATUS_WORDS[standing.status]),
        standing.since if standing.status is Status.MANDATORY else None,
        standing.place.value,
        value_lines(row.nr, point.value, say) if point else (),
        say(ORIGINS[writing.origin(row.nr)] if point else _absent(standing)),
        point.index if point else None,
        standing.writable,
        standing.place is Place.GIVEN and row.nr not in writing.content,
    )


def _absent(standing: Standing) -> str:
    """The key of what it means that a model does not say a value itself."""
    if standing.place is Place.GIVEN:
        return ORIGINS[Origin.DESIGN] if standing.row.nr in FOLLOWS else PLACES[Place.RECORDED]
    return PLACES[standing.place]


def clause_of(source: str) -> str:
    """`Regulation (EU) 2023/1542, Annex XIII 1(h)` without what is the same for all."""
    return source.removeprefix("Regulation (EU) 2023/1542, ")


def content_rows(content: Content, numbers: Iterable[int], say: Catalogue) -> list[tuple[int, str, Sequence[Line]]]:
    """Number, name and value of some data points of a content."""
    names = {row.nr: say.pick(row.en, row.zh) for section in SECTIONS.values() for row in section.rows}
    return [(nr, names[nr], value_lines(nr, content[nr], say) if nr in content else ()) for nr in numbers]


def lacking(numbers: Iterable[int], say: Catalogue) -> list[tuple[int, str, str, str]]:
    """Number, name, clause, and the key of the section where it is filled in."""
    found = []
    for nr in numbers:
        section = section_of(nr)
        row = next(each for each in section.rows if each.nr == nr)
        found.append((nr, say.pick(row.en, row.zh), clause_of(row.source), section.key))
    return found
