"""A passport in the formats of others, its record for the registry of the Union, and the words of its linked data.

What of a format is not in an answer is told in its headers, by number and tier: `Passport-Left-Out` for what the
guidance does not ask for, `Passport-Withheld` for the parts of Annex XIII that the caller may not see.
"""

from collections.abc import Sequence

from flask import Response
from flask.typing import ResponseReturnValue

from api import json
from api.auth import PUBLIC, present_caller
from api.edge import current_register
from api.routes import Answer, Routes, Terms
from api.schemas.passport_formats import CONTEXT, REGISTRY_RECORD
from service.domain.passport.passport import Passport
from service.domain.passport.tiers import PUBLIC as PART_1
from service.domain.rules_use import date_in_china
from service.lookup import resolve_battery
from service.passports.formats.exporting import Format, export_passport
from service.passports.formats.jsonld import CONTEXT_PATH, passport_context
from service.passports.formats.registry import registry_record
from service.passports.formats.rows import Filled, LeftOut, Profile, Reason
from service.passports.reading import read_passport

routes = Routes("passport formats")

LINKED = "application/ld+json"


@routes.get(
    "/v1/batteries/<battery:identifier>/registry-record",
    Terms(
        PUBLIC,
        "What the registry of the Union gets of its passport",
        answers=(Answer(200, "The record and its SHA-256", REGISTRY_RECORD),),
        errors=(404, 409, 422),
    ),
)
def show_registry_record(identifier: str) -> ResponseReturnValue:
    register = current_register()
    passport = read_passport(register, resolve_battery(register, identifier), audiences=PART_1)
    found = registry_record(passport, register.settings.base_url, register.settings.backup_url)
    response = json.answer({"record": found.record, "sha256": found.sha256})
    response.headers["Cache-Control"] = "public, max-age=60"
    return json.with_etag(response)


@routes.get(
    CONTEXT_PATH,
    Terms(PUBLIC, "The words of a passport as linked data", answers=(Answer(200, "A context", CONTEXT, LINKED),)),
)
def show_context() -> ResponseReturnValue:
    context = passport_context(current_register().settings.base_url)
    response = json.answer({"@context": context}, content=LINKED)
    response.headers["Cache-Control"] = "public, max-age=86400"
    return json.with_etag(response)


def answer_format(passport: Passport, form: str, profile: str) -> Response:
    """The passport, as its reader may see it, in a format of others. Raises as `export_passport` does."""
    register = current_register()
    today = date_in_china(register.clock())
    wanted = Format(form)
    filled = export_passport(passport, wanted, Profile(profile), base_url=register.settings.base_url, today=today)
    response = json.answer(filled.document, content=LINKED if wanted is Format.JSONLD else json.JSON)
    _tell(response, filled)
    response.headers["Cache-Control"] = "public, max-age=60" if present_caller() is None else "private, no-cache"
    response.vary.add("Authorization")
    return json.with_etag(response)


def _tell(response: Response, filled: Filled) -> None:
    if filled.left_out:
        reasons = (f"{reason.name.lower()}={_numbers(filled.left_out, reason)}" for reason in Reason)
        response.headers["Passport-Left-Out"] = "; ".join(each for each in reasons if not each.endswith("="))
    if filled.withheld:
        response.headers["Passport-Withheld"] = " ".join(sorted({tier.value for _, tier in filled.withheld}))


def _numbers(left_out: Sequence[LeftOut], reason: Reason) -> str:
    """Data points, in order; the member's own name where it has none."""
    numbers = sorted({nr for each in left_out if each.reason is reason for nr in each.points})
    names = [each.path[-1] for each in left_out if each.reason is reason and not each.points]
    return " ".join([*map(str, numbers), *names])
