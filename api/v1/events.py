"""Recording events: one, or up to 1,000 at once. Reading an entry back."""

from flask.typing import ResponseReturnValue

from api import json
from api.auth import PUBLIC, RECORDER, present_caller, present_registry, signed_in
from api.edge import current_edge, current_register
from api.intake import Intake
from api.outcomes import count, settle
from api.problems import answer_problem
from api.receipts import entry_path, receipt_members
from api.routes import Answer, Routes, Terms
from api.schemas.answers import ENTRY, RECEIPT
from api.schemas.bodies import EventBody
from api.schemas.envelopes import Envelope
from ledger.entry import parse_entry
from service.domain.roles import Role
from service.errors import FaultyError, NotFoundError
from service.history import battery_history, may_read_all
from service.recording import Outcome, Recorded
from service.work import ProvenEntry

routes = Routes("events")

REPLAYED = "Idempotency-Replayed"
FOR_EVER = "public, max-age=31536000, immutable"


@routes.post(
    "/v1/events",
    Terms(
        RECORDER,
        "Record one event",
        body=EventBody(),
        answers=(
            Answer(201, "Recorded", RECEIPT, headers={"Location": "The entry"}),
            Answer(200, "Recorded before, as the same event", RECEIPT, headers={REPLAYED: "true"}),
        ),
        errors=(400, 409, 413, 415, 422, 503),
    ),
)
def record_event(body: Envelope) -> ResponseReturnValue:
    outcome = _record(body)
    count(outcome)
    if not isinstance(outcome, Recorded):
        return answer_problem(settle(outcome, body))
    response = json.answer(receipt_members(outcome), 200 if outcome.replayed else 201)
    response.headers["Location"] = entry_path(outcome.index)
    if outcome.replayed:
        response.headers[REPLAYED] = "true"
    return response


@routes.get(
    "/v1/entries/<int:index>",
    Terms(PUBLIC, "One entry with its proof", answers=(Answer(200, "The entry", ENTRY),), errors=(404,)),
)
def show_entry(index: int) -> ResponseReturnValue:
    register = current_register()
    if index >= 1 << 62:
        raise NotFoundError(f"there is no entry {index}")
    with register.read() as reader:
        found = reader.proven(index)
    whole = receipt_members(found)
    if not _may_read(found):
        del whole["entry"]
    return json.with_etag(json.answer(whole))


def _record(envelope: Envelope) -> Outcome:
    edge = current_edge()
    try:
        admitted = Intake(edge.register, signed_in()).admit(envelope)
    except FaultyError as error:
        return error
    [outcome] = edge.recorder.record([admitted])
    return outcome


def _may_read(found: ProvenEntry) -> bool:
    """Whoever recorded it, took part in the life of one of its batteries, is a regulator or the authority."""
    caller = present_caller()
    if caller is None or "read" not in caller.scopes:
        return False
    event = parse_entry(found.entry).event
    registry = present_registry()
    if caller.operator == event.actor or registry.roles_of(caller.operator) & {Role.REGULATOR, Role.AUTHORITY}:
        return True
    register = current_register()
    return any(may_read_all(caller, battery_history(register, code), registry) for code in event.subjects)
