"""Passports against the seven Battery Pass submodels of data/battery/batterypass-1.2, names misspelt as published."""

import json
from collections.abc import Iterator
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from jsonschema import Draft4Validator, FormatChecker
from jsonschema.exceptions import ValidationError

from service.domain.passport.datapoints import DATA_POINTS, Status
from service.domain.passport.passport import Passport
from service.domain.passport.tiers import Tier
from service.domain.words import Category
from service.errors import ConflictError, NotPermittedError
from service.passports.formats.batterypass import SUBMODELS
from service.passports.formats.batterypass_rows import ROWS, UNTOLD
from service.passports.formats.exporting import Format, export_passport
from service.passports.formats.rows import Filled, Profile, Reason
from tests.needs import SHARED_DATA, missing
from tests.service.passports.formats.made import BASE_URL, CATEGORIES, numbers, passports, seen_by

FOLDER = SHARED_DATA / "battery" / "batterypass-1.2"
QUICK = (Phase.explicit, Phase.reuse, Phase.generate)
SLOW = settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck), phases=QUICK)
EVERYTHING = (Status.MANDATORY, Status.OPTIONAL, Status.CONDITIONAL, Status.PENDING)
TECHNICAL = ("PerformanceAndDurability", "batteryTechicalProperties")
CONDITION = ("PerformanceAndDurability", "batteryCondition")
OF_EV_ONLY = {(*TECHNICAL, "capacityThresholdForExhaustion"), (*CONDITION, "stateOfCertifiedEnergy")}
NOT_OF_EV = {
    (*TECHNICAL, "initialSelfDischarge"),
    (*CONDITION, "evolutionOfSelfDischarge"),
    (*CONDITION, "currentSelfDischargingRate"),
}


@cache
def schema(submodel: str) -> dict[str, Any]:
    """PerformanceAndDurability: 1.2.1, the file without -schema, which corrects 1.2.0."""
    name = f"{submodel}.schema" if submodel == "PerformanceAndDurability" else f"{submodel}-schema.json"
    path: Path = FOLDER / name
    if not path.is_file():
        missing("shared/data/battery/batterypass-1.2 beside the project")
    found: dict[str, Any] = json.loads(path.read_text())
    return found


def errors(document: dict[str, Any]) -> list[tuple[str, ValidationError]]:
    assert tuple(document) == SUBMODELS
    return [
        (submodel, error)
        for submodel, members in document.items()
        for error in Draft4Validator(schema(submodel), format_checker=FormatChecker()).iter_errors(members)
    ]


def absent(found: list[tuple[str, ValidationError]]) -> set[tuple[str, ...]]:
    """Where required members are missing; any other error is none of these."""
    paths = set()
    for submodel, error in found:
        assert error.validator == "required", f"{submodel}: {error.message}"
        paths.add((submodel, *map(str, error.absolute_path), error.message.split("'")[1]))
    return paths


def holes(paths: Iterator[tuple[str, ...]] | set[tuple[str, ...]], document: dict[str, Any]) -> set[tuple[str, ...]]:
    """Those places as a validator reports them: the outermost object that is not there."""
    found = set()
    for path in paths:
        at: Any = document
        for depth, name in enumerate(path, 1):
            if name not in at:
                found.add(path[:depth])
                break
            at = at[name]
    return found


def exported(passport: Passport, profile: Profile) -> Filled:
    return export_passport(passport, Format.BATTERYPASS, profile, base_url=BASE_URL, today=date(2026, 6, 1))


@pytest.mark.parametrize("category", CATEGORIES)
@given(data=st.data())
@SLOW
def test_a_whole_passport_is_valid_but_for_what_the_guidance_forbids_the_category(
    category: Category, data: st.DataObject
) -> None:
    passport = data.draw(passports(category, numbers(category, *EVERYTHING), full=True))
    filled = exported(passport, Profile.COMPLETE)
    forbidden = NOT_OF_EV if category is Category.EV else OF_EV_ONLY
    assert absent(errors(filled.document)) == forbidden
    assert {(each.path, each.reason) for each in filled.left_out} == {(path, Reason.NOT_FILLED) for path in forbidden}


