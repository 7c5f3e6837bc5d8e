"""The passport interface of EN 18222, as far as its published description tells: read, version by date, create, change.

An id is that of the passport, of its battery in any form, or a Digital Link, percent-encoded. What is refused is a
problem of RFC 9457 that is at once a Result of EN 18222, Table 12.
"""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import wraps
from typing import Any, TypeVar
from urllib.parse import unquote

from flask import Response
from flask.typing import ResponseReturnValue
from marshmallow import ValidationError

from api import json
from api.auth import PUBLIC, RECORDER, present_caller, signed_in
from api.edge import current_edge, current_register
from api.passport_gate import open_passport
from api.problems import answer_problem, problem_of
from api.routes import Answer, Routes, Terms
from api.schemas.dpps import (
    CREATED,
    DPP,
    DPP_IDS,
    ELEMENT,
    ENTRY,
    PRODUCT_IDS,
    REGISTERED,
    DatedQuery,
    DppQuery,
    PageQuery,
)
from api.target import raw_path
from ledger.canonical import parse_json
from ledger.errors import MalformedError
from service.domain.errors import InvalidCode
from service.domain.passport.datapoints import DATA_POINTS
from service.domain.passport.passport import Passport
from service.errors import ConflictError, Fault, NotFoundError, RefusedError, ServiceError
from service.lookup import resolve_battery
from service.passports.changing import (
    change_passport,
    change_points,
    create_passport,
    delete_passport,
    register_passport,
)
from service.passports.elements import ENVELOPE, compressed, element_in_full, find_element, follow, in_full, value_in
from service.passports.reading import passport_id

routes = Routes("dpps")

View = TypeVar("View", bound=Callable[..., ResponseReturnValue])
MERGE = "application/merge-patch+json"
MAX_IDS = 100
_IDS = "/v1/dpps/"
_SET_HERE = frozenset({"dppStatus", "lastUpdated"})
_WRITES = (400, 404, 409, 413, 415, 422, 503)
_FOUND = (Answer(200, "The passport, as the caller may see it", DPP), Answer(410, "What is left of it", DPP))
_CODES = {
    400: "ClientErrorBadRequest",
    401: "ClientNotAuthorized",
    403: "ClientForbidden",
    404: "ClientErrorResourceNotFound",
    409: "ClientResourceConflict",
    422: "ClientErrorBadRequest",
}


@dataclass(frozen=True, slots=True)
class PassportBody:
    """A passport or a part of it, as JSON or as a merge patch of RFC 7396."""

    schema: Mapping[str, Any]
    contents: tuple[str, ...] = (json.JSON, MERGE)

    def read(self) -> Any:
        value = parse_json(json.read_bytes(*self.contents))
        if not isinstance(value, dict):
            raise MalformedError("the body is a JSON object")
        return value

    def describe(self) -> Mapping[str, Any]:
        return dict.fromkeys(self.contents, self.schema)


def _as_result(view: View) -> Callable[..., ResponseReturnValue]:
    """Tell what goes wrong as a problem that is a Result too."""

    @wraps(view)
    def run(**arguments: Any) -> ResponseReturnValue:
        try:
            return view(**arguments)
        except (ServiceError, InvalidCode, ValidationError, MalformedError) as error:
            problem = problem_of(error)
            message = {"messageType": "Error", "text": problem.detail, "code": problem.kind.slug}
            code = _CODES.get(problem.kind.status, "ServerInternalError")
            return answer_problem(replace(problem, extra={**problem.extra, "statusCode": code, "message": [message]}))

    return run


@routes.get(
    "/v1/dpps/<path:dpp_id>",
    Terms(PUBLIC, "ReadDPPById (EN 18222, 4.2)", query=DppQuery(), answers=_FOUND, errors=(404, 409, 422)),
)
@_as_result
def read_dpp(dpp_id: str, query: dict[str, Any]) -> ResponseReturnValue:
    return _answer(open_passport(_code_of(_rest_after(_IDS))), query["representation"])


@routes.patch(
    "/v1/dpps/<path:dpp_id>",
    Terms(
        RECORDER,
        "UpdateDPPById (EN 18222, 4.7): publishes a new version",
        query=DppQuery(),
        body=PassportBody(DPP),
        answers=(Answer(200, "As it is now", DPP),),
        errors=_WRITES,
    ),
)
@_as_result
def update_dpp(dpp_id: str, query: dict[str, Any], body: dict[str, Any]) -> ResponseReturnValue:
    passport = open_passport(_code_of(_rest_after(_IDS)))
    change_passport(current_edge().recorder, passport, body, operator=signed_in().operator)
    return _answer(open_passport(passport.code), query["representation"])


