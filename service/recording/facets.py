"""By what events are looked up when the question is about more than one battery: kind, actor, time of occurrence."""

from datetime import UTC, datetime

from sqlalchemy import Connection

from ledger.entry import Event as LogEvent
from service.db import bulk
from service.db.epcis_tables import event_facet
from service.domain.events import Event

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class FacetBook:
    """The facets of the events of one commit."""

    def __init__(self) -> None:
        self._rows: list[tuple[int, str, str, int]] = []

    def note(self, event: Event, index: int) -> None:
        """Take in an accepted event."""
        self._rows.append((index, event.kind, event.actor, milliseconds(event.occurred_at)))

    def note_own(self, event: LogEvent, index: int) -> None:
        """Take in an event with which a register begins."""
        self._rows.append((index, event.type, event.actor, milliseconds(event.occurred_at)))

    def mark(self) -> int:
        """Remember the present point."""
        return len(self._rows)

    def back_to(self, mark: int) -> None:
        """Forget what was noted since `mark`."""
        del self._rows[mark:]

    def save(self, connection: Connection) -> None:
        """Store what was noted."""
        bulk.writer(connection).insert(event_facet, self._rows)


def milliseconds(moment: datetime) -> int:
    """Unix milliseconds."""
    since = moment - _EPOCH
    return (since.days * 86_400 + since.seconds) * 1000 + since.microseconds // 1000
