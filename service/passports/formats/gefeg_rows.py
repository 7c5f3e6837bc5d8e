"""The members of the five GEFEG schemas (BatteryPass-Ready, data model 1.0) as rows, section by section.

Each row: name, data points, marks, how it is filled. The marks say for EV, LMT, industrial without BMS, other
industrial and stationary batteries, in this order, whether the schema requires the member (M), has it (o) or not (-).
Which readers may see it follows from the data point; for what has no number the schema's own access rights say it.
"""

from collections.abc import Mapping
from typing import Any

from ledger.entry import format_time
from service.domain.districts import region_of
from service.domain.passport.datapoints import DATA_POINTS
from service.domain.passport.tiers import Tier
from service.domain.passport.words import ChemistryName
from service.domain.states import PassportStatus
from service.domain.words import Category
from service.passports.formats import gefeg_values as values
from service.passports.formats.rows import Fill, Row, Source, address_of, field, whole

EV, LMT, WITHOUT_BMS, OTHER, STATIONARY = SCHEMAS = (
    "EV", "LMT", "IndustrialWithoutBMS", "OtherIndustrial2kWh", "StationaryIndustrial2kWh",
)  # fmt: skip
ALL = "MMMMM"
ANY = "ooooo"

_CATEGORIES = {
    Category.EV: "electric vehicle battery",
    Category.LMT: "LMT battery",
    Category.INDUSTRIAL: "industrial/non-stationary battery",
    Category.STATIONARY: "industrial/stationary battery",
}
_STATUSES = {
    PassportStatus.DRAFT: "Inactive",
    PassportStatus.ACTIVE: "Active",
    PassportStatus.ARCHIVED: "Archived",
    PassportStatus.CEASED: "Archived",
}


def _warranty_end(source: Source) -> object:
    """Counted from the date of manufacture: that of putting into service is not for everybody."""
    months = source.value(35).get("months")
    return None if months is None else values.later(source.passport.made_on, months).isoformat()


def _responsible(source: Source) -> object:
    """With the manufacturer's address where it is the same operator, else the region it is enrolled in."""
    passport = source.passport
    if passport.responsible.operator_id == passport.maker.operator_id:
        return values.party(source, 2, values.address_line(source.value(4)))
    region = region_of(passport.responsible.region)
    return values.party(source, 2, f"{region.en}, CN" if region else None)


def _manufacturer(source: Source) -> object:
    found = values.party(source, 3, values.address_line(source.value(4)))
    if found is None:
        return None
    web = source.value(5)
    reach = {"webAddress": web.get("web"), "e-mailAddress": web.get("email")}
    return found | {name: value for name, value in reach.items() if value is not None}


def _place(value: Mapping[str, Any]) -> str:
    return ", ".join(filter(None, (value["place"], value.get("country"))))


def _chemistry(value: Mapping[str, Any]) -> dict[str, str]:
    members = {"chemicalCodeValue": ChemistryName(value["short_name"]).en}
    return members | ({"additionallyPossibleValue": value["clear_name"]} if "clear_name" in value else {})


def _listed(nr: int, name: str) -> Fill:
    """Names with CAS numbers in one text; "none" where the list is empty."""

    def make(items: list[Mapping[str, Any]]) -> str:
        named = (f"{each['name']} (CAS {each['cas']})" if "cas" in each else each["name"] for each in items)
        return "; ".join(named) or "none"

    return field(nr, name, make)


def _impact(items: list[Mapping[str, Any]]) -> str:
    told = [f"{each['name']}: {each['impact']}" for each in items if "impact" in each]
    return "; ".join(told) or ("none" if not items else "; ".join(each["name"] for each in items))


def _counted(incident: str) -> Fill:
    return field(69, "events", lambda events: sum(each["incident"] == incident for each in events))


def _address(nr: int, name: str, inner: str = "url") -> Fill:
    """The one document's address, or that of the data point where there are several or none."""

    def fill(source: Source) -> object:
        found = source.value(nr).get(name)
        if isinstance(found, str):
            return found
        if isinstance(found, list) and len(found) == 1 and inner in found[0]:
            return found[0][inner]
        return address_of(source, nr)

    return fill


