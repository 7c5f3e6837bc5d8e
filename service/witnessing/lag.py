"""How far each witness is behind the register: for people, for readiness, for metrics."""

from dataclasses import dataclass
from datetime import datetime

from ledger.entry import parse_time
from service.witnessing.roll import Witness, list_witnesses
from service.work import RegisterReader


@dataclass(frozen=True, slots=True)
class Lag:
    """`behind` counts entries that the witness has not seen; `seconds` since it last cosigned, None if it never did."""

    witness: Witness
    behind: int
    seconds: float | None


def lags(reader: RegisterReader, now: datetime) -> list[Lag]:
    """Of all witnesses, by name."""
    size, witnesses = reader.size(), list_witnesses(reader.connection)
    return [Lag(each, max(0, size - each.size), _since(each.seen_at, now)) for each in witnesses]


def _since(seen_at: str | None, now: datetime) -> float | None:
    return None if seen_at is None else max(0.0, (now - parse_time(seen_at)).total_seconds())
