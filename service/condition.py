"""How the register is doing, as the authority sees it first: soundness, witnesses, and what is open, up to MOST."""

from collections.abc import Sized
from dataclasses import dataclass

from service.duties import LateQuery, find_late, find_missing
from service.explorer import RecentCheckpoint, recent_checkpoints
from service.scans.alerts import find_alerts
from service.verification.selfcheck import Status, read_status
from service.witnessing.lag import Lag, lags
from service.work import Register

MOST = 999


@dataclass(frozen=True, slots=True)
class Condition:
    """checkpoints: newest first. witnessed: the size under the newest one that enough witnesses cosigned.

    late, missing, copies: duties, batteries and alerts that are open; None for more than MOST.
    """

    checkpoints: tuple[RecentCheckpoint, ...]
    witnessed: int
    witnesses: tuple[Lag, ...]
    verified: Status
    late: int | None
    missing: int | None
    copies: int | None

    @property
    def newest(self) -> RecentCheckpoint:
        return self.checkpoints[0]

    @property
    def agreeing(self) -> int:
        """How many witnesses cosigned when they were last asked."""
        return sum(1 for lag in self.witnesses if lag.seconds is not None and lag.witness.error is None)


def read_condition(register: Register) -> Condition:
    """The register as it is now. Cost: a few searches in indexes, and at most MOST rows of each list."""
    with register.read() as reader:
        checkpoints, witnessed = tuple(recent_checkpoints(reader)), reader.witnessed()
        witnesses = tuple(lags(reader, register.clock()))
        alerts = find_alerts(reader.connection, operator=None, after=0, limit=MOST + 1)
    late = find_late(register, LateQuery(limit=MOST + 1)).cases
    missing = find_missing(register, limit=MOST + 1).cases
    return Condition(
        checkpoints=checkpoints,
        witnessed=witnessed.size,
        witnesses=witnesses,
        verified=read_status(register.settings.data),
        late=_count(late),
        missing=_count(missing),
        copies=_count(alerts),
    )


def _count(found: Sized) -> int | None:
    return len(found) if len(found) <= MOST else None
