"""A form that becomes one event: tried when its answers are shown, recorded when they are confirmed.

The event's id is made with the form, so a form that is sent twice is recorded once; when it happened is the time of
that id.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from api.auth import signed_in
from api.edge import current_register
from api.intake import Intake
from api.problems import Problem, problem_of
from api.schemas.envelopes import Custodial
from api.telling import Refused, tell
from ledger.entry import format_time
from service.domain.uuid7 import uuid7_time_ms
from service.errors import FaultyError, ServiceError
from service.recording.recorder import Recorded
from service.recording.trying import try_event

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
Faults = Mapping[str, tuple[str, str]]
"""By field of the form what is wrong with it, in English and Chinese."""


class Refusal(NamedTuple):
    """Why a form cannot become an event: at its fields, and as a whole where no field is to blame."""

    faults: Faults
    problem: Problem | None


def members_of(id_: str, kind: str, subjects: Sequence[str], body: Mapping[str, Any]) -> dict[str, Any]:
    """The event that a form tells."""
    moment = format_time(_EPOCH + timedelta(milliseconds=uuid7_time_ms(id_)))
    return {"id": id_, "type": kind, "occurred_at": moment, "subjects": list(subjects), "body": dict(body)}


def rehearse(members: Mapping[str, Any], fields: Mapping[str, str]) -> Refusal | None:
    """Why it would be refused now; None where it would be recorded. fields: by pointer, the field of the form."""
    register = current_register()
    try:
        try_event(register, Intake(register, signed_in()).admit(Custodial(members)))
    except ServiceError as error:
        return _refusal(error, problem_of(error), fields)
    return None


def record(members: Mapping[str, Any], fields: Mapping[str, str]) -> Recorded | Refusal:
    """Record it, or say why not."""
    [outcome] = tell([members])
    return _refusal(outcome.error, outcome.problem, fields) if isinstance(outcome, Refused) else outcome


def _refusal(error: ServiceError, problem: Problem, fields: Mapping[str, str]) -> Refusal:
    """A fault of something within a field is one of the field."""
    faults: dict[str, tuple[str, str]] = {}
    for fault in error.faults if isinstance(error, FaultyError) else ():
        name = next((name for pointer, name in fields.items() if fault.pointer.startswith(pointer)), None)
        if name is None:
            return Refusal(faults, problem)
        faults.setdefault(name, (fault.message_en, fault.message_zh))
    return Refusal(faults, None if faults else problem)
