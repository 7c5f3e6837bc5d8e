"""The members of the seven Battery Pass submodels (data model 1.2.0, PerformanceAndDurability 1.2.1) as rows.

One schema serves all categories here, so that some of what it requires the guidance does not have filled in for a
category; such a member may be missing in either profile.
"""

from service.domain.passport.datapoints import DATA_POINTS
from service.domain.passport.tiers import Tier
from service.domain.states import LifeStatus
from service.passports.formats import batterypass_condition as condition
from service.passports.formats import batterypass_values as values
from service.passports.formats.rows import Fill, Row, Source, address_of, field, whole
from service.passports.formats.scaling import scaled

SCHEMA = "Battery Pass 1.2"
_ON = frozenset({SCHEMA})
_NONE: frozenset[str] = frozenset()


def _must(path: str, points: tuple[int, ...], fill: Fill, *, tier: Tier | None = None, beyond: bool = False) -> Row:
    """A member that its submodel requires. beyond: it asks for more than the data points do."""
    return Row(tuple(path.split("/")), tier or _tier(points), points, fill, _ON, _ON, beyond)


def _may(path: str, points: tuple[int, ...], fill: Fill) -> Row:
    return Row(tuple(path.split("/")), _tier(points), points, fill, _ON, _NONE)


def _tier(points: tuple[int, ...]) -> Tier:
    """The restricted one among them: each reader of that may see part 1 as well."""
    return max((DATA_POINTS[nr].tier for nr in points), default=Tier.PT1)


def _share(nr: int, name: str) -> Fill:
    return field(nr, name, lambda ppm: scaled(ppm, 4))


def _thousandths(nr: int, name: str) -> Fill:
    return field(nr, name, lambda number: scaled(number, 3))


def _idle_range(source: Source) -> object:
    value = source.value(34)
    return {"minimum": scaled(value["from_mc"], 3), "maximum": scaled(value["to_mc"], 3)} if value else None


def _test_address(source: Source) -> object:
    return source.value(32).get("url") or address_of(source, 32)


def _report_address(source: Source) -> object:
    """The one report, or the list."""
    reports = source.value(50).get("reports", [])
    return reports[0]["url"] if len(reports) == 1 else address_of(source, 50)


def _place(source: Source) -> object:
    value = source.value(8)
    return values.postal_address(value["place"], value) if value else None


_G, _P, _C = "GeneralProductInformation", "PerformanceAndDurability", "Circularity"
_T, _B = f"{_P}/batteryTechicalProperties", f"{_P}/batteryCondition"

GENERAL = (
    _must(f"{_G}/productIdentifier", (1,), field(1, "identifier")),
    _must(f"{_G}/batteryPassportIdentifier", (), values.passport_urn),
    _must(f"{_G}/batteryCategory", (6,), field(6, "category")),
    _must(f"{_G}/manufacturerInformation", (3, 4), values.manufacturer, beyond=True),
    _must(f"{_G}/operatorInformation", (2, 4), values.operator, beyond=True),
    _must(f"{_G}/manufacturingDate", (9,), field(9, "made_on", values.midnight)),
    _must(f"{_G}/manufacturingPlace", (8,), _place, beyond=True),
    _must(f"{_G}/batteryMass", (10,), _thousandths(10, "mass_g")),
    _must(f"{_G}/batteryStatus", (67,), field(67, "status", lambda word: values.STATUSES[LifeStatus(word)])),
    _must(
        f"{_G}/puttingIntoService",
        (),
        lambda source: source.passport.in_service_on and values.midnight(source.passport.in_service_on.isoformat()),
        tier=Tier.PT4,
    ),
    _must(f"{_G}/warrentyPeriod", (35,), values.warranty_month),
    _may(f"{_G}/x-warrantyMonths", (35,), field(35, "months")),
    _may(f"{_G}/x-repairedOn", (67,), field(67, "repaired_on")),
    _may(f"{_G}/x-modelIdentifier", (7,), field(7, "model_id")),
    _may(f"{_G}/x-gbCode", (), lambda source: source.passport.code),
    _may(f"{_G}/x-gtin", (), lambda source: source.passport.gtin),
)

CARBON = (
    _must("CarbonFootprintForBatteries/batteryCarbonFootprint", (17,), _thousandths(17, "total_g")),
    _must("CarbonFootprintForBatteries/carbonFootprintPerLifecycleStage", (17,), whole(17, values.carbon_stages)),
    _must("CarbonFootprintForBatteries/carbonFootprintPerformanceClass", (18,), field(18, "performance_class")),
    _must("CarbonFootprintForBatteries/carbonFootprintStudy", (17,), field(17, "study"), beyond=True),
)

MATERIALS = (
    _must("MaterialComposition/batteryChemistry", (12,), whole(12, values.chemistry)),
    _must("MaterialComposition/batteryMaterials", (15,), field(15, "materials", values.materials), beyond=True),
    _must("MaterialComposition/hazardousSubstances", (13,), field(13, "substances", values.hazards), beyond=True),
    _may(
        "MaterialComposition/x-electrodes",
        (45,),
        whole(45, lambda value: {part: value[part] for part in ("cathode", "anode", "electrolyte")}),
    ),
)

