"""A passport as linked data: every data point by its name, with when, by whom and how, and a context for the names.

The context stands in the document, so that it expands without a network, and is served by itself for who prefers to
fetch it once. Where schema.org or GS1 have a word for something, that word is used; a data point has the IRI under
which the guidance's list is published as a vocabulary; the rest is our own vocabulary.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from ledger.entry import format_time
from service.domain.fields import Body, fields_of
from service.domain.passport.datapoints import DATA_POINTS
from service.domain.passport.passport import Party, Passport, PointValue
from service.domain.passport.shapes import SHAPES
from service.passports.formats.addresses import passport_address
from service.passports.formats.registry import version_hash, without_none
from service.passports.formats.rows import Filled, Source
from service.passports.formats.scaling import scaled

GUIDANCE = "https://ref.openepcis.io/vocab/ec-battery-passport-guidance/1.0#"
"""Source: OpenEPCIS, vocabulary of the Commission's guidance v1.0."""
CONTEXT_PATH = "/v1/contexts/passport"

_WORDS: Mapping[str, object] = {
    "id": "@id",
    "type": "@type",
    "gtin": "gs1:gtin",
    "serial": "gs1:hasSerialNumber",
    "gb_code": "own:gb_code",
    "identifier": "schema:identifier",
    "name": "schema:name",
    "name_en": "own:name_en",
    "category": "schema:category",
    "maker": "schema:manufacturer",
    "responsible": "own:responsible",
    "operator_id": "own:operator_id",
    "uscc": "schema:taxID",
    "made_on": {"@id": "schema:productionDate", "@type": "schema:Date"},
    "updated_at": {"@id": "schema:dateModified", "@type": "schema:DateTime"},
    "version": "schema:version",
    "weight": "schema:weight",
    "unit_code": "schema:unitCode",
    "value": "schema:value",
    "model_id": "schema:model",
    "is_passport_of": {"@id": "schema:mainEntity"},
    "address": {"@id": "schema:url", "@type": "@id"},
    "derived_from": {"@id": "schema:isBasedOn", "@type": "@id"},
    "digests": {"@id": "own:digests", "@type": "@json"},
    "at": {"@id": "schema:observationDate", "@type": "schema:DateTime"},
    "by": "schema:creator",
    "method": "schema:measurementTechnique",
    "uncertainty_ppm": "own:uncertainty_ppm",
    "nr": "schema:propertyID",
    "unit": "schema:unitText",
    "entry": "own:entry",
    "sha256": "own:sha256",
    "status": "own:status",
    "placed_on": {"@id": "own:placed_on", "@type": "schema:Date"},
    "in_service_on": {"@id": "own:in_service_on", "@type": "schema:Date"},
}


@cache
def passport_context(base_url: str) -> dict[str, Any]:
    """The context: prefixes, then every word of the document. What a value says has words of its own, below `says`."""
    context: dict[str, Any] = {
        "@version": 1.1,
        "schema": "https://schema.org/",
        "gs1": "https://ref.gs1.org/voc/",
        "guidance": GUIDANCE,
        "own": f"{base_url}{CONTEXT_PATH}#",
        **_WORDS,
    }
    for row in DATA_POINTS.values():
        context[row.element] = f"guidance:dp-{row.nr:02d}"
    fields = {name: f"own:{name}" for shape in SHAPES.values() for name in _names(shape)}
    context["says"] = {"@id": "own:says", "@context": dict(sorted(fields.items()))}
    return context


def linked_document(source: Source) -> Filled:
    """The passport and the battery, with what the reader may see. Nothing is required, so nothing is left out."""
    passport, base_url = source.passport, source.base_url
    document = {
        "@context": passport_context(base_url),
        "id": passport.id,
        "type": "schema:CreativeWork",
        "version": passport.version.text,
        "sha256": version_hash(passport) if passport.version.indexes else None,
        "digests": _digests(passport),
        "status": passport.status.value,
        "updated_at": format_time(passport.updated_at),
        "address": passport_address(passport.code, base_url),
        "responsible": _party(passport.responsible),
        "derived_from": [passport_address(code, base_url) for code in passport.originals] or None,
        "is_passport_of": _battery(source),
    }
    return Filled(without_none(document), (), ())


def _battery(source: Source) -> dict[str, Any]:
    passport = source.passport
    elements = {
        DATA_POINTS[nr].element: _point(found)
        for nr in sorted(passport.points)
        if (found := source.point(nr)) is not None
    }
    mass = source.value(10).get("mass_g")
    return {
        "id": passport.points[1].value["identifier"] if 1 in passport.points else None,
        "type": "schema:Product",
        "gb_code": passport.code,
        "gtin": passport.gtin,
        "serial": passport.serial,
        "model_id": passport.model_id,
        "category": passport.category.value if passport.category else None,
        "maker": _party(passport.maker),
        "made_on": passport.made_on.isoformat(),
        "placed_on": passport.placed_on.isoformat() if passport.placed_on else None,
        "in_service_on": _in_service(passport),
        "weight": {"type": "schema:QuantitativeValue", "value": scaled(mass, 3), "unit_code": "KGM"} if mass else None,
        **elements,
    }


def _in_service(passport: Passport) -> str | None:
    return passport.in_service_on.isoformat() if passport.in_service_on else None


def _point(point: PointValue) -> dict[str, Any]:
    return {
        "type": "schema:PropertyValue",
        "nr": point.nr,
        "says": dict(point.value),
        "unit": point.unit,
        "at": format_time(point.at) if point.at else None,
        "by": point.by,
        "method": point.method,
        "uncertainty_ppm": point.uncertainty_ppm,
        "entry": point.index,
    }


def _digests(passport: Passport) -> dict[str, Any] | None:
    """Of the tiers that the reader may see: what to compare the content with."""
    found = {
        name: {tier.value: digest for tier, digest in by_tier.items() if tier in passport.tiers}
        for name, by_tier in passport.version.digests.items()
    }
    return found or None


def _party(party: Party) -> dict[str, Any]:
    return {"type": "schema:Organization"} | {
        name: value for name, value in dataclasses.asdict(party).items() if name != "region"
    }


def _names(shape: type[Body]) -> Iterator[str]:
    for spec in fields_of(shape):
        yield spec.name
        yield from (inner.name for inner in spec.items)
