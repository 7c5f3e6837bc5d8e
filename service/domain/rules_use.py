"""Rules of the first life: publishing a model, registering, assembling, installing, selling, reporting, repairing."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone
from typing import Any

from service.domain.bodies import (
    Assemble,
    Install,
    PublishModel,
    Register,
    Repair,
    ReplacePack,
    ReportIncident,
    Retire,
    Sell,
    Swap,
)
from service.domain.breaches import breach
from service.domain.case import B, Case
from service.domain.gbt34014 import BatteryCode, parse_code
from service.domain.states import BLOCKING_FLAGS, UNKNOWN_VEHICLE, BatteryState
from service.domain.words import Level

CODE_ZONE = timezone(timedelta(hours=8))  # production dates are dates in China
MASS_TOLERANCE_PERCENT = 2  # Conservation rule 4
PARTS_OF_LEVEL = {Level.PACK: (Level.MODULE, Level.CELL), Level.MODULE: (Level.CELL,), Level.CELL: ()}


def date_in_china(moment: datetime) -> date:
    return moment.astimezone(CODE_ZONE).date()


def model_is_new(case: Case[PublishModel]) -> None:
    known = case.facts.models.get(case.body.model_id)
    if known is not None:
        raise breach("model-published", "/body/model_id", model_id=case.body.model_id, maker=known.maker)


def composition_fits_mass(case: Case[PublishModel]) -> None:
    total = sum(case.body.composition_g.values())
    if total > case.body.mass_g:
        raise breach("composition-mass", "/body/composition_g", sum=total, mass=case.body.mass_g)


def code_fits_model(case: Case[Register]) -> None:
    """InvalidCode where the subject is no code, or one of a later date than today."""
    body, code = case.body, parse_code(case.event.subjects[0], today=case.facts.today)
    code_is_new_form(code, 24)
    if code.date != body.made_on:
        raise breach("made-on", "/body/made_on", code_date=code.date, made_on=body.made_on)
    model = case.facts.models.get(body.model_id)
    if model is None:
        raise breach("model-unknown", "/body/model_id", model_id=body.model_id)
    if model.maker != case.event.actor:
        raise breach("not-the-maker", "/body/model_id", what=body.model_id, maker=model.maker)
    for field, field_zh, found, expected in (
        ("the manufacturer", "厂商代码", code.manufacturer, model.body.manufacturer_code),
        ("the level", "产品类型", code.level, model.body.level),
        ("the chemistry", "电池类型", code.chemistry, model.body.chemistry),
        ("the specification", "规格代码", code.specification, model.body.specification),
    ):
        if found != expected:
            raise breach(
                "model-mismatch", "/subjects/0", field=field, field_zh=field_zh, found=found, expected=expected
            )
    if body.gtin is not None and model.body.gtin is not None and body.gtin != model.body.gtin:
        raise breach("gtin-mismatch", "/body/gtin", expected=model.body.gtin)


def code_is_new_form(code: BatteryCode, form: int) -> None:
    if code.form != form:
        raise breach("code-form", "/subjects/0", form=form)


def parent_is_own(case: Case[Assemble]) -> None:
    parent = case.states[0]
    if parent.maker != case.event.actor:
        raise breach("not-the-maker", "/subjects/0", what=parent.code, maker=parent.maker)


def something_is_linked(case: Case[Assemble]) -> None:
    """Parts are told by their codes; cells without codes by how many there are and of which lot."""
    count, lot = case.body.cell_count, case.body.cell_lot
    if (count is None) != (lot is None):
        raise breach("cell-lot", "/body/cell_lot" if lot is None else "/body/cell_count")
    if lot is None and len(case.states) == 1:
        raise breach("nothing-linked", "/subjects")
    if lot is not None and any(child.level is Level.CELL for child in case.states[1:]):
        raise breach("cells-twice", "/body/cell_count")


def children_fit(case: Case[Assemble]) -> None:
    for at, child in enumerate(case.states[1:], 1):
        part_fits(child, case.states[0], at)


def part_fits(child: BatteryState, parent: BatteryState, at: int) -> None:
    """`child`, subject number `at`, can be built into `parent`: the right level, in nothing else, in no vehicle."""
    if child.level not in PARTS_OF_LEVEL[parent.level]:
        raise breach(
            "child-level",
            f"/subjects/{at}",
            child=child.level.en,
            parent=parent.level.en,
            child_zh=child.level.zh,
            parent_zh=parent.level.zh,
        )
    stands_alone(child, at)


def stands_alone(state: BatteryState, at: int = 0) -> None:
    """The battery is built into nothing and in no vehicle."""
    is_no_part(state, at)
    if state.vehicle is not None:
        raise breach("in-a-vehicle", f"/subjects/{at}", current=state, code=state.code)


def is_no_part(state: BatteryState, at: int = 0) -> None:
    if state.parent is not None:
        raise breach("part-of-another", f"/subjects/{at}", current=state, code=state.code, parent=state.parent)


def children_weigh_no_more(case: Case[Assemble]) -> None:
    total = sum(child.mass_g for child in case.states[1:])
    if total * 100 > case.body.mass_g * (100 + MASS_TOLERANCE_PERCENT):
        raise breach("parts-mass", "/body/mass_g", sum=total, mass=case.body.mass_g)


def vehicle_is_given(case: Case[B]) -> None:
    if case.event.vehicle is None:
        raise breach("vehicle-needed", "/body/vin")


def first_stands_alone(case: Case[B]) -> None:
    stands_alone(case.states[0])


def first_is_no_part(case: Case[B]) -> None:
    is_no_part(case.states[0])


def last_is_safe(case: Case[B]) -> None:
    """The battery put into use, the last subject, carries no flag that forbids it."""
    state = case.states[-1]
    if not BLOCKING_FLAGS.isdisjoint(state.flags):
        flags = ", ".join(state.flags)
        raise breach("unsafe", f"/subjects/{len(case.states) - 1}", current=state, code=state.code, flags=flags)


def sale_has_a_possible_date(case: Case[Sell]) -> None:
    made_on, today = case.states[0].made_on, case.facts.today
    if not made_on <= case.body.sold_on <= today:
        raise breach("sold-on", "/body/sold_on", made_on=made_on, today=today)


def certificate_has_a_possible_date(case: Case[Install]) -> None:
    """A vehicle gets its certificate, or is cleared, with the battery in it, and not in the future."""
    date_is_possible(case, "certificate_on", case.body.certificate_on)


def date_is_possible(case: Case[Any], name: str, day: date | None) -> None:
    """The date in field `name` lies between the day the first subject was made and today."""
    made_on, today = case.states[0].made_on, case.facts.today
    if day is not None and not made_on <= day <= today:
        raise breach("impossible-date", f"/body/{name}", made_on=made_on, today=today)


def vehicle_has_room(case: Case[B]) -> None:
    """The last subject goes into the vehicle, the one before it out: no more are in it than its model says."""
    has_room_for(case, len(case.states) - 1)


def has_room_for(case: Case[Any], at: int) -> None:
    """The vehicle of the case has a place for subject number `at`, besides those that the event names."""
    put_in, packs = case.states[at], case.facts.fitted - set(case.event.subjects)
    model = case.facts.models.get(put_in.model_id) if put_in.model_id else None
    slots = (model.body.packs_per_vehicle if model else None) or 1
    if len(packs) >= slots:
        raise breach("vehicle-full", f"/subjects/{at}", current=put_in, code=put_in.code, slots=slots)


def replacement_is_complete(case: Case[Repair]) -> None:
    removed, inserted = case.body.removed, case.body.inserted
    if (removed is None) != (inserted is None):
        raise breach("replacement-incomplete", "/body/inserted" if inserted is None else "/body/removed")
    parts = set() if removed is None else {removed, inserted}
    if set(case.event.subjects[1:]) != parts or (parts and removed == inserted):
        raise breach("repair-subjects", "/subjects")


def replaced_parts_fit(case: Case[Repair]) -> None:
    parent = case.states[0]
    for at, (part, state) in enumerate(zip(case.parts, case.states, strict=True)):
        if part == "removed" and state.parent != parent.code:
            raise breach("not-a-part", "/body/removed", current=state, code=state.code, parent=parent.code)
        if part == "inserted":
            part_fits(state, parent, at)


def packs_change_places(case: Case[Swap]) -> None:
    _second_takes_place_of_first(case, "/subjects/0")


def new_takes_the_place_of_old(case: Case[ReplacePack]) -> None:
    _second_takes_place_of_first(case, "/body/vin")


def _second_takes_place_of_first(case: Case[Swap] | Case[ReplacePack], vehicle_at: str) -> None:
    old, new = case.states
    if new.level is not Level.PACK:
        raise breach("level", "/subjects/1", code=new.code, level=new.level.en, level_zh=new.level.zh)
    if not same_vehicle(old.vehicle, case.event.vehicle):
        raise breach("vehicle-mismatch", vehicle_at, current=old, code=old.code)
    stands_alone(new, 1)


def incident_has_a_possible_date(case: Case[ReportIncident]) -> None:
    date_is_possible(case, "happened_on", case.body.happened_on)


def same_vehicle(one: str | None, other: str | None) -> bool:
    """Whether these may be one vehicle: of one whose VIN was erased nobody can say that it is not the other."""
    return one == other or (UNKNOWN_VEHICLE in (one, other) and None not in (one, other))


def vehicle_agrees(case: Case[Retire]) -> None:
    """Where a vehicle is named, it is the one the battery is in. Source: MIIT Order 73, 车电一体报废."""
    state = case.states[0]
    if case.event.vehicle is not None and not same_vehicle(state.vehicle, case.event.vehicle):
        raise breach("vehicle-mismatch", "/body/vin", current=state, code=state.code)
