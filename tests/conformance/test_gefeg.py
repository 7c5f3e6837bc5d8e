"""Passports against the five GEFEG schemas of data/battery/gefeg, in both profiles."""

import json
from datetime import date
from functools import cache
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator, FormatChecker
from jsonschema.exceptions import ValidationError

from service.domain.passport.datapoints import DATA_POINTS, Status
from service.domain.passport.passport import Passport
from service.domain.passport.tiers import Tier
from service.domain.words import Category
from service.errors import ConflictError, NotPermittedError
from service.passports.formats.exporting import Format, export_passport
from service.passports.formats.gefeg_rows import ROWS, SCHEMAS, UNTOLD
from service.passports.formats.rows import Filled, Profile, Reason
from tests.needs import SHARED_DATA, missing
from tests.service.passports.formats.made import BASE_URL, CATEGORIES, numbers, passports, seen_by

FOLDER = SHARED_DATA / "battery" / "gefeg"
CASES = [(category, lead) for category in CATEGORIES for lead in (False, True)
         if not lead or category is Category.INDUSTRIAL]  # fmt: skip
NAMES = {
    (Category.EV, False): "EV",
    (Category.LMT, False): "LMT",
    (Category.INDUSTRIAL, True): "IndustrialWithoutBMS",
    (Category.INDUSTRIAL, False): "OtherIndustrial2kWh",
    (Category.STATIONARY, False): "StationaryIndustrial2kWh",
}
QUICK = (Phase.explicit, Phase.reuse, Phase.generate)
SLOW = settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck), phases=QUICK)
PENDING = {
    *(("BatteryCarbonFootprint", row.path[1]) for row in ROWS if row.path[0] == "BatteryCarbonFootprint"),
    ("SymbolsLabelsAndDocumentationOfConformity", "CarbonFootprintLabel"),
    ("SupplyChainDueDiligence", "InformationOfDueDiligenceReport"),
}
"""What the guidance holds pending and every schema requires."""


@cache
def schema(name: str) -> dict[str, Any]:
    path = FOLDER / f"{name}.schema.json"
    if not path.is_file():
        missing("shared/data/battery/gefeg beside the project")
    found: dict[str, Any] = json.loads(path.read_text())
    return found


def errors(name: str, document: object) -> list[ValidationError]:
    return list(Draft202012Validator(schema(name), format_checker=FormatChecker()).iter_errors(document))


def exported(passport: Passport, profile: Profile) -> Filled:
    return export_passport(passport, Format.GEFEG, profile, base_url=BASE_URL, today=date(2026, 6, 1))


def absent(found: list[ValidationError]) -> set[tuple[str, ...]]:
    """Where required members are missing; any other error is none of these."""
    paths = set()
    for error in found:
        assert error.validator == "required", error.message
        name = error.message.split("'")[1]
        paths.add((*map(str, error.absolute_path), name)[1:])
    return paths


@pytest.mark.parametrize(("category", "lead"), CASES)
@given(data=st.data())
@SLOW
def test_a_whole_passport_is_valid_as_it_stands(category: Category, lead: bool, data: st.DataObject) -> None:
    given_ = numbers(category, Status.MANDATORY, Status.OPTIONAL, Status.CONDITIONAL, Status.PENDING)
    passport = data.draw(passports(category, given_, full=True, lead=lead))
    filled = exported(passport, Profile.COMPLETE)
    assert errors(NAMES[category, lead], filled.document) == []
    assert (filled.left_out, filled.withheld) == ((), ())


@pytest.mark.parametrize(("category", "lead"), CASES)
@given(data=st.data())
@SLOW
def test_at_launch_a_complete_passport_is_valid_but_for_what_it_lists(
    category: Category, lead: bool, data: st.DataObject
) -> None:
    """Complete: what the guidance makes mandatory. Anything else may be there or not."""
    rest = numbers(category, Status.OPTIONAL, Status.CONDITIONAL, Status.PENDING)
    some = data.draw(st.sets(st.sampled_from(sorted(rest))))
    passport = data.draw(passports(category, numbers(category, Status.MANDATORY) | some, lead=lead))
    filled = exported(passport, Profile.LAUNCH)
    assert absent(errors(NAMES[category, lead], filled.document)) == {each.path for each in filled.left_out}
    pending = {each.path for each in filled.left_out if each.reason is Reason.PENDING}
    assert pending == PENDING
    for each in filled.left_out:
        if each.reason is Reason.CONDITIONAL:
            assert not set(each.points) & passport.points.keys() or each.path[1] in BEYOND
        assert each.reason is not Reason.NOT_FILLED
        assert each.reason is not Reason.BEYOND or each.path[1] in BEYOND


BEYOND = {row.path[1] for row in ROWS if row.beyond}


def test_what_the_schemas_ask_for_beyond_the_guidance_is_this() -> None:
    assert {
        "UniqueFacilityIdentifier",
        "RemainingPowerCapability",
        "EvolutionOfSelf-dischargeRates",
        "EnergyThroughput",
        "CapacityThroughput",
        "TimeSpentInExtremeTemperaturesAboveBoundary",
        "TimeSpentInExtremeTemperaturesBelowBoundary",
        "TimeSpentChargingDuringExtremeTemperaturesAboveBoundary",
        "TimeSpentChargingDuringExtremeTemperaturesBelowBoundary",
        "WebLinkToPublicCarbonFootprintStudy",
        "CarbonFootprintLabel",
        "MeaningOfLabelsAndSymbols",
        "SymbolsForCadmiumAndLead",
    } == BEYOND


