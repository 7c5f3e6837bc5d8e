"""Capturing EPCIS events: a document as a job, or one event.

The job is done when it is answered: 202 and its address, where its outcome stays. With rollback, the standard's
default, one refused event refuses all; with proceed the others are recorded.
"""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from flask import request
from flask.typing import ResponseReturnValue

from api.auth import READER, RECORDER, signed_in
from api.edge import current_edge, current_register
from api.epcis.wire import OBJECT, LdBody, PageQuery, answer, with_headers
from api.intake import Intake
from api.outcomes import count
from api.problems import MAX_ERRORS, Problem, answer_problem, moved, problem_of
from api.routes import Answer, Routes, Terms
from api.schemas.envelopes import Custodial, Envelope, Signed
from ledger.entry import format_hash
from service.domain.uuid7 import make_uuid7
from service.epcis.capturing import (
    PAGE,
    Job,
    Told,
    hash_of,
    list_jobs,
    load_job,
    make_job,
    place_in_event,
    read_document,
    save_job,
    unsigned,
)
from service.epcis.documents import Document, open_document, open_event
from service.epcis.errors import QueryParameterError
from service.errors import ConflictError, FaultyError, ServiceError
from service.operators import desk
from service.recording.admission import Admitted
from service.recording.recorder import Recorded

routes = with_headers(Routes("epcis_capture"))

BEHAVIOUR = "GS1-EPCIS-Capture-Error-Behaviour"
ROLLBACK, PROCEED = "rollback", "proceed"
_ERRORS = (400, 409, 413, 415, 422, 503)


@dataclass(frozen=True, slots=True)
class _Item:
    """An event of the document: ready to be recorded, or why not."""

    told: Told
    admitted: Admitted | None
    outcome: Recorded | ServiceError | None = None


@routes.post(
    "/epcis/capture",
    Terms(
        RECORDER,
        "Capture a document of EPCIS events",
        body=LdBody(),
        answers=(Answer(202, "Captured; its outcome is at Location", OBJECT, headers={"Location": "The capture"}),),
        errors=_ERRORS,
    ),
)
def capture_document(body: Any) -> ResponseReturnValue:
    register, caller = current_register(), signed_in()
    started, behaviour = register.clock(), _behaviour()
    document = open_document(body)
    items = _record(document, atomic=behaviour == ROLLBACK)
    id_ = make_uuid7(int(started.timestamp() * 1000), os.urandom(10))
    job = make_job(id_, started, register.clock(), behaviour=behaviour, result=_result(document, items))
    with register.write_beside() as connection:
        save_job(connection, caller.operator, job)
    response = answer(_members(job), 202)
    response.headers["Location"] = f"{register.settings.base_url}/epcis/capture/{id_}"
    return response


@routes.get(
    "/epcis/capture",
    Terms(
        READER,
        "The caller's captures, newest first",
        query=PageQuery(),
        answers=(Answer(200, "Without what became of each event", {"type": "array", "items": OBJECT}),),
    ),
)
def show_captures(query: dict[str, str]) -> ResponseReturnValue:
    register, given = current_register(), query.get("perPage", str(PAGE))
    if not (given.isascii() and given.isdigit() and 1 <= int(given[:9]) <= PAGE):
        raise QueryParameterError("perPage", f"a number from 1 to {PAGE} is needed", f"应为1至{PAGE}的整数")
    limit = int(given)
    with register.read() as reader:
        before = query.get("nextPageToken")
        jobs = list_jobs(reader.connection, signed_in().operator, before=before, limit=limit)
    rows = [{name: value for name, value in _members(job).items() if ":" not in name} for job in jobs]
    response = answer(rows)
    if len(jobs) == limit:
        address = f"{register.settings.base_url}{request.path}?perPage={limit}&nextPageToken={jobs[-1].id}"
        response.headers["Link"] = f'<{address}>; rel="next"'
    return response


@routes.get(
    "/epcis/capture/<capture>",
    Terms(READER, "The outcome of a capture", answers=(Answer(200, "The job", OBJECT),), errors=(404,)),
)
def show_capture(capture: str) -> ResponseReturnValue:
    with current_register().read() as reader:
        return answer(_members(load_job(reader.connection, signed_in().operator, capture)))


