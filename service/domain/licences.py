"""Licences: which role needs which, for which kinds of events, from when. Source: conservation rule 8.

An operator that lists licences of a kind it needs must have one that is valid on the day of the event. A row whose
source is not found yet is shown and not enforced; nor is a licence that nobody told the register of, until the row says
from which day on it must be told (`told_from`), or the authority sets that day by an entry (`set_licence_day`).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import date
from types import MappingProxyType
from typing import NamedTuple

from service.domain.bodies import Licence
from service.domain.roles import Role
from service.domain.spans import holds_on
from service.domain.words import LicenceKind

SOURCE_NEEDED = "source needed"


class Need(NamedTuple):
    """One row: who acts in `role` in events of `kinds` needs a `licence`, from `since` on, before `until`."""

    role: Role
    licence: LicenceKind
    kinds: frozenset[str]
    jurisdiction: str
    since: date
    until: date | None
    source: str
    told_from: date | None = None

    @property
    def is_enforced(self) -> bool:
        return self.source != SOURCE_NEEDED


_SECOND_LIFE = frozenset({"prepare_reuse", "repurpose", "remanufacture"})
_USING: tuple[tuple[Role, frozenset[str]], ...] = (
    (Role.RECYCLER, _SECOND_LIFE | {"collect", "dismantle", "recycle"}),
    (Role.DISMANTLER, _SECOND_LIFE),
    (Role.MAKER, frozenset({"remanufacture"})),
)
"""Who uses waste batteries (综合利用) by which events."""
_ART_18 = (LicenceKind.POLLUTANT_DISCHARGE, LicenceKind.ENVIRONMENTAL_ASSESSMENT, LicenceKind.INVESTMENT_APPROVAL)
_ORDER_73 = date(2026, 4, 1)
_SCRAPPING, _TESTING = frozenset({"scrap_vehicle"}), frozenset({"test"})

NEEDED: tuple[Need, ...] = (
    *(
        Need(role, licence, kinds, "CN", _ORDER_73, None, "MIIT Order 73, Art. 18")
        for role, kinds in _USING
        for licence in _ART_18
    ),
    Need(Role.DISMANTLER, LicenceKind.VEHICLE_DISMANTLING, _SCRAPPING, "CN", _ORDER_73, None, SOURCE_NEEDED),
    Need(Role.TESTER, LicenceKind.TEST_ACCREDITATION, _TESTING, "CN", _ORDER_73, None, SOURCE_NEEDED),
    Need(Role.RECYCLER, LicenceKind.WASTE_TREATMENT, _USING[0][1], "EU", date(2024, 2, 18), None, SOURCE_NEEDED),
)


class LicenceDay(NamedTuple):
    """A day that the authority set, by which entry: from then on a licence that was not told counts as missing."""

    told_from: date
    source: str
    entry: int


LicenceDays = Mapping[tuple[Role, LicenceKind], tuple[LicenceDay, ...]]
"""By role and licence, the days that were set, in the order of their entries: the newest holds."""
NO_DAYS: LicenceDays = MappingProxyType({})


def newest_day(need: Need, days: LicenceDays) -> LicenceDay | None:
    """What the authority set last for this need, if anything."""
    set_days = days.get((need.role, need.licence), ())
    return set_days[-1] if set_days else None


def told_from(need: Need, days: LicenceDays) -> date | None:
    """From which day on it counts as missing where it was not told; None: never."""
    newest = newest_day(need, days)
    return newest.told_from if newest else need.told_from


class Lapse(NamedTuple):
    """A need that is not met. last_day: of the licence that ended last or has not begun; None: none was told."""

    need: Need
    last_day: date | None


def lapses(kind: str, role: Role, day: date, licences: Iterable[Licence] | None) -> Iterator[Lapse]:
    """The needs that an actor in `role` does not meet on `day`, enforced or not; those never told of come last."""
    held = tuple(licences or ())
    untold = []
    for need in NEEDED:
        if need.role is not role or kind not in need.kinds or not holds_on(need, day):
            continue
        listed = [each for each in held if each.licence is need.licence]
        if not listed:
            untold.append(Lapse(need, None))
        elif not any(is_valid(each, day) for each in listed):
            yield Lapse(need, max((each.valid_until or each.valid_from) for each in listed))
    yield from untold


def shown(kind: str, roles: Collection[Role], day: date, licences: Iterable[Licence] | None) -> tuple[Licence, ...]:
    """The licences under which an operator in these roles did such an event, for everybody to see: valid on that day.

    That the public may see them: source needed. Which ones an event needs: NEEDED.
    """
    wanted = {need.licence for need in NEEDED if need.role in roles and kind in need.kinds and holds_on(need, day)}
    return tuple(each for each in licences or () if each.licence in wanted and is_valid(each, day))


def is_valid(licence: Licence, day: date) -> bool:
    """Whether it holds on this day, its first and last day included."""
    return licence.valid_from <= day and (licence.valid_until is None or day <= licence.valid_until)


def refusing(
    kind: str, role: Role, day: date, licences: Iterable[Licence] | None, *, days: LicenceDays = NO_DAYS
) -> Lapse | None:
    """The lapse for which an event of this kind must be refused, if any. days: those that the authority set."""
    for lapse in lapses(kind, role, day, licences):
        since = told_from(lapse.need, days)
        if lapse.need.is_enforced and (lapse.last_day is not None or (since is not None and since <= day)):
            return lapse
    return None
