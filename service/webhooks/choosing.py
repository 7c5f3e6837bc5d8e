"""Which entries a webhook is told of, and how much of each: what its operator may see, by the rights it has now.

- whole: the operator recorded the entry, took part in the life of one of its batteries, made it or has it in hand; or
  it is a regulator or the authority. As in histories (`service.history.may_read_all`).
- in outline: the operator is answerable for one of the batteries without having taken part in its life, and the
  happening is one that anybody who scans the battery is shown.
- not at all: everything else. Nobody is told of what others do with batteries that are none of its own.

Restricted values are never sent: an entry holds commitments, and who may see the values asks for them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from service.db import bulk
from service.db.epcis_tables import event_facet
from service.domain.events import KINDS
from service.domain.roles import Role
from service.domain.states import BatteryState
from service.recording.listings import load_known
from service.recording.registry import Registry
from service.webhooks.subscriptions import Tie, Webhook
from service.work import RegisterReader

SEE_ALL = frozenset({Role.REGULATOR, Role.AUTHORITY})
_ANSWERS = frozenset({Tie.RESPONSIBLE})


class Choice(NamedTuple):
    """What is told of an entry. `subjects`: all of it where it is whole, else those that the operator answers for."""

    whole: bool
    subjects: tuple[str, ...]


class Ties(NamedTuple):
    """Who has to do with a battery: by its state, and by what was recorded of it. No state: it is not known."""

    state: BatteryState | None
    actors: frozenset[str]

    def took_part(self, operator: str) -> bool:
        """Whether its entries are shown to the operator whole."""
        return operator in self.actors or (self.state is not None and operator in (self.state.maker, self.state.holder))

    def has(self, operator: str, wanted: frozenset[Tie]) -> bool:
        """Whether the operator has one of these ties."""
        state = self.state
        return state is not None and (
            (Tie.MAKER in wanted and operator == state.maker)
            or (Tie.HOLDER in wanted and (operator == state.holder or operator in self.actors))
            or (Tie.RESPONSIBLE in wanted and operator == state.responsible)
        )


@dataclass(slots=True)
class Chooser:
    """Chooses as of one moment, for any number of webhooks: each battery is looked up once."""

    reader: RegisterReader
    registry: Registry
    _known: dict[str, Ties] = field(default_factory=dict)

    def choose(self, hook: Webhook, event: Mapping[str, Any]) -> Choice | None:
        """What `hook` is told of an entry with this event, None: nothing. Cost: the history of each battery, once."""
        if hook.kinds and event["type"] not in hook.kinds:
            return None
        subjects: Sequence[str] = event["subjects"]
        if hook.ties and not self._tied(hook.operator, hook.ties, subjects):
            return None
        if self._sees_whole(hook.operator, event["actor"], subjects):
            return Choice(True, tuple(subjects))
        kind = KINDS.get(event["type"])
        answers = self._tied(hook.operator, _ANSWERS, subjects) if kind is not None and kind.public else ()
        return Choice(False, answers) if answers else None

    def _tied(self, operator: str, wanted: frozenset[Tie], subjects: Sequence[str]) -> tuple[str, ...]:
        return tuple(code for code in subjects if self._ties(code).has(operator, wanted))

    def _sees_whole(self, operator: str, actor: str, subjects: Sequence[str]) -> bool:
        if operator == actor or self.registry.roles_of(operator) & SEE_ALL:
            return True
        return any(self._ties(code).took_part(operator) for code in subjects)

    def _ties(self, code: str) -> Ties:
        if code not in self._known:
            connection = self.reader.connection
            state = load_known(connection, [code], self.registry.models).get(code)
            facets = bulk.select_rows(connection, event_facet.c.idx, self.reader.history(code))
            self._known[code] = Ties(state, frozenset(row.actor for row in facets))
        return self._known[code]