@routes.post(
    "/epcis/events",
    Terms(
        RECORDER,
        "Capture one EPCIS event",
        body=LdBody(),
        answers=(
            Answer(201, "Recorded", OBJECT, headers={"Location": "The event"}),
            Answer(200, "Recorded before, as the same event", OBJECT),
        ),
        errors=_ERRORS,
    ),
)
def capture_event(body: Any) -> ResponseReturnValue:
    document = open_event(body)
    [item] = _record(document, atomic=True)
    recorded = item.outcome
    if not isinstance(recorded, Recorded):
        return answer_problem(_problem(item, document))
    members = _row(item) | {"leafHash": format_hash(recorded.leaf_hash), "eventHash": hash_of(document, 0)}
    response = answer(members, 200 if recorded.replayed else 201)
    address = f"{current_register().settings.base_url}/epcis/events/{quote(item.told.event_id, safe='')}"
    response.headers["Location"] = address
    return response


def _behaviour() -> str:
    given = request.headers.get(BEHAVIOUR, ROLLBACK)
    if given not in (ROLLBACK, PROCEED):
        raise QueryParameterError(BEHAVIOUR, "rollback or proceed", "应为rollback或proceed")
    return given


def _record(document: Document, *, atomic: bool) -> list[_Item]:
    edge, caller = current_edge(), signed_in()
    intake = Intake(edge.register, caller)
    held = desk(edge.register).held_key(caller.operator) is not None
    items = [_admit(intake, told, held=held) for told in read_document(edge.register, document, caller.operator)]
    ready = [item.admitted for item in items if item.admitted is not None]
    if atomic and len(ready) < len(items):
        return [item if item.outcome is not None else _Item(item.told, None, _spared()) for item in items]
    outcomes = iter(edge.recorder.record(ready, atomic=atomic) if ready else ())
    done = [item if item.admitted is None else _Item(item.told, item.admitted, next(outcomes)) for item in items]
    count(item.outcome for item in done if item.outcome is not None)
    return done


def _admit(intake: Intake, told: Told, *, held: bool) -> _Item:
    if told.read is None:
        return _Item(told, None, told.refusal)
    read = told.read
    if read.jws is None and not held:
        return _Item(told, None, unsigned(read))
    envelope: Envelope = (
        Custodial(read.members, read.private) if read.jws is None else Signed(read.members, read.jws, read.private)
    )
    try:
        return _Item(told, intake.admit(envelope))
    except FaultyError as error:
        return _Item(told, None, error)


def _spared() -> ServiceError:
    return ConflictError("not recorded: another event of the same document was refused")


def _problem(item: _Item, document: Document) -> Problem:
    error = item.outcome
    assert isinstance(error, ServiceError)
    place = f"{document.pointer}/{item.told.at}" if document.pointer else ""
    inside = (lambda pointer: pointer) if item.told.read is None else place_in_event
    return moved(problem_of(error), lambda pointer: place + inside(pointer))


def _result(document: Document, items: Sequence[_Item]) -> dict[str, Any]:
    refused = [item for item in items if not isinstance(item.outcome, Recorded)]
    errors = [_problem(item, document).members() for item in refused[:MAX_ERRORS]]
    return {"errors": errors, "events": [_row(item) for item in items]}


def _row(item: _Item) -> dict[str, Any]:
    outcome, told = item.outcome, item.told
    row: dict[str, Any] = {"eventID": told.event_id}
    if isinstance(outcome, Recorded):
        row["index"] = outcome.index
        if told.read is not None and told.read.dropped:
            row["notRecorded"] = list(told.read.dropped)
    elif outcome is not None:
        row["status"] = problem_of(outcome).kind.status
    return row


def _members(job: Job) -> dict[str, Any]:
    return {
        "captureID": job.id,
        "createdAt": job.created_at,
        "finishedAt": job.finished_at,
        "running": False,
        "success": job.success,
        "captureErrorBehaviour": job.behaviour,
        "errors": job.result["errors"],
        "packtrail:events": job.result["events"],
    }
