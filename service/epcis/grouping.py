"""Which events of a document are one event here: others record the halves of a swap, or a part replaced, one by one.

An event that says so itself (`packtrail:partOf`) belongs to its main event. Of those that do not say it, the first
event out of a vehicle and the next into it are a swap, a part replaced belongs to the repair of its parent, and the
end of what was dismantled or recycled follows from that. Half a swap is refused: conservation rule 12.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from service.epcis.canonical_uris import canonical_uri
from service.epcis.errors import refused
from service.epcis.reading import Json, word_of
from service.epcis.shapes import ASSOCIATION, OBJECT
from service.epcis.terms import own
from service.errors import RefusedError


@dataclass(slots=True)
class Unit:
    """What becomes one event here. at: of the main event in the document. others: of those that belong to it.

    kind, epcs, parts: of somebody else's events, the kind, the batteries in its order, and fields that name one.
    """

    at: int
    event: Json
    others: list[int] = field(default_factory=list)
    kind: str | None = None
    epcs: list[str] | None = None
    parts: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Grouped:
    """The units in the order of the document, and why other events are refused."""

    units: list[Unit] = field(default_factory=list)
    faults: dict[int, RefusedError] = field(default_factory=dict)


def group(events: Sequence[Json]) -> Grouped:
    """Sort the events of a document."""
    grouped, halves = Grouped(), _Halves()
    mains: dict[str, Unit] = {}
    parts: list[tuple[int, Any]] = []
    for at, event in enumerate(events):
        if own("partOf") in event:
            parts.append((at, event[own("partOf")]))
            continue
        unit = Unit(at, event)
        said = own("type") in event or "errorDeclaration" in event
        if not said and halves.take(unit, grouped.units):
            continue
        grouped.units.append(unit)
        declared = event.get("errorDeclaration")
        id_ = declared.get(own("correctedBy")) if isinstance(declared, dict) else event.get("eventID")
        if isinstance(id_, str):
            mains[id_] = unit
    for at, id_ in parts:
        main = mains.get(id_) if isinstance(id_, str) else None
        if main is None:
            en, zh = "the event that this is part of is not in the document", "文件中缺少其所属的事件"
            grouped.faults[at] = refused(f"/{own('partOf')}", "part", en, zh)
        else:
            main.others.append(at)
    for at in halves.left():
        en, zh = "its other half is not in the document", "文件中缺少与之配对的另一半事件"
        grouped.faults[at] = refused("", "half", en, zh)
    return grouped


class _Halves:
    """Somebody else's events that wait for another one, by parent."""

    def __init__(self) -> None:
        self._removed: dict[str, Unit] = {}
        self._replaced: dict[str, list[Unit]] = {}

    def take(self, unit: Unit, earlier: Sequence[Unit]) -> bool:
        """Whether this event is no unit of its own. A later half is completed by what waited for it."""
        event = unit.event
        type_, action, step = event.get("type"), event.get("action"), word_of(event.get("bizStep"))
        parent = event.get("parentID")
        key = canonical_uri(parent) if isinstance(parent, str) else ""
        if type_ == ASSOCIATION and action == "DELETE" and step == "removing":
            self._removed[key] = unit
            return True
        if type_ == ASSOCIATION and step == "replacing":
            self._replaced.setdefault(key, []).append(unit)
            return True
        if type_ == ASSOCIATION and action == "ADD" and step == "installing" and key in self._removed:
            out = self._removed.pop(key)
            unit.kind, unit.epcs, unit.others = "swap", _children(out.event) + _children(event), [out.at]
        if type_ == OBJECT and step == "repairing":
            self._repair(unit)
        if type_ == OBJECT and action == "DELETE" and step in ("decommissioning", "destroying"):
            return _follows(unit, earlier)
        return False

    def left(self) -> list[int]:
        """The places of the events that still wait."""
        waiting = [*self._removed.values(), *(unit for units in self._replaced.values() for unit in units)]
        return sorted(unit.at for unit in waiting)

    def _repair(self, unit: Unit) -> None:
        epcs = _listed(unit.event, "epcList")
        for half in self._replaced.pop(canonical_uri(epcs[0]), []) if epcs else []:
            name = "removed" if half.event.get("action") == "DELETE" else "inserted"
            for epc in _children(half.event)[:1]:
                unit.parts[name] = epc
                unit.epcs = [*(unit.epcs or epcs[:1]), epc]
            unit.others.append(half.at)


def _follows(unit: Unit, earlier: Sequence[Unit]) -> bool:
    """Whether the end of these batteries follows from an event before: then it is part of that."""
    ended = {canonical_uri(each) for each in _listed(unit.event, "epcList")}
    for before in reversed(earlier):
        step = word_of(before.event.get("bizStep"))
        parent = before.event.get("parentID")
        if step == "disassembling" and isinstance(parent, str) and ended == {canonical_uri(parent)}:
            before.others.append(unit.at)
            return True
        if step == "recycling" and ended == {canonical_uri(each) for each in _listed(before.event, "inputEPCList")}:
            before.others.append(unit.at)
            return True
    return False


def _children(event: Json) -> list[str]:
    return _listed(event, "childEPCs")


def _listed(event: Mapping[str, Any], name: str) -> list[str]:
    value = event.get(name)
    return [each for each in value if isinstance(each, str)] if isinstance(value, list) else []
