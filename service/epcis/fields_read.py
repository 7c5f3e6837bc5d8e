"""The fields of a body out of the places of an EPCIS event where they may stand; see `writing` for the places.

Each field may also stand as a member of our namespace. One that stands twice is refused, unless both say the same.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from urllib.parse import unquote

from service.epcis.errors import refused
from service.epcis.terms import (
    EPC_LISTS,
    NAMESPACE,
    PARTIES,
    PLACES,
    PREFIX,
    TRANSACTIONS,
    UNITS,
    fields_by_name,
    local_name,
    measured,
    own,
    read_own_uri,
)
from service.epcis.writing import lot_quantities

ENVELOPE = frozenset({"type", "subjects", "actor", "log", "jws", "fieldCommitments", "fieldSalts", "partOf"})
_BEFORE = f"{PREFIX}:"
_STANDARD = frozenset(
    {
        "@context", "type", "eventTime", "eventTimeZoneOffset", "recordTime", "eventID", "certificationInfo", "action",
        "bizStep", "disposition", "persistentDisposition", "readPoint", "bizLocation", "bizTransactionList",
        "sourceList", "destinationList", "sensorElementList", "ilmd", "parentID", "quantityList", "childQuantityList",
        "inputQuantityList", "outputQuantityList", "transformationID", "declarationTime", "reason",
        "correctiveEventIDs", "errorDeclaration", *EPC_LISTS,
    }
)  # fmt: skip
MAX_REPORTS = 1000


@dataclass(frozen=True, slots=True)
class Member:
    """An object to be read. silent: members that hold no field and lose nothing when they are left."""

    value: Mapping[str, Any]
    spaces: Mapping[str, str]
    silent: frozenset[str]

    def text(self, name: str) -> str | None:
        """A member that is text, None where it is missing. Raises RefusedError for another value."""
        value = self.value.get(name)
        if value is not None and not isinstance(value, str):
            raise refused(f"/{name}", "type", "text is needed", "应为文本")
        return value

    def object(self, name: str) -> dict[str, Any]:
        """The members of an object of ours by their names; none where it is missing."""
        value = plain(self.value.get(name, {}))
        if not isinstance(value, dict):
            raise refused(f"/{name}", "type", "an object is needed", "应为对象")
        return value


@dataclass(slots=True)
class _Found:
    """What was found so far. told: whether the event says its kind."""

    kind: str
    told: bool
    body: dict[str, Any] = field(default_factory=dict)
    dropped: list[str] = field(default_factory=list)

    def put(self, name: str, value: Any, pointer: str) -> None:
        if name in self.body:
            raise refused(pointer, "twice", f"{name} stands twice", f"{name}重复")
        self.body[name] = value

    def wants(self, name: str) -> bool:
        return name in fields_by_name(self.kind) and name not in self.body


def read_fields(
    kind: str, source: Member, *, told: bool, passing: Sequence[str] = ()
) -> tuple[dict[str, Any], list[str]]:
    """The body, and the members that were left out of it. Raises RefusedError."""
    found = _Found(kind, told)
    _read_own(found, source.value, "", passing)
    for name, value in source.value.items():
        reader = _PLACES.get(name)
        if reader is not None:
            reader(found, value)
        elif name in source.silent or name.startswith(_BEFORE):
            continue
        elif name in _STANDARD or ":" in name:
            found.dropped.append(name)
        else:
            raise refused(f"/{name}", "unknown", f"EPCIS has no member {name}", f"EPCIS没有{name}字段")
    return found.body, found.dropped


def plain(value: Any) -> Any:
    """A JSON value with the names of our namespace without their prefix."""
    if isinstance(value, dict):
        return {name.removeprefix(_BEFORE): plain(each) for name, each in value.items()}
    return [plain(each) for each in value] if isinstance(value, list) else value


def _read_own(found: _Found, members: Mapping[str, Any], pointer: str, passing: Sequence[str] = ()) -> None:
    for name, value in members.items():
        local = name.removeprefix(_BEFORE)
        if local is name or local in ENVELOPE or name in passing or not name.startswith(_BEFORE):
            continue
        if local in fields_by_name(found.kind):
            found.put(local, plain(value), f"{pointer}/{name}")
        elif found.told:
            en, zh = f"an event {found.kind} has no field {local}", f"{found.kind}事件没有{local}字段"
            raise refused(f"{pointer}/{name}", "unknown", en, zh)
        elif local != "gbCode":
            found.dropped.append(name)


def _ilmd(found: _Found, value: Any) -> None:
    members = _object(value, "/ilmd")
    _read_own(found, members, "/ilmd")
    found.dropped += [
        f"ilmd/{name}" for name in members if not name.startswith(_BEFORE) and local_name(name) != "gbCode"
    ]


def _sensors(found: _Found, value: Any) -> None:
    for n, element in enumerate(_objects(value, "/sensorElementList")):
        at = f"/sensorElementList/{n}"
        metadata = _object(element.get("sensorMetadata", {}), f"{at}/sensorMetadata")
        found.dropped += [f"sensorMetadata/{name}" for name in metadata if name != "time"]
        for m, report in enumerate(_objects(element.get("sensorReport"), f"{at}/sensorReport")):
            _report(found, report, f"{at}/sensorReport/{m}")


def _report(found: _Found, report: Mapping[str, Any], pointer: str) -> None:
    type_ = report.get("type")
    name = measured(found.kind).get(local_name(type_)) if isinstance(type_, str) else None
    if name is None or not report.keys() <= {"type", "value", "uom"}:
        if found.told:
            en, zh = f"an event {found.kind} has no such measurement", f"{found.kind}事件没有此测量项"
            raise refused(pointer, "unknown", en, zh)
        found.dropped.append(f"sensorReport/{type_}")
        return
    unit = UNITS[fields_by_name(found.kind)[name].unit or ""]
    if report.get("uom") != unit.uom:
        raise refused(f"{pointer}/uom", "uom", f"{name} is told in {unit.uom}", f"{name}的单位应为{unit.uom}")
    found.put(name, _whole(report.get("value"), unit.places, f"{pointer}/value"), pointer)


def _whole(value: Any, places: int, pointer: str) -> int:
    """`value` * 10**places, which has to be whole: the register keeps no finer digits."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise refused(pointer, "type", "a number is needed", "应为数字")
    if isinstance(value, int) and places >= 0 and abs(value) < 1 << 53:
        return int(value * 10**places)
    number = Decimal(repr(value)).scaleb(places)
    if abs(number) >= 1 << 53 or number != number.to_integral_value():
        raise refused(pointer, "digits", "the register keeps fewer digits", "小数位数超出登记精度")
    return int(number)


