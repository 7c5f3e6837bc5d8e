"""Bodies of the events that bring a battery into being and onto a market."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Annotated

from service.domain import units
from service.domain.bodies.markers import (
    LOT,
    Capacity,
    Energy,
    Giai,
    Gtin,
    Mass,
    ModelId,
    OwnLink,
    Reference,
    Site,
    Title,
    Words,
)
from service.domain.fields import Amounts, Body, Text
from service.domain.gbt34014 import CHEMISTRIES
from service.domain.units import Quantity
from service.domain.words import Category, LateReason, Level, Market, Material, VoidReason


@dataclass(frozen=True, slots=True)
class PublishModel(Body):
    """Rated values and composition are those of one battery of the model. packs_per_vehicle: 1 where it is not told."""

    model_id: ModelId
    name: Title
    level: Level
    category: Category
    chemistry: Annotated[str, Text(1, f"[{''.join(CHEMISTRIES)}]")]
    manufacturer_code: Annotated[str, Text(3, r"[A-Z0-9]{3}")]
    specification: Annotated[str, Text(2, r"[A-Z0-9]{2}")]
    capacity_mah: Capacity
    energy_wh: Energy
    voltage_mv: Annotated[int, units.MILLIVOLTS]
    mass_g: Mass
    composition_g: Annotated[Mapping[Material, int], Amounts(Material, Quantity("g", 1, 50_000_000))]
    name_en: Title | None = None
    gtin: Gtin | None = None
    extinguishing_agent: Title | None = None
    hazard_en: Words | None = None
    hazard_zh: Words | None = None
    packs_per_vehicle: Annotated[int, units.PACKS] | None = None

    @property
    def names(self) -> tuple[str, str]:
        """What people call it, in English and Chinese; the Chinese one in both where no other was told."""
        return self.name_en or self.name, self.name


@dataclass(frozen=True, slots=True)
class Register(Body):
    """giai, identification_link: further names of this one battery, its own for ever."""

    model_id: ModelId
    mass_g: Mass
    capacity_mah: Capacity
    energy_wh: Energy
    made_on: date
    site: Site
    gtin: Gtin | None = None
    giai: Giai | None = None
    identification_link: OwnLink | None = None


@dataclass(frozen=True, slots=True)
class Assemble(Body):
    """mass_g: of the parent with all its parts. cell_count, cell_lot: of cells without codes, both or none."""

    mass_g: Mass
    cell_count: Annotated[int, units.CELLS] | None = None
    cell_lot: Annotated[str, LOT] | None = None
    late_reason: LateReason | None = None


@dataclass(frozen=True, slots=True)
class PlaceOnMarket(Body):
    """registry_id: what the Union's registry of passports answered. passport_version: the one it relies on."""

    market: Market
    placed_on: date
    declaration_of_conformity: Reference
    registry_id: Reference | None = None
    passport_version: Annotated[int, units.VERSION] | None = None
    late_reason: LateReason | None = None


@dataclass(frozen=True, slots=True)
class Void(Body):
    reason: VoidReason


@dataclass(frozen=True, slots=True)
class ApproveVoid(Body):
    """The answer to `void`: the battery never was."""

    decision_no: Reference
