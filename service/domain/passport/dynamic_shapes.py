"""What the values of data points 51 to 71 look like: what changes while the battery lives."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Annotated

from service.domain import units
from service.domain.fields import Body, Items, Text
from service.domain.passport.static_shapes import Power, Resistance, Share, Temperature
from service.domain.units import Quantity

Health = Annotated[int, units.HEALTH]
Minutes = Annotated[int, Quantity("minutes", 0, 100_000_000)]
Change = Annotated[int, Quantity("ppm", -1_000_000, 100_000_000)]


@dataclass(frozen=True, slots=True)
class Fade(Body):
    """Of the first value. Below 0 where it is better than at first."""

    fade_ppm: Change


@dataclass(frozen=True, slots=True)
class Increase(Body):
    increase_ppm: Change


@dataclass(frozen=True, slots=True)
class CurrentPower(Body):
    """power_w: at 80 % state of charge, as the other two say more exactly."""

    power_w: Power
    power_at_80_w: Power | None = None
    power_at_20_w: Power | None = None


@dataclass(frozen=True, slots=True)
class PackResistance(Body):
    pack_uohm: Resistance


@dataclass(frozen=True, slots=True)
class Efficiency(Body):
    efficiency_ppm: Share


@dataclass(frozen=True, slots=True)
class Years(Body):
    years: Annotated[int, Quantity("years", 1, 100)]


@dataclass(frozen=True, slots=True)
class CertifiedEnergy(Body):
    soce_ppm: Health


@dataclass(frozen=True, slots=True)
class SelfDischarge(Body):
    """Of the capacity, in a month: now, and as it was at first."""

    rate_ppm: Share
    initial_ppm: Share | None = None


@dataclass(frozen=True, slots=True)
class StatusOf(Body):
    """repaired_on: the day of its newest repair that passed a safety test; a note beside the status, never a status.

    Source: DIN DKE SPEC 99100:2025-02, 6.1.3.7 (f) and (g).
    """

    status: Annotated[str, Text(20)]
    repaired_on: date | None = None


@dataclass(frozen=True, slots=True)
class NegativeEvent(Body):
    incident: Annotated[str, Text(40)]
    severity: Annotated[str, Text(20)]
    happened_on: date


@dataclass(frozen=True, slots=True)
class NegativeEvents(Body):
    events: Annotated[tuple[NegativeEvent, ...], Items(NegativeEvent, 0, 1000)]


@dataclass(frozen=True, slots=True)
class Conditions(Body):
    """The last six: source: Regulation (EU) 2023/1542, Annex VII, part B; they are those of the GEFEG schemas.

    hot, cold: minutes outside the boundaries of temperature; charging: of those, while being charged.
    """

    temperature_mc: Temperature
    energy_throughput_wh: Annotated[int, Quantity("wh", 0, 10_000_000_000)] | None = None
    capacity_throughput_mah: Annotated[int, Quantity("mah", 0, 100_000_000_000)] | None = None
    hot_minutes: Minutes | None = None
    cold_minutes: Minutes | None = None
    hot_charging_minutes: Minutes | None = None
    cold_charging_minutes: Minutes | None = None


@dataclass(frozen=True, slots=True)
class Charge(Body):
    soc_ppm: Share
