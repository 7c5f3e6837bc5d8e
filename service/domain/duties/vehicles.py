"""Batteries that are missing from scrapped vehicles (电池缺失, part of 车电一体报废).

A vehicle is scrapped with the packs that were last installed in it. A pack that should be there and is not makes a
case, unless the event names a record of its replacement; so does a vehicle that comes without any pack at all, and one
with a pack that is another's. The case stays open until a replacement is recorded (`replace_pack`), or a correction
of the event attaches its record.

Vehicles of the swap type are excluded: rules of their own are to come. A vehicle counts as one where a swap operator
put the pack in and is still its holder. A vehicle whose VIN was erased is not judged.

Source: MIIT Order 73 (article: source needed).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from service.domain.bodies import ScrapVehicle
from service.domain.roles import Role
from service.domain.states import BatteryState

SOURCE = "MIIT Order 73 (article: source needed)"


@dataclass(frozen=True, slots=True)
class MissingBattery:
    """A pack (`code`; empty where none is known) that was not in the vehicle scrapped by entry `index`.

    found: the pack that was there instead, empty where there was none. answer: the entry that explains it.
    """

    index: int
    code: str
    found: str
    certificate_no: str
    actor: str
    since: date
    answer: int | None = None


def missing_codes(
    body: ScrapVehicle,
    fitted: Collection[str],
    states: Mapping[str, BatteryState],
    roles: Mapping[str, Collection[str]],
) -> Iterator[str]:
    """The packs that are missing. fitted: those last installed in the vehicle. roles: of the holders, by operator."""
    absent = sorted(code for code in fitted if code != body.pack_found)
    if any(_was_swapped_in(states.get(code), roles) for code in fitted):
        return
    if absent:
        yield from absent
    elif body.pack_found is None or body.pack_found not in fitted:
        yield ""


def _was_swapped_in(state: BatteryState | None, roles: Mapping[str, Collection[str]]) -> bool:
    return state is not None and Role.SWAP_OPERATOR in roles.get(state.holder, ())
