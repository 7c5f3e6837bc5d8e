"""Recording up to 1,000 events at once: one result for each, in order.

NDJSON is answered with NDJSON, an array with an array. A line that is not JSON refuses that line only. With
`atomic=true` any refusal refuses all, and the answer is a problem that holds every result.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from flask import Response, request
from flask.typing import ResponseReturnValue
from marshmallow import ValidationError

from api import json
from api.auth import RECORDER, signed_in
from api.edge import current_edge
from api.intake import Intake
from api.outcomes import count, settle
from api.problem_table import PROBLEMS
from api.problems import MAX_ERRORS, Problem, answer_problem, language, moved, problem_of
from api.receipts import brief_members, receipt_members
from api.routes import Answer, Routes, Terms
from api.schemas.answers import BATCH_RESULTS
from api.schemas.bodies import BatchBody
from api.schemas.envelopes import Envelope, parse_envelope
from api.schemas.queries import BatchQuery
from ledger.canonical import parse_json
from ledger.errors import MalformedError
from service.errors import ConflictError, FaultyError
from service.recording.admission import Admitted
from service.recording.recorder import Recorded

routes = Routes("batches")

MAX_EVENTS = 1000

Result = Recorded | Problem
Members = Callable[[Recorded], dict[str, object]]


@dataclass(frozen=True, slots=True)
class Line:
    """One event of a batch: admitted, or refused before it came to the log."""

    envelope: Envelope | None
    admitted: Admitted | None
    problem: Problem | None


@routes.post(
    "/v1/events:batch",
    Terms(
        RECORDER,
        "Record up to 1,000 events",
        body=BatchBody(),
        query=BatchQuery(),
        answers=(Answer(200, "A result per event, in order; for NDJSON one a line", BATCH_RESULTS),),
        errors=(400, 409, 413, 415, 422, 503),
    ),
)
def record_batch(body: bytes, query: dict[str, Any]) -> ResponseReturnValue:
    by_lines, atomic = request.mimetype == json.LINES, query["atomic"]
    intake = Intake(current_edge().register, signed_in())
    lines = [_admit(intake, value) for value in (_lines(body) if by_lines else _items(body))]
    if atomic and any(line.problem for line in lines):
        return _answer_refusal([line.problem or _spared() for line in lines])
    results = _record(lines, atomic=atomic)
    if atomic and any(isinstance(result, Problem) for result in results):
        return _answer_refusal(results)
    members = brief_members if query["receipts"] == "brief" else receipt_members
    rows = [json.dump(_row(result, members)) for result in results]
    if by_lines:
        return Response(b"\n".join(rows) + b"\n", content_type=json.LINES)
    return Response(b"[" + b",".join(rows) + b"]", content_type=json.JSON)


def _lines(body: bytes) -> list[object]:
    """The value of each line, or the MalformedError of a line that has none. The last line may end the file."""
    lines = body.removesuffix(b"\n").split(b"\n", MAX_EVENTS)
    _check_number(len(lines) if body else 0)
    return [_parse_line(line) for line in lines]


def _items(body: bytes) -> list[object]:
    items = parse_json(body)
    if not isinstance(items, list):
        raise ValidationError("a batch is a JSON array of events")
    _check_number(len(items))
    return items


def _check_number(number: int) -> None:
    if not 1 <= number <= MAX_EVENTS:
        raise ValidationError(f"a batch holds 1 to {MAX_EVENTS} events")


def _parse_line(line: bytes) -> object:
    try:
        return parse_json(line)
    except MalformedError as error:
        return error


def _admit(intake: Intake, value: object) -> Line:
    if isinstance(value, MalformedError):
        return Line(None, None, problem_of(value))
    try:
        envelope = parse_envelope(value)
    except ValidationError as error:
        return Line(None, None, problem_of(error))
    try:
        return Line(envelope, intake.admit(envelope), None)
    except FaultyError as error:
        count([error])
        return Line(envelope, None, settle(error, envelope))


def _record(lines: Sequence[Line], *, atomic: bool) -> list[Result]:
    """What became of each line. Those that were not admitted keep their place."""
    admitted = [line.admitted for line in lines if line.admitted is not None]
    found = current_edge().recorder.record(admitted, atomic=atomic) if admitted else []
    count(found)
    outcomes = iter(found)
    results: list[Result] = []
    for line in lines:
        if line.envelope is None or line.admitted is None:
            results.append(line.problem or _spared())
            continue
        outcome = next(outcomes)
        results.append(outcome if isinstance(outcome, Recorded) else settle(outcome, line.envelope))
    return results


def _row(result: Result, members: Members) -> dict[str, object]:
    if isinstance(result, Problem):
        return {"status": result.kind.status, "problem": result.members()}
    return {"status": 200 if result.replayed else 201, **members(result)}


def _spared() -> Problem:
    """For an event that had no fault of its own in a batch that was refused."""
    return problem_of(ConflictError("not recorded: another event of the same all-or-nothing batch was refused"))


def _answer_refusal(results: Sequence[Result]) -> Response:
    """A refused all-or-nothing batch: a conflict if nothing but conflicts stands against it."""
    problems = [result if isinstance(result, Problem) else _spared() for result in results]
    at_fault = [(n, problem) for n, problem in enumerate(problems) if problem.errors or problem.kind.status != 409]
    only_conflicts = all(problem.kind.status == 409 for _, problem in at_fault)
    errors = [error for n, problem in at_fault for error in moved(problem, f"/{n}".__add__).errors]
    kind = PROBLEMS["conflict" if only_conflicts else "refused"]
    detail = "该批次未记录任何事件" if language() == "zh" else "nothing of this batch was recorded"
    rows = [_row(problem, brief_members) for problem in problems]
    return answer_problem(Problem(kind, detail, language(), errors=tuple(errors[:MAX_ERRORS]), extra={"results": rows}))
