"""Recording events: one, or up to 1,000 at once. Reading an entry back."""

from flask import Response
from flask.typing import ResponseReturnValue

from api import json
from api.auth import PUBLIC, RECORDER, present_caller, present_registry, signed_in
from api.disclosing import note_batteries
from api.edge import current_edge, current_register
from api.intake import Intake
from api.outcomes import count, settle
from api.problems import answer_problem
from api.receipts import entry_path, receipt_members, state_members
from api.routes import Answer, Routes, Terms
from api.schemas.answers import ENTRY, RECEIPT
from api.schemas.bodies import EventBody
from api.schemas.envelopes import Envelope
from api.schemas.queries import EntryQuery, RecordQuery
from ledger.entry import parse_entry
from ledger.notes.checkpoint import parse_checkpoint
from ledger.notes.note import split_note
from service.errors import FaultyError, NotFoundError
from service.failpoints import reach
from service.history import battery_history, may_read_all
from service.private.shown import private_beside
from service.recording.recorder import Outcome, Recorded
from service.witnessing.head import WitnessedHead
from service.witnessing.waiting import wait_until_witnessed
from service.work import ProvenEntry

routes = Routes("events")

REPLAYED = "Idempotency-Replayed"
RETRY_AFTER = "2"
LATER = {"Location": "Where its witnessed receipt will be", "Retry-After": "Seconds"}


@routes.post(
    "/v1/events",
    Terms(
        RECORDER,
        "Record one event",
        body=EventBody(),
        query=RecordQuery(),
        answers=(
            Answer(201, "Recorded", RECEIPT, headers={"Location": "The entry"}),
            Answer(200, "Recorded before, as the same event", RECEIPT, headers={REPLAYED: "true"}),
            Answer(202, "Recorded, but not yet witnessed", RECEIPT, headers=LATER),
        ),
        errors=(400, 409, 413, 415, 422, 503),
    ),
)
def record_event(body: Envelope, query: dict[str, str]) -> ResponseReturnValue:
    outcome = _record(body)
    count([outcome])
    if not isinstance(outcome, Recorded):
        return answer_problem(settle(outcome, body))
    status = 200 if outcome.replayed else 201
    if query["wait"] == "witnessed":
        response = _answer_witnessed(outcome, wait_until_witnessed(current_register(), outcome.index), status)
    else:
        response = json.answer(receipt_members(outcome), status)
        response.headers["Location"] = entry_path(outcome.index)
    reach("answering")
    if outcome.replayed:
        response.headers[REPLAYED] = "true"
    return response


@routes.get(
    "/v1/entries/<int:index>",
    Terms(
        PUBLIC,
        "One entry with its proof",
        query=EntryQuery(),
        answers=(
            Answer(200, "The entry", ENTRY),
            Answer(202, "The entry, which is not yet witnessed", ENTRY, headers=LATER),
        ),
        errors=(404,),
    ),
)
def show_entry(index: int, query: dict[str, str]) -> ResponseReturnValue:
    register = current_register()
    if index >= 1 << 62:
        raise NotFoundError(f"there is no entry {index}")
    with register.read() as reader:
        found, head = reader.proven(index), reader.witnessed()
    if query["receipt"] == "witnessed":
        response = _answer_witnessed(found, head if head.size > index else None, 200)
        return response if response.status_code == 202 else json.with_etag(response)
    whole = receipt_members(found)
    if not _may_read(found):
        del whole["entry"]
    elif private := private_beside(register, found.entry):
        whole["private"] = private
    return json.with_etag(json.answer(whole))


def _answer_witnessed(found: Recorded | ProvenEntry, head: WitnessedHead | None, status: int) -> Response:
    """The proof under the witnessed checkpoint `head`; without one, what there is, and where to ask again."""
    with current_register().read() as reader:
        served = parse_checkpoint(split_note(reader.served())[0]).size
        proven = reader.proven(found.index, under=head) if head is not None else found
    members = receipt_members(proven) | state_members(found.index, served, head)
    if isinstance(found, ProvenEntry) and not _may_read(found):
        del members["entry"]
    response = json.answer(members, status if head is not None else 202)
    response.headers["Location"] = entry_path(found.index) + "?receipt=witnessed"
    if head is None:
        response.headers["Retry-After"] = RETRY_AFTER
    return response


def _record(envelope: Envelope) -> Outcome:
    edge = current_edge()
    try:
        admitted = Intake(edge.register, signed_in()).admit(envelope)
    except FaultyError as error:
        return error
    [outcome] = edge.recorder.record([admitted])
    return outcome


def _may_read(found: ProvenEntry) -> bool:
    """Whoever recorded it, took part in the life of one of its batteries, is a regulator or the authority.

    Who did not record it leaves a reading.
    """
    caller = present_caller()
    if caller is None or "read" not in caller.scopes:
        return False
    event = parse_entry(found.entry).event
    if caller.operator == event.actor:
        return True
    registry, register = present_registry(), current_register()
    if not registry.is_supervisor(caller.operator) and not any(
        may_read_all(caller, battery_history(register, code), registry) for code in event.subjects
    ):
        return False
    note_batteries(event.subjects, "entry")
    return True