@routes.delete(
    "/v1/dpps/<path:dpp_id>",
    Terms(
        RECORDER,
        "DeleteDPPById (EN 18222, 4.8): drops what was never published",
        answers=(Answer(204, "Dropped"),),
        errors=(404, 409, 422, 503),
    ),
)
@_as_result
def delete_dpp(dpp_id: str) -> ResponseReturnValue:
    passport = open_passport(_code_of(_rest_after(_IDS)))
    delete_passport(current_register(), passport, operator=signed_in().operator)
    return "", 204


@routes.get(
    "/v1/dpps/<path:dpp_id>/elements/<path:element_path>",
    Terms(
        PUBLIC,
        "ReadDataElement (EN 18222, 6.2)",
        query=DppQuery(),
        answers=(Answer(200, "The element", ELEMENT),),
        errors=(404, 409, 422),
    ),
)
@_as_result
def read_element(dpp_id: str, element_path: str, query: dict[str, Any]) -> ResponseReturnValue:
    passport, path = _element_asked_for()
    return _answer_element(passport, path, query["representation"])


@routes.patch(
    "/v1/dpps/<path:dpp_id>/elements/<path:element_path>",
    Terms(
        RECORDER,
        "UpdateDataElement (EN 18222, 6.3): publishes a new version",
        query=DppQuery(),
        body=PassportBody(ELEMENT),
        answers=(Answer(200, "As it is now", ELEMENT),),
        errors=_WRITES,
    ),
)
@_as_result
def update_element(dpp_id: str, element_path: str, query: dict[str, Any], body: dict[str, Any]) -> ResponseReturnValue:
    passport, path = _element_asked_for()
    nr, steps = find_element(passport, path)
    if steps:
        raise RefusedError([Fault("/elementIdPath", "path", "a data element is changed whole", "须整体修改数据元素")])
    value = value_in(nr, body.get(DATA_POINTS[nr].element, body))
    change_points(current_edge().recorder, passport, {str(nr): value}, operator=signed_in().operator)
    return _answer_element(open_passport(passport.code), path, query["representation"])


@routes.get(
    "/v1/dppsByProductId/<path:product_id>",
    Terms(PUBLIC, "ReadDPPByProductId (EN 18222, 4.3)", query=DppQuery(), answers=_FOUND, errors=(404, 409, 422)),
)
@_as_result
def read_dpp_of_product(product_id: str, query: dict[str, Any]) -> ResponseReturnValue:
    return _answer(open_passport(_code_of(_rest_after("/v1/dppsByProductId/"))), query["representation"])


@routes.get(
    "/v1/dppsByIdAndDate/<path:dpp_id>",
    Terms(
        PUBLIC,
        "ReadDPPVersionByIdAndDate (EN 18222, 4.4)",
        query=DatedQuery(),
        answers=_FOUND,
        errors=(404, 409, 422),
    ),
)
@_as_result
def read_dpp_of_date(dpp_id: str, query: dict[str, Any]) -> ResponseReturnValue:
    code = _code_of(_rest_after("/v1/dppsByIdAndDate/"))
    return _answer(open_passport(code, at=query["date"]), query["representation"])


@routes.post(
    "/v1/dppsByProductIds",
    Terms(
        PUBLIC,
        "ReadDPPIdsByProductIds (EN 18222, 4.5)",
        query=PageQuery(),
        body=PassportBody(PRODUCT_IDS, (json.JSON,)),
        answers=(Answer(200, "Those that are here, in the order asked", DPP_IDS),),
        errors=(413, 415, 422),
    ),
)
@_as_result
def find_dpps(query: dict[str, Any], body: dict[str, Any]) -> ResponseReturnValue:
    wanted = body.get("productIds")
    if not isinstance(wanted, list) or not wanted or not all(isinstance(each, str) for each in wanted):
        en, zh = "a list of identifiers, at least one", "须提供至少一个标识"
        raise RefusedError([Fault("/productIds", "form", en, zh)])
    start, limit = _offset(query["cursor"]), min(query["limit"], MAX_IDS)
    found = []
    for text in wanted[start : start + limit]:
        try:
            found.append(passport_id(current_register().settings.base_url, _code_of(text)))
        except (InvalidCode, NotFoundError):
            continue
    more = start + limit < len(wanted)
    return json.answer({"dppIds": found} | ({"nextCursor": _cursor(start + limit)} if more else {}))


