"""Queries that an operator stores under a name and asks again. Nobody else sees them."""

from typing import Any
from urllib.parse import quote

from flask import Response
from flask.typing import ResponseReturnValue

from api.auth import READER, signed_in
from api.edge import current_register
from api.epcis.wire import DOCUMENT, LD, NEXT, OBJECT, LdBody, PageQuery, answer, answer_query, with_headers
from api.routes import Answer, Routes, Terms
from service.epcis.errors import NotOfferedError, QueryParameterError
from service.epcis.named import NamedQuery, delete_query, list_queries, load_query, save_query

routes = with_headers(Routes("epcis_queries"))
subscriptions = with_headers(Routes("epcis_subscriptions", described=False))

_PATH = "/epcis/queries/<query_name>"


@routes.post(
    "/epcis/queries",
    Terms(
        READER,
        "Store a query under a name",
        body=LdBody(),
        answers=(Answer(201, "Stored", OBJECT, headers={"Location": "The query"}),),
        errors=(400, 409, 413, 415, 503),
    ),
)
def store_query(body: Any) -> ResponseReturnValue:
    if not isinstance(body, dict) or not body.keys() <= {"@context", "name", "query"}:
        raise QueryParameterError("query", "a name and a query are needed", "须提供name与query")
    register = current_register()
    with register.write_beside() as connection:
        made = save_query(connection, signed_in().operator, body.get("name"), body.get("query"), now=register.clock())
    response = answer(_members(made), 201)
    response.headers["Location"] = f"{register.settings.base_url}/epcis/queries/{quote(made.name, safe='')}"
    return response


@routes.get(
    "/epcis/queries",
    Terms(READER, "The caller's stored queries", answers=(Answer(200, "All", {"type": "array", "items": OBJECT}),)),
)
def show_queries() -> ResponseReturnValue:
    with current_register().read() as reader:
        return answer([_members(each) for each in list_queries(reader.connection, signed_in().operator)])


@routes.get(_PATH, Terms(READER, "A stored query", answers=(Answer(200, "The query", OBJECT),), errors=(404,)))
def show_query(query_name: str) -> ResponseReturnValue:
    with current_register().read() as reader:
        return answer(_members(load_query(reader.connection, signed_in().operator, query_name)))


@routes.delete(_PATH, Terms(READER, "Forget a stored query", answers=(Answer(204, "Forgotten"),), errors=(404, 503)))
def forget_query(query_name: str) -> ResponseReturnValue:
    with current_register().write_beside() as connection:
        delete_query(connection, signed_in().operator, query_name)
    return Response(status=204)


@routes.get(
    f"{_PATH}/events",
    Terms(
        READER,
        "The events of a stored query",
        query=PageQuery(),
        answers=(
            Answer(200, "As far as the caller sees them", DOCUMENT, headers=NEXT),
            Answer(200, "As far as the caller sees them", DOCUMENT, LD, headers=NEXT),
        ),
        errors=(400, 404, 413),
    ),
)
def ask_query(query_name: str, query: dict[str, str]) -> ResponseReturnValue:
    with current_register().read() as reader:
        stored = load_query(reader.connection, signed_in().operator, query_name)
    return answer_query({**stored.parameters, **query})


@subscriptions.get(f"{_PATH}/subscriptions", Terms(READER, "Not offered", errors=(501,)))
def show_subscriptions(query_name: str) -> ResponseReturnValue:
    raise NotOfferedError("queries cannot be subscribed to: ask /epcis/queries/{name}/events with GE_recordTime")


@subscriptions.post(f"{_PATH}/subscriptions", Terms(READER, "Not offered", errors=(501,)))
def subscribe(query_name: str) -> ResponseReturnValue:
    raise NotOfferedError("queries cannot be subscribed to: ask /epcis/queries/{name}/events with GE_recordTime")


def _members(query: NamedQuery) -> dict[str, Any]:
    return {"name": query.name, "createdAt": query.created_at, "query": query.parameters}
