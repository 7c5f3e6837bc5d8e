"""Who sees which events, as in the history of a battery: who took part in it, regulators and the authority.

Others do not get an event at all, not even to be counted. Restricted values stand in an event for those who see it,
as far as they are not for the register alone.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson

from ledger.entry import Event as LogEvent
from ledger.entry import parse_time
from service.access import Caller
from service.db import bulk
from service.db.epcis_tables import event_facet
from service.domain.roles import Role
from service.epcis.writing import Told
from service.private.shown import Shown, show
from service.private.values import Cabinet
from service.recording.listings import load_known
from service.recording.registry import Registry
from service.work import RegisterReader

SEE_ALL = frozenset({Role.REGULATOR, Role.AUTHORITY})


@dataclass(slots=True)
class Sight:
    """What one caller sees during one request."""

    reader: RegisterReader
    caller: Caller
    registry: Registry
    _parties: dict[str, bool] = field(default_factory=dict)

    def sees(self, actor: str, subjects: Sequence[str]) -> bool:
        """Whether the caller may read an event of `actor` about these batteries. Cost: the history of each, once."""
        own = self.caller.operator
        if actor == own or self.registry.roles_of(own) & SEE_ALL:
            return True
        return any(self._took_part(code) for code in subjects)

    def _took_part(self, code: str) -> bool:
        if code not in self._parties:
            own, connection = self.caller.operator, self.reader.connection
            state = load_known(connection, [code], self.registry.models).get(code)
            indexes = self.reader.history(code)
            self._parties[code] = (state is not None and own in (state.maker, state.holder)) or any(
                row.actor == own for row in bulk.select_rows(connection, event_facet.c.idx, indexes)
            )
        return self._parties[code]


def read_entries(reader: RegisterReader, indexes: Sequence[int]) -> dict[int, Mapping[str, Any]]:
    """Stored entries as JSON, by index. They were checked when they were recorded."""
    return {index: orjson.loads(data) for index, data in reader.entries_at(indexes).items()}


def tell_all(cabinet: Cabinet, entries: Mapping[int, Mapping[str, Any]]) -> dict[int, Told]:
    """The events of these entries with the values that may be shown to those who see them: two look-ups."""
    events = [_log_event(each["event"]) for each in entries.values()]
    shown = show(cabinet, events)
    return {index: _told(entry, each) for (index, entry), each in zip(entries.items(), shown, strict=True)}


def _log_event(members: Mapping[str, Any]) -> LogEvent:
    moment, subjects = parse_time(members["occurred_at"]), tuple(members["subjects"])
    return LogEvent(
        members["id"], members["log"], members["type"], members["actor"], moment, subjects, members["body"], b""
    )


def _told(entry: Mapping[str, Any], shown: Shown) -> Told:
    event = entry["event"]
    known = {name: each for name, each in shown.items() if "value" in each}
    return Told(
        event["id"],
        event["type"],
        parse_time(event["occurred_at"]),
        event["subjects"],
        event["body"],
        {name: each["value"] for name, each in known.items()},
        {name: each["salt"] for name, each in known.items()},
        event["actor"],
        event["log"],
        entry["jws"],
        parse_time(entry["log"]["at"]),
    )