def _evolution(value: Mapping[str, Any]) -> object:
    """By how much the self-discharge has grown since the beginning."""
    if not value.get("initial_ppm"):
        return None
    return values.percent((value["rate_ppm"] - value["initial_ppm"]) * 1_000_000 // value["initial_ppm"])


def _section(section: str, *rows: tuple[str, str, tuple[int, ...], Fill] | Row) -> tuple[Row, ...]:
    return tuple(each if isinstance(each, Row) else _make(section, each) for each in rows)


def _make(section: str, row: tuple[str, str, tuple[int, ...], Fill]) -> Row:
    """marks: one letter for each schema, then "+" where the schema asks for more than the data point does, then the
    number of the tier where it is not that of the data points."""
    name, marks, points, fill = row
    letters, rest = marks[:5], marks[5:]
    tier = Tier(f"pt{rest[-1]}") if rest[-1:].isdigit() else DATA_POINTS[points[0]].tier if points else Tier.PT1
    on = frozenset(schema for schema, mark in zip(SCHEMAS, letters, strict=True) if mark != "-")
    required = frozenset(schema for schema, mark in zip(SCHEMAS, letters, strict=True) if mark == "M")
    return Row((section, name), tier, points, fill, on, required, "+" in rest)


IDENTIFIERS = _section(
    "IdentifiersAndProductData",
    ("DPPSchemaVersion", ALL, (), lambda _: "EN 18223:2026"),
    ("DPPStatus", ALL, (), lambda source: {"dppStatusValue": _STATUSES[source.passport.status]}),
    ("DPPGranularity", ALL, (), lambda _: "item"),
    ("Date-timeOfLatestUpdateOfDPP", ALL, (), lambda source: format_time(source.passport.updated_at)),
    ("BatteryModelIdentifier", ALL, (7,), field(7, "model_id")),
    ("UniqueBatteryPassportIdentifierUniqueDPPIdentifier", ALL, (),
     lambda source: source.passport.id),
    ("UniqueBatteryIdentifierUniqueProductIdentifier", ALL, (1,), field(1, "identifier")),
    ("BatterySerialNumber", ALL, (7,), field(7, "serial")),
    ("x-gbCode", ANY, (), lambda source: source.passport.code),
    ("x-gtin", ANY, (), lambda source: source.passport.gtin),
    ("x-warrantyMonths", ANY, (35,), field(35, "months")),
    ("UniqueEconomicOperatorIdentifier", ALL + "3", (),
     lambda source: source.passport.responsible.uscc or source.passport.responsible.operator_id),
    ("UniqueManufacturerIdentifier", ALL + "3", (),
     lambda source: source.passport.maker.uscc or source.passport.maker.operator_id),
    ("UniqueFacilityIdentifier", ALL + "+3", (8,), field(8, "facility_id")),
    ("EconomicOperatorInformation", ALL, (2, 4), _responsible),
    ("ManufacturerInformation", ALL, (3, 4), _manufacturer),
    ("ManufacturingPlace", ALL, (8,), whole(8, _place)),
    ("ManufacturingDate", "MM-MM", (9,), field(9, "made_on")),
    ("DateOfPuttingTheBatteryIntoService", "oM-oM4", (),
     lambda source: source.passport.in_service_on and source.passport.in_service_on.isoformat()),
    ("WarrantyPeriodOfTheBattery", ALL, (35,), _warranty_end),
    ("BatteryCategory", ALL, (6,),
     field(6, "category", lambda word: {"batteryCategoryValue": _CATEGORIES[Category(word)]})),
    ("BatteryMass", ALL, (10,), field(10, "mass_g", values.kilograms)),
    ("BatteryStatus", ALL, (67,), field(67, "status", lambda word: {"batteryStatusValues": word})),
    ("x-repairedOn", ANY, (67,), field(67, "repaired_on")),
)  # fmt: skip

PERFORMANCE = _section(
    "PerformanceAndDurability",
    ("RatedCapacity", ALL, (11,), field(11, "capacity_mah", values.milliampere_hours)),
    ("RemainingCapacity", "oM-oM", (62,), field(62, "capacity_mah", values.whole_ampere_hours)),
    ("CapacityFade", ALL, (52,), field(52, "fade_ppm", values.percent)),
    ("StateOfCertifiedEnergySOCE", "M----", (61,), field(61, "soce_ppm", values.percent)),
    ("StateOfChargeSoC", ALL, (71,), field(71, "soc_ppm", values.percent)),
    ("MinimumVoltage", ALL, (26,), whole(26, values.volts)),
    ("NominalVoltage", ALL, (27,), whole(27, values.volts)),
    ("MaximumVoltage", ALL, (28,), whole(28, values.volts)),
    ("OriginalPowerCapability", ALL, (29,), whole(29, values.power_by_charge)),
    ("RemainingPowerCapability", "oM-oM+", (63,), whole(63, values.power_now)),
    ("PowerFade", ALL, (54,), field(54, "fade_ppm", values.percent)),
    ("MaximumPermittedBatteryPower", ALL, (30,), whole(30, values.highest_power)),
    ("InitialRoundTripEnergyEfficiency", ALL, (36,), field(36, "efficiency_ppm", values.percent)),
    ("RoundTripEnergyEfficiencyAt50OfCycleLife", ALL, (37,), field(37, "efficiency_ppm", values.percent)),
    ("EnergyRoundTripEfficiencyFade", ALL, (58,), field(58, "fade_ppm", values.percent)),
    ("RemainingRoundTripEnergyEfficiency", "-M--M", (64,), field(64, "efficiency_ppm", values.percent)),
    ("InitialSelf-dischargeRate", "-o--o", (65,), field(65, "initial_ppm", values.percent_a_month)),
    ("CurrentSelf-dischargeRate", "-o--o", (65,), field(65, "rate_ppm", values.percent_a_month)),
    ("EvolutionOfSelf-dischargeRates", "-M--M+", (65,), whole(65, _evolution)),
    ("InitialInternalResistanceOfBatteryCellAndPackModuleRecommended", "MM-MM", (38,),
     field(38, "pack_uohm", values.ohms)),
    ("InternalResistanceIncreaseOfPackCellAndModuleRecommended", "MM-MM", (56,),
     field(56, "increase_ppm", values.percent)),
    ("ExpectedLifetimeInCalendarYears", ALL, (60,), field(60, "years")),
    ("ExpectedLifetime-NumberOfCharge-dischargeCycles", ALL, (31,), field(31, "cycles")),
    ("NumberOfFullChargingAndDischargingCycles", "MM-MM", (68,), field(68, "cycles")),
    ("EnergyThroughput", "-M--M+", (70,), field(70, "energy_throughput_wh", values.energy_throughput)),
    ("CapacityThroughput", "-M--M+", (70,), field(70, "capacity_throughput_mah", values.capacity_throughput)),
    ("Cycle-lifeReferenceTest", ALL, (32,), whole(32, lambda value: value.get("url", value["test"]))),
    ("C-rateOfRelevantCycle-lifeTest", ALL, (39,), field(39, "rate_permille", values.c_rate)),
    ("CapacityThresholdForExhaustion", "M----", (33,), field(33, "share_ppm", values.percent)),
    ("TemperatureInformation", ALL, (70,), field(70, "temperature_mc", values.degrees)),
    ("TemperatureRangeIdleStateLowerBoundary", ALL, (34,), field(34, "from_mc", values.degrees)),
    ("TemperatureRangeIdleStateUpperBoundary", ALL, (34,), field(34, "to_mc", values.degrees)),
    ("TimeSpentInExtremeTemperaturesAboveBoundary", "-M--M+", (70,), field(70, "hot_minutes")),
    ("TimeSpentInExtremeTemperaturesBelowBoundary", "-M--M+", (70,), field(70, "cold_minutes")),
    ("TimeSpentChargingDuringExtremeTemperaturesAboveBoundary", "-M--M+", (70,), field(70, "hot_charging_minutes")),
    ("TimeSpentChargingDuringExtremeTemperaturesBelowBoundary", "-M--M+", (70,), field(70, "cold_charging_minutes")),
    ("NumberOfDeepDischargeEvents", "oM-oM", (69,), _counted("deep_discharge")),
    ("NumberOfOverchargeEvents", "oo-oo", (69,), _counted("overcharge")),
    ("InformationOnAccidents", ALL, (69,), lambda source: address_of(source, 69)),
)  # fmt: skip

CARBON = _section(
    "BatteryCarbonFootprint",
    ("ContributionOfRawMaterialAcquisitionAndPre-processingLifecycleStage", ALL, (17,),
     field(17, "raw_material_g", values.carbon)),
    ("ContributionOfMainProductProductionLifecycleStage", ALL, (17,), field(17, "production_g", values.carbon)),
    ("ContributionOfDistributionLifecycleStage", ALL, (17,), field(17, "distribution_g", values.carbon)),
    ("ContributionOfEndOfLifeAndRecyclingLifecycleStage", ALL, (17,), field(17, "end_of_life_g", values.carbon)),
    ("BatteryCarbonFootprintPerFunctionalUnit", ALL, (17,), field(17, "total_g", values.carbon)),
    ("WebLinkToPublicCarbonFootprintStudy", ALL + "+", (17,), field(17, "study")),
    ("CarbonFootprintPerformanceClass", ALL, (18,), field(18, "performance_class")),
)  # fmt: skip

MATERIALS = _section(
    "BatteryMaterialsAndComposition",
    ("BatteryChemistry", ALL, (12,), whole(12, _chemistry)),
    ("HazardousSubstances", ALL, (13,), _listed(13, "substances")),
    ("ImpactOfSubstancesOnEnvironmentHumanHealthSafetyPersons", ALL, (13,), field(13, "substances", _impact)),
    ("CriticalRawMaterials", ALL, (15,), _listed(15, "materials")),
    ("MaterialsUsedInCathodeAnodeAndElectrolyte", ALL, (45,),
     whole(45, lambda value: "; ".join(value[part] for part in ("cathode", "anode", "electrolyte")))),
)  # fmt: skip

CIRCULARITY = _section(
    "CircularityAndResourceEfficiency",
    ("Pre-consumerRecycledCobaltShare", ALL, (20,), field(20, "pre_consumer_ppm", values.percent)),
    ("Post-consumerRecycledCobaltShare", ALL, (20,), field(20, "post_consumer_ppm", values.percent)),
    ("Pre-consumerRecycledLithiumShare", ALL, (21,), field(21, "pre_consumer_ppm", values.percent)),
    ("Post-consumerRecycledLithiumShare", ALL, (21,), field(21, "post_consumer_ppm", values.percent)),
    ("Pre-consumerRecycledNickelShare", ALL, (22,), field(22, "pre_consumer_ppm", values.percent)),
    ("Post-consumerRecycledNickelShare", ALL, (22,), field(22, "post_consumer_ppm", values.percent)),
    ("RecycledLeadShare", ALL, (23,), field(23, "share_ppm", values.percent)),
    ("RenewableContentShare", ALL, (24,), field(24, "share_ppm", values.percent)),
    ("InformationOnTheRoleOfEnd-usersInContributingToWastePrevention", ALL, (43,), field(43, "prevention")),
    ("InformationOnTheRoleOfEnd-usersInContributingToTheSeparateCollectionOfWasteBatteries", ALL, (43,),
     field(43, "separate_collection")),
    ("InformationOnBatteryCollectionPreparationForSecondLifeAndOnTreatmentAtEndOfLife", ALL, (43,),
     field(43, "treatment")),
    ("PartNumbersForComponents", ALL, (46,), _address(46, "url")),
    ("InformationOnSourcesOfSpareParts", ALL, (47,), _address(47, "url")),
    ("DismantlingInformation-ManualsForTheRemovalAndTheDisassemblyOfTheBatteryPack", ALL, (48,),
     _address(48, "documents")),
    ("SafetyMeasures", ALL, (49,), field(49, "instructions")),
)  # fmt: skip

CONFORMITY = _section(
    "SymbolsLabelsAndDocumentationOfConformity",
    ("ExtinguishingAgent", ALL, (14,), whole(14, lambda value: {"extinguishingAgent": value["agent"]} | (
        {"agentFireClass": value["fire_class"]} if "fire_class" in value else {}))),
    ("CarbonFootprintLabel", ALL + "+", (18,), field(18, "label")),
    ("SeparateCollectionSymbol", ALL, (40,), field(40, "symbol")),
    ("MeaningOfLabelsAndSymbols", ALL + "+", (40,), field(40, "meaning")),
    ("SymbolsForCadmiumAndLead", ALL + "+", (41,), field(41, "symbol")),
    ("EUDeclarationOfConformity", ALL, (42,), field(42, "declaration")),
    ("ResultsOfTestReportsProvingCompliance", ALL, (50,), _address(50, "reports")),
)  # fmt: skip

SOURCING = _section(
    "SupplyChainDueDiligence",
    ("InformationOfDueDiligenceReport", ALL, (19,), field(19, "report")),
    ("ThirdPartyAssurancesOfRecognisedSchemes", ANY, (19,), field(19, "assurances")),
)

ROWS: tuple[Row, ...] = IDENTIFIERS + PERFORMANCE + CARBON + MATERIALS + CIRCULARITY + CONFORMITY + SOURCING

UNTOLD = frozenset(
    {
        "AbsoluteBatteryCarbonFootprint",
        "CertifiedUsableBatteryEnergy",
        "RemainingUsableBatteryEnergy",
        "RatioBetweenNominalBatteryPowerAndBatteryEnergy",
        "SupplyChainIndices",
    }
)
"""What the schemas have, require of nobody, and no data point tells."""