@routes.post(
    "/v1/dpps",
    Terms(
        RECORDER,
        "CreateDPP (EN 18222, 4.6): publishes the first version of a registered battery's own content",
        query=DppQuery(),
        body=PassportBody(DPP, (json.JSON, "application/ld+json")),
        answers=(Answer(201, "Published", CREATED, headers={"Location": "The passport"}),),
        errors=_WRITES,
    ),
)
@_as_result
def create_dpp(query: dict[str, Any], body: dict[str, Any]) -> ResponseReturnValue:
    named = body.get("uniqueProductIdentifier") or body.get("digitalProductPassportId")
    if not isinstance(named, str):
        en, zh = "which product?", "缺少产品标识"
        raise RefusedError([Fault("/uniqueProductIdentifier", "missing", en, zh)])
    passport = open_passport(_code_of(named))
    content = {name: value for name, value in body.items() if name not in _SET_HERE and value != named}
    create_passport(current_edge().recorder, passport, content, operator=signed_in().operator, category=None)
    response = json.answer({"digitalProductPassportId": passport.id}, 201)
    response.headers["Location"] = passport.id
    return response


@routes.post(
    "/v1/registerDPP",
    Terms(
        RECORDER,
        "RegisterProductDPP (EN 18222, 5.2), in this register's own registry",
        body=PassportBody(ENTRY, (json.JSON,)),
        answers=(Answer(201, "Registered", REGISTERED), Answer(200, "Registered before", REGISTERED)),
        errors=_WRITES,
    ),
)
@_as_result
def register_dpp(body: dict[str, Any]) -> ResponseReturnValue:
    required, known = ENTRY["required"], ENTRY["properties"]
    faults = [
        Fault(f"/{name}", "missing", "this member is required", "缺少必填项") for name in required if name not in body
    ]
    faults += [Fault(f"/{n[:64]}", "unknown", "no such member", "没有此项") for n in body if n not in known]
    faults += [
        Fault(f"/{n}", "type", "a text of 1 to 500 characters is needed", "应为1至500个字符的文本")
        for n, each in body.items()
        if n in known and not (isinstance(each, str) and 0 < len(each) <= 500)
    ]
    if faults:
        raise RefusedError(faults)
    passport = open_passport(_code_of(body["uniqueProductIdentifier"]))
    if _code_of(body["digitalProductPassportId"]) != passport.code:
        raise ConflictError("this passport is of another product")
    operator = signed_in().operator
    if operator != passport.responsible.operator_id:
        raise ConflictError(f"{passport.responsible.operator_id} answers for this passport")
    name, new = register_passport(current_register(), passport.code, body, operator=operator)
    return json.answer({"registrationId": name}, 201 if new else 200)


def _rest_after(prefix: str) -> str:
    """What follows in the path as it was sent, decoded once."""
    return unquote(raw_path().removeprefix(prefix))


def _element_asked_for() -> tuple[Passport, str]:
    dpp_id, _, path = raw_path().removeprefix(_IDS).rpartition("/elements/")
    element = unquote(path)
    return open_passport(_code_of(unquote(dpp_id)), element=element), element


def _code_of(text: str) -> str:
    """The battery that an identifier of a passport or a product names. Raises InvalidCode or NotFoundError."""
    register = current_register()
    own = passport_id(register.settings.base_url, "")
    return resolve_battery(register, text.removeprefix(own))


def _answer(passport: Passport, representation: str) -> Response:
    base_url = current_register().settings.base_url
    members = in_full(passport, base_url) if representation == "full" else compressed(passport)
    if passport.has_ceased:
        shown = {name: value for name, value in compressed(passport).items() if name in ENVELOPE}
        return _send(shown, 410)
    return _send(members, 200)


def _answer_element(passport: Passport, path: str, representation: str) -> Response:
    nr, steps = find_element(passport, path)
    value = passport.points[nr].value
    if steps or representation == "compressed":
        return _send({"elementId": path, "value": follow(value, steps)}, 200)
    return _send(element_in_full(nr, value, current_register().settings.base_url), 200)


def _send(members: dict[str, Any], status: int) -> Response:
    response = json.answer(members, status)
    response.headers["Cache-Control"] = "public, max-age=60" if present_caller() is None else "private, no-cache"
    response.vary.add("Authorization")
    return json.with_etag(response) if status == 200 else response


def _offset(cursor: str | None) -> int:
    if cursor is None:
        return 0
    try:
        offset = int(urlsafe_b64decode(cursor.encode()).decode().removeprefix("after "))
    except ValueError:
        offset = -1
    if offset < 0:
        raise RefusedError([Fault("/cursor", "cursor", "not a cursor of an answer here", "不是有效的游标")])
    return offset


def _cursor(offset: int) -> str:
    return urlsafe_b64encode(f"after {offset}".encode()).decode()
