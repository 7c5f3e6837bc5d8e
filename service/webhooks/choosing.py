"""Which entries a webhook is told of, and how much of each: what its operator may see, by the rights it has now.

- whole: the operator recorded the entry, took part in the life of one of its batteries, made it or has it in hand; or
  it is a regulator or the authority. As in histories (`service.parties`).
- in outline: the operator is answerable for one of the batteries without having taken part in its life, and the
  happening is one that anybody who scans the battery is shown.
- not at all: everything else. Nobody is told of what others do with batteries that are none of its own.

Restricted values are never sent: an entry holds commitments, and who may see the values asks for them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from service.domain.events import KINDS
from service.parties import Parties, PartyBook
from service.webhooks.subscriptions import Tie, Webhook

_ANSWERS = frozenset({Tie.RESPONSIBLE})


class Choice(NamedTuple):
    """What is told of an entry. `subjects`: all of it where it is whole, else those that the operator answers for."""

    whole: bool
    subjects: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Chooser:
    """Chooses as of one moment, for any number of webhooks: each battery is looked up once."""

    book: PartyBook

    def choose(self, hook: Webhook, event: Mapping[str, Any]) -> Choice | None:
        """What `hook` is told of an entry with this event, None: nothing. Cost: the history of each battery, once."""
        if hook.kinds and event["type"] not in hook.kinds:
            return None
        subjects: Sequence[str] = event["subjects"]
        if hook.ties and not self._tied(hook.operator, hook.ties, subjects):
            return None
        if self.book.sees_whole(hook.operator, event["actor"], subjects):
            return Choice(True, tuple(subjects))
        kind = KINDS.get(event["type"])
        answers = self._tied(hook.operator, _ANSWERS, subjects) if kind is not None and kind.public else ()
        return Choice(False, answers) if answers else None

    def _tied(self, operator: str, wanted: frozenset[Tie], subjects: Sequence[str]) -> tuple[str, ...]:
        return tuple(code for code in subjects if is_tied(self.book.of(code), operator, wanted))


def is_tied(parties: Parties, operator: str, wanted: frozenset[Tie]) -> bool:
    """Whether the operator has one of these ties to the battery with these parties."""
    state = parties.state
    return state is not None and (
        (Tie.MAKER in wanted and operator == state.maker)
        or (Tie.HOLDER in wanted and (operator == state.holder or operator in parties.actors))
        or (Tie.RESPONSIBLE in wanted and operator == state.responsible)
    )
