"""The CBV 2.0 event hash: what makes two EPCIS events the same event, whoever wrote them down.

An event becomes one text, its pre-hash string: known members in a fixed order as `name=value`, lists sorted, then all
others by name, nothing between them. The hash is SHA-256 of it, written `ni:///sha-256;<hex>?ver=CBV2.0`. Identifiers
are canonical, times are UTC with milliseconds, words of the CBV are their full addresses. It leaves out recordTime,
eventID and errorDeclaration, so it protects neither a correction nor the time of recording: the leaf hash of the
entry does. Source: CBV 2.0, section 8.9; where that leaves a choice, the reference implementation
epcis-event-hash-generator 1.9.3, whose vectors are a test.
"""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

from service.epcis.canonical_uris import canonical_uri

CBV = "https://ref.gs1.org/cbv/"
VOC = "https://gs1.org/voc/"

_BARE = {
    "bizStep": CBV + "BizStep-",
    "disposition": CBV + "Disp-",
    "set": CBV + "Disp-",
    "unset": CBV + "Disp-",
    "component": CBV + "Comp-",
    "exception": VOC,
}
"""Before a bare word that stands in one of these members."""
_TYPES = {
    "bizTransactionList": CBV + "BTT-",
    "sourceList": CBV + "SDT-",
    "destinationList": CBV + "SDT-",
    "sensorReport": VOC,
}
"""Before a bare `type` in an element of one of these."""
_OLD = {
    "urn:epcglobal:cbv:bizstep:": CBV + "BizStep-",
    "urn:epcglobal:cbv:disp:": CBV + "Disp-",
    "urn:epcglobal:cbv:btt:": CBV + "BTT-",
    "urn:epcglobal:cbv:sdt:": CBV + "SDT-",
    "urn:epcglobal:cbv:er:": CBV + "ER-",
}
_IGNORED = frozenset(
    {"recordTime", "eventID", "errorDeclaration", "type", "@context", "#text", "rdfs:comment", "comment"}
)
_TIMES = frozenset({"eventTime", "time", "startTime", "endTime"})

Order = tuple[tuple[str, "Order | None"], ...]


def _plain(*names: str) -> Order:
    return tuple((name, None) for name in names)


_QUANTITY: Order = _plain("epcClass", "quantity", "uom")
_METADATA = _plain(
    "time", "startTime", "endTime", "deviceID", "deviceMetadata", "rawData", "dataProcessingMethod", "bizRules"
)
_REPORT = _plain(
    "type", "exception", "deviceID", "deviceMetadata", "rawData", "dataProcessingMethod", "time", "microorganism",
    "chemicalSubstance", "value", "component", "stringValue", "booleanValue", "hexBinaryValue", "uriValue", "minValue",
    "maxValue", "meanValue", "sDev", "percRank", "percValue", "uom", "coordinateReferenceSystem",
)  # fmt: skip
_ORDER: Order = (
    *_plain("eventTime", "eventTimeZoneOffset", "certificationInfo", "parentID"),
    *_plain("epcList", "inputEPCList", "childEPCs"),
    ("quantityList", _QUANTITY),
    ("childQuantityList", _QUANTITY),
    ("inputQuantityList", _QUANTITY),
    *_plain("outputEPCList"),
    ("outputQuantityList", _QUANTITY),
    *_plain("action", "transformationID", "bizStep", "disposition"),
    ("persistentDisposition", _plain("set", "unset")),
    ("readPoint", _plain("id")),
    ("bizLocation", _plain("id")),
    ("sensorElementList", (("sensorMetadata", _METADATA), ("sensorReport", _REPORT))),
)
_ELEMENTS = {
    "epcList": "epc",
    "inputEPCList": "epc",
    "outputEPCList": "epc",
    "childEPCs": "epc",
    "quantityList": "quantityElement",
    "childQuantityList": "quantityElement",
    "inputQuantityList": "quantityElement",
    "outputQuantityList": "quantityElement",
    "sensorElementList": "sensorElement",
}
"""What an element of these lists is called."""
_PAIRS = {"bizTransactionList": "bizTransaction", "sourceList": "source", "destinationList": "destination"}


def event_hash(event: Mapping[str, Any], namespaces: Mapping[str, str]) -> str:
    """The hash of one event of JSON-LD; `namespaces` are the prefixes that its document's context declares."""
    digest = sha256(pre_hash(event, namespaces).encode()).hexdigest()
    return f"ni:///sha-256;{digest}?ver=CBV2.0"


