"""What all answers in the words of EPCIS have: headers of the standard, media type, the link to the next page."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from flask import Response, request
from marshmallow import Schema, ValidationError, fields

from api import json
from api.auth import signed_in
from api.disclosing import note_batteries
from api.edge import current_register
from api.routes import Routes
from ledger.canonical import parse_json
from service.epcis.documents import MAX_EVENTS, query_document
from service.epcis.errors import QueryParameterError
from service.epcis.finding import Found, find_page
from service.epcis.querying import Query, is_parameter, parameter_names, parse_query
from service.epcis.terms import CONTEXT

LD = "application/ld+json"
VERSION = "2.0"
_TOKEN_LIFE = "2099-12-31T00:00:00Z"
OBJECT: Mapping[str, Any] = {"type": "object"}
DOCUMENT: Mapping[str, Any] = {"type": "object", "description": "EPCIS 2.0: an EPCISQueryDocument"}
NEXT = {"Link": 'rel="next" leads to the next page'}


class _ParameterSchema(Schema):
    """Refuses what it does not know as the standard says."""

    def handle_error(self, error: ValidationError, data: Any, *, many: bool, **_: Any) -> None:
        """Raises QueryParameterError for the first parameter at fault."""
        name = next(iter(error.normalized_messages()), "")  # type: ignore[no-untyped-call]
        raise QueryParameterError(str(name), "this parameter is not known here", "没有此查询参数") from error


class _EventSchema(_ParameterSchema):
    """Takes beside the parameters that have one name those of a family too: EQ_packtrail:site."""

    def load(self, data: Any, **options: Any) -> dict[str, Any]:
        """The parameters as they are given. Raises QueryParameterError."""
        family = {name: value for name, value in data.items() if name not in self.fields and is_parameter(name)}
        rest = {name: value for name, value in data.items() if name not in family}
        return {**super().load(rest, **options), **family}


EventQuery = _EventSchema.from_dict({name: fields.String() for name in parameter_names()}, name="EpcisQuery")
PageQuery = _ParameterSchema.from_dict(
    {name: fields.String() for name in ("perPage", "nextPageToken")}, name="EpcisPage"
)


class LdBody:
    """A JSON-LD body: strict JSON, as JSON or as JSON-LD."""

    def read(self) -> Any:
        return parse_json(json.read_bytes(json.JSON, LD))

    def describe(self) -> Mapping[str, Any]:
        return {json.JSON: OBJECT, LD: OBJECT}


def with_headers(routes: Routes) -> Routes:
    """Put the headers of the standard on every answer of these routes, to OPTIONS too."""

    @routes.blueprint.after_request
    def add(response: Response) -> Response:
        limit = current_register().settings.max_body_bytes
        rows = {
            "GS1-EPCIS-Version": VERSION,
            "GS1-EPCIS-Min": VERSION,
            "GS1-EPCIS-Max": VERSION,
            "GS1-CBV-Version": VERSION,
            "GS1-CBV-Min": VERSION,
            "GS1-CBV-Max": VERSION,
            "GS1-EPC-Format": "Always_GS1_Digital_Link",
            "GS1-CBV-XML-Format": "Always_Web_URI",
            "GS1-EPCIS-Capture-Limit": str(MAX_EVENTS),
            "GS1-EPCIS-Capture-File-Size-Limit": str(limit),
        }
        response.headers.update(rows)
        return response

    return routes


def answer_ld(value: object) -> Response:
    """A document: JSON-LD where it is asked for, else JSON."""
    wanted = request.accept_mimetypes.best_match((json.JSON, LD), default=json.JSON)
    return answer(value, content=wanted or json.JSON)


def answer(value: object, status: int = 200, *, content: str = json.JSON) -> Response:
    """An answer for the caller alone."""
    response = json.answer(value, status, content=content)
    response.vary.update(("Accept", "Authorization"))
    response.headers["Cache-Control"] = "private, no-cache"
    return response


def answer_query(parameters: Mapping[str, object]) -> Response:
    """One page of the events that are asked for. Raises QueryParameterError, QueryTooLargeError."""
    query = parse_query(parameters)
    register = current_register()
    page = find_page(register, query, signed_in())
    note_batteries((code for each in page.found for code in each.subjects), "events")
    document = query_document(
        [each.event for each in page.found], register.clock(), records=[record_members(each) for each in page.found]
    )
    response = answer_ld(document)
    if page.token is not None:
        _add_next(response, query, page.token)
    return response


def record_members(found: Found) -> dict[str, object]:
    """Where an EPCIS event stands in the register, and both hashes."""
    return {
        "packtrail:eventID": found.event["eventID"],
        "packtrail:index": found.index,
        "packtrail:leafHash": found.leaf_hash,
        "packtrail:eventHash": found.hash,
    }


def collection(members: list[str]) -> dict[str, object]:
    """A list of resources."""
    return {"@context": CONTEXT, "type": "Collection", "member": members}


def _add_next(response: Response, query: Query, token: str) -> None:
    given = {name: value for name, value in request.args.items() if name != "nextPageToken"}
    address = f"{current_register().settings.base_url}{request.path}"
    response.headers["Link"] = f'<{address}?{urlencode({**given, "nextPageToken": token})}>; rel="next"'
    response.headers["GS1-Next-Page-Token-Expires"] = _TOKEN_LIFE
