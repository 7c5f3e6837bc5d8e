"""Second lives: what was tested and found fit becomes another product with a code of its own."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from service.demo.cast import PLAYERS, with_role
from service.demo.story import Battery, Story, day_of
from service.domain.roles import Role

RECYCLERS = with_role(Role.RECYCLER)
_CODE_OF = {player.id: player.code for player in PLAYERS}


class Kind(NamedTuple):
    """A kind of second life. `percent` of what the inputs still hold is promised of the output."""

    operation: str
    application: str
    specification: str
    percent: int


CABINET = Kind("preparation_for_repurposing", "stationary_storage", "S1", 94)
STORAGE = Kind("repurposing", "stationary_storage", "S2", 95)
BACKUP = Kind("repurposing", "backup_power", "S3", 93)
LIGHTS = Kind("preparation_for_repurposing", "street_light", "S4", 90)
SLOW = Kind("repurposing", "low_speed_vehicle", "S5", 95)
REUSED = Kind("preparation_for_reuse", "traction", "U1", 99)
REMADE = Kind("remanufacturing", "traction", "N1", 99)
_EVENTS: dict[str, tuple[str, dict[str, object]]] = {
    "preparation_for_reuse": ("prepare_reuse", {}),
    "remanufacturing": ("remanufacture", {"cell_spread_ppm": 21_000}),
}
"""Operations that are events of their own, and what their bodies hold beside the values of the output."""


def repurpose(
    story: Story, inputs: Sequence[Battery], at: datetime, kind: Kind, *, by: str = ""
) -> tuple[Battery, datetime]:
    """The inputs become one new battery, of one of the recyclers."""
    maker = by or story.rng.choice(RECYCLERS).id
    made = day_of(at)
    prefix = f"{_CODE_OF[maker]}P{inputs[0].chemistry}{kind.specification}"
    held = sum(_rated_energy(each) * each.health // 1_000_000 for each in inputs)
    output = Battery(
        code=story.code(prefix, made),
        prefix=prefix,
        maker=maker,
        mass_g=sum(each.mass_g for each in inputs) + story.rng.randint(4_000, 20_000),
        capacity_mah=max(_rated_capacity(each) * each.health // 1_000_000 for each in inputs) * kind.percent // 100,
        energy_wh=held * kind.percent // 100,
        holder=maker,
    )
    event, more = _EVENTS.get(kind.operation, ("repurpose", {"operation": kind.operation}))
    body = {
        **more,
        "application": kind.application,
        "capacity_mah": output.capacity_mah,
        "energy_wh": output.energy_wh,
        "mass_g": output.mass_g,
        "made_on": made.isoformat(),
    }
    return output, story.tell(event, maker, [output, *inputs], at, body)


def _rated_energy(battery: Battery) -> int:
    return battery.model.energy_wh if battery.model else battery.energy_wh


def _rated_capacity(battery: Battery) -> int:
    return battery.model.capacity_mah if battery.model else battery.capacity_mah