TECHNICAL = (
    _must(f"{_T}/originalPowerCapability", (29,), whole(29, values.power_by_charge)),
    _must(f"{_T}/ratedMaximumPower", (30,), field(30, "maximum_w")),
    _must(f"{_T}/powerCapabilityRatio", (11, 27, 30), condition.power_ratio),
    _must(f"{_T}/ratedEnergy", (11, 27), condition.rated_energy),
    _must(f"{_T}/expectedNumberOfCycles", (31,), field(31, "cycles")),
    _must(f"{_T}/initialSelfDischarge", (65,), _share(65, "initial_ppm"), beyond=True),
    _must(f"{_T}/roundtripEfficiency", (36,), _share(36, "efficiency_ppm")),
    _must(f"{_T}/ratedCapacity", (11,), _thousandths(11, "capacity_mah")),
    _must(f"{_T}/initialInternalResistance", (38,), whole(38, values.resistances)),
    _must(f"{_T}/expectedLifetime", (60,), field(60, "years")),
    _must(f"{_T}/nominalVoltage", (27,), _thousandths(27, "voltage_mv")),
    _must(f"{_T}/minimumVoltage", (26,), _thousandths(26, "voltage_mv")),
    _must(f"{_T}/maximumVoltage", (28,), _thousandths(28, "voltage_mv")),
    _must(f"{_T}/capacityThresholdForExhaustion", (33,), _share(33, "share_ppm")),
    _must(f"{_T}/lifetimeReferenceTest", (32,), _test_address),
    _must(f"{_T}/cRateLifeCycleTest", (39,), _thousandths(39, "rate_permille")),
    _must(f"{_T}/temperatureRangeIdleState", (34,), _idle_range),
    _must(f"{_T}/roundTripEfficiencyat50PerCentCycleLife", (37,), _share(37, "efficiency_ppm")),
    _must(f"{_T}/roundTripEfficiencyFade", (58,), _share(58, "fade_ppm")),
    _must(f"{_T}/powerFade", (54,), _share(54, "fade_ppm")),
)

CONDITION = (
    _must(
        f"{_B}/energyThroughput",
        (70,),
        condition.measured(70, "energy_throughput_wh", "energyThroughputValue", 3),
        beyond=True,
    ),
    _must(
        f"{_B}/capacityThroughput",
        (70,),
        condition.measured(70, "capacity_throughput_mah", "capacityThroughputValue", 3),
        beyond=True,
    ),
    _must(f"{_B}/numberOfFullCycles", (68,), condition.measured(68, "cycles", "numberOfFullCyclesValue", 0)),
    _must(f"{_B}/stateOfCertifiedEnergy", (61,), condition.measured(61, "soce_ppm", "stateOfCertifiedEnergyValue", 4)),
    _must(f"{_B}/capacityFade", (52,), condition.measured(52, "fade_ppm", "capacityFadeValue", 4)),
    _must(f"{_B}/remainingEnergy", (11, 27), condition.remaining_energy, tier=Tier.PT4, beyond=True),
    _must(f"{_B}/remainingCapacity", (51,), condition.remaining_capacity),
    _must(f"{_B}/negativeEvents", (69,), condition.negative_events),
    _must(f"{_B}/temperatureInformation", (70,), condition.temperatures, beyond=True),
    _must(f"{_B}/remainingPowerCapability", (53,), condition.remaining_power),
    _must(f"{_B}/evolutionOfSelfDischarge", (65,), condition.self_discharge_growth, beyond=True),
    _must(
        f"{_B}/currentSelfDischargingRate",
        (65,),
        condition.measured(65, "rate_ppm", "currentSelfDischargingRateValue", 4),
    ),
    _must(f"{_B}/internalResistanceIncrease", (56,), condition.resistance_increase),
    _must(f"{_B}/remainingRoundTripEnergyEfficiency", (57,), condition.remaining_efficiency),
    _must(f"{_B}/stateOfCharge", (71,), condition.measured(71, "soc_ppm", "stateOfChargeValue", 4)),
)

CIRCULARITY = (
    _must(f"{_C}/dismantlingAndRemovalInformation", (48,), field(48, "documents", values.documents)),
    _must(f"{_C}/sparePartSources", (46, 47), values.suppliers, beyond=True),
    _must(f"{_C}/recycledContent", (20, 21, 22, 23), values.recycled_content),
    _must(f"{_C}/safetyMeasures/safetyInstructions", (49,), field(49, "instructions")),
    _must(f"{_C}/safetyMeasures/extinguishingAgent", (14,), field(14, "agent", lambda agent: [agent])),
    _must(f"{_C}/endOfLifeInformation/wastePrevention", (43,), field(43, "prevention")),
    _must(f"{_C}/endOfLifeInformation/separateCollection", (43,), field(43, "separate_collection")),
    _must(f"{_C}/endOfLifeInformation/informationOnCollection", (43,), field(43, "treatment")),
    _must(f"{_C}/renewableContent", (24,), _share(24, "share_ppm")),
)

LABELING = (
    _must("Labeling/declarationOfConformity", (42,), field(42, "declaration")),
    _must("Labeling/resultOfTestReport", (50,), _report_address),
    _must("Labeling/labels", (40,), values.labels),
)

SOURCING = (
    _must("SupplyChainDueDiligence/supplyChainDueDiligenceReport", (19,), field(19, "report")),
    _may("SupplyChainDueDiligence/thirdPartyAussurances", (19,), field(19, "assurances")),
)

ROWS: tuple[Row, ...] = (
    *GENERAL, *CARBON, *MATERIALS, *TECHNICAL, *CONDITION, *CIRCULARITY, *LABELING, *SOURCING
)  # fmt: skip

UNTOLD = frozenset({"absoluteCarbonFootprint", "cRate", "supplyChainIndicies"})
"""What the submodels have, require of nobody, and no data point tells."""
