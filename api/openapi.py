"""The description of the API, OpenAPI 3.1, written from what the routes declare."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from apispec import APISpec
from apispec.ext.marshmallow import MarshmallowPlugin
from marshmallow import Schema

from api.limits import tariff_of
from api.problem_table import PROBLEMS
from api.problems import CONTENT_TYPE
from api.routes import Answer, Declaration
from api.schemas.answers import PROBLEM
from api.schemas.applications import application_schema
from api.schemas.bodies import event_schemas
from api.schemas.passports import passport_schemas
from api.session_cookie import SESSION
from service.limits.rows import LIMITS

VERSION = "1.0.0"
EVERYWHERE = (400, 414, 429, 500, 503)
"""Statuses of any route: a key in the address, a long address, a limit, a failure of ours, a database that is away."""

_CONVERTED = re.compile(r"<(?:(\w+):)?(\w+)>")
_CONVERTERS: Mapping[str, Mapping[str, Any]] = {
    "int": {"type": "integer", "minimum": 0},
    "uuid": {"type": "string", "format": "uuid"},
}
_PATH_PARAMETERS: Mapping[str, Mapping[str, Any]] = {
    "identifier": {"description": "A code of GB/T 34014, or GTIN/serial", "example": "001PE12ABCDEFGG2T0000001"},
    "index": {"description": "Place of the entry in the register, from 0", "example": 0},
    "operator": {"description": "Id of the operator", "example": "cq-cells"},
    "model_id": {"description": "Id of the model", "example": "CQ-150"},
    "key": {"description": "The key's name, after the slash of its id", "example": "custody-1"},
    "key_id": {"description": "The readable part of an API key", "example": "abcdefghijkl"},
    "dpp_id": {"description": "Id of a passport, percent-encoded, or a code", "example": "001PE12ABCDEFGG2T0000001"},
    "product_id": {"description": "Identifier of a product, percent-encoded", "example": "001PE12ABCDEFGG2T0000001"},
    "element_path": {"description": "JSONPath of RFC 9535, one element", "example": "$.mass"},
    "slug": {"description": "The last part of a problem's type", "example": "refused"},
    "tile": {"description": "<level>/<index>[.p/<width>], index in groups of three digits", "example": "0/000.p/2"},
    "bundle": {"description": "<index>[.p/<width>], index in groups of three digits", "example": "000.p/2"},
    "name": {"description": "Name of the file", "example": "docs.js"},
    "resource": {"description": "eventTypes, bizSteps, dispositions, bizLocations, readPoints or epcs"},
    "word": {"description": "An event type, a word of the CBV or an identifier, percent-encoded"},
    "event_id": {"description": "The eventID, percent-encoded"},
    "alert_id": {"description": "The number of an alert", "example": 1},
    "import_id": {"description": "The id of an import", "example": "01890a5d-ac96-774b-bcce-b302099a8057"},
    "content": {"description": "What the file holds", "example": "packs"},
    "document_id": {"description": "The id of a document", "example": "01890a5d-ac96-774b-bcce-b302099a8057"},
    "webhook_id": {"description": "The id of a webhook", "example": "01890a5d-ac96-774b-bcce-b302099a8057"},
    "event_uuid": {"description": "The id of an event", "example": "01890a5d-ac96-774b-bcce-b302099a8057"},
    "capture": {"description": "The id of a capture"},
    "query_name": {"description": "The name of a stored query"},
}  # fmt: skip
_ABOUT = (
    "A register of traction batteries whose history nobody can rewrite. Every recorded event is an entry of a Merkle "
    "tree; every answer to a recording carries the proof. Quantities are whole numbers of the unit in the field's "
    "name. Errors are RFC 9457 problems in English or Chinese, by Accept-Language. Programs show an API key. Scripts "
    "of our own pages use the person's session, and send X-CSRF-Token with whatever changes something."
)


def describe(declarations: Sequence[Declaration], *, base_url: str) -> dict[str, Any]:
    """The document."""
    spec = APISpec(
        title="PackTrail",
        version=VERSION,
        openapi_version="3.1.0",
        info={"description": _ABOUT + _limits(), "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"}},
        servers=[{"url": base_url}],
        plugins=[MarshmallowPlugin(schema_name_resolver=_schema_name)],
    )
    spec.components.security_scheme("apiKey", {"type": "http", "scheme": "bearer", "bearerFormat": "pt_<id>_<secret>"})
    spec.components.security_scheme("session", {"type": "apiKey", "in": "cookie", "name": SESSION})
    for name, schema in (event_schemas() | passport_schemas() | {"Application": application_schema()}).items():
        spec.components.schema(name, dict(schema))
    for status in sorted({kind.status for kind in PROBLEMS.values()}):
        spec.components.response(f"Problem{status}", _problem_response(status))
    paths: dict[str, dict[str, Any]] = {}
    for each in declarations:
        if each.described:
            paths.setdefault(openapi_path(each.rule), {})[each.method.lower()] = _operation(each)
    for path, operations in paths.items():
        spec.path(path, operations=operations)
    return spec.to_dict()


def openapi_path(rule: str) -> str:
    """`/v1/entries/<int:index>` -> `/v1/entries/{index}`."""
    return _CONVERTED.sub(r"{\2}", rule)


def _operation(declaration: Declaration) -> dict[str, Any]:
    terms = declaration.terms
    parameters: list[Any] = [_path_parameter(*each) for each in _CONVERTED.findall(declaration.rule)]
    if terms.query is not None:
        parameters.append({"in": "query", "schema": terms.query})
    responses: dict[str, Any] = {}
    for answer in terms.answers:
        _add_answer(responses, answer)
    denied = (401, 403) if terms.audience.scope or declaration.method != "GET" else (401,)
    for status in sorted({*EVERYWHERE, *denied, *terms.errors, *((422,) if terms.query else ())}):
        responses.setdefault(str(status), f"Problem{status}")
    operation: dict[str, Any] = {
        "operationId": _operation_id(declaration),
        "summary": terms.summary,
        "description": f"For: {terms.audience.name}. {_cost(declaration)}",
        "tags": [declaration.tag],
        "security": [*([] if terms.audience.scope else [{}]), {"apiKey": []}, {"session": []}],
        "responses": responses,
    }
    if parameters:
        operation["parameters"] = parameters
    if terms.body is not None:
        content = {kind: {"schema": schema} for kind, schema in terms.body.describe().items()}
        operation["requestBody"] = {"required": True, "content": content}
    return operation


def _cost(declaration: Declaration) -> str:
    tariff = tariff_of(declaration.method, declaration.rule)
    if tariff.is_exempt:
        return "Costs nothing."
    return f"Costs {tariff.cost} unit{'s' if tariff.cost > 1 else ''}."


def _limits() -> str:
    rows = [f"- `{limit.name}`: {limit} seconds, {limit.meaning_en}" for limit in LIMITS.values()]
    return "\n".join(
        ["\n\nEach request costs units. The limits, as units in seconds, unless the authority set others:\n", *rows]
    )


def _operation_id(declaration: Declaration) -> str:
    words = re.findall(r"[a-z0-9]+", openapi_path(declaration.rule).lower())
    return "_".join([declaration.method.lower(), *words])


def _path_parameter(converter: str, name: str) -> dict[str, Any]:
    schema = dict(_CONVERTERS.get(converter, {"type": "string"}))
    return {"in": "path", "name": name, "required": True, "schema": schema, **_PATH_PARAMETERS[name]}


def _add_answer(responses: dict[str, Any], answer: Answer) -> None:
    """Several answers of one status are one response with several contents."""
    response = responses.setdefault(str(answer.status), {"description": answer.description})
    if answer.schema is not None:
        response.setdefault("content", {})[answer.content] = {"schema": answer.schema}
    for name, text in answer.headers.items():
        response.setdefault("headers", {})[name] = {"description": text, "schema": {"type": "string"}}


def _problem_response(status: int) -> dict[str, Any]:
    kinds = [kind for kind in PROBLEMS.values() if kind.status == status]
    members = {"type": f"/problems/{kinds[0].slug}", "title": kinds[0].title_en, "status": status}
    rest = {"detail": kinds[0].advice_en, "instance": "/v1/events", "code": kinds[0].slug, "trace_id": "0" * 31 + "1"}
    response: dict[str, Any] = {
        "description": "; ".join(kind.title_en for kind in kinds),
        "content": {CONTENT_TYPE: {"schema": PROBLEM, "example": {**members, **rest}}},
    }
    if status in (429, 503):
        wait = {"description": "Seconds to wait", "schema": {"type": "integer", "minimum": 1}}
        response["headers"] = {"Retry-After": wait}
    return response


def _schema_name(schema: Any) -> str:
    kind = schema if isinstance(schema, type) else type(schema)
    return kind.__name__.removesuffix("Schema") if issubclass(kind, Schema) else str(kind)
