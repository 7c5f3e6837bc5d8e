"""The bodies of the event kinds, one class each. Field order is the order of forms and tables.

They are written as people tell them. What of them is restricted, and so stands in an entry as a commitment only, is a
row of `restricted`. A restricted field of a recorded event is None where its value was erased.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Annotated

from service.domain import units
from service.domain.districts import is_region
from service.domain.errors import InvalidCode
from service.domain.fields import COMMITMENT_PATTERN, Amounts, Body, Items, Several, Text
from service.domain.gbt34014 import CHEMISTRIES, parse_code
from service.domain.gs1 import parse_gtin
from service.domain.roles import Role
from service.domain.units import Quantity
from service.domain.uscc import parse_uscc
from service.domain.vin import parse_vin
from service.domain.words import (
    Application,
    Category,
    Decision,
    Level,
    Material,
    Operation,
    OwnerType,
    Product,
    RetireReason,
    Route,
    SohMethod,
)


def check_region(text: str) -> None:
    """InvalidCode where no region of China has this code."""
    if not is_region(text):
        raise InvalidCode("not an administrative division of GB/T 2260", "不是GB/T 2260行政区划代码")


CODE = Text(24, r"[A-Z0-9]{19}([A-Z0-9]{5})?", "code", parse_code)

BatteryId = Annotated[str, CODE]
Mass = Annotated[int, units.GRAMS]
MassOrNone = Annotated[int, units.GRAMS_OR_NONE]
Capacity = Annotated[int, units.AMPERE_HOURS]
Energy = Annotated[int, units.WATT_HOURS]
Soce = Annotated[int, units.HEALTH]
Share = Annotated[int, units.SHARE]
Title = Annotated[str, Text(120)]
Words = Annotated[str, Text(500)]
ModelId = Annotated[str, Text(40, r"[A-Za-z0-9._-]{1,40}", "model")]
OperatorId = Annotated[str, Text(40, r"[a-z][a-z0-9-]{1,39}", "operator")]
Gtin = Annotated[str, Text(14, r"[0-9]{14}", "text", parse_gtin)]
Region = Annotated[str, Text(6, r"[0-9]{6}", "region", check_region)]
Vin = Annotated[str, Text(17, r"[A-HJ-NPR-Z0-9]{17}", "text", parse_vin)]


@dataclass(frozen=True, slots=True)
class PublishModel(Body):
    """Rated values and composition are those of one battery of the model."""

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


@dataclass(frozen=True, slots=True)
class Register(Body):
    model_id: ModelId
    mass_g: Mass
    capacity_mah: Capacity
    energy_wh: Energy
    made_on: date
    site: Annotated[str, Text(80)]
    gtin: Gtin | None = None


@dataclass(frozen=True, slots=True)
class Assemble(Body):
    """mass_g: of the parent with all its parts."""

    mass_g: Mass


@dataclass(frozen=True, slots=True)
class Install(Body):
    vin: Vin
    odometer_km: Annotated[int, units.DISTANCE]


@dataclass(frozen=True, slots=True)
class Sell(Body):
    sold_on: date
    region: Region
    owner_type: OwnerType


@dataclass(frozen=True, slots=True)
class ReportSoh(Body):
    soce_ppm: Soce
    remaining_capacity_mah: Annotated[int, Quantity("mah", 0, 100_000_000)]
    full_cycles: Annotated[int, units.CYCLES]
    method: SohMethod
    temperature_mc: Annotated[int, units.TEMPERATURE] | None = None
    note: Words | None = None


@dataclass(frozen=True, slots=True)
class Repair(Body):
    """soce_ppm: after the repair. A part replaced is named on both sides: what came out, what went in."""

    reason: Annotated[str, Text(200)]
    soce_ppm: Soce
    safety_test_passed: bool
    removed: BatteryId | None = None
    inserted: BatteryId | None = None


@dataclass(frozen=True, slots=True)
class Swap(Body):
    vin: Vin
    station: Annotated[str, Text(40)]
    soc_out_ppm: Share
    soc_in_ppm: Share


@dataclass(frozen=True, slots=True)
class Retire(Body):
    """vin: the vehicle it was in, to be compared with the last installation."""

    reason: RetireReason
    soce_ppm: Soce | None = None
    vin: Vin | None = None


@dataclass(frozen=True, slots=True)
class Collect(Body):
    """mass_g: as weighed on receipt."""

    mass_g: Mass
    from_operator: OperatorId
    transport_document: Annotated[str, Text(60)]


@dataclass(frozen=True, slots=True)
class ResidualTest(Body):
    """Source of the items measured: GB/T 34015-2017."""

    remaining_capacity_mah: Annotated[int, Quantity("mah", 0, 100_000_000)]
    soce_ppm: Soce
    resistance_uohm: Annotated[int, units.RESISTANCE]
    insulation_kohm: Annotated[int, units.INSULATION]
    standard: Annotated[str, Text(60)]
    decision: Decision


@dataclass(frozen=True, slots=True)
class Dismantle(Body):
    """missing: linked parts that were not found; they too are subjects of the event and become LOST."""

    casing_mass_g: MassOrNone
    residual_mass_g: MassOrNone
    missing: Annotated[tuple[str, ...], Several(CODE, 0, 63)]


@dataclass(frozen=True, slots=True)
class Repurpose(Body):
    """All values are those of the output."""

    operation: Operation
    application: Application
    capacity_mah: Capacity
    energy_wh: Energy
    mass_g: Mass
    made_on: date


@dataclass(frozen=True, slots=True)
class Output(Body):
    material: Product
    mass_g: Mass
    lot: Annotated[str, Text(40, r"[A-Za-z0-9._/-]{1,40}")]


@dataclass(frozen=True, slots=True)
class Recycle(Body):
    input_mass_g: Mass
    loss_mass_g: MassOrNone
    route: Route
    outputs: Annotated[tuple[Output, ...], Items(Output, 1, 32)]


@dataclass(frozen=True, slots=True)
class EnrolOperator(Body):
    operator_id: OperatorId
    name: Title
    roles: Annotated[tuple[Role, ...], Several(Role, 1, 12)]
    region: Region
    name_en: Title | None = None
    uscc: Annotated[str, Text(18, r"[0-9A-Z]{18}", "text", parse_uscc)] | None = None


@dataclass(frozen=True, slots=True)
class EraseValues(Body):
    """commitments: of restricted values in earlier entries of the battery, whose value and salt are destroyed.

    Source of the form: ledger/README.md, section 14.
    """

    basis: Annotated[str, Text(200)]
    commitments: Annotated[tuple[str, ...], Several(Text(44, COMMITMENT_PATTERN), 1, 256)]
    reason: Words
