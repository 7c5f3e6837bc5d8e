"""Documents of EPCIS events, as programs send them."""

from typing import Any

from ledger.entry import parse_time
from service.epcis.naming import Names
from service.epcis.terms import CONTEXT
from service.epcis.writing import Told, write_events
from tests.api.town import BASE_URL, WHEN, told

NAMES = Names(BASE_URL)


def events_of(kind: str, *subjects: str, id_: str, **body: Any) -> list[dict[str, Any]]:
    """The EPCIS events of what is told in custody."""
    members = told(kind, *subjects, **body)
    return write_events(Told(id_, kind, parse_time(WHEN), subjects, members["body"]), NAMES)


def document(*events: Any) -> dict[str, Any]:
    return {
        "@context": CONTEXT,
        "type": "EPCISDocument",
        "schemaVersion": "2.0",
        "creationDate": WHEN,
        "epcisBody": {"eventList": list(events)},
    }