def _parties(list_: str, member: str, name: str) -> Callable[[_Found, Any], None]:
    def read(found: _Found, value: Any) -> None:
        for n, each in enumerate(_objects(value, f"/{list_}")):
            uri = each.get(member)
            operator = read_own_uri("operator", uri) if isinstance(uri, str) else None
            party = isinstance(each.get("type"), str) and local_name(each["type"]).endswith("possessing_party")
            if party and operator is not None and found.wants(name):
                found.put(name, operator, f"/{list_}/{n}/{member}")
            else:
                found.dropped.append(f"{list_}/{n}")

    return read


def _transactions(found: _Found, value: Any) -> None:
    by_type = {type_: name for name, type_ in TRANSACTIONS.items()}
    for n, each in enumerate(_objects(value, "/bizTransactionList")):
        type_, uri = each.get("type"), each.get("bizTransaction")
        name = by_type.get(local_name(type_).removeprefix("BTT-")) if isinstance(type_, str) else None
        if name is not None and isinstance(uri, str) and found.wants(name):
            found.put(name, read_own_uri("document", uri) or uri, f"/bizTransactionList/{n}/bizTransaction")
        else:
            found.dropped.append(f"bizTransactionList/{n}")


def _read_point(found: _Found, value: Any) -> None:
    uri = _object(value, "/readPoint").get("id")
    name = next((each for each in sorted(PLACES) if found.wants(each)), None)
    if name is not None and isinstance(uri, str):
        found.put(name, read_own_uri("place", uri) or uri, "/readPoint/id")
    else:
        found.dropped.append("readPoint")


def _location(found: _Found, value: Any) -> None:
    uri = _object(value, "/bizLocation").get("id")
    if not isinstance(uri, str) or read_own_uri("operator", uri) is None:
        found.dropped.append("bizLocation")


