"""The words: our namespace beside GS1's, units of UN/CEFACT, and where each kind of field stands in an EPCIS event."""

import re
from collections.abc import Mapping
from functools import cache, lru_cache
from typing import NamedTuple
from urllib.parse import quote, unquote

from service.domain.events import KINDS
from service.domain.fields import FieldSpec, fields_of

PREFIX = "packtrail"
NAMESPACE = "https://ns.packtrail.example/epcis/"
"""Ours, for what the CBV has no word for. It does not depend on the register: hashes must not either."""
CONTEXT = ["https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld", {PREFIX: NAMESPACE}]
OFFSET = "+08:00"
"""Of every event told here: sites are in China, which has one time zone."""
EVENT_TYPES = ("ObjectEvent", "AggregationEvent", "TransactionEvent", "TransformationEvent", "AssociationEvent")
EPC_LISTS = ("epcList", "childEPCs", "inputEPCList", "outputEPCList")


class Unit(NamedTuple):
    """A unit of UN/CEFACT Recommendation 20: a stored number divided by 10**places is a number of `uom`."""

    uom: str
    places: int


UNITS: Mapping[str, Unit] = {
    "g": Unit("KGM", 3),
    "mah": Unit("AMH", 3),
    "wh": Unit("KWH", 3),
    "mv": Unit("VLT", 3),
    "ppm": Unit("P1", 4),
    "uohm": Unit("OHM", 6),
    "kohm": Unit("OHM", -3),
    "km": Unit("KMT", 0),
    "mc": Unit("CEL", 3),
    "w": Unit("WTT", 0),
    "cycles": Unit("C62", 0),
}
_MEASUREMENTS = {
    "mass_g": "Mass",
    "temperature_mc": "Temperature",
    "resistance_uohm": "Resistance",
    "soce_ppm": NAMESPACE + "StateOfCertifiedEnergy",
    "soce_out_ppm": NAMESPACE + "StateOfCertifiedEnergyOut",
    "soce_in_ppm": NAMESPACE + "StateOfCertifiedEnergyIn",
}
"""What a quantity is called in a sensor report, where it is not the name of the field in our namespace."""
PARTIES = {"from_operator": ("sourceList", "source"), "to_operator": ("destinationList", "destination")}
"""Fields that name an operator from or to whom a battery passes: the list, and the member of its element."""
TRANSACTIONS = {"transport_document": "bol", "certificate_no": "cert"}
"""Fields that name a document, by the type of business transaction."""
PLACES = frozenset({"station", "site"})
"""Fields that say where: the read point."""


def own(name: str) -> str:
    """A member of ours: `mass_g` -> `packtrail:mass_g`."""
    return f"{PREFIX}:{name}"


def own_uri(kind: str, text: str) -> str:
    """The address in our namespace of something that has only a name, e.g. a place."""
    return f"{NAMESPACE}{kind}/{quote(text, safe='')}"


def read_own_uri(kind: str, uri: str) -> str | None:
    """The inverse of `own_uri`; None for another address."""
    before = f"{NAMESPACE}{kind}/"
    return unquote(uri[len(before) :]) if uri.startswith(before) else None


def measurement_of(field: str) -> str:
    """What the quantity in this field is called in a sensor report."""
    known = _MEASUREMENTS.get(field)
    if known is not None:
        return known
    words = field.rpartition("_")[0].split("_")
    return NAMESPACE + "".join(word.capitalize() for word in words)


@lru_cache(maxsize=4096)
def local_name(uri: str) -> str:
    """The last part of an address or of a word with a prefix: whoever coined it, it says the same."""
    return re.split(r"[/#:]", uri)[-1]


@cache
def fields_by_name(kind: str) -> Mapping[str, FieldSpec]:
    """The fields of the body of a kind of event. KeyError for what is none."""
    body = KINDS[kind].body
    return {} if body is None else {field.name: field for field in fields_of(body)}


@cache
def measured(kind: str) -> Mapping[str, str]:
    """Of a kind, the quantities by the local name that each has in a sensor report."""
    rows = fields_by_name(kind).values()
    return {local_name(measurement_of(each.name)): each.name for each in rows if each.unit in UNITS and is_number(each)}


def is_number(field: FieldSpec) -> bool:
    """Whether this is one quantity, not a mapping of several."""
    return field.kind == "integer"
