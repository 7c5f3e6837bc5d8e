"""A passport as linked data: every word leads somewhere, and nothing of another tier appears."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from service.domain.passport.datapoints import DATA_POINTS, Status
from service.domain.passport.passport import Passport
from service.domain.passport.tiers import Tier
from service.domain.words import Category
from service.passports.formats.exporting import Format, export_passport
from service.passports.formats.jsonld import GUIDANCE, passport_context
from service.passports.formats.rows import Profile
from tests.service.passports.formats.made import BASE_URL, CODE, GTIN, numbers, passports, seen_by

EVERYTHING = numbers(Category.EV, Status.MANDATORY, Status.OPTIONAL, Status.CONDITIONAL, Status.PENDING)
FEW = settings(
    max_examples=8, deadline=None, suppress_health_check=list(HealthCheck), phases=(Phase.reuse, Phase.generate)
)


def linked(passport: Passport, profile: Profile = Profile.COMPLETE) -> dict[str, Any]:
    return export_passport(passport, Format.JSONLD, profile, base_url=BASE_URL, today=date(2027, 6, 1)).document


def iri(context: dict[str, Any], word: str) -> str:
    """The IRI or keyword of a word, as a JSON-LD processor expands it."""
    found = context.get(word, word)
    name = found["@id"] if isinstance(found, dict) else found
    if name.startswith("@"):
        return name
    prefix, _, rest = name.partition(":")
    assert prefix in ("https", "http") or isinstance(context.get(prefix), str), f"{word} has no meaning"
    return name if rest.startswith("//") else f"{context[prefix]}{rest}"


def words(value: Any, context: dict[str, Any]) -> Iterator[str]:
    """The IRI of every member, under the context that holds there."""
    if isinstance(value, list):
        for each in value:
            yield from words(each, context)
    elif isinstance(value, dict):
        for name, below in value.items():
            if name == "@context":
                continue
            yield iri(context, name)
            defined = context.get(name, {})
            if isinstance(defined, dict) and defined.get("@type") == "@json":
                continue
            inner = defined.get("@context", {}) if isinstance(defined, dict) else {}
            yield from words(below, {**context, **inner})


@given(passport=passports(Category.EV, EVERYTHING, full=True))
@FEW
def test_every_member_has_a_meaning_without_asking_anybody(passport: Passport) -> None:
    document = linked(passport)
    assert document["@context"] == passport_context(BASE_URL)
    for each in words(document, document["@context"]):
        assert each.startswith(("@", "https://schema.org/", "https://ref.gs1.org/voc/", GUIDANCE, f"{BASE_URL}/v1/"))


def test_no_word_of_ours_is_also_that_of_a_data_point() -> None:
    context = passport_context(BASE_URL)
    for row in DATA_POINTS.values():
        assert iri(context, row.element) == f"{GUIDANCE}dp-{row.nr:02d}"


@given(passport=passports(Category.EV, EVERYTHING, full=True))
@FEW
def test_both_codes_of_the_battery_are_carried(passport: Passport) -> None:
    battery = linked(passport)["is_passport_of"]
    assert (battery["gb_code"], battery["gtin"]) == (CODE, GTIN)
    assert battery["weight"]["value"] * 1000 == pytest.approx(passport.points[10].value["mass_g"])


@pytest.mark.parametrize("tiers", [{Tier.PT1}, {Tier.PT1, Tier.PT2, Tier.PT3}, {Tier.PT1, Tier.PT2, Tier.PT4}])
@given(data=st.data())
@FEW
def test_what_a_reader_may_not_see_is_not_there(tiers: set[Tier], data: st.DataObject) -> None:
    passport = data.draw(passports(Category.EV, EVERYTHING, full=True))
    document = linked(seen_by(passport, tiers))
    battery = document["is_passport_of"]
    assert {row.element for row in DATA_POINTS.values() if row.tier not in tiers} & battery.keys() == set()
    assert ("in_service_on" in battery) == (Tier.PT4 in tiers)
    assert {Tier(tier) for each in document["digests"].values() for tier in each} <= tiers


@given(passport=passports(Category.EV, EVERYTHING))
@FEW
def test_pending_values_are_left_out_at_launch(passport: Passport) -> None:
    battery = linked(passport, Profile.LAUNCH)["is_passport_of"]
    assert {DATA_POINTS[nr].element for nr in (17, 18, 19, 44)} & battery.keys() == set()
    assert "carbonFootprint" in linked(passport)["is_passport_of"]