@pytest.mark.parametrize(("category", "lead"), CASES)
@pytest.mark.parametrize("profile", Profile)
@given(data=st.data())
@SLOW
def test_an_incomplete_passport_is_refused_with_the_numbers_that_are_missing(
    category: Category, lead: bool, profile: Profile, data: st.DataObject
) -> None:
    mandatory = numbers(category, Status.MANDATORY)
    gone = data.draw(st.sets(st.sampled_from(sorted(mandatory)), min_size=1, max_size=4))
    given_ = numbers(category, Status.MANDATORY, Status.OPTIONAL, Status.CONDITIONAL, Status.PENDING) - gone
    passport = data.draw(passports(category, given_, full=True, lead=lead))
    if 12 in gone and lead:
        return  # without its chemistry nobody sees that it is of lead, and the other schema asks for more
    with pytest.raises(ConflictError) as caught:
        exported(passport, profile)
    named = {int(nr) for fault in caught.value.faults for nr in fault.code.split("_")[1:]}
    assert named == gone
    assert all(fault.message_en and fault.message_zh and fault.source for fault in caught.value.faults)


@pytest.mark.parametrize(("category", "lead"), CASES)
@given(data=st.data())
@SLOW
def test_pending_values_are_needed_for_the_whole_schema_and_left_out_at_launch(
    category: Category, lead: bool, data: st.DataObject
) -> None:
    given_ = numbers(category, Status.MANDATORY, Status.OPTIONAL, Status.CONDITIONAL)
    passport = data.draw(passports(category, given_, full=True, lead=lead))
    with pytest.raises(ConflictError) as caught:
        exported(passport, Profile.COMPLETE)
    named = {int(nr) for fault in caught.value.faults for nr in fault.code.split("_")[1:]}
    assert named == {17, 18, 19}
    assert {each.path for each in exported(passport, Profile.LAUNCH).left_out} == PENDING


@pytest.mark.parametrize("tiers", [{Tier.PT1}, {Tier.PT1, Tier.PT2, Tier.PT3}, {Tier.PT1, Tier.PT2, Tier.PT4}])
@given(data=st.data())
@SLOW
def test_a_reader_gets_no_member_of_another_tier_and_the_whole_schema_not_at_all(
    tiers: set[Tier], data: st.DataObject
) -> None:
    category = data.draw(st.sampled_from(CATEGORIES))
    given_ = numbers(category, Status.MANDATORY, Status.OPTIONAL, Status.CONDITIONAL, Status.PENDING)
    passport = seen_by(data.draw(passports(category, given_, full=True)), tiers)
    with pytest.raises(NotPermittedError) as refused:
        exported(passport, Profile.COMPLETE)
    assert all(tier.value in str(refused.value) for tier in set(Tier) - tiers)
    filled = exported(passport, Profile.LAUNCH)
    found = {(section, name) for section, members in filled.document["Battery_Passport"].items() for name in members}
    forbidden = {row.path for row in ROWS if row.tier not in tiers}
    assert found & forbidden == set()
    name = NAMES[category, False]
    assert absent(errors(name, filled.document)) == {each.path for each in filled.left_out} | {
        path for path, _ in filled.withheld
    }


def test_every_member_of_the_schemas_is_a_row_with_the_schemas_own_marks() -> None:
    for name in SCHEMAS:
        ours = {row.path: name in row.required for row in ROWS if name in row.on and not row.path[1].startswith("x-")}
        theirs = {}
        definitions = schema(name)["$defs"]
        for section in definitions["Battery_Passport_Master"]["properties"]:
            for member in definitions[section]["properties"]:
                if member not in UNTOLD:
                    theirs[section, member] = member in definitions[section]["required"]
                else:
                    assert member not in definitions[section]["required"]
        assert ours == theirs, name


def test_rows_are_no_more_open_than_the_access_rights_of_the_schemas() -> None:
    """Where they differ from the tier of the data point, docs/passport-formats.md says so."""
    readers = {"public": Tier.PT1, "notified_bodies": Tier.PT3}
    for row in ROWS:
        if row.path[1].startswith("x-"):
            continue
        name = next(iter(row.on & {*SCHEMAS}))
        rights = schema(name)["$defs"][row.path[0]]["properties"][row.path[1]]["x-AccessRights"]["read"]
        said = Tier.PT2 if rights == ["legitimate_interest", "commission"] else readers.get(rights[0], Tier.PT4)
        assert row.tier is said, row.path
        assert {DATA_POINTS[nr].tier for nr in row.points} <= {Tier.PT1, row.tier}, row.path


def test_the_schemas_own_sample_is_valid_so_that_the_oracle_is_known_to_work() -> None:
    sample = json.loads((FOLDER / "ev.sample.json").read_text()) if (FOLDER / "ev.sample.json").is_file() else None
    if sample is None:
        missing("shared/data/battery/gefeg/ev.sample.json")
    assert errors("EV", sample) == []
    del sample["Battery_Passport"]["IdentifiersAndProductData"]["BatteryMass"]
    assert absent(errors("EV", sample)) == {("IdentifiersAndProductData", "BatteryMass")}
