"""Judging: what about an event depends on what is recorded, looked at under the log's lock for a whole commit.

Everything needed is read at once before the first event is judged; each accepted event changes what the next one of
the same commit sees.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from ledger.entry import Event as LogEvent
from ledger.entry import parse_hash
from ledger.signing.keyring import KEY_KINDS
from service.db import views
from service.domain.bodies import EraseValues, Register
from service.domain.case import Facts
from service.domain.errors import InvalidCode, RuleBreach
from service.domain.events import Event
from service.domain.gbt34014 import parse_code
from service.domain.gs1 import gtin_serial_for
from service.domain.lifecycle import decide
from service.domain.rules_use import date_in_china
from service.domain.states import BatteryState
from service.errors import ConflictError, Fault, FaultyError, NotPermittedError, RefusedError
from service.keys import key_events
from service.private.erasure import check_erasure, save_erasures
from service.private.values import Cabinet, find_rows
from service.recording import registry as registries
from service.recording.admission import Admitted
from service.recording.registry import Registry

ROLE_RULE = "role"
_USED = ("this salt was used for the same value before: a salt is used once", "该盐值已使用过：每个盐值只用一次")
PUBLISHED_RULE = "model-published"


@dataclass(frozen=True, slots=True)
class Mark:
    """A point to go back to."""

    states: dict[str, BatteryState]
    changed: frozenset[str]
    identifiers: dict[str, str]
    named: int
    registry: Registry
    filed: int
    erased: dict[bytes, int]
    used: frozenset[bytes]


class Docket:
    """The state that a commit's events are judged against, as it changes from event to event."""

    def __init__(
        self, connection: Connection, registry: Registry, codes: Sequence[str], *, size: int, cabinet: Cabinet
    ) -> None:
        self.registry = registry
        self._connection = connection
        self._states = cabinet.open_states(views.load_states(connection, codes))
        self._erased: dict[bytes, int] = {}
        self._used: set[bytes] = set()
        self._replaying = cabinet.replaying
        self._changed: set[str] = set()
        self._identifiers: dict[str, str] = {}
        self._asked: set[str] = set()
        self._named: list[tuple[str, str]] = []
        self._filed: list[tuple[LogEvent, Registry]] = []
        self._size = size

    @classmethod
    def open(
        cls, connection: Connection, registry: Registry, items: Sequence[Admitted], *, size: int, cabinet: Cabinet
    ) -> "Docket":
        """Read what these events will be judged against. The first accepted one will be entry `size`."""
        codes = sorted({code for item in items for code in item.submission.event.subjects})
        docket = cls(connection, registry, codes, size=size, cabinet=cabinet)
        events = [item.facts for item in items if item.facts is not None]
        docket._look_up([name for event in events if (name := _identifier(event, registry))])
        disclosed = [each.commitment for item in items if not item.header.custodial for each in item.privates]
        docket._used = {bytes(row.commitment) for row in find_rows(connection, disclosed)}
        return docket

    def judge(self, item: Admitted, *, received_at: datetime) -> None:
        """Accept an event as the next entry, or raise why not: a FaultyError."""
        event = item.submission.event
        key_events.check_signer(self.registry, self._size, event, item.header)
        if event.type in KEY_KINDS:
            after = key_events.judge(self.registry, self._size, event)
        elif item.facts is None:  # a map: what it says is checked where it is made, and by every verifier
            after = self.registry
        else:
            self._judge_salts(item)
            self._judge_battery_event(item.facts, received_at)
            after = self.registry.with_event(self._size, event) if event.type in registries.KINDS else self.registry
        if after is not self.registry:
            self.registry = after
            self._filed.append((event, after))
        self._size += 1

    def save(self, connection: Connection) -> None:
        """Store what the accepted events changed."""
        views.save_states(connection, {code: self._states[code] for code in self._changed})
        views.save_identifiers(connection, self._named)
        save_erasures(connection, self._erased)
        for event, after in self._filed:
            registries.save(connection, event, after)

    def mark(self) -> Mark:
        """Remember the present point."""
        changed = frozenset(self._changed)
        names, registry, filed = dict(self._identifiers), self.registry, len(self._filed)
        erased, used = dict(self._erased), frozenset(self._used)
        return Mark(dict(self._states), changed, names, len(self._named), registry, filed, erased, used)

    def back_to(self, mark: Mark, *, accepted: int) -> None:
        """Forget the `accepted` events since `mark`."""
        self._states, self._changed = dict(mark.states), set(mark.changed)
        self._identifiers, self.registry = dict(mark.identifiers), mark.registry
        self._erased, self._used = dict(mark.erased), set(mark.used)
        del self._named[mark.named :]
        del self._filed[mark.filed :]
        self._size -= accepted

    def _judge_salts(self, item: Admitted) -> None:
        """A salt is used once. Those that the service made are random."""
        for each in () if item.header.custodial else item.privates:
            if each.commitment in self._used:
                raise RefusedError([Fault(f"/private/{each.name}/salt", "used", *_USED)])
        self._used.update(each.commitment for each in item.privates)

    def _judge_erasure(self, body: EraseValues, code: str, actor: str) -> None:
        """What is erased is there, and the actor's to erase. When entries are replayed, it was."""
        commitments = [parse_hash(text) for text in body.commitments]
        if not self._replaying:
            if not self._erased.keys().isdisjoint(commitments):
                raise ConflictError("this value is erased already")
            check_erasure(self._connection, body, code, actor=actor, authority=self.registry.authority)
        self._erased.update(dict.fromkeys(commitments, self._size))

    def _judge_battery_event(self, event: Event, received_at: datetime) -> None:
        facts = Facts(
            roles=self.registry.roles_of(event.actor),
            states=self._states,
            models=self.registry.models,
            operators=self.registry.operators,
            received_at=received_at,
            today=date_in_china(received_at),
        )
        try:
            after = decide(event, facts)
        except RuleBreach as breach:
            raise _error_of(breach) from None
        except InvalidCode as error:
            where = "" if error.position is None else f"（第{error.position + 1}位）"
            raise RefusedError([Fault("/subjects/0", "code", str(error), error.reason_zh + where)]) from None
        if isinstance(event.body, EraseValues):
            self._judge_erasure(event.body, event.subjects[0], event.actor)
        self._name(event)
        self._states.update(after)
        self._changed.update(after)

    def _name(self, event: Event) -> None:
        """File the other identifier that an event gives its battery: once, for ever."""
        name = _identifier(event, self.registry)
        if name is None:
            return
        self._look_up([name])
        if name in self._identifiers:
            raise ConflictError(f"{name} is the identifier of {self._identifiers[name]} already")
        self._identifiers[name] = event.subjects[0]
        self._named.append((name, event.subjects[0]))

    def _look_up(self, names: Sequence[str]) -> None:
        """Learn which of these identifiers are taken; each is asked for once."""
        new = [name for name in names if name not in self._asked]
        if new:
            self._identifiers.update(views.find_codes(self._connection, new))
            self._asked.update(new)


def gs1_identifier(gtin: str, serial: str) -> str:
    """How a serialised GTIN is written in the table of identifiers."""
    return f"gs1:{gtin}/{serial}"


def _error_of(breach: RuleBreach) -> FaultyError:
    fault = Fault(breach.pointer, breach.rule, breach.message_en, breach.message_zh, breach.source)
    if breach.rule == ROLE_RULE:
        return NotPermittedError(breach.message_en, [fault])
    if breach.current is not None or breach.rule == PUBLISHED_RULE:
        return ConflictError(breach.message_en, [fault], current=breach.current)
    return RefusedError([fault])


def _identifier(event: Event, registry: Registry) -> str | None:
    """The serialised GTIN that a registration gives its battery: its own, or else its model's."""
    if not isinstance(event.body, Register) or not event.subjects:
        return None
    model = registry.models.get(event.body.model_id)
    gtin = event.body.gtin or (model.body.gtin if model else None)
    try:
        return gs1_identifier(gtin, gtin_serial_for(parse_code(event.subjects[0]))) if gtin else None
    except InvalidCode:
        return None  # the rules will say so; a wrong code must not stop its neighbours
