"""Documents: what wraps EPCIS events on their way in and out.

    {"@context": [...], "type": "EPCISDocument", "schemaVersion": "2.0", "epcisBody": {"eventList": [...]}}

The answer to a query is captured too: its events are taken out of it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ledger.entry import format_time
from service.epcis.errors import TooManyEventsError, refused
from service.epcis.event_hash import namespaces_of
from service.epcis.terms import CONTEXT, NAMESPACE, PREFIX, own

MAX_EVENTS = 1000
"""In one capture: all of them may have to be recorded at once."""
EVENT_LIST = "/epcisBody/eventList"
QUERY_EVENT_LIST = "/epcisBody/queryResults/resultsBody/eventList"


@dataclass(frozen=True, slots=True)
class Document:
    """The events of a document. spaces: the prefixes that it declares. pointer: where in it the events stand."""

    events: Sequence[Mapping[str, Any]]
    spaces: Mapping[str, str]
    pointer: str = EVENT_LIST


def open_document(value: object) -> Document:
    """A document from decoded JSON. Raises RefusedError, TooManyEventsError."""
    if not isinstance(value, dict) or value.get("type") not in ("EPCISDocument", "EPCISQueryDocument"):
        raise refused("/type", "type", "an EPCISDocument is needed", "应为EPCISDocument")
    version = value.get("schemaVersion", "2.0")
    if not isinstance(version, str) or version.split(".")[0] != "2":
        raise refused("/schemaVersion", "version", "EPCIS 2.0 is read here", "仅支持EPCIS 2.0")
    pointer = EVENT_LIST if value["type"] == "EPCISDocument" else QUERY_EVENT_LIST
    events: Any = value
    for name in pointer.split("/")[1:]:
        events = events.get(name) if isinstance(events, dict) else None
    if not isinstance(events, list) or not events or not all(isinstance(each, dict) for each in events):
        raise refused(pointer, "type", "a list of events is needed", "应为事件列表")
    if len(events) > MAX_EVENTS:
        raise TooManyEventsError(f"the document holds {len(events)} events; one capture takes {MAX_EVENTS}")
    return Document(events, _spaces(value.get("@context"), "/@context"), pointer)


def open_event(value: object) -> Document:
    """A single event, which may have a context of its own. Raises RefusedError."""
    if not isinstance(value, dict):
        raise refused("", "type", "an event is a JSON object", "事件应为JSON对象")
    return Document([value], _spaces(value.get("@context"), "/@context"), "")


def query_document(events: Sequence[Mapping[str, Any]], now: datetime, **beside: Any) -> dict[str, Any]:
    """The answer to a query. beside: members of ours."""
    results = {"queryName": "SimpleEventQuery", "resultsBody": {"eventList": list(events)}}
    return {
        "@context": CONTEXT,
        "type": "EPCISQueryDocument",
        "schemaVersion": "2.0",
        "creationDate": format_time(now),
        "epcisBody": {"queryResults": results | {own(name): value for name, value in beside.items()}},
    }


def capture_document(events: Sequence[Mapping[str, Any]], now: datetime) -> dict[str, Any]:
    """A document to be captured elsewhere."""
    return {
        "@context": CONTEXT,
        "type": "EPCISDocument",
        "schemaVersion": "2.0",
        "creationDate": format_time(now),
        "epcisBody": {"eventList": list(events)},
    }


def _spaces(context: object, pointer: str) -> dict[str, str]:
    """The prefixes of a context, ours among them: it always stands for our namespace, and no other does."""
    declared = namespaces_of(context)
    for prefix, uri in declared.items():
        if (prefix == PREFIX) != (uri == NAMESPACE):
            en = f"the prefix {PREFIX} stands for {NAMESPACE}, and no other does"
            raise refused(f"{pointer}", "prefix", en, f"前缀{PREFIX}须且仅须对应{NAMESPACE}")
    return declared | {PREFIX: NAMESPACE}
