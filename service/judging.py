"""Judging: what about an event depends on what is recorded, looked at under the log's lock for a whole commit.

Everything needed is read at once before the first event is judged; each accepted event changes what the next one of
the same commit sees.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from ledger.entry import Event as LogEvent
from ledger.keyring import OPEN_LOG, REGISTER_KEY, REVOKE_KEY, Key
from service import registry as registries
from service.admission import Admitted
from service.db import views
from service.domain.bodies import Register
from service.domain.case import Facts
from service.domain.errors import InvalidCode, RuleBreach
from service.domain.events import Event
from service.domain.gbt34014 import parse_code
from service.domain.gs1 import gtin_serial_for
from service.domain.lifecycle import decide
from service.domain.rules_use import date_in_china
from service.domain.states import BatteryState
from service.errors import ConflictError, Fault, FaultyError, NotPermittedError, RefusedError
from service.registry import Registry

ROLE_RULE = "role"
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


class Docket:
    """The state that a commit's events are judged against, as it changes from event to event."""

    def __init__(self, connection: Connection, registry: Registry, codes: Sequence[str], *, size: int) -> None:
        self.registry = registry
        self._connection = connection
        self._states = views.load_states(connection, codes)
        self._changed: set[str] = set()
        self._identifiers: dict[str, str] = {}
        self._asked: set[str] = set()
        self._named: list[tuple[str, str]] = []
        self._filed: list[tuple[LogEvent, Registry]] = []
        self._size = size

    @classmethod
    def open(cls, connection: Connection, registry: Registry, items: Sequence[Admitted], *, size: int) -> "Docket":
        """Read what these events will be judged against. The first accepted one will be entry `size`."""
        codes = sorted({code for item in items for code in item.submission.event.subjects})
        docket = cls(connection, registry, codes, size=size)
        events = [item.facts for item in items if item.facts is not None]
        docket._look_up([name for event in events if (name := _identifier(event, registry))])
        return docket

    def judge(self, item: Admitted, *, received_at: datetime) -> None:
        """Accept an event as the next entry, or raise why not: a FaultyError."""
        event = item.submission.event
        key = self.registry.keys.get(item.header.kid)
        opens = event.type == OPEN_LOG and self._size == 0
        if not opens and (key is None or key.until is not None):
            raise NotPermittedError(f"key {item.header.kid} is not valid in this register")
        if item.facts is None:
            self._judge_key_event(event)
        else:
            self._judge_battery_event(item.facts, received_at)
        if event.type in registries.KINDS:
            self.registry = self.registry.with_event(self._size, event)
            self._filed.append((event, self.registry))
        self._size += 1

    def save(self, connection: Connection) -> None:
        """Store what the accepted events changed."""
        views.save_states(connection, {code: self._states[code] for code in self._changed})
        views.save_identifiers(connection, self._named)
        for event, after in self._filed:
            registries.save(connection, event, after)

    def mark(self) -> Mark:
        """Remember the present point."""
        changed = frozenset(self._changed)
        names, registry, filed = dict(self._identifiers), self.registry, len(self._filed)
        return Mark(dict(self._states), changed, names, len(self._named), registry, filed)

    def back_to(self, mark: Mark, *, accepted: int) -> None:
        """Forget the `accepted` events since `mark`."""
        self._states, self._changed = dict(mark.states), set(mark.changed)
        self._identifiers, self.registry = dict(mark.identifiers), mark.registry
        del self._named[mark.named :]
        del self._filed[mark.filed :]
        self._size -= accepted

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

    def _judge_key_event(self, event: LogEvent) -> None:
        if event.type == OPEN_LOG:
            if self._size:
                raise ConflictError("the register is open already")
            return
        kid: str = event.body["kid"]
        owner = kid.partition("/")[0]
        if event.actor not in (owner, self.registry.authority):
            raise NotPermittedError(f"{event.actor} may not register or revoke {kid}")
        known: Key | None = self.registry.keys.get(kid)
        if event.type == REGISTER_KEY and known is not None:
            raise ConflictError(f"key id {kid} was used before")
        if event.type == REGISTER_KEY and owner not in self.registry.operators:
            raise RefusedError([Fault("/body/kid", "operator", f"{owner} is not enrolled", "该经营者未登记")])
        if event.type == REVOKE_KEY and (known is None or known.until is not None):
            raise ConflictError(f"key {kid} is not valid: there is nothing to revoke")


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
