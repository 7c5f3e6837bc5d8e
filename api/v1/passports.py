"""Battery passports: handing in and publishing contents, reading a passport, and what it lacks.

Everybody sees part 1. Who sees more is a row of `service.domain.passport.tiers`; a request that is not allowed more
gets part 1, whatever it asks for.
"""

from typing import Any

from flask import Response
from flask.typing import ResponseReturnValue

from api import json
from api.auth import PUBLIC, RECORDER, present_caller, signed_in
from api.edge import current_edge, current_register
from api.json import ObjectBody
from api.passport_gate import leave_of, note_parts, open_passport
from api.receipts import entry_path, receipt_members
from api.routes import Answer, Routes, Terms
from api.schemas.answers import RECEIPT
from api.schemas.bodies import object_schema
from api.schemas.passport_formats import BATTERYPASS, GEFEG
from api.schemas.passports import ContentQuery, PassportQuery, refer
from api.v1.passport_formats import LINKED, answer_format
from api.v1.passport_parts import (
    completeness_members,
    data_point_members,
    draft_members,
    ended_members,
    passport_members,
    published_members,
)
from service.domain.fields import fields_of
from service.domain.passport.completeness import check_completeness
from service.domain.passport.datapoints import DATA_POINTS, RECORDED
from service.domain.passport.publication import model_subject
from service.domain.passport.shapes import SHAPES
from service.domain.rules_use import date_in_china
from service.domain.words import Category
from service.errors import ConflictError, Fault, NotFoundError, RefusedError
from service.lookup import resolve_battery
from service.passports.access import Ties
from service.passports.keeping import find_parts, find_versions
from service.passports.publishing import (
    Author,
    author_of_battery,
    author_of_model,
    discard,
    find_draft_of,
    hand_in,
    publish,
)
from service.passports.reading import numbers_of
from service.recording.recorder import Recorded

routes = Routes("passports")

_REFUSALS = (400, 404, 409, 413, 415, 422, 503)
_CONTENT = ObjectBody(refer("PassportContent"))
_DRAFT = (Answer(200, "The draft, and what an entry has to say to publish it", refer("PassportDraft")),)
_RECORDED = (Answer(201, "Published", RECEIPT, headers={"Location": "The entry"}),)


_PASSPORT = {"oneOf": [refer("Passport"), refer("PassportCompleteness"), GEFEG, BATTERYPASS]}
_ENDED = Answer(410, "What remains of the passport of a recycled battery", refer("EndedPassport"))


@routes.get(
    "/v1/batteries/<battery:identifier>/passport",
    Terms(
        PUBLIC,
        "Its battery passport",
        query=PassportQuery(),
        answers=(
            Answer(200, "As the caller may see it, or what it lacks", _PASSPORT),
            Answer(200, "As linked data", {"type": "object"}, LINKED),
            _ENDED,
        ),
        errors=(403, 404, 409, 422),
    ),
)
def show_passport(identifier: str, query: dict[str, Any]) -> ResponseReturnValue:
    code = resolve_battery(current_register(), identifier)
    if query["view"] == "completeness":
        return _answer(_completeness(code))
    passport = open_passport(code, at=query["at"])
    product = str(passport.points[1].value["identifier"])
    if passport.has_ceased:
        return _answer(ended_members(passport, product), 410)
    if query["format"] is not None:
        return answer_format(passport, query["format"], query["profile"])
    return _answer(passport_members(passport, product))


@routes.put(
    "/v1/batteries/<battery:identifier>/passport",
    Terms(RECORDER, "Hand in the content of its own", body=_CONTENT, answers=_DRAFT, errors=_REFUSALS),
)
def hand_in_for_battery(identifier: str, body: dict[str, Any]) -> ResponseReturnValue:
    return _hand_in(_author_of_battery(identifier), body)


@routes.post(
    "/v1/batteries/<battery:identifier>/passport:publish",
    Terms(RECORDER, "Publish the content handed in last", answers=_RECORDED, errors=_REFUSALS),
)
def publish_for_battery(identifier: str) -> ResponseReturnValue:
    return _publish(_author_of_battery(identifier))


