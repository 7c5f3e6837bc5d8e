"""Who may see which part of a passport: sets for each kind of reader, not levels.

The law gives authorities parts 1 to 3 and persons with a legitimate interest parts 1, 2 and 4, so that neither sees all
that the other sees. Each right is a row with its dates and its source.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from enum import StrEnum
from typing import NamedTuple

from service.domain.roles import Role
from service.domain.spans import holds_on


class Tier(StrEnum):
    """The parts of Regulation (EU) 2023/1542, Annex XIII."""

    PT1 = "pt1"
    PT2 = "pt2"
    PT3 = "pt3"
    PT4 = "pt4"


class Reader(StrEnum):
    """As what somebody reads a passport."""

    PUBLIC = "public"
    EU_AUTHORITY = "eu_authority"
    """Notified bodies, market surveillance authorities and the Commission."""
    INTEREST = "legitimate_interest"
    REGULATOR = "regulator"
    """Who supervises this register, and who runs it."""
    ANSWERABLE = "answerable"
    """Who made the battery or is answerable for its passport, and so wrote what stands in it."""
    HOLDER = "holder"
    """Who has the battery in hand."""
    OWNER = "owner"
    """Who bought the battery, where that is an operator of this register."""


class Right(NamedTuple):
    """One row. `supervision`: whose data it is learns of such a reading only after a while."""

    reader: Reader
    tiers: frozenset[Tier]
    since: date
    until: date | None
    source: str
    supervision: bool = False


class Claim(NamedTuple):
    """One row: operators with this role read as this."""

    role: Role
    reader: Reader
    source: str


ALL = frozenset(Tier)
PUBLIC = frozenset({Tier.PT1})
_FROM = date(2023, 8, 17)
_ART = "Regulation (EU) 2023/1542, Art. 77"

RIGHTS: tuple[Right, ...] = (
    Right(Reader.PUBLIC, PUBLIC, _FROM, None, f"{_ART}(2)(a); Annex XIII, part 1"),
    Right(
        Reader.EU_AUTHORITY,
        frozenset({Tier.PT1, Tier.PT2, Tier.PT3}),
        _FROM,
        None,
        f"{_ART}(2)(b); Annex XIII, parts 2 and 3",
    ),
    Right(
        Reader.INTEREST,
        frozenset({Tier.PT1, Tier.PT2, Tier.PT4}),
        _FROM,
        None,
        f"{_ART}(2)(c); Annex XIII, parts 2 and 4",
    ),
    Right(Reader.REGULATOR, ALL, _FROM, None, "MIIT Order 73, Art. 4; extent: source needed", supervision=True),
    Right(Reader.ANSWERABLE, ALL, _FROM, None, f"{_ART}(4): who is answerable keeps it accurate"),
    Right(
        Reader.HOLDER,
        frozenset({Tier.PT1, Tier.PT2, Tier.PT4}),
        _FROM,
        None,
        "Regulation (EU) 2023/1542, Art. 14; extent: source needed",
    ),
    Right(
        Reader.OWNER,
        frozenset({Tier.PT1, Tier.PT2, Tier.PT4}),
        _FROM,
        None,
        f"Regulation (EU) 2023/1542, Art. 14(2); {_ART}(2)(c); extent: source needed",
    ),
)

_NB = f"{_ART}(2)(b)"
_NOT_ADOPTED = f"{_ART}(9): the implementing act is not adopted; source needed"

CLAIMS: tuple[Claim, ...] = (
    Claim(Role.MARKET_SURVEILLANCE, Reader.EU_AUTHORITY, _NB),
    Claim(Role.NOTIFIED_BODY, Reader.EU_AUTHORITY, _NB),
    Claim(Role.COMMISSION, Reader.EU_AUTHORITY, _NB),
    Claim(Role.REGULATOR, Reader.REGULATOR, "source needed"),
    Claim(Role.AUTHORITY, Reader.REGULATOR, "source needed"),
)

INTERESTED: frozenset[Role] = frozenset({Role.WORKSHOP, Role.TESTER, Role.COLLECTOR, Role.DISMANTLER, Role.RECYCLER})
"""Who counts as having a legitimate interest unless the installation says otherwise. Source: see `_NOT_ADOPTED`."""

INTEREST_SOURCE = _NOT_ADOPTED


def readers_of(roles: Iterable[Role], interested: frozenset[Role] = INTERESTED) -> frozenset[Reader]:
    """As what an operator with these roles reads any passport."""
    held = frozenset(roles)
    readers = {claim.reader for claim in CLAIMS if claim.role in held}
    if held & interested:
        readers.add(Reader.INTEREST)
    return frozenset(readers | {Reader.PUBLIC})


def tiers_of(readers: Iterable[Reader], day: date) -> frozenset[Tier]:
    """What these readers together may see on that day. Part 1 is for everybody."""
    found = set(PUBLIC)
    for right in _in_force(readers, day):
        found |= right.tiers
    return frozenset(found)


def is_supervision(readers: Iterable[Reader], day: date) -> bool:
    """Whether one of these reads by right of supervision."""
    return any(right.supervision for right in _in_force(readers, day))


def _in_force(readers: Iterable[Reader], day: date) -> list[Right]:
    held = frozenset(readers)
    return [right for right in RIGHTS if right.reader in held and holds_on(right, day)]
