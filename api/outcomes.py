"""What became of an event that was sent: counted, and told as a problem in terms of what was sent."""

from collections.abc import Iterable

from api.auth import signed_in
from api.edge import current_edge
from api.problems import Problem, moved, problem_of
from api.schemas.envelopes import Envelope, Signed
from service.errors import FaultyError, ServiceError
from service.recording.recorder import Outcome, Recorded
from service.scans.noting import RULED_OUT, note_refusal


def settle(error: ServiceError, envelope: Envelope) -> Problem:
    """The problem, pointing into the envelope instead of into the event. What tells of a copied label is noted."""
    if isinstance(error, FaultyError) and any(fault.code in RULED_OUT for fault in error.faults):
        members = envelope.event if isinstance(envelope, Signed) else envelope.members
        for code in members.get("subjects", ()):
            note_refusal(current_edge().register, signed_in().operator, code)
    return moved(problem_of(error), envelope.place)


def count(outcomes: Iterable[Outcome]) -> None:
    """Add outcomes to the metrics: refusals by the rule that refused."""
    metrics, told = current_edge().metrics, {False: 0, True: 0}
    for outcome in outcomes:
        if isinstance(outcome, Recorded):
            told[outcome.replayed] += 1
        else:
            faults = outcome.faults if isinstance(outcome, FaultyError) else ()
            metrics.refused.labels(faults[0].code if faults else type(outcome).__name__).inc()
    metrics.recorded.inc(told[False])
    metrics.replayed.inc(told[True])