def _parent(found: _Found, value: Any) -> None:
    vin = vin_in(value)
    if vin is not None and found.wants("vin"):
        found.put("vin", vin, "/parentID")


def _lots(list_: str, name: str) -> Callable[[_Found, Any], None]:
    def read(found: _Found, value: Any) -> None:
        lots = _objects(value, f"/{list_}")
        told = found.body.get(name)
        if told is None and name == "outputs" and found.wants(name):
            found.put(name, [_lot(each, n) for n, each in enumerate(lots)], f"/{list_}")
        elif told is None or not found.told:
            found.dropped.append(list_)
        elif not _agree(told, lots):
            en, zh = f"does not say the same as {own(name)}", f"与{own(name)}不一致"
            raise refused(f"/{list_}", "twice", en, zh)

    return read


def _cells(found: _Found, value: Any) -> None:
    """Cells that have no codes: of one lot, as many as there are."""
    classes = _objects(value, "/childQuantityList")
    uri = classes[0].get("epcClass") if len(classes) == 1 else None
    lot = read_own_uri("cells", uri) if isinstance(uri, str) else None
    if lot is None or not found.wants("cell_lot") or not found.wants("cell_count"):
        found.dropped.append("childQuantityList")
        return
    pointer = "/childQuantityList/0"
    if classes[0].get("uom") is not None:
        raise refused(f"{pointer}/uom", "uom", "cells are counted", "单体应按个数填写")
    found.put("cell_lot", lot, f"{pointer}/epcClass")
    found.put("cell_count", _whole(classes[0].get("quantity"), 0, f"{pointer}/quantity"), f"{pointer}/quantity")


def _agree(told: Any, lots: list[dict[str, Any]]) -> bool:
    """Whether both say the same. What is wrong with the fields themselves is said of them later."""
    try:
        return lot_quantities(told) == lots
    except (KeyError, TypeError, AttributeError, ArithmeticError, ValueError):
        return True


def _lot(lot: Mapping[str, Any], n: int) -> dict[str, Any]:
    uri, pointer = lot.get("epcClass"), f"/outputQuantityList/{n}"
    material, slash, name = (
        uri[len(NAMESPACE) + len("product/") :].partition("/")
        if isinstance(uri, str) and uri.startswith(f"{NAMESPACE}product/")
        else ("", "", "")
    )
    if not slash:
        en = f"which material this is does not follow from its class: tell it under {own('outputs')}"
        raise refused(f"{pointer}/epcClass", "material", en, f"无法由该类别得知材料：请在{own('outputs')}中说明")
    if lot.get("uom") != "KGM":
        raise refused(f"{pointer}/uom", "uom", "a mass is told in KGM", "质量单位应为KGM")
    return {"material": material, "mass_g": _whole(lot.get("quantity"), 3, f"{pointer}/quantity"), "lot": unquote(name)}


def vin_in(parent: object) -> str | None:
    """The VIN in the address of a vehicle: one of ours, or a GIAI that ends with it."""
    if not isinstance(parent, str):
        return None
    last = unquote(parent.rstrip("/").rpartition("/")[2])
    if parent.startswith(f"{NAMESPACE}vin/"):
        return last
    return last[-17:] if "/8004/" in parent and len(last) >= 17 else None


def _object(value: Any, pointer: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise refused(pointer, "type", "an object is needed", "应为对象")
    return value


def _objects(value: Any, pointer: str) -> list[dict[str, Any]]:
    if not isinstance(value, list) or len(value) > MAX_REPORTS or not all(isinstance(each, dict) for each in value):
        raise refused(pointer, "type", "a list of objects is needed", "应为对象列表")
    return value


_PLACES: Mapping[str, Callable[[_Found, Any], None]] = {
    "ilmd": _ilmd,
    "sensorElementList": _sensors,
    "bizTransactionList": _transactions,
    "readPoint": _read_point,
    "bizLocation": _location,
    "parentID": _parent,
    "outputQuantityList": _lots("outputQuantityList", "outputs"),
    "inputQuantityList": _lots("inputQuantityList", "input_lots"),
    "childQuantityList": _cells,
    **{list_: _parties(list_, member, name) for name, (list_, member) in PARTIES.items()},
}
"""By member, what reads the fields out of it."""
