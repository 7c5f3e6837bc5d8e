"""The workshop for scripts: a battery in hand and what may be done now; what a phone takes along without a network."""

from flask.typing import ResponseReturnValue

from api import json
from api.auth import RECORDER, signed_in
from api.edge import current_register
from api.routes import Answer, Routes, Terms
from api.schemas.workshop import IN_HAND, SNAPSHOT
from api.workshop.action import form_of
from api.workshop.battery import take_in_hand
from api.workshop.wire import battery_members, snapshot_members
from ledger.entry import format_time
from service.lookup import resolve_battery
from service.workshop.snapshot import take_snapshot

routes = Routes("workshop_v1")


@routes.get(
    "/v1/workshop/battery/<battery:identifier>",
    Terms(
        RECORDER,
        "A battery in hand: may it be worked on, and what may be recorded of it now",
        answers=(Answer(200, "Verdict, what to compare, actions with their forms; texts in both languages", IN_HAND),),
        errors=(404, 422),
    ),
)
def show_in_hand(identifier: str) -> ResponseReturnValue:
    register, operator = current_register(), signed_in().operator
    found = take_in_hand(resolve_battery(register, identifier), operator)
    forms = [form_of(found, offer.kind) for offer in found.offers.now]
    told = [form for form in forms if form is not None]
    return json.answer(battery_members(found, told, format_time(register.clock())))


@routes.get(
    "/v1/workshop/snapshot",
    Terms(
        RECORDER,
        "What the organisation has in hand or was handed, for a phone without a network",
        answers=(Answer(200, "The newest batteries with verdicts, and the checkpoint they were read under", SNAPSHOT),),
    ),
)
def show_snapshot() -> ResponseReturnValue:
    register, operator = current_register(), signed_in().operator
    with register.read() as reader:
        registry = register.current_registry(reader.connection)
        snapshot = take_snapshot(reader, registry, operator, register.clock())
    return json.answer(snapshot_members(snapshot, operator, registry, format_time(register.clock())))
