"""Recording what forms tell, in custody, as the API records what a session sends.

The id of an event is made with its form, so a form that is sent twice is recorded once.
"""

import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from api.auth import signed_in
from api.edge import current_edge, current_register
from api.intake import Intake
from api.outcomes import count, settle
from api.problems import Problem, problem_of
from api.schemas.envelopes import Custodial
from service.domain.bodies.markers import UUID7
from service.domain.uuid7 import make_uuid7
from service.errors import BusyError, FaultyError, ServiceError
from service.recording.admission import Admitted
from service.recording.recorder import Outcome, Recorded

Members = Mapping[str, Any]
_UUID7 = re.compile(UUID7)


@dataclass(frozen=True, slots=True)
class Refused:
    """Why an event was not recorded; nothing of it was stored."""

    error: ServiceError
    problem: Problem


def new_event_id() -> str:
    """For an event that a form will tell."""
    return make_uuid7(int(current_register().clock().timestamp() * 1000), os.urandom(10))


def event_id(text: str) -> str:
    """The id that came back with a form, or a new one where it is none."""
    return text if _UUID7.fullmatch(text) else new_event_id()


def tell(events: Sequence[Members]) -> list[Recorded | Refused]:
    """Record these, each on its own, in one commit; what became of each, in order."""
    edge = current_edge()
    intake = Intake(edge.register, signed_in())
    admitted, found = dict[int, Admitted](), dict[int, Recorded | Refused]()
    for at, members in enumerate(events):
        try:
            admitted[at] = intake.admit(Custodial(members))
        except FaultyError as error:
            count([error])
            found[at] = _refused(error, members)
    outcomes = _record(list(admitted.values()))
    count(outcomes)
    for at, outcome in zip(admitted, outcomes, strict=True):
        found[at] = outcome if isinstance(outcome, Recorded) else _refused(outcome, events[at])
    return [found[at] for at in range(len(events))]


def _record(admitted: list[Admitted]) -> list[Outcome]:
    if not admitted:
        return []
    try:
        return current_edge().recorder.record(admitted)
    except BusyError as error:
        return [error] * len(admitted)


def _refused(error: ServiceError, members: Members) -> Refused:
    return Refused(error, settle(error, Custodial(members)) if isinstance(error, FaultyError) else problem_of(error))
