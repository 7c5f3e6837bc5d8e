"""Who took part in the life of a battery, and so sees its events whole: in histories, EPCIS and webhooks alike."""

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import NamedTuple

from service.accounted import entries_about
from service.db import bulk
from service.db.epcis_tables import event_facet
from service.domain.states import BatteryState
from service.recording.listings import load_known
from service.recording.registry import Registry
from service.work import RegisterReader


class Parties(NamedTuple):
    """Who has to do with a battery: by its state, and by what was recorded of it. No state: it is not known."""

    state: BatteryState | None
    actors: Collection[str]

    def took_part(self, operator: str) -> bool:
        """Whether the operator recorded an event of its life, made it or has it in hand."""
        return operator in self.actors or (self.state is not None and operator in (self.state.maker, self.state.holder))


@dataclass(slots=True)
class PartyBook:
    """The parties of batteries as of one moment: each is looked up once, at the cost of its history."""

    reader: RegisterReader
    registry: Registry
    _known: dict[str, Parties] = field(default_factory=dict)

    def of(self, code: str) -> Parties:
        if code not in self._known:
            connection = self.reader.connection
            state = load_known(connection, [code], self.registry.models).get(code)
            facets = bulk.select_rows(connection, event_facet.c.idx, entries_about(self.reader, code))
            self._known[code] = Parties(state, frozenset(row.actor for row in facets))
        return self._known[code]

    def sees_whole(self, operator: str, actor: str, subjects: Collection[str]) -> bool:
        """Whether the operator may read an event of `actor` about these batteries whole."""
        if operator == actor or self.registry.is_supervisor(operator):
            return True
        return any(self.of(code).took_part(operator) for code in subjects)
