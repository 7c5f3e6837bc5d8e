"""The public facts of one battery: what its page shows, and what its JSON says. Neither knows anything else.

Reading them costs the same however large the register is, and however long the battery lives: its state, its first
and its last entries, and the state of the battery it is built into.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import NamedTuple

import orjson

from ledger.entry import parse_time
from ledger.signing.jws import parse_jws
from service.accounted import entries_about
from service.db.listings import find_listings
from service.domain.accounting import told_codes
from service.domain.bodies.keeping import Licence
from service.domain.events import KINDS
from service.domain.gbt34014 import CHEMISTRIES, BatteryCode, Chemistry, parse_code
from service.domain.gs1 import gtin_serial_for
from service.domain.licences import shown
from service.domain.names import FLAGS
from service.domain.roles import Role
from service.domain.rules_use import CODE_ZONE
from service.domain.states import TERMINAL, BatteryState, OpState
from service.history import BatteryNow, battery_now
from service.recording.registry import Registry
from service.scans.alerts import open_signs
from service.work import Register

FIRST = 60
LAST = 40
"""Of a battery's entries the first 60 and the last 40 are looked at: the beginning and the end of a long life."""
MAX_RELATED = 64


@dataclass(frozen=True, slots=True)
class PublicStep:
    """That something happened: what, when, when the register received it, and by which kinds of organisation.

    disputed: the key that signed it is said to have been in wrong hands. licences: under which it was done.
    """

    kind: str
    occurred_at: datetime
    received_at: datetime
    roles: tuple[Role, ...]
    disputed: bool = False
    licences: tuple[Licence, ...] = ()


@dataclass(frozen=True, slots=True)
class Related:
    """The batteries that this one is part of, made of, or became; codes. `came_apart`: parts of a dismantled one."""

    parent: str | None
    parent_state: OpState | None
    parts: tuple[str, ...]
    came_apart: tuple[str, ...]
    derived_from: tuple[str, ...]
    consumed_into: str | None


class Warned(NamedTuple):
    """That something stands against a battery, such as a recall. of: the code that it was said of, a whole of it."""

    flag: str
    of: str


@dataclass(frozen=True, slots=True)
class Facts:
    """One battery as everybody may see it.

    count: of all its entries, and of the one that lists it with its pack. steps: the public ones among those looked at,
    oldest first; `skipped` entries lie between the first `before_gap` of them and the rest. last_index, last_received:
    of its newest entry. suspicious: there are open signs that its label was copied. warnings: what stands against it or
    against what it is built into, the worst first; nothing of a battery that has ended.
    """

    now: BatteryNow
    code: BatteryCode
    steps: tuple[PublicStep, ...]
    before_gap: int
    skipped: int
    count: int
    last_index: int
    last_received: datetime
    related: Related
    suspicious: bool
    warnings: tuple[Warned, ...]

    @property
    def state(self) -> BatteryState:
        return self.now.state

    @property
    def has_ended(self) -> bool:
        return self.state.op_state in TERMINAL

    @property
    def chemistry(self) -> Chemistry:
        return CHEMISTRIES[self.code.chemistry]

    @property
    def gs1(self) -> tuple[str, str] | None:
        """GTIN and AI 21 serial number, where the battery has a GTIN."""
        return (self.state.gtin, gtin_serial_for(self.code)) if self.state.gtin else None

    @property
    def mass_g(self) -> int:
        """As on the plate: the model's. What a scale said later is not public."""
        return self.now.model.body.mass_g if self.now.model else self.state.mass_g


def read_facts(register: Register, code: str) -> Facts:
    """The public facts of the battery `code`. Raises NotFoundError."""
    now = battery_now(register, code)
    with register.read() as reader:
        registry = register.current_registry(reader.connection)
        declared = find_listings(reader.connection, [code]).values()
        indexes = [index for index in (*declared, *entries_about(reader, code)) if index < now.size]
        first, last = indexes[:FIRST], indexes[FIRST:][-LAST:]
        stored = reader.entries_at([*first, *last])
        signs = open_signs(reader.connection, code)
    entries = {index: _read(index, data, registry) for index, data in stored.items()}
    before = [_step(entries[index], registry) for index in first if _is_public(entries[index])]
    after = [_step(entries[index], registry) for index in last if _is_public(entries[index])]
    parent = now.state.parent
    related = Related(
        parent=parent,
        parent_state=now.wholes[0].op_state if now.wholes else None,
        parts=now.state.children,
        came_apart=_came_apart(now.state, [entries[index] for index in (*first, *last)]),
        derived_from=now.state.derived_from,
        consumed_into=now.state.consumed_into,
    )
    return Facts(
        now=now,
        code=parse_code(code),
        steps=(*before, *after),
        before_gap=len(before),
        skipped=len(indexes) - len(first) - len(last),
        count=len(indexes),
        last_index=indexes[-1],
        last_received=entries[indexes[-1]].at,
        related=related,
        suspicious=bool(signs),
        warnings=_warnings(now.state, now.wholes),
    )


def _warnings(state: BatteryState, wholes: Iterable[BatteryState]) -> tuple[Warned, ...]:
    if state.op_state in TERMINAL:
        return ()
    said = {flag: each.code for each in (*wholes, state) for flag in each.flags}
    return tuple(Warned(flag, said[flag]) for flag in FLAGS if flag in said)


class _Happened(NamedTuple):
    """What the public may know of an entry. subjects: all batteries that it is about."""

    kind: str
    actor: str
    occurred_at: datetime
    at: datetime
    subjects: list[str]
    disputed: bool


def _read(index: int, data: bytes, registry: Registry) -> _Happened:
    """An entry was checked whole before it was stored; reading it that carefully again takes ten times as long."""
    members = orjson.loads(data)
    event = members["event"]
    times = parse_time(event["occurred_at"]), parse_time(members["log"]["at"])
    ring = registry.ring
    disputed = bool(ring.disputes) and ring.is_disputed(index, parse_jws(members["jws"]).header.kid)
    return _Happened(event["type"], event["actor"], *times, told_codes(event), disputed)


def _is_public(entry: _Happened) -> bool:
    kind = KINDS.get(entry.kind)
    return kind is not None and kind.public


def _step(entry: _Happened, registry: Registry) -> PublicStep:
    """In which of its roles an operator acted is told by what it did."""
    held = registry.roles_of(entry.actor)
    fitting = held & KINDS[entry.kind].roles or held
    actor = registry.operators.get(entry.actor)
    day = entry.occurred_at.astimezone(CODE_ZONE).date()
    licences = shown(entry.kind, fitting, day, actor.enrolment.licences) if actor else ()
    return PublicStep(entry.kind, entry.occurred_at, entry.at, _in_order(fitting), entry.disputed, licences)


@cache
def _in_order(roles: frozenset[Role]) -> tuple[Role, ...]:
    return tuple(role for role in Role if role in roles)


def _came_apart(state: BatteryState, entries: list[_Happened]) -> tuple[str, ...]:
    if state.op_state is not OpState.DISMANTLED:
        return ()
    events = [entry for entry in entries if entry.kind == "dismantle" and entry.subjects[0] == state.code]
    return tuple(code for event in events for code in event.subjects[1:])
