"""A format as rows, one for each of its members, and a passport filled into them as far as a reader may see it.

A row says where the member stands, of which tier it is, which data points it tells, and for which batteries the format
requires it. The passport it is filled from already lacks what the reader may not see; the tier of the row says again
what its member is, so that a fact which has no number of its own is kept back too.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from service.domain.passport.completeness import check_completeness
from service.domain.passport.datapoints import DATA_POINTS, Status, status_of
from service.domain.passport.passport import Passport, PointValue
from service.domain.passport.tiers import Tier
from service.domain.words import Category
from service.passports.formats.addresses import element_address
from service.passports.formats.refusing import incomplete, not_yours


class Profile(StrEnum):
    """How a format deals with what it requires and the guidance does not have filled in."""

    COMPLETE = "schema-complete"
    """All that the schema requires, also what the guidance holds pending, or a refusal. Only what the guidance forbids
    for the category is not there, in a schema that serves several categories."""
    LAUNCH = "launch"
    """Without the pending values. What else the guidance does not ask for may be missing."""


class Reason(StrEnum):
    """Why a member that the schema requires is not there."""

    PENDING = "pending"
    """The guidance says: not to be filled before an act that is still to come."""
    CONDITIONAL = "conditional"
    """The guidance says: only where it applies. None was given."""
    NOT_FILLED = "not to be filled"
    """The guidance says: not for this category."""
    BEYOND = "beyond the guidance"
    """No data point asks for it, or only for a part of it."""


@dataclass(frozen=True, slots=True)
class Source:
    """What rows are filled from. day: that the statuses of the guidance are read for."""

    passport: Passport
    category: Category
    base_url: str
    day: date
    profile: Profile

    def value(self, nr: int) -> Mapping[str, Any]:
        """The value of a data point; empty where there is none, and at launch where it is pending."""
        point = self.point(nr)
        return point.value if point is not None else {}

    def point(self, nr: int) -> PointValue | None:
        """The same with when, by whom and how."""
        if self.profile is Profile.LAUNCH and self.status(nr) is Status.PENDING:
            return None
        return self.passport.points.get(nr)

    def status(self, nr: int) -> Status:
        """What the guidance wants of the data point."""
        return status_of(nr, self.category, self.day)


Fill = Callable[[Source], object]
"""The member's value, None where there is nothing to say."""


def field(nr: int, name: str, make: Callable[[Any], object] = lambda value: value) -> Fill:
    """What `make` makes of one field of the data point."""

    def fill(source: Source) -> object:
        found = source.value(nr).get(name)
        return None if found is None else make(found)

    return fill


def whole(nr: int, make: Callable[[Mapping[str, Any]], object]) -> Fill:
    """What `make` makes of the whole value of the data point."""

    def fill(source: Source) -> object:
        found = source.value(nr)
        return make(found) if found else None

    return fill


def address_of(source: Source, nr: int) -> str | None:
    """Where the data point is read, for formats that want one address for a list; None where it is not there."""
    return None if source.point(nr) is None else element_address(source.passport, nr)


@dataclass(frozen=True, slots=True)
class Row:
    """One member of a format.

    path: its names from the top. points: the data points it tells, none for a fact that the register knows itself.
    on: the names of the schemas that have the member; required: of those that require it.
    beyond: the format asks for more here than its data points do.
    """

    path: tuple[str, ...]
    tier: Tier
    points: tuple[int, ...]
    fill: Fill
    on: frozenset[str]
    required: frozenset[str]
    beyond: bool = False


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A required member that is not there, the data points it would tell, and why."""

    path: tuple[str, ...]
    points: tuple[int, ...]
    reason: Reason


@dataclass(frozen=True, slots=True)
class Filled:
    """A document in a format. left_out and withheld: required members that are not in it; withheld: by the tier."""

    document: dict[str, Any]
    left_out: tuple[LeftOut, ...]
    withheld: tuple[tuple[tuple[str, ...], Tier], ...]


def fill_rows(rows: Iterable[Row], source: Source, schema: str) -> Filled:
    """The document of those rows that `schema` has.

    Raises NotPermittedError where schema-complete needs a tier that the reader may not see, ConflictError with a fault
    for each member and each data point that is missing; members of other tiers are never named.
    """
    document: dict[str, Any] = {}
    left_out: list[LeftOut] = []
    missing: list[Row] = []
    withheld: list[tuple[tuple[str, ...], Tier]] = []
    for row in rows:
        if schema not in row.on:
            continue
        if row.tier not in source.passport.tiers:
            if schema in row.required:
                withheld.append((row.path, row.tier))
            continue
        value = row.fill(source)
        if value is not None:
            _put(document, row.path, value)
        elif schema in row.required:
            reason = _reason(row, source)
            if reason is None or (source.profile is Profile.COMPLETE and reason is not Reason.NOT_FILLED):
                missing.append(row)
            else:
                left_out.append(LeftOut(row.path, row.points, reason))
    if withheld and source.profile is Profile.COMPLETE:
        raise not_yours(tier for _, tier in withheld)
    places = [(row.path, _lacking(row, source)) for row in missing]
    unsaid = _unsaid(source, {nr for _, points in places for nr in points})
    if places or unsaid:
        raise incomplete(places, unsaid)
    return Filled(document, tuple(left_out), tuple(withheld))


def _status(row: Row, source: Source) -> Status | None:
    """What the guidance wants of the strictest of the row's data points; None for a row without any."""
    found = {source.status(nr) for nr in row.points}
    return next((each for each in _STRICTEST_FIRST if each in found), None)


_STRICTEST_FIRST = (Status.MANDATORY, Status.PENDING, Status.CONDITIONAL, Status.OPTIONAL, Status.NONE)
_REASONS = {
    Status.PENDING: Reason.PENDING,
    Status.CONDITIONAL: Reason.CONDITIONAL,
    Status.OPTIONAL: Reason.CONDITIONAL,
    Status.NONE: Reason.NOT_FILLED,
}


def _reason(row: Row, source: Source) -> Reason | None:
    """Why the row may be missing; None where the guidance wants what it tells."""
    status = _status(row, source)
    if status in _REASONS:
        return _REASONS[status]
    if not row.points or (row.beyond and all(nr in source.passport.points for nr in row.points)):
        return Reason.BEYOND
    return None


def _lacking(row: Row, source: Source) -> tuple[int, ...]:
    """Those of its data points that are not there; all of them where a part of one is missing."""
    return tuple(nr for nr in row.points if source.point(nr) is None) or row.points


def _unsaid(source: Source, named: Container[int]) -> list[int]:
    """What a complete passport has, the reader may see, and is not there, beside what is named already."""
    missing = check_completeness(source.category, source.day, source.passport.points).missing
    return [nr for nr in missing if nr not in named and DATA_POINTS[nr].tier in source.passport.tiers]


def _put(document: dict[str, Any], path: tuple[str, ...], value: object) -> None:
    for name in path[:-1]:
        document = document.setdefault(name, {})
    document[path[-1]] = value
