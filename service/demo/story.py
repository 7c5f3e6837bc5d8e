"""Telling: what happens to whom and when, in an order in which all of it can be recorded.

Each battery has its own time: an event is put after everything that was told of its batteries before, and so is its
receipt. Sorted by receipt, the story can therefore be cut anywhere and what stands before the cut holds together.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from typing import Any, NamedTuple

from service.demo.catalogue import ModelRow
from service.demo.delays import delay_of
from service.domain.gbt34014 import make_code
from service.domain.rules_use import CODE_ZONE, date_in_china
from service.domain.uuid7 import make_uuid7
from service.domain.vin import vin_check_digit

LENGTH = timedelta(days=1_420)
"""From the founding of the story's register to its end: the longest lives need so much."""

_VIN_LETTERS = "ABCDEFGHJKLMNPRSTUVWXYZ"
_APART = timedelta(minutes=1)


class Told(NamedTuple):
    """One event of the story. `received_at`: when it should reach the register. `vin`: empty where there is none."""

    received_at: datetime
    id: str
    actor: str
    kind: str
    subjects: tuple[str, ...]
    occurred_at: datetime
    body: Mapping[str, Any]
    vin: str


@dataclass(slots=True)
class Battery:
    """What the story remembers of a battery. `health` is its share of rated energy in ppm."""

    code: str
    prefix: str
    maker: str
    mass_g: int
    capacity_mah: int
    energy_wh: int
    model: ModelRow | None = None
    parts: list[Battery] = field(default_factory=list)
    health: int = 1_000_000
    cycles: int = 0
    vin: str = ""
    holder: str = ""

    @property
    def chemistry(self) -> str:
        return self.prefix[4]

    @property
    def remaining_mah(self) -> int:
        return self.capacity_mah * self.health // 1_000_000


class Story:
    """Collects what is told. Everything random comes from `rng`, so equal seeds tell equal stories."""

    def __init__(self, seed: int, packs: int, until: datetime) -> None:
        self.rng = random.Random(f"{seed}/{packs}")
        self.packs = packs
        self.until = until
        self.opened = until - LENGTH
        self.told: list[Told] = []
        self._name = f"packtrail demo/{seed}/{packs}"
        self._last: dict[str, tuple[datetime, datetime]] = {}
        self._serials: dict[tuple[str, date], int] = {}
        self._vehicles = 0

    def tell(
        self,
        kind: str,
        actor: str,
        batteries: Sequence[Battery],
        at: datetime,
        body: Mapping[str, Any],
        *,
        vin: str = "",
    ) -> datetime:
        """Put an event at `at` or as soon after as its batteries allow; gives when it happens."""
        codes = tuple(battery.code for battery in batteries)
        last = [self._last[code] for code in codes if code in self._last]
        occurred = max([at, *(moment + _APART for moment, _ in last)]).replace(microsecond=0)
        received = max([occurred + delay_of(kind, actor, self.rng), *(moment + _APART for _, moment in last)])
        received = received.replace(microsecond=0)
        for code in codes:
            self._last[code] = (occurred, received)
        random_part = sha256(f"{self._name}/{len(self.told)}".encode()).digest()[:10]
        id_ = make_uuid7(int(received.timestamp() * 1000), random_part)
        self.told.append(Told(received, id_, actor, kind, codes, occurred, body, vin))
        return occurred

    def finished(self) -> list[Told]:
        """Everything that reaches the register by `until`, in the order in which it does."""
        return sorted((each for each in self.told if each.received_at <= self.until), key=_in_order)

    def code(self, prefix: str, made: date, traceability: str | None = None) -> str:
        """The next code of that day."""
        serial = self._serials[prefix, made] = self._serials.get((prefix, made), 0) + 1
        return make_code(prefix, made, serial=serial, traceability=traceability).text

    def vehicle(self, maker: int, made: date) -> str:
        """The VIN of another vehicle; the maker codes are invented."""
        self._vehicles += 1
        year = _VIN_LETTERS[(made.year - 2010) % len(_VIN_LETTERS)]
        model = "".join(self.rng.choice(_VIN_LETTERS) for _ in range(5))
        text = f"L0{maker + 1}{model}0{year}C{self._vehicles:06d}"
        return text[:8] + vin_check_digit(text) + text[9:]

    def around(self, value: int, permille: int) -> int:
        """`value`, give or take some thousandths."""
        return value * (1000 + self.rng.randint(-permille, permille)) // 1000

    def days(self, least: int, most: int) -> timedelta:
        """A stretch of days, and some hours."""
        return timedelta(days=self.rng.randint(least, most), minutes=self.rng.randrange(600))


def morning(day: date, minutes: int = 0) -> datetime:
    """Eight o'clock in China, and so many minutes."""
    return datetime(day.year, day.month, day.day, 8, tzinfo=CODE_ZONE).astimezone(UTC) + timedelta(minutes=minutes)


def day_of(moment: datetime) -> date:
    """The date in China."""
    return date_in_china(moment)


def _in_order(told: Told) -> tuple[datetime, str]:
    return told.received_at, told.id
