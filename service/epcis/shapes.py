"""Each kind of event as EPCIS events: type, action, business step, disposition, and which batteries stand where.

A kind has one main event, which carries everything that was told, and perhaps others that follow from it: a swap takes
one pack out of the vehicle and puts another in. Source of the rows: EPCIS 2.0 and CBV 2.0, as applied in
docs/epcis.md. What the CBV has no word for has one of ours.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from service.domain.accounting import told_parts
from service.domain.events import KINDS
from service.domain.words import Decision
from service.epcis.terms import NAMESPACE

Body = Mapping[str, Any]
OBJECT, ASSOCIATION, TRANSFORMATION = "ObjectEvent", "AssociationEvent", "TransformationEvent"
REGISTER_EVENT = "packtrail:RegisterEvent"
"""About no battery: a model, an operator."""
VEHICLE = "vehicle"
"""Stands for the vehicle where a parent is named."""


class What(NamedTuple):
    """The batteries of one EPCIS event. parent: a code, VEHICLE, or None."""

    epcs: Sequence[str] = ()
    parent: str | None = None
    outputs: Sequence[str] = ()


Choose = Callable[[Sequence[str], Body], What | None]


class Shape(NamedTuple):
    """One EPCIS event. `what` gives None where this event does not happen; `when` gives the disposition."""

    type: str
    action: str | None
    step: str
    disposition: str | None
    what: Choose
    unset: str | None = None
    ilmd: bool = False
    dispositions: tuple[str, ...] = ()
    when: Callable[[Body], str] | None = None

    @property
    def possible(self) -> frozenset[str]:
        """Every disposition that it may have."""
        return frozenset({*self.dispositions, *([self.disposition] if self.disposition else [])})


def ours(name: str) -> str:
    """A business step of ours."""
    return f"{NAMESPACE}BizStep-{name}"


def _all(subjects: Sequence[str], _: Body) -> What:
    return What(subjects)


def _any(subjects: Sequence[str], _: Body) -> What | None:
    return What(subjects) if subjects else None


def _first(subjects: Sequence[str], _: Body) -> What:
    return What(subjects[:1])


def _family(subjects: Sequence[str], _: Body) -> What:
    return What(subjects[1:], subjects[0])


def _found_parts(subjects: Sequence[str], body: Body) -> What:
    """Those that were missing did not come out."""
    missing = body.get("missing", ())
    named = (code for code in subjects[1:] if code not in missing)
    in_runs = (code for code, parts in told_parts("dismantle", body) if "missing" not in parts)
    return What([*named, *in_runs], subjects[0])


def _in_vehicle(subjects: Sequence[str], _: Body) -> What:
    return What(subjects, VEHICLE)


def _out_of_vehicle(subjects: Sequence[str], _: Body) -> What:
    return What(subjects[:1], VEHICLE)


def _into_vehicle(subjects: Sequence[str], _: Body) -> What:
    return What(subjects[1:2], VEHICLE)


def _removed(subjects: Sequence[str], body: Body) -> What | None:
    return What([body["removed"]], subjects[0]) if body.get("removed") else None


def _inserted(subjects: Sequence[str], body: Body) -> What | None:
    return What([body["inserted"]], subjects[0]) if body.get("inserted") else None


def _output(subjects: Sequence[str], _: Body) -> What:
    return What(subjects[1:], outputs=subjects[:1])


def _tested(body: Body) -> str:
    return "available" if body.get("decision") == Decision.SECOND_LIFE else "non_conformant"


_NOTICES = {"recall": "recalled", "theft": "stolen", "quarantine": "non_sellable_other", "dispute": "reserved"}


def _noticed(body: Body) -> str:
    return _NOTICES.get(str(body.get("notice")), "unknown")


def _observed(step: str, disposition: str | None, unset: str | None = None) -> tuple[Shape, ...]:
    return (Shape(OBJECT, "OBSERVE", step, disposition, _all, unset),)


_SECOND_LIFE = (Shape(TRANSFORMATION, None, "commissioning", "active", _output, ilmd=True),)
_MADE = (Shape(OBJECT, "ADD", "commissioning", "active", _all, ilmd=True),)

SHAPES: Mapping[str, tuple[Shape, ...]] = {
    "register": _MADE,
    "register_pack": _MADE,
    "assemble": (Shape(ASSOCIATION, "ADD", "assembling", "in_progress", _family),),
    "place_on_market": _observed(ours("placing_on_market"), "sellable_accessible"),
    "publish_passport": _observed(ours("publishing_passport"), None),
    "install": (Shape(ASSOCIATION, "ADD", "installing", "active", _in_vehicle),),
    "sell": _observed("retail_selling", "retail_sold"),
    "transfer_ownership": _observed(ours("transferring_ownership"), "retail_sold"),
    "report_soh": _observed("inspecting", "conformant"),
    "report_incident": _observed("inspecting", "damaged"),
    "begin_service": _observed(ours("beginning_service"), "unavailable"),
    "repair": (
        Shape(OBJECT, "OBSERVE", "repairing", "conformant", _first),
        Shape(ASSOCIATION, "DELETE", "replacing", "in_progress", _removed),
        Shape(ASSOCIATION, "ADD", "replacing", "in_progress", _inserted),
    ),
    "swap": (
        Shape(ASSOCIATION, "ADD", "installing", "active", _into_vehicle),
        Shape(ASSOCIATION, "DELETE", "removing", "active", _out_of_vehicle),
    ),
    "replace_pack": (
        Shape(ASSOCIATION, "ADD", "replacing", "active", _into_vehicle),
        Shape(ASSOCIATION, "DELETE", "replacing", "inactive", _out_of_vehicle),
    ),
    "issue_notice": (
        Shape(
            OBJECT, "OBSERVE", ours("issuing_notice"), None, _all, dispositions=tuple(_NOTICES.values()), when=_noticed
        ),
    ),
    "lift_notice": _observed(ours("lifting_notice"), None),
    "retire": _observed("collecting", "returned", "retail_sold"),
    "scrap_vehicle": _observed(ours("scrapping_vehicle"), "returned"),
    "collect": _observed("collecting", "disposed", "retail_sold"),
    "hand_over": _observed("shipping", "in_transit"),
    "receive": _observed("receiving", "in_progress"),
    "report_found": _observed("stock_taking", "in_progress"),
    "test": (
        Shape(OBJECT, "OBSERVE", "inspecting", None, _all, dispositions=("available", "non_conformant"), when=_tested),
    ),
    "prepare_reuse": _SECOND_LIFE,
    "repurpose": _SECOND_LIFE,
    "remanufacture": _SECOND_LIFE,
    "dismantle": (
        Shape(ASSOCIATION, "DELETE", "disassembling", "in_progress", _found_parts),
        Shape(OBJECT, "DELETE", "decommissioning", "inactive", _first),
    ),
    "recycle": (
        Shape(TRANSFORMATION, None, ours("recycling"), f"{NAMESPACE}Disp-recycled", _all),
        Shape(OBJECT, "DELETE", "destroying", "destroyed", _any),
    ),
    "export": _observed(ours("exporting"), "in_transit"),
    "import_back": _observed(ours("importing"), "in_progress"),
    "void": _observed(ours("asking_to_void"), "inactive"),
    "approve_void": (Shape(OBJECT, "DELETE", "decommissioning", "inactive", _all),),
    "erase_values": _observed(ours("erasing_values"), None),
}
"""By kind, the main event first. A kind that is not listed is observed, in a step of its own name."""
CORRECT = "correct"
"""The kind that is told as the corrected event with an error declaration."""
FOREIGN: Mapping[tuple[str, str | None, str], str] = {
    (OBJECT, "ADD", "commissioning"): "register",
    (ASSOCIATION, "ADD", "assembling"): "assemble",
    (ASSOCIATION, "ADD", "installing"): "install",
    (OBJECT, "OBSERVE", "retail_selling"): "sell",
    (OBJECT, "OBSERVE", "inspecting"): "report_soh",
    (OBJECT, "OBSERVE", "sensor_reporting"): "report_soh",
    (OBJECT, "OBSERVE", "repairing"): "repair",
    (OBJECT, "OBSERVE", "collecting"): "retire",
    (OBJECT, "OBSERVE", "shipping"): "hand_over",
    (OBJECT, "OBSERVE", "receiving"): "receive",
    (ASSOCIATION, "DELETE", "disassembling"): "dismantle",
    (TRANSFORMATION, None, "commissioning"): "repurpose",
    (TRANSFORMATION, None, "recycling"): "recycle",
}
"""What an event of somebody else's is, that does not say the kind: by type, action and business step."""
FOREIGN_DISPOSED: Mapping[tuple[str, str], str] = {
    ("report_soh", "damaged"): "report_incident",
    ("report_soh", "available"): "test",
    ("report_soh", "non_conformant"): "test",
    ("retire", "disposed"): "collect",
}
"""And where the disposition makes it another kind."""


def shapes_of(kind: str, subjects: Sequence[str]) -> tuple[Shape, ...]:
    """The events of a kind, the main one first."""
    if kind in SHAPES:
        return SHAPES[kind]
    if not subjects:
        return (Shape(REGISTER_EVENT, None, ours(kind), None, _all),)
    return _observed(ours(kind), None)


def shapes_of_kind(kind: str) -> tuple[Shape, ...]:
    """The events that a kind can be told as, whichever batteries it names."""
    return shapes_of(kind, ("",) if KINDS[kind].subjects.maximum else ())