@routes.get(
    "/v1/models/<model_id>/passport",
    Terms(
        PUBLIC,
        "The content that its passports share, as it was hashed",
        query=ContentQuery(),
        answers=(Answer(200, "The parts that the caller may see", refer("ModelPassport")),),
        errors=(404,),
    ),
)
def show_model_passport(model_id: str, query: dict[str, Any]) -> ResponseReturnValue:
    register, subject = current_register(), model_subject(model_id)
    with register.read() as reader:
        model = register.current_registry(reader.connection).models.get(model_id)
        versions = find_versions(reader.connection, [subject]).get(subject, [])
    wanted = [each for each in versions if query["version"] in (None, each.version)]
    if model is None or not wanted:
        raise NotFoundError("no such passport content in this register")
    leave = leave_of(Ties(frozenset({model.maker})))
    tiers = leave.tiers
    digests = {tier: text for tier, text in wanted[-1].digests.items() if tier in tiers}
    with register.read() as reader:
        parts = find_parts(reader.connection, register.vault, digests)
    note_parts(subject, model.maker, parts, leave)
    members = published_members(wanted[-1], [parts[tier] for tier in sorted(parts)], versions)
    return _answer(members | {"tiers": sorted(tier.value for tier in tiers)})


@routes.put(
    "/v1/models/<model_id>/passport",
    Terms(RECORDER, "Hand in the content of a model", body=_CONTENT, answers=_DRAFT, errors=_REFUSALS),
)
def hand_in_for_model(model_id: str, body: dict[str, Any]) -> ResponseReturnValue:
    return _hand_in(author_of_model(current_register(), model_id, signed_in().operator), body)


@routes.post(
    "/v1/models/<model_id>/passport:publish",
    Terms(RECORDER, "Publish the content handed in last", answers=_RECORDED, errors=_REFUSALS),
)
def publish_for_model(model_id: str) -> ResponseReturnValue:
    return _publish(author_of_model(current_register(), model_id, signed_in().operator))


@routes.delete(
    "/v1/models/<model_id>/passport",
    Terms(RECORDER, "Drop the content handed in last", answers=(Answer(204, "Dropped"),), errors=(404, 503)),
)
def discard_for_model(model_id: str) -> ResponseReturnValue:
    register = current_register()
    author = author_of_model(register, model_id, signed_in().operator)
    if not discard(register, author):
        raise NotFoundError("no content was handed in since the last version")
    return "", 204


@routes.get(
    "/v1/datapoints",
    Terms(PUBLIC, "The 71 data points of a passport", answers=(Answer(200, "By number", refer("DataPoints")),)),
)
def list_data_points() -> ResponseReturnValue:
    given = {nr: object_schema(fields_of(shape)) for nr, shape in SHAPES.items() if nr not in RECORDED}
    rows = [data_point_members(row, given.get(row.nr)) for row in DATA_POINTS.values()]
    return json.with_etag(json.answer(rows))


def _completeness(code: str) -> dict[str, object]:
    """For any operator: which numbers are there is no secret among those who trade, and no value is told."""
    signed_in()
    register = current_register()
    category, given, state = numbers_of(register, code)
    if category is None:
        raise ConflictError(f"{state.code} has no model: its category is told with its passport")
    day = date_in_china(register.clock())
    return completeness_members(check_completeness(category, day, given))


def _author_of_battery(identifier: str) -> Author:
    register, caller = current_register(), signed_in()
    code = resolve_battery(register, identifier)
    return author_of_battery(register, code, caller.operator)


def _hand_in(author: Author, body: dict[str, Any]) -> Response:
    faults = [
        Fault(f"/{name[:64]}", "unknown", "a content has points and a category", "仅可包含points与category")
        for name in body
        if name not in ("points", "category")
    ]
    category = body.get("category")
    if "category" in body and category not in list(Category):
        faults.append(Fault("/category", "choice", "no such category", "没有此类别"))
    if faults:
        raise RefusedError(faults)
    wanted = Category(category) if category is not None else None
    draft = hand_in(current_register(), author, body.get("points"), category=wanted)
    return json.answer(draft_members(draft))


def _publish(author: Author) -> Response:
    draft = find_draft_of(current_register(), author)
    recorded = publish(current_edge().recorder, draft, operator=signed_in().operator)
    return _recorded(recorded)


def _recorded(recorded: Recorded) -> Response:
    response = json.answer(receipt_members(recorded), 201)
    response.headers["Location"] = entry_path(recorded.index)
    return response


def _answer(members: dict[str, object], status: int = 200) -> Response:
    response = json.answer(members, status)
    response.headers["Cache-Control"] = "public, max-age=60" if present_caller() is None else "private, no-cache"
    response.vary.add("Authorization")
    return json.with_etag(response) if status == 200 else response