@pytest.mark.parametrize("category", CATEGORIES)
@given(data=st.data())
@SLOW
def test_at_launch_a_complete_passport_is_valid_but_for_what_it_lists(category: Category, data: st.DataObject) -> None:
    rest = numbers(category, Status.OPTIONAL, Status.CONDITIONAL, Status.PENDING)
    some = data.draw(st.sets(st.sampled_from(sorted(rest))))
    passport = data.draw(passports(category, numbers(category, Status.MANDATORY) | some))
    filled = exported(passport, Profile.LAUNCH)
    assert absent(errors(filled.document)) == holes({each.path for each in filled.left_out}, filled.document)
    pending = {each.path[0] for each in filled.left_out if each.reason is Reason.PENDING}
    assert pending == {"CarbonFootprintForBatteries", "SupplyChainDueDiligence"}
    assert filled.document["SupplyChainDueDiligence"] == {}


@pytest.mark.parametrize("category", CATEGORIES)
@given(data=st.data())
@SLOW
def test_an_incomplete_passport_is_refused_with_the_numbers_that_are_missing(
    category: Category, data: st.DataObject
) -> None:
    gone = data.draw(st.sets(st.sampled_from(sorted(numbers(category, Status.MANDATORY))), min_size=1, max_size=4))
    passport = data.draw(passports(category, numbers(category, *EVERYTHING) - gone, full=True))
    with pytest.raises(ConflictError) as caught:
        exported(passport, Profile.LAUNCH)
    named = {int(nr) for fault in caught.value.faults for nr in fault.code.split("_")[1:]}
    assert named == gone


@pytest.mark.parametrize("tiers", [{Tier.PT1}, {Tier.PT1, Tier.PT2, Tier.PT3}, {Tier.PT1, Tier.PT2, Tier.PT4}])
@given(data=st.data())
@SLOW
def test_a_reader_gets_no_member_of_another_tier(tiers: set[Tier], data: st.DataObject) -> None:
    category = data.draw(st.sampled_from(CATEGORIES))
    passport = seen_by(data.draw(passports(category, numbers(category, *EVERYTHING), full=True)), tiers)
    with pytest.raises(NotPermittedError):
        exported(passport, Profile.COMPLETE)
    filled = exported(passport, Profile.LAUNCH)
    for row in ROWS:
        if row.tier not in tiers:
            assert holes({row.path}, filled.document), row.path
    lacking = {each.path for each in filled.left_out} | {path for path, _ in filled.withheld}
    assert absent(errors(filled.document)) == holes(lacking, filled.document)
    if Tier.PT4 not in tiers:
        assert CONDITION[1] not in filled.document[CONDITION[0]]


def test_every_member_of_the_submodels_is_a_row() -> None:
    ours = {row.path for row in ROWS if not row.path[-1].startswith("x-")}
    theirs = {path for submodel in SUBMODELS for path in members(submodel) if path[-1] not in UNTOLD}
    assert ours == theirs
    required = {row.path for row in ROWS if row.required}
    assert required == {path for submodel in SUBMODELS for path in members(submodel, only_required=True)}


def test_no_row_is_more_open_than_the_data_points_it_tells() -> None:
    for row in ROWS:
        assert {DATA_POINTS[nr].tier for nr in row.points} <= {Tier.PT1, row.tier}, row.path


def members(submodel: str, *, only_required: bool = False) -> Iterator[tuple[str, ...]]:
    """The places that rows fill: the members of a submodel, and of those objects of it that have no number."""
    top = schema(submodel)
    definitions = top["components"]["schemas"]
    split = {"batteryTechicalProperties", "batteryCondition", "safetyMeasures", "endOfLifeInformation"}

    def walk(object_: dict[str, Any], path: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
        for name, reference in object_["properties"].items():
            if name in split:
                outer = definitions[reference["$ref"].rpartition("/")[2]]
                inner = definitions[outer["allOf"][0]["$ref"].rpartition("/")[2]]
                yield from walk(inner, (*path, name))
            elif not only_required or name in object_["required"]:
                yield (*path, name)

    return walk(top, (submodel,))