def pre_hash(event: Mapping[str, Any], namespaces: Mapping[str, str]) -> str:
    """The text that is hashed. Total: any mapping of JSON gives a text."""
    return "eventType=" + str(event.get("type", "")) + _ordered(event, _ORDER, namespaces, "")


def namespaces_of(context: object) -> dict[str, str]:
    """The prefixes that a JSON-LD context declares; without any, none."""
    declared: dict[str, str] = {}
    for each in context if isinstance(context, list) else [context]:
        if isinstance(each, dict):
            declared |= {name: uri for name, uri in each.items() if isinstance(uri, str)}
    return declared


def _ordered(members: Mapping[str, Any], order: Order, spaces: Mapping[str, str], inside: str) -> str:
    known = "".join(_known(name, members[name], below, spaces, inside) for name, below in order if name in members)
    names = {name for name, _ in order}
    rest = [each for name in members if name not in names for each in _other(name, members[name], spaces, inside)]
    return known + "".join(sorted(rest))


def _known(name: str, value: Any, below: Order | None, spaces: Mapping[str, str], inside: str) -> str:
    items = value if isinstance(value, list) else [value]
    element = _ELEMENTS.get(name)
    if element is not None or not isinstance(value, list):
        texts = sorted(_element(element or name, each, below, spaces, name if element else inside) for each in items)
        return name + "".join(texts) if element and any(texts) else "".join(texts)
    return "".join(sorted(_element(name, each, below, spaces, inside) for each in items))


def _element(name: str, value: Any, below: Order | None, spaces: Mapping[str, str], inside: str) -> str:
    if isinstance(value, dict):
        text = _ordered(value, below or (), spaces, name)
        return name + text if text else ""
    if isinstance(value, list) or value is None:
        return ""
    text = _fixed_time(str(value)) if name in _TIMES else _scalar(_expanded(name, value, spaces, inside))
    return f"{name}={text}" if text else ""


def _other(name: str, value: Any, spaces: Mapping[str, str], inside: str) -> Iterator[str]:
    """The text of a member without a place in the order, one for each of its values."""
    if name in _IGNORED and not (inside and name == "type"):
        return
    if name in _PAIRS and isinstance(value, list):
        pairs = sorted(_pair(name, each, spaces) for each in value if isinstance(each, dict))
        yield name + "".join(pairs)
        return
    full = _full_name(name, spaces)
    for each in value if isinstance(value, list) else [value]:
        if isinstance(each, dict):
            yield full + "".join(sorted(t for n in each for t in _other(n, each[n], spaces, full)))
        elif isinstance(each, list):
            yield full + "".join(sorted(t for one in each for t in _other("", one, spaces, full)))
        elif each is not None:
            text = _scalar(_expanded(name, each, spaces, inside))
            yield f"{full}={text}" if text else full


def _pair(name: str, members: Mapping[str, Any], spaces: Mapping[str, str]) -> str:
    value = _PAIRS[name]
    return "".join(
        f"{each}={_scalar(_expanded(each, members[each], spaces, name))}"
        for each in ("type", value)
        if isinstance(members.get(each), str)
    )


def _full_name(name: str, spaces: Mapping[str, str]) -> str:
    prefix, colon, local = name.partition(":")
    return f"{{{spaces[prefix]}}}{local}" if colon and prefix in spaces else name


def _expanded(name: str, value: Any, spaces: Mapping[str, str], inside: str) -> str:
    """A value as text: a bare word of the CBV and a word with a prefix by their full address."""
    if isinstance(value, bool):
        return "true" if value else "false"
    text = str(value)
    prefix, colon, local = text.partition(":")
    if colon:
        return spaces[prefix] + local if prefix in spaces else text
    before = _TYPES.get(inside) if name == "type" else _BARE.get(name)
    return before + text if before else text


def _scalar(text: str) -> str:
    text = text.strip()
    for old, new in _OLD.items():
        text = text.replace(old, new)
    return canonical_uri(_number(text))


def _number(text: str) -> str:
    """A number without needless zeros or signs, any other text as it is."""
    try:
        number = float(text)
        return str(int(number)) if int(number) == number else str(number)
    except (ValueError, OverflowError):
        return text


def _fixed_time(text: str) -> str:
    """UTC with milliseconds, rounded; what is no time stays as it is."""
    try:
        moment = datetime.fromisoformat(text.strip())
        if moment.tzinfo is None:
            return text
        moment = moment.astimezone(UTC)
        moment += timedelta(microseconds=round(moment.microsecond, -3) - moment.microsecond)
    except (ValueError, OverflowError):
        return text
    return moment.isoformat(timespec="milliseconds")[:-6] + "Z"
