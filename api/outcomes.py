"""What became of an event that was sent: counted, and told as a problem in terms of what was sent."""

from api.edge import current_edge
from api.problems import Problem, moved, problem_of
from api.schemas.envelopes import Envelope
from service.errors import FaultyError, ServiceError
from service.recording.recorder import Outcome, Recorded


def settle(error: ServiceError, envelope: Envelope) -> Problem:
    """The problem, pointing into the envelope instead of into the event."""
    return moved(problem_of(error), envelope.place)


def count(outcome: Outcome) -> None:
    """Add an outcome to the metrics: refusals by the rule that refused."""
    metrics = current_edge().metrics
    if isinstance(outcome, Recorded):
        (metrics.replayed if outcome.replayed else metrics.recorded).inc()
        return
    faults = outcome.faults if isinstance(outcome, FaultyError) else ()
    metrics.refused.labels(faults[0].code if faults else type(outcome).__name__).inc()
