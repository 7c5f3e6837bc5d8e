"""The shape of each data point: the small body that a value of it has.

Several data points have the same shape. A value is checked field by field as the body of an event is; see
`service.domain.checking`. What a shape leaves optional the law leaves open or asks for only "where relevant".
"""

from __future__ import annotations

from service.domain.fields import Body
from service.domain.passport.dynamic_shapes import (
    CertifiedEnergy,
    Charge,
    Conditions,
    CurrentPower,
    Efficiency,
    Fade,
    Increase,
    NegativeEvents,
    PackResistance,
    SelfDischarge,
    StatusOf,
    Years,
)
from service.domain.passport.static_shapes import (
    Address,
    Capacity,
    CarbonFootprint,
    CarbonLabel,
    CategoryOf,
    Chemistry,
    CollectionSymbol,
    CRate,
    CycleCount,
    Declaration,
    Dismantling,
    Electrodes,
    ExtinguishingAgent,
    HazardousSubstances,
    Identifier,
    Instructions,
    MadeOn,
    Mass,
    MetalSymbols,
    ModelAndSerial,
    OneShare,
    Operator,
    Parts,
    Period,
    Place,
    PowerBySoc,
    PowerLimits,
    RawMaterials,
    RecycledShares,
    Reference,
    Reports,
    Resistances,
    Sourcing,
    Suppliers,
    TemperatureRange,
    Voltage,
    WastePrevention,
    Web,
)

SHAPES: dict[int, type[Body]] = {
    1: Identifier, 2: Operator, 3: Operator, 4: Address, 5: Web, 6: CategoryOf, 7: ModelAndSerial, 8: Place,
    9: MadeOn, 10: Mass, 11: Capacity, 12: Chemistry, 13: HazardousSubstances, 14: ExtinguishingAgent,
    15: RawMaterials, 17: CarbonFootprint, 18: CarbonLabel, 19: Sourcing, 20: RecycledShares, 21: RecycledShares,
    22: RecycledShares, 23: OneShare, 24: OneShare, 26: Voltage, 27: Voltage, 28: Voltage, 29: PowerBySoc,
    30: PowerLimits, 31: CycleCount, 32: Reference, 33: OneShare, 34: TemperatureRange, 35: Period, 36: Efficiency,
    37: Efficiency, 38: Resistances, 39: CRate, 40: CollectionSymbol, 41: MetalSymbols, 42: Declaration,
    43: WastePrevention, 44: Instructions, 45: Electrodes, 46: Parts, 47: Suppliers, 48: Dismantling,
    49: Instructions, 50: Reports, 51: Capacity, 52: Fade, 53: CurrentPower, 54: Fade, 55: PackResistance,
    56: Increase, 57: Efficiency, 58: Fade, 59: CycleCount, 60: Years, 61: CertifiedEnergy, 62: Capacity,
    63: CurrentPower, 64: Efficiency, 65: SelfDischarge, 66: PackResistance, 67: StatusOf, 68: CycleCount,
    69: NegativeEvents, 70: Conditions, 71: Charge,
}  # fmt: skip
"""By data point. 16 and 25 have none: the guidance lets other numbers say the same."""
