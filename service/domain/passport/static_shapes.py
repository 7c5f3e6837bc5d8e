"""What the values of data points 1 to 50 look like: what is said once, of a model or of a battery as it was made."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Annotated

from service.domain import units
from service.domain.fields import Body, Items, Text
from service.domain.passport.words import ChemistryName, DocumentKind, HazardClass
from service.domain.units import Quantity
from service.domain.words import Category

Url = Annotated[str, Text(500, r"https?://[!-~]{1,490}")]
Name = Annotated[str, Text(120)]
Words = Annotated[str, Text(1000)]
Code = Annotated[str, Text(80)]
Country = Annotated[str, Text(2, r"[A-Z]{2}")]
Sha256 = Annotated[str, Text(64, r"[0-9a-f]{64}")]
Cas = Annotated[str, Text(12, r"[0-9]{2,7}-[0-9]{2}-[0-9]")]
Temperature = Annotated[int, units.TEMPERATURE]
Share = Annotated[int, units.SHARE]
Power = Annotated[int, Quantity("w", 0, 100_000_000)]
Resistance = Annotated[int, units.RESISTANCE]
Cycles = Annotated[int, units.CYCLES]
Carbon = Annotated[int, Quantity("g", 0, 100_000_000)]


@dataclass(frozen=True, slots=True)
class Identifier(Body):
    identifier: Url
    code: Code
    gtin: Code | None = None


@dataclass(frozen=True, slots=True)
class Operator(Body):
    name: Name
    trade_name: Name | None = None
    operator_id: Code | None = None
    identifier: Code | None = None


@dataclass(frozen=True, slots=True)
class Address(Body):
    """With a single contact point."""

    street: Name
    city: Name
    country: Country
    postal_code: Code | None = None
    contact: Name | None = None


@dataclass(frozen=True, slots=True)
class Web(Body):
    web: Url | None = None
    email: Annotated[str, Text(120, r"[!-?A-~]{1,64}@[A-Za-z0-9.-]{1,50}")] | None = None


@dataclass(frozen=True, slots=True)
class CategoryOf(Body):
    category: Category


@dataclass(frozen=True, slots=True)
class ModelAndSerial(Body):
    model_id: Code
    serial: Code
    batch: Code | None = None


@dataclass(frozen=True, slots=True)
class Place(Body):
    place: Name
    country: Country | None = None
    postal_code: Code | None = None
    facility_id: Code | None = None


@dataclass(frozen=True, slots=True)
class MadeOn(Body):
    made_on: date


@dataclass(frozen=True, slots=True)
class Mass(Body):
    mass_g: Annotated[int, units.GRAMS]


@dataclass(frozen=True, slots=True)
class Capacity(Body):
    capacity_mah: Annotated[int, Quantity("mah", 0, 100_000_000)]


@dataclass(frozen=True, slots=True)
class Chemistry(Body):
    short_name: ChemistryName
    clear_name: Name | None = None


@dataclass(frozen=True, slots=True)
class HazardousSubstance(Body):
    name: Name
    hazard_class: HazardClass | None = None
    cas: Cas | None = None
    concentration_ppm: Share | None = None
    impact: Words | None = None
    location: Name | None = None


@dataclass(frozen=True, slots=True)
class HazardousSubstances(Body):
    """None at all is said by an empty list."""

    substances: Annotated[tuple[HazardousSubstance, ...], Items(HazardousSubstance, 0, 64)]


@dataclass(frozen=True, slots=True)
class ExtinguishingAgent(Body):
    agent: Name
    fire_class: Name | None = None


@dataclass(frozen=True, slots=True)
class RawMaterial(Body):
    name: Name
    cas: Cas | None = None
    mass_g: Annotated[int, units.GRAMS] | None = None


@dataclass(frozen=True, slots=True)
class RawMaterials(Body):
    materials: Annotated[tuple[RawMaterial, ...], Items(RawMaterial, 0, 64)]


@dataclass(frozen=True, slots=True)
class CarbonFootprint(Body):
    """Grams of CO2 equivalent for each kWh that the battery gives over its life, by stage."""

    raw_material_g: Carbon
    production_g: Carbon
    distribution_g: Carbon
    end_of_life_g: Carbon
    total_g: Carbon
    study: Url | None = None


@dataclass(frozen=True, slots=True)
class CarbonLabel(Body):
    performance_class: Annotated[str, Text(20)]
    label: Url | None = None


@dataclass(frozen=True, slots=True)
class Sourcing(Body):
    report: Url
    assurances: Url | None = None


@dataclass(frozen=True, slots=True)
class RecycledShares(Body):
    """Of the metal in active materials: from manufacturing waste and from post-consumer waste."""

    pre_consumer_ppm: Share
    post_consumer_ppm: Share


@dataclass(frozen=True, slots=True)
class OneShare(Body):
    share_ppm: Share


@dataclass(frozen=True, slots=True)
class Voltage(Body):
    voltage_mv: Annotated[int, units.MILLIVOLTS]
    from_mc: Temperature | None = None
    to_mc: Temperature | None = None


@dataclass(frozen=True, slots=True)
class PowerBySoc(Body):
    """At 80 % and at 20 % state of charge."""

    power_at_80_w: Power
    power_at_20_w: Power
    from_mc: Temperature | None = None
    to_mc: Temperature | None = None


@dataclass(frozen=True, slots=True)
class PowerLimits(Body):
    maximum_w: Power
    charging_w: Power | None = None
    discharging_w: Power | None = None
    from_mc: Temperature | None = None
    to_mc: Temperature | None = None


@dataclass(frozen=True, slots=True)
class CycleCount(Body):
    cycles: Cycles


@dataclass(frozen=True, slots=True)
class Reference(Body):
    test: Words
    url: Url | None = None


@dataclass(frozen=True, slots=True)
class TemperatureRange(Body):
    from_mc: Temperature
    to_mc: Temperature
    test: Words | None = None


@dataclass(frozen=True, slots=True)
class Period(Body):
    months: Annotated[int, Quantity("months", 0, 1200)]


@dataclass(frozen=True, slots=True)
class Resistances(Body):
    cell_uohm: Resistance
    pack_uohm: Resistance
    module_uohm: Resistance | None = None


@dataclass(frozen=True, slots=True)
class CRate(Body):
    """Thousandths of A/Ah."""

    rate_permille: Annotated[int, Quantity("permille", 1, 100_000)]


@dataclass(frozen=True, slots=True)
class CollectionSymbol(Body):
    symbol: Url
    meaning: Words | None = None


@dataclass(frozen=True, slots=True)
class MetalSymbols(Body):
    """Whether the battery holds more than Art. 13(5) lets go unmarked."""

    cadmium: bool
    lead: bool
    symbol: Url | None = None


@dataclass(frozen=True, slots=True)
class Declaration(Body):
    declaration: Url
    reference: Code | None = None
    sha256: Sha256 | None = None


@dataclass(frozen=True, slots=True)
class WastePrevention(Body):
    """Art. 74(1)(a) to (f)."""

    prevention: Url
    separate_collection: Url
    treatment: Url


@dataclass(frozen=True, slots=True)
class Instructions(Body):
    instructions: Url
    sha256: Sha256 | None = None


@dataclass(frozen=True, slots=True)
class Electrodes(Body):
    cathode: Words
    anode: Words
    electrolyte: Words


@dataclass(frozen=True, slots=True)
class Part(Body):
    name: Name
    number: Code


@dataclass(frozen=True, slots=True)
class Parts(Body):
    parts: Annotated[tuple[Part, ...], Items(Part, 1, 500)]
    url: Url | None = None


@dataclass(frozen=True, slots=True)
class Supplier(Body):
    name: Name
    address: Words
    country: Country | None = None
    postal_code: Code | None = None
    email: Name | None = None
    web: Url | None = None


@dataclass(frozen=True, slots=True)
class Suppliers(Body):
    suppliers: Annotated[tuple[Supplier, ...], Items(Supplier, 1, 64)]
    url: Url | None = None


@dataclass(frozen=True, slots=True)
class Document(Body):
    kind: DocumentKind
    url: Url
    media_type: Annotated[str, Text(80)] | None = None
    sha256: Sha256 | None = None


@dataclass(frozen=True, slots=True)
class Dismantling(Body):
    """Exploded diagrams, sequences, fastenings, tools and warnings stand in the documents."""

    documents: Annotated[tuple[Document, ...], Items(Document, 1, 64)]
    cells: Annotated[int, Quantity("count", 1, 1_000_000)]
    layout: Words | None = None


@dataclass(frozen=True, slots=True)
class Report(Body):
    title: Name
    url: Url
    sha256: Sha256 | None = None


@dataclass(frozen=True, slots=True)
class Reports(Body):
    reports: Annotated[tuple[Report, ...], Items(Report, 1, 64)]
