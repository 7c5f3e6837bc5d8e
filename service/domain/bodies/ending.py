"""Bodies of the events from retirement on: waste, tests, second lives, materials."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Annotated

from service.domain import units
from service.domain.bodies.listing import ListedCode
from service.domain.bodies.markers import (
    CODE,
    LOT,
    BatteryId,
    Capacity,
    Energy,
    Gtin,
    Mass,
    MassOrNone,
    OperatorId,
    Place,
    Reference,
    Region,
    Remaining,
    Resistance,
    Share,
    Soce,
    Vin,
)
from service.domain.fields import Amounts, Body, Items, Several
from service.domain.units import Quantity
from service.domain.words import (
    Application,
    CodingStandard,
    Decision,
    Fate,
    LateReason,
    Material,
    Operation,
    Outcome,
    Product,
    RetireReason,
    Route,
    VisualFinding,
)


@dataclass(frozen=True, slots=True)
class Retire(Body):
    """vin: the vehicle it was in, to be compared with the last installation. to_operator: where the holder sends it.

    discarded: the holder discards it, intends to or has to, so that it is waste from then on; false where not told.
    Source: Directive 2008/98/EC, Art. 3(1).
    """

    reason: RetireReason
    soce_ppm: Soce | None = None
    vin: Vin | None = None
    to_operator: OperatorId | None = None
    discarded: bool | None = None
    late_reason: LateReason | None = None


@dataclass(frozen=True, slots=True)
class ScrapVehicle(Body):
    """certificate_no: of 报废机动车回收证明. pack_found: the one subject, or absent where the vehicle came without one.

    replacement: the record that says where the pack went that is missing.
    """

    certificate_no: Reference
    vin: Vin
    pack_found: BatteryId | None = None
    replacement: Reference | None = None
    late_reason: LateReason | None = None


@dataclass(frozen=True, slots=True)
class HandOver(Body):
    """The holder declares that it gives the batteries to another operator."""

    to_operator: OperatorId
    transport_document: Reference
    mass_g: Mass | None = None
    late_reason: LateReason | None = None


@dataclass(frozen=True, slots=True)
class Receive(Body):
    """The other side of `hand_over`: mass_g of all batteries named, as weighed on receipt."""

    from_operator: OperatorId
    transport_document: Reference | None = None
    mass_g: Mass | None = None
    late_reason: LateReason | None = None


@dataclass(frozen=True, slots=True)
class Collect(Body):
    """mass_g: as weighed on receipt. takes_responsibility: as the operator chosen under Art. 57(8)."""

    mass_g: Mass
    from_operator: OperatorId
    transport_document: Reference
    takes_responsibility: bool | None = None
    late_reason: LateReason | None = None


@dataclass(frozen=True, slots=True)
class ReportFound(Body):
    """A part that was lost turned up."""

    found_on: date
    region: Region | None = None
    late_reason: LateReason | None = None


@dataclass(frozen=True, slots=True)
class ResidualTest(Body):
    """Source of the items measured: GB/T 34015-2017. visual: what is seen of the housing; sound, or the worst of it."""

    remaining_capacity_mah: Remaining
    soce_ppm: Soce
    resistance_uohm: Resistance
    insulation_kohm: Annotated[int, units.INSULATION]
    standard: Reference
    decision: Decision
    visual: VisualFinding | None = None
    late_reason: LateReason | None = None


@dataclass(frozen=True, slots=True)
class PartRun(Body):
    """Parts whose codes count up from `first` in the serial number of the day, as their registration lists them."""

    first: ListedCode
    count: Annotated[int, Quantity("count", 1, 10_000)]
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class Dismantle(Body):
    """missing: linked parts that were not found; they too are subjects of the event and become LOST.

    parts: those that the event does not name, where it cannot name them all or would name too many.
    """

    casing_mass_g: MassOrNone
    residual_mass_g: MassOrNone
    missing: Annotated[tuple[str, ...], Several(CODE, 0, 63)]
    parts: Annotated[tuple[PartRun, ...], Items(PartRun, 1, 256)] | None = None
    late_reason: LateReason | None = None


@dataclass(frozen=True, slots=True)
class PrepareReuse(Body):
    """All values are those of the output, as in the other operations that give a second life."""

    application: Application
    capacity_mah: Capacity
    energy_wh: Energy
    mass_g: Mass
    made_on: date
    gtin: Gtin | None = None
    late_reason: LateReason | None = None


@dataclass(frozen=True, slots=True)
class Repurpose(Body):
    """operation: repurposing, or preparation for repurposing where the inputs are waste.

    coding_standard: by which the product is coded where it is used; here it keeps a code of GB/T 34014.
    """

    operation: Operation
    application: Application
    capacity_mah: Capacity
    energy_wh: Energy
    mass_g: Mass
    made_on: date
    gtin: Gtin | None = None
    voltage_mv: Annotated[int, units.MILLIVOLTS] | None = None
    coding_standard: CodingStandard | None = None
    late_reason: LateReason | None = None


@dataclass(frozen=True, slots=True)
class Remanufacture(Body):
    """cell_spread_ppm: how far the healths of its cells lie apart."""

    application: Application
    capacity_mah: Capacity
    energy_wh: Energy
    mass_g: Mass
    made_on: date
    cell_spread_ppm: Share
    gtin: Gtin | None = None
    late_reason: LateReason | None = None


SecondLife = PrepareReuse | Repurpose | Remanufacture


@dataclass(frozen=True, slots=True)
class Output(Body):
    """content_ppm: of the mass, by analysis, as far as it comes from the input; without it a formula tells.

    reagents_mass_g: of the mass, what does not come from the input, such as flux and moisture. to_operator: who alone
    may take the lot as an input. grade: in the words of its standard or of the trade.
    """

    material: Product
    mass_g: Mass
    lot: Annotated[str, LOT]
    content_ppm: Annotated[Mapping[Material, int], Amounts(Material, Quantity("ppm", 0, 1_000_000))] | None = None
    reagents_mass_g: MassOrNone | None = None
    fate: Fate | None = None
    to_operator: OperatorId | None = None
    grade: Place | None = None


@dataclass(frozen=True, slots=True)
class InputLot(Body):
    """mass_g: of the lot that `from_operator` recorded as an output, the part that goes into this batch."""

    from_operator: OperatorId
    material: Product
    lot: Annotated[str, LOT]
    mass_g: Mass


@dataclass(frozen=True, slots=True)
class Recycle(Body):
    """Inputs are the batteries that the event names, or lots of an earlier step, not both.

    loss_mass_g: what of the input is in no output. The water and sulfate in a salt are no output of the input.
    begun_on, done_on: the period of the batch.
    """

    input_mass_g: Mass
    loss_mass_g: MassOrNone
    route: Route
    outputs: Annotated[tuple[Output, ...], Items(Output, 1, 32)]
    input_lots: Annotated[tuple[InputLot, ...], Items(InputLot, 1, 64)] | None = None
    permit_no: Reference | None = None
    batch_no: Place | None = None
    begun_on: date | None = None
    done_on: date | None = None
    late_reason: LateReason | None = None
