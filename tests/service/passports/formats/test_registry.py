"""What the registry of the Union gets."""

from base64 import b64encode
from dataclasses import replace
from hashlib import sha256

import pytest
import rfc8785
from hypothesis import HealthCheck, Phase, given, settings

from service.domain.passport.datapoints import Status
from service.domain.passport.passport import Passport, Version
from service.domain.passport.tiers import Tier
from service.domain.words import Category
from service.errors import ConflictError
from service.passports.formats.registry import batch_of, registry_record, version_hash
from tests.service.passports.formats.made import BASE_URL, CODE, numbers, passport_of, passports, seen_by

FEW = settings(
    max_examples=8, deadline=None, suppress_health_check=list(HealthCheck), phases=(Phase.reuse, Phase.generate)
)
POINTS = {1: {}, 7: {"model_id": "CQ-150", "serial": "ABCDEFGG2T0000001"}}


@given(passport=passports(Category.LMT, numbers(Category.LMT, Status.MANDATORY)))
@FEW
def test_the_record_names_battery_model_batch_and_operator_and_has_the_hash_that_others_compute(
    passport: Passport,
) -> None:
    found = registry_record(passport, BASE_URL, "https://backup.example.org")
    record = found.record
    assert found.sha256 == b64encode(sha256(rfc8785.dumps(record)).digest()).decode()
    assert record["unique_identifier"] == passport.points[1].value["identifier"]
    assert record["model_identifier"] == "CQ-150"
    assert record["operator"]["operator_id"] == "cq-cells"
    assert record["battery"]["gb_code"] == CODE
    assert record["backup"] == f"https://backup.example.org/v1/batteries/{CODE}/passport"
    assert record["granularity"] == "item"


def test_without_a_copy_elsewhere_no_address_of_one_is_told() -> None:
    assert "backup" not in registry_record(passport_of(Category.EV, POINTS), BASE_URL, None).record


def test_the_batch_is_the_contents_own_or_else_the_production_day() -> None:
    passport = passport_of(Category.EV, POINTS)
    assert batch_of(passport) == CODE[:17]
    named = passport_of(Category.EV, {7: {**POINTS[7], "batch": "L-42"}})
    assert batch_of(named) == "L-42"
    second_life = replace(passport, code="001PE12G2T0000001RP")
    assert batch_of(second_life) == "001PE12G2T"


def test_every_reader_computes_the_same_hash_of_a_version_and_another_version_has_another() -> None:
    passport = passport_of(Category.EV, POINTS)
    public = seen_by(passport, {Tier.PT1})
    digests = {name: {Tier.PT1: each[Tier.PT1]} for name, each in passport.version.digests.items()}
    assert version_hash(replace(public, version=replace(passport.version, digests=digests))) == version_hash(passport)
    later = replace(passport, version=replace(passport.version, model=2, indexes={"model": 9}))
    assert version_hash(later) != version_hash(passport)


def test_a_passport_that_was_never_published_has_no_record() -> None:
    passport = replace(passport_of(Category.EV, POINTS), version=Version(0, 0, 1))
    with pytest.raises(ConflictError):
        registry_record(passport, BASE_URL, None)
