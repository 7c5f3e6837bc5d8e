"""The standing of organisations as the authority rules it: suspended, ended, active again. Each ruling is an entry.

From that entry on nothing that the organisation signs is recorded, whichever key it signs with; its API keys open
nothing, its people are signed out and not let in, its webhooks wait. All of it comes back with its reinstatement.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from service.domain.bodies import SetStanding
from service.domain.rules_use import date_in_china
from service.domain.words import Standing
from service.operators import authority, record_as
from service.programs.generation import announce
from service.recording.recorder import Recorded, Recorder
from service.recording.registry import SET_STANDING


@dataclass(frozen=True, slots=True)
class Ruling:
    """What the authority rules of an organisation, from which day on (None: today), and why, for everybody to read."""

    operator: str
    standing: Standing
    reason: str
    since: date | None = None

    def body(self, today: date) -> Mapping[str, str]:
        day = (self.since or today).isoformat()
        return {"operator_id": self.operator, "standing": self.standing.value, "since": day, "reason": self.reason}


def ruling_members(ruling: SetStanding) -> dict[str, str]:
    """A ruling as it is told beside the operator that it is about."""
    return {"standing": ruling.standing.value, "since": ruling.since.isoformat(), "reason": ruling.reason}


def set_standing(recorder: Recorder, ruling: Ruling) -> Recorded:
    """Record a ruling, which holds at once in all processes of the host. Raises its refusal."""
    register = recorder.register
    body = ruling.body(date_in_china(register.clock()))
    recorded = record_as(recorder, authority(register), SET_STANDING, body)
    announce(register.settings.data)
    return recorded
