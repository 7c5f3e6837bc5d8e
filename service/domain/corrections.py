"""Corrections: what a later entry may say about an earlier one. Nothing is changed where it stands.

Data was incorrect: the fields in CORRECTABLE may be told anew. The history holds both, and the present state takes the
new value where it still holds the old one. A restricted value is told anew as it was told first, as a commitment.

It did not happen: the kinds in REVERSIBLE can be undone as long as nothing later was recorded of any battery that they
name. The state before such an event is kept beside the newest state, so that it comes back exactly.

Only who told an event, a regulator or the authority corrects it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from typing import Any, NamedTuple

from service.domain.bodies import Correct
from service.domain.breaches import breach
from service.domain.case import Case
from service.domain.events import Event
from service.domain.roles import SUPERVISORS
from service.domain.rules_use import MASS_TOLERANCE_PERCENT, date_is_possible, has_room_for
from service.domain.states import COMMITTED, BatteryState, LifeStatus, OpState
from service.domain.words import CorrectionReason

ABOUT = frozenset({"event_id", "reason", "note"})
"""Fields of a correction that are no new values."""


def _always(_: BatteryState) -> bool:
    return True


def _collected(state: BatteryState) -> bool:
    """Whether that it was collected still stands: what is said not to have occurred told no mass."""
    return state.op_state is not OpState.RETIRED


def _weighed_by_its_maker(state: BatteryState) -> bool:
    return state.life_status is not LifeStatus.WASTE and not state.children


class Correctable(NamedTuple):
    """One row: a field of a kind's body, and the field of the state that it set, if any.

    only_while: whether the present value can still be that of the event; equal values alone do not tell.
    place: of the battery among those that the event names.
    """

    kind: str
    field: str
    sets: str | None = None
    only_while: Callable[[BatteryState], bool] = _always
    place: int = 0


_ROWS = (
    Correctable("register", "mass_g", "mass_g", _weighed_by_its_maker),
    Correctable("register", "capacity_mah", "capacity_mah"),
    Correctable("register", "energy_wh", "energy_wh"),
    Correctable("register", "site"),
    Correctable("register_pack", "capacity_mah", "capacity_mah"),
    Correctable("register_pack", "energy_wh", "energy_wh"),
    Correctable("register_pack", "site"),
    Correctable("assemble", "cell_count"),
    Correctable("assemble", "cell_lot"),
    Correctable("assemble", "mass_g", "mass_g", lambda state: state.life_status is not LifeStatus.WASTE),
    Correctable("place_on_market", "placed_on"),
    Correctable("place_on_market", "declaration_of_conformity"),
    Correctable("place_on_market", "registry_id"),
    Correctable("install", "odometer_km", "odometer_km"),
    Correctable("install", "certificate_on"),
    Correctable("sell", "sold_on"),
    Correctable("sell", "region"),
    Correctable("sell", "owner_type"),
    Correctable("transfer_ownership", "region"),
    Correctable("transfer_ownership", "owner_type"),
    Correctable("report_soh", "soce_ppm", "soce_ppm"),
    Correctable("report_soh", "remaining_capacity_mah", "remaining_capacity_mah"),
    Correctable("report_soh", "full_cycles", "full_cycles"),
    Correctable("report_soh", "odometer_km", "odometer_km"),
    Correctable("load_bms_software", "software_version"),
    Correctable("repair", "soce_ppm", "soce_ppm"),
    Correctable("replace_pack", "voucher"),
    Correctable("swap", "station"),
    Correctable("swap", "soce_out_ppm", "soce_ppm"),
    Correctable("swap", "soce_in_ppm", "soce_ppm", place=1),
    Correctable("retire", "soce_ppm", "soce_ppm"),
    Correctable("scrap_vehicle", "certificate_no"),
    Correctable("scrap_vehicle", "replacement"),
    Correctable("hand_over", "transport_document"),
    Correctable("receive", "transport_document"),
    Correctable("collect", "mass_g", "mass_g", _collected),
    Correctable("collect", "transport_document"),
    Correctable("test", "soce_ppm", "soce_ppm"),
    Correctable("test", "remaining_capacity_mah", "remaining_capacity_mah"),
    Correctable("test", "visual"),
    Correctable("repurpose", "voltage_mv"),
    Correctable("repurpose", "coding_standard"),
)
CORRECTABLE: dict[str, dict[str, Correctable]] = {}
"""The rows by kind and field."""
for _row in _ROWS:
    CORRECTABLE.setdefault(_row.kind, {})[_row.field] = _row

REVERSIBLE = frozenset(
    {"place_on_market", "void", "install", "sell", "transfer_ownership", "report_incident", "begin_service",
     "replace_pack", "issue_notice", "lift_notice", "export", "import_back", "retire", "scrap_vehicle", "hand_over",
     "receive", "collect", "test", "report_found"}
)  # fmt: skip
"""Kinds whose newest event can be said not to have happened. For others: record what is so by an event of its own."""


_ERASED = {"full_cycles": 0, "throughput_wh": 0}
"""What stands in a state for a value that was erased, where it is not None."""


def corrected_event(case: Case[Correct]) -> Event:
    """The event that is corrected. RuleBreach where there is none."""
    corrected = case.facts.corrected
    if corrected is None:
        raise breach("correct-unknown", "/body/event_id", event_id=case.body.event_id)
    return corrected


def correction_is_the_actors(case: Case[Correct]) -> None:
    corrected = corrected_event(case)
    if case.event.actor != corrected.actor and SUPERVISORS.isdisjoint(case.facts.roles):
        raise breach("not-the-teller", "/actor", actor=case.event.actor, teller=corrected.actor)


def correction_names_the_same(case: Case[Correct]) -> None:
    if case.event.subjects != corrected_event(case).subjects:
        raise breach("correct-subjects", "/subjects")


def new_values(body: Correct) -> dict[str, Any]:
    """The new values that are told, by field; those that were erased are not among them."""
    told = ((name, getattr(body, name)) for name in body.__dataclass_fields__ if name not in ABOUT)
    return {name: value for name, value in told if value is not None}


def told_fields(case: Case[Correct]) -> list[str]:
    """The fields that are told anew, those included whose value was erased since."""
    names = new_values(case.body).keys() | (case.event.commitments.keys() - ABOUT)
    return [name for name in case.body.__dataclass_fields__ if name in names]


def values_can_be_corrected(case: Case[Correct]) -> None:
    fields, kind = told_fields(case), corrected_event(case).kind
    if case.body.reason is CorrectionReason.DID_NOT_OCCUR:
        if fields:
            raise breach("value-of-nothing", f"/body/{fields[0]}")
        return
    if not fields:
        raise breach("nothing-corrected", "/body/reason")
    for name in fields:
        if name not in CORRECTABLE.get(kind, ()):
            allowed = ", ".join(CORRECTABLE.get(kind, ())) or "-"
            raise breach("not-correctable", f"/body/{name}", kind=kind, allowed=allowed)


def corrected_values_are_possible(case: Case[Correct]) -> None:
    """The new values keep the conservation rules against the present state."""
    values, corrected = new_values(case.body), corrected_event(case)
    for name, value in values.items():
        if isinstance(value, date):
            date_is_possible(case, name, value)
    if corrected.kind == "assemble" and "mass_g" in values:
        total = sum(child.mass_g for child in case.states[1:])
        if total * 100 > values["mass_g"] * (100 + MASS_TOLERANCE_PERCENT):
            raise breach("parts-mass", "/body/mass_g", sum=total, mass=values["mass_g"])
    cycles = values.get("full_cycles")
    superseded = cycles is not None and "full_cycles" not in _present(case, case.states[0])
    if superseded and values["full_cycles"] > case.states[0].full_cycles:
        raise breach("counter-late", "/body/full_cycles", current=case.states[0])


def event_can_be_undone(case: Case[Correct]) -> None:
    """It is of a reversible kind, and the newest of every battery that it names."""
    if case.body.reason is not CorrectionReason.DID_NOT_OCCUR:
        return
    corrected = corrected_event(case)
    if corrected.kind not in REVERSIBLE or not case.states:
        raise breach("not-reversible", "/body/event_id", current=next(iter(case.states), None), kind=corrected.kind)
    for at, state in enumerate(case.states):
        undo = case.facts.undo.get(state.code)
        if undo is None or undo.event_id != corrected.id or undo.before.count + 1 != state.count:
            raise breach("not-newest", f"/subjects/{at}", current=state, code=state.code)


def undone_leaves_room(case: Case[Correct]) -> None:
    """Who goes back into a vehicle finds its place there: no other pack has taken it. Source: conservation rule 2."""
    if case.body.reason is not CorrectionReason.DID_NOT_OCCUR:
        return
    for at, state in enumerate(case.states):
        if state.vehicle is None and case.facts.undo[state.code].before.vehicle is not None:
            has_room_for(case, at)


def corrected_state(case: Case[Correct], state: BatteryState) -> dict[str, Any]:
    """What a correction changes about a battery."""
    if case.body.reason is CorrectionReason.DID_NOT_OCCUR:
        before = case.facts.undo[state.code].before
        return {name: getattr(before, name) for name in BatteryState._fields if name != "count"}
    values = new_values(case.body)
    rows = _present(case, state).values()
    return {row.sets: values.get(row.field, _ERASED.get(row.sets)) for row in rows if row.sets is not None}


def _present(case: Case[Correct], state: BatteryState) -> dict[str, Correctable]:
    """The rows of the fields told whose value in the present state is still that of the corrected event."""
    return {row.field: row for row in _rows(case) if row.sets and _is_from(row, corrected_event(case), case, state)}


def _rows(case: Case[Correct]) -> Iterator[Correctable]:
    rows = CORRECTABLE.get(corrected_event(case).kind, {})
    return (rows[name] for name in told_fields(case) if name in rows)


def _is_from(row: Correctable, corrected: Event, case: Case[Correct], state: BatteryState) -> bool:
    if case.event.subjects and state.code != case.event.subjects[row.place]:
        return False  # it was told of another one
    if row.sets in COMMITTED:
        return dict(state.committed).get(row.sets, "") == corrected.commitments.get(row.field)
    return row.only_while(state) and getattr(state, row.sets or "") == getattr(corrected.body, row.field, None)
