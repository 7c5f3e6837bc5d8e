"""Events in the words of EPCIS: asked for by parameters, one by its id, or below a word of the vocabulary."""

from flask.typing import ResponseReturnValue

from api.auth import AUDITOR, READER, present_registry, signed_in
from api.disclosing import note_batteries
from api.edge import current_register
from api.epcis.wire import DOCUMENT, LD, NEXT, OBJECT, EventQuery, answer_ld, answer_query, collection, with_headers
from api.routes import Answer, Routes, Terms
from service.access import Caller
from service.domain.events import KINDS
from service.epcis.errors import NotOfferedError, QueryParameterError
from service.epcis.finding import find_page, list_codes
from service.epcis.querying import parse_query
from service.epcis.shapes import REGISTER_EVENT, shapes_of_kind
from service.epcis.terms import CONTEXT, own_uri
from service.errors import NotFoundError, NotPermittedError

routes = with_headers(Routes("epcis_events"))

RESOURCES = {
    "eventTypes": "eventType",
    "bizSteps": "EQ_bizStep",
    "dispositions": "EQ_disposition",
    "bizLocations": "EQ_bizLocation",
    "readPoints": "EQ_readPoint",
    "epcs": "MATCH_anyEPC",
}
"""The top-level resources, and the parameter that each is short for."""
_PAGE = Answer(200, "As far as the caller sees them", DOCUMENT, headers=NEXT)
_PAGE_LD = Answer(200, "As far as the caller sees them", DOCUMENT, LD, headers=NEXT)
_LIST = Answer(200, "Their names", OBJECT)
_LIST_LD = Answer(200, "Their names", OBJECT, LD)
_HASHES = {"PackTrail-Leaf-Hash": "Of its entry", "PackTrail-Event-Hash": "CBV"}
_ONE = Answer(200, "The event", OBJECT, headers=_HASHES)
_ONE_LD = Answer(200, "The event", OBJECT, LD, headers=_HASHES)


@routes.get("/epcis", Terms(READER, "The resources of EPCIS", answers=(_LIST, _LIST_LD)))
def show_top() -> ResponseReturnValue:
    return answer_ld(collection(["events", "capture", "queries", *RESOURCES]))


@routes.get(
    "/epcis/events",
    Terms(READER, "Query EPCIS events", query=EventQuery(), answers=(_PAGE, _PAGE_LD), errors=(400, 413)),
)
def query_events(query: dict[str, str]) -> ResponseReturnValue:
    return answer_query(query)


@routes.get("/epcis/events/<path:event_id>", Terms(READER, "One EPCIS event", answers=(_ONE, _ONE_LD), errors=(404,)))
def show_event(event_id: str) -> ResponseReturnValue:
    query = parse_query({"EQ_eventID": [event_id], "orderBy": "recordTime", "orderDirection": "ASC", "perPage": "1"})
    page = find_page(current_register(), query, signed_in())
    if not page.found:
        raise NotFoundError(f"there is no event {event_id} that you may see")
    [found] = page.found
    note_batteries(found.subjects, "events")
    response = answer_ld({"@context": CONTEXT, **found.event})
    response.headers["PackTrail-Leaf-Hash"] = found.leaf_hash
    response.headers["PackTrail-Event-Hash"] = found.hash
    return response


@routes.get(
    "/epcis/<resource>",
    Terms(READER, "What there is of a resource", query=EventQuery(), answers=(_LIST, _LIST_LD), errors=(404, 501)),
)
def show_resource(resource: str, query: dict[str, str]) -> ResponseReturnValue:
    _require(resource)
    if resource == "epcs":
        return _show_epcs(query, signed_in())
    if resource == "readPoints":
        raise NotOfferedError("places are not listed: ask for the events at one, /epcis/readPoints/{id}/events")
    if resource == "bizLocations":
        return answer_ld(collection([own_uri("operator", each) for each in sorted(present_registry().operators)]))
    return answer_ld(collection(_words(resource)))


@routes.get(
    "/epcis/<resource>/<path:word>/events",
    Terms(
        READER,
        "The EPCIS events of a resource",
        query=EventQuery(),
        answers=(_PAGE, _PAGE_LD),
        errors=(400, 404, 413),
    ),
)
def show_resource_events(resource: str, word: str, query: dict[str, str]) -> ResponseReturnValue:
    name = _require(resource)
    if name in query:
        raise QueryParameterError(name, "the path says this already", "路径中已指定")
    return answer_query({**query, name: [word]})


@routes.get(
    "/epcis/<resource>/<path:word>",
    Terms(READER, "What stands below a resource", answers=(_LIST, _LIST_LD), errors=(404,)),
)
def show_below(resource: str, word: str) -> ResponseReturnValue:
    _require(resource)
    return answer_ld(collection(["events"]))


def _require(resource: str) -> str:
    if resource not in RESOURCES:
        raise NotFoundError(f"there is no resource {resource}")
    return RESOURCES[resource]


def _words(resource: str) -> list[str]:
    """Every type, business step or disposition that an event can have here."""
    kinds = [kind for kind, row in KINDS.items() if row.body is not None]
    shapes = [shape for kind in kinds for shape in shapes_of_kind(kind)]
    if resource == "eventTypes":
        return sorted({shape.type for shape in shapes})
    if resource == "bizSteps":
        return sorted({shape.step for shape in shapes if shape.type != REGISTER_EVENT})
    return sorted({each for shape in shapes for each in shape.possible})


def _show_epcs(query: dict[str, str], caller: Caller) -> ResponseReturnValue:
    """The batteries of the register in the order of their codes, for who sees all of them."""
    register = current_register()
    if not present_registry().is_supervisor(caller.operator):
        raise NotPermittedError(f"this is for {AUDITOR.name}")
    wanted = parse_query({name: value for name, value in query.items() if name != "nextPageToken"}).per_page
    codes = list_codes(register, after=query.get("nextPageToken", ""), limit=wanted)
    base = register.settings.base_url
    response = answer_ld(collection([f"{base}/b/{code}" for code in codes]))
    if len(codes) == wanted:
        response.headers["Link"] = f'<{base}/epcis/epcs?perPage={wanted}&nextPageToken={codes[-1]}>; rel="next"'
    return response
