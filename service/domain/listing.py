"""The modules and cells that a pack's registration lists, and what is known of one before anything happens to it.

A pack of 108 parts is one entry, and its parts are runs: codes of 24 characters that differ in the serial number of the
day only. A part has a state of its own from the first event that names it. Until then it is what the registration says:
built into its module or pack, of the model and the mass that are given for it. Where the registration gives no mass or
no model, a part counts for an equal share of the whole it is in, rounded down, so that no mass or energy is made.
Source: GB/T 34014-2017, 4.1 (codes of the levels are linked).
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import NamedTuple

from service.domain.bodies.listing import ListedCells, RegisterPack
from service.domain.gbt34014 import LEVEL_OF_LETTER, parse_code
from service.domain.states import BatteryState, LifeStatus, Model, OpState, PassportStatus

PREFIX = 17
"""Characters of a 24-character code before the serial number of the day."""
FORM = 24
LAST_SERIAL = 9_999_999
NAMEABLE = 63
"""Parts that one event can name beside their whole. A whole with more of them keeps no list of its parts."""


class Run(NamedTuple):
    """Codes with consecutive serial numbers, both ends included. prefix: positions 1 to 17."""

    prefix: str
    first: int
    last: int

    @property
    def size(self) -> int:
        return self.last - self.first + 1

    def __contains__(self, code: object) -> bool:
        return isinstance(code, str) and is_listable(code) and self._holds(*split(code))

    def _holds(self, prefix: str, serial: int) -> bool:
        return prefix == self.prefix and self.first <= serial <= self.last

    @property
    def is_modules(self) -> bool:
        return self.prefix[3] == "M"

    def code(self, at: int = 0) -> str:
        """The code number `at` of the run, from 0."""
        return f"{self.prefix}{self.first + at:07d}"

    def codes(self) -> Iterator[str]:
        return (self.code(at) for at in range(self.size))


class Place(NamedTuple):
    """A run as it is listed: what it is built into, the mass of each, and where in the body it stands.

    mass_g: None where none is given. siblings: how many parts of its level share the whole.
    """

    run: Run
    parent: str
    mass_g: int | None
    siblings: int
    pointer: str


def is_listable(code: str) -> bool:
    """Whether a text can be the code of a listed part, a module or cell in the form of 24 characters."""
    return code[3:4] in ("M", "C") and is_serial(code)


def is_serial(code: str) -> bool:
    """Whether a text has the form of a code with a serial number of the day in its last seven places."""
    return len(code) == FORM and code.isascii() and code[PREFIX:].isdecimal()


def split(code: str) -> tuple[str, int]:
    """Prefix and serial number of a code of 24 characters."""
    return code[:PREFIX], int(code[PREFIX:])


def run_of(first: str, count: int = 1) -> Run:
    """`count` codes from `first` on; the last one may lie beyond the last serial number there is."""
    prefix, serial = split(first)
    return Run(prefix, serial, serial + count - 1)


def places_of(pack: str, body: RegisterPack) -> tuple[Place, ...]:
    """Every run that the body lists, in its order: a module, its cells, the next module; then cells without module."""
    modules, places = body.modules or (), list[Place]()
    for at, module in enumerate(modules):
        pointer = f"/body/modules/{at}"
        places.append(Place(run_of(module.code), pack, module.mass_g, len(modules), f"{pointer}/code"))
        places += _cells(module.cells or (), module.code, pointer)
    return (*places, *_cells(body.cells or (), pack, "/body"))


def _cells(rows: tuple[ListedCells, ...], parent: str, pointer: str) -> Iterator[Place]:
    siblings = sum(row.count for row in rows)
    for at, row in enumerate(rows):
        yield Place(run_of(row.first, row.count), parent, row.mass_g, siblings, f"{pointer}/cells/{at}/first")


def joined(runs: Iterable[Run]) -> tuple[Run, ...]:
    """The same codes in as few runs as there can be, in order. The runs do not overlap."""
    found: list[Run] = []
    for run in sorted(runs):
        last = found[-1] if found else None
        if last is not None and last.prefix == run.prefix and last.last + 1 == run.first:
            found[-1] = last._replace(last=run.last)
        else:
            found.append(run)
    return tuple(found)


@dataclass(frozen=True)
class Listing:
    """The registration of a pack that lists its parts, as recorded. occurred_at: of the registration."""

    pack: str
    maker: str
    occurred_at: datetime
    body: RegisterPack

    @cached_property
    def places(self) -> tuple[Place, ...]:
        """All runs, in the order of codes."""
        return tuple(sorted(places_of(self.pack, self.body), key=lambda place: place.run))

    @cached_property
    def runs(self) -> tuple[Run, ...]:
        """All codes in as few runs as possible."""
        return joined(place.run for place in self.places)

    def find(self, code: str) -> Place | None:
        """Where a part stands; None for what is not listed."""
        if not is_listable(code):
            return None
        prefix, serial = split(code)
        at = bisect_right(self.places, (prefix, serial), key=lambda place: place.run[:2]) - 1
        place = self.places[at] if at >= 0 else None
        return place if place is not None and code in place.run else None

    def parts_of(self, whole: str) -> tuple[Place, ...]:
        """The runs that are listed as built into `whole`, the pack or one of its modules."""
        return tuple(place for place in self.places if place.parent == whole)

    def children_of(self, whole: str) -> tuple[str, ...]:
        """The codes of the parts of `whole`, where one event can name them all; else none."""
        places = self.parts_of(whole)
        if sum(place.run.size for place in places) > NAMEABLE:
            return ()
        return tuple(code for place in places for code in place.run.codes())


def without(runs: Iterable[Run], codes: Iterable[str]) -> tuple[Run, ...]:
    """What is left of these runs when some codes are taken away."""
    gone: dict[str, list[int]] = {}
    for prefix, serial in map(split, codes):
        gone.setdefault(prefix, []).append(serial)
    left = []
    for run in runs:
        start = run.first
        for serial in sorted(gone.get(run.prefix, ())):
            if start <= serial <= run.last:
                left += [Run(run.prefix, start, serial - 1)] if start < serial else []
                start = serial + 1
        left += [Run(run.prefix, start, run.last)] if start <= run.last else []
    return tuple(left)


def first_state(listing: Listing, code: str, models: Mapping[str, Model]) -> BatteryState:
    """What is known of a listed part that no event has named yet. The listing holds `code`."""
    place, body, parsed = _place(listing, code), listing.body, parse_code(code)
    model_id = body.module_model_id if code[3] == "M" else body.cell_model_id
    model = models.get(model_id) if model_id else None
    rated = model.body if model else None
    energy = rated.energy_wh if rated else max(1, _share(listing, place, body.energy_wh, models))
    capacity = rated.capacity_mah if rated else body.capacity_mah
    return BatteryState(
        code=code,
        level=LEVEL_OF_LETTER[code[3]],
        op_state=OpState.ASSEMBLED,
        life_status=LifeStatus.ORIGINAL,
        passport=PassportStatus.DRAFT,
        maker=listing.maker,
        holder=listing.maker,
        made_on=parsed.date,
        mass_g=_mass(listing, place, models),
        capacity_mah=capacity,
        energy_wh=energy,
        rated_capacity_mah=capacity,
        rated_energy_wh=energy,
        count=0,
        last_occurred_at=listing.occurred_at,
        model_id=model_id,
        gtin=rated.gtin if rated else None,
        parent=place.parent,
        children=listing.children_of(code),
    )


def told_mass(listing: Listing, place: Place, models: Mapping[str, Model]) -> int | None:
    """Grams of each part of a run: as listed, else as its model says; None where neither tells."""
    if place.mass_g is not None:
        return place.mass_g
    body = listing.body
    model = models.get((body.module_model_id if place.run.is_modules else body.cell_model_id) or "")
    return model.body.mass_g if model else None


def _mass(listing: Listing, place: Place, models: Mapping[str, Model]) -> int:
    """The same, else an equal share of the whole."""
    told = told_mass(listing, place, models)
    if told is not None:
        return told
    whole = listing.find(place.parent)
    mass = listing.body.mass_g if whole is None else _mass(listing, whole, models)
    return max(1, mass // place.siblings)


def _share(listing: Listing, place: Place, energy_wh: int, models: Mapping[str, Model]) -> int:
    """Of the pack's energy, the equal share of one part of a run."""
    whole = listing.find(place.parent)
    if whole is not None:
        model = models.get(listing.body.module_model_id or "")
        energy_wh = model.body.energy_wh if model else _share(listing, whole, energy_wh, models)
    return energy_wh // place.siblings


def _place(listing: Listing, code: str) -> Place:
    place = listing.find(code)
    if place is None:
        raise KeyError(code)
    return place
