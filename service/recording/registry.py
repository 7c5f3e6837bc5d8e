"""What the register knows of organisations and types: operators with roles and keys, its own keys, battery models.

Thousands of rows that hardly change and that each event needs, so every process keeps them in memory. A single row in
the database says which entry changed them last; under the log's lock one look at it proves the copy exact, and only
the rows changed since are read again.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, cast

import orjson
from sqlalchemy import Connection, or_, select

from ledger import canonical
from ledger.entry import Event
from ledger.signing.jws import Header
from ledger.signing.keyring import (
    ANNOUNCE_LOG_KEYS,
    DISPUTE_KEY,
    KEY_KINDS,
    NEW_EPOCH,
    OPEN_LOG,
    Key,
    KeyRing,
)
from ledger.signing.keys import Epoch, LogKeys, parse_announcement, parse_dispute, parse_epoch, parse_opening
from service.db import bulk, tables
from service.db.duty_tables import duty_days
from service.domain.bodies import EnrolOperator, Licence, PublishModel, SetDeadline, SetLicenceDay, SetStanding
from service.domain.duties.deadlines import Deadline, Deadlines
from service.domain.events import Event as DomainEvent
from service.domain.events import parse_body
from service.domain.licences import LicenceDay, LicenceDays
from service.domain.roles import SUPERVISORS, Role
from service.domain.states import Model
from service.domain.words import Standing
from service.errors import Fault, NotPermittedError

ENROL = "enrol_operator"
PUBLISH = "publish_model"
SET_DEADLINE = "set_deadline"
SET_LICENCE_DAY = "set_licence_day"
SET_STANDING = "set_standing"
KINDS = KEY_KINDS | {ENROL, PUBLISH, SET_DEADLINE, SET_STANDING, SET_LICENCE_DAY}
"""The kinds of event that change the registry."""
NOTICES = frozenset({OPEN_LOG, DISPUTE_KEY, ANNOUNCE_LOG_KEYS, NEW_EPOCH, SET_STANDING, SET_LICENCE_DAY})
"""Of these the table `key_notice` keeps the bodies. What the other kinds say of keys stands in `operator_key`."""


@dataclass(frozen=True, slots=True)
class Operator:
    """An economic operator as enrolled."""

    id: str
    enrolment: EnrolOperator

    @property
    def roles(self) -> frozenset[Role]:
        return frozenset(self.enrolment.roles)


@dataclass(frozen=True, slots=True)
class Registry:
    """The state after entry `index` (-1: none). Never changed: `with_event` and `refresh` give a new one."""

    index: int = -1
    ring: KeyRing = field(default_factory=KeyRing)
    operators: Mapping[str, Operator] = field(default_factory=dict)
    models: Mapping[str, Model] = field(default_factory=dict)
    held: Mapping[str, str] = field(default_factory=dict)
    """By operator, the newest valid key that the service holds for it."""
    deadlines: Deadlines = field(default_factory=dict)
    standings: Mapping[str, SetStanding] = field(default_factory=dict)
    """By operator, the newest ruling of the authority; who has none is active."""
    licence_days: LicenceDays = field(default_factory=dict)

    @property
    def authority(self) -> str:
        """The operator of the register itself."""
        return self.ring.authority

    @property
    def origin(self) -> str:
        """The log's name now."""
        return self.ring.origin

    @property
    def keys(self) -> Mapping[str, Key]:
        """All keys that operators ever had, by id."""
        return self.ring.keys

    @property
    def log_keys(self) -> LogKeys:
        """The log's keys that sign the next checkpoint."""
        return self.ring.log_keys[-1]

    @property
    def epoch(self) -> int:
        """The number of the present epoch, from 1."""
        return len(self.ring.epochs)

    def roles_of(self, operator: str) -> frozenset[Role]:
        """The roles of an operator; the authority has its own before it is enrolled."""
        known = self.operators.get(operator)
        roles = known.roles if known else frozenset()
        return roles | {Role.AUTHORITY} if operator == self.authority else roles

    def is_supervisor(self, operator: str) -> bool:
        """Whether the operator sees the whole register."""
        return not SUPERVISORS.isdisjoint(self.roles_of(operator))

    def is_active(self, operator: str) -> bool:
        """Whether the operator takes part: the authority has neither suspended nor ended it."""
        ruling = self.standings.get(operator)
        return ruling is None or ruling.standing is Standing.ACTIVE

    def require_active(self, operator: str) -> None:
        """Raise NotPermittedError, with the ruling, where the authority has suspended or ended the operator."""
        if not self.is_active(operator):
            ruling = self.standings[operator]
            en = f"{operator} is {ruling.standing.en} by the authority since {ruling.since}: {ruling.reason}"
            zh = f"{operator}自{ruling.since}起由登记机构裁定为“{ruling.standing.zh}”：{ruling.reason}"
            raise NotPermittedError(en, [Fault("/actor", f"operator-{ruling.standing.value}", en, zh)])

    def licences_of(self, operator: str) -> tuple[Licence, ...] | None:
        """The licences that an operator was enrolled with; None where none were told."""
        known = self.operators.get(operator)
        return known.enrolment.licences if known else None

    def uscc_holder(self, event: DomainEvent) -> str | None:
        """Another operator that has the credit code which an enrolment tells; None of an operator that keeps its own.

        Looks through all operators, for an enrolment only.
        """
        body = event.body
        if not isinstance(body, EnrolOperator) or body.uscc is None:
            return None
        holders = [id_ for id_, known in self.operators.items() if known.enrolment.uscc == body.uscc]
        return None if body.operator_id in holders else next(iter(holders), None)

    def models_of(self, operator: str) -> dict[str, Model]:
        """The models that an operator published, by id, in the order of these."""
        return {id_: self.models[id_] for id_ in sorted(self.models) if self.models[id_].maker == operator}

    def with_event(self, index: int, event: Event) -> "Registry":
        """The registry after `event`, which was checked, became entry `index`.

        Raises LedgerError where what it says of keys cannot be.
        """
        if event.type in KEY_KINDS:
            ring = self.ring.copy()
            ring.apply(index, event)
            return replace(self, index=index, ring=ring, held=_held(ring.keys))
        if event.type == SET_DEADLINE:
            return replace(self, index=index, deadlines=_with_deadline(self.deadlines, index, event.body))
        if event.type == SET_STANDING:
            return replace(self, index=index, standings=_with_standing(self.standings, event.body))
        if event.type == SET_LICENCE_DAY:
            return replace(self, index=index, licence_days=_with_licence_day(self.licence_days, index, event.body))
        operators, models = dict(self.operators), dict(self.models)
        if event.type == ENROL:
            enrolment = cast(EnrolOperator, parse_body(ENROL, event.body))
            operators[enrolment.operator_id] = Operator(enrolment.operator_id, enrolment)
        elif event.type == PUBLISH:
            model = cast(PublishModel, parse_body(PUBLISH, event.body))
            models[model.model_id] = Model(event.actor, model)
        return replace(self, index=index, operators=operators, models=models)


def refresh(connection: Connection, known: Registry) -> Registry:
    """The registry as it stands in the database, reading only what changed since `known`."""
    index = connection.exec_driver_sql("SELECT idx FROM registry WHERE id = 1").scalar_one()
    if index <= known.index:  # less: this reader sees an earlier moment than another thread did
        return known
    operators, models, ring = dict(known.operators), dict(known.models), known.ring.copy()
    changed = connection.execute(select(tables.operator).where(tables.operator.c.idx > known.index))
    for row in changed:
        enrolment = cast(EnrolOperator, parse_body(ENROL, orjson.loads(row.enrolment)))
        operators[row.id] = Operator(row.id, enrolment)
    column = tables.operator_key.c
    moved = or_(column.since > known.index, column.until > known.index)
    for row in connection.execute(select(tables.operator_key).where(moved)):
        header = Header(row.alg, row.kid, bool(row.custodial))
        ring.keys[row.kid] = Key(header, bytes(row.public_key), row.since, row.until)
    notices = select(tables.key_notice).where(tables.key_notice.c.idx > known.index).order_by(tables.key_notice.c.idx)
    standings, licence_days = known.standings, known.licence_days
    for row in connection.execute(notices):
        if row.type == SET_STANDING:
            standings = _with_standing(standings, orjson.loads(row.body))
            continue
        if row.type == SET_LICENCE_DAY:
            licence_days = _with_licence_day(licence_days, row.idx, orjson.loads(row.body))
            continue
        _recall(ring, row.idx, row.type, row.origin, orjson.loads(row.body))
    for row in connection.execute(select(tables.model).where(tables.model.c.idx > known.index)):
        model = cast(PublishModel, parse_body(PUBLISH, orjson.loads(row.body)))
        models[row.id] = Model(row.maker, model)
    deadlines, days = known.deadlines, duty_days.c
    for row in connection.execute(select(duty_days).where(days.idx > known.index).order_by(days.idx)):
        deadlines = _with_deadline(deadlines, row.idx, orjson.loads(row.body))
    return Registry(index, ring, operators, models, _held(ring.keys), deadlines, standings, licence_days)


def _recall(ring: KeyRing, index: int, kind: str, origin: str, body: Any) -> None:
    """Take in again what an entry said that was taken in before; the keys of operators are there already."""
    if kind == OPEN_LOG:
        key, log_keys = parse_opening(body, origin=origin)
        ring.authority, ring.epochs, ring.log_keys = key.header.operator, [Epoch(1, 0, origin)], [log_keys]
    elif kind == DISPUTE_KEY:
        ring.disputes.append(parse_dispute(body, index=index))
    elif kind == ANNOUNCE_LOG_KEYS:
        ring.log_keys.append(parse_announcement(body, index=index, origin=origin))
    elif kind == NEW_EPOCH:
        epoch, log_keys, _ = parse_epoch(body, index=index)
        ring.epochs.append(epoch)
        ring.log_keys.append(log_keys)


def save(connection: Connection, event: Event, after: Registry) -> None:
    """Store what `event` changed, as it stands in `after`, the registry with it."""
    write = bulk.writer(connection)
    if event.type in KEY_KINDS:
        opening = event.body.get("authority_key")
        named = (opening or event.body).get("kid"), event.body.get("replaces")
        keys = [after.keys[kid] for kid in named if kid is not None]
        rows = [(k.header.kid, k.header.alg, int(k.header.custodial), k.public_key, k.since, k.until) for k in keys]
        write.upsert(tables.operator_key, rows)
    elif event.type == ENROL:
        operator = after.operators[event.body["operator_id"]]
        details, body = operator.enrolment, canonical.encode(event.body)
        write.upsert(tables.operator, [(operator.id, details.name, details.region, body, after.index)])
    elif event.type == PUBLISH:
        body = canonical.encode(event.body)
        write.upsert(tables.model, [(event.body["model_id"], event.actor, body, after.index)])
    elif event.type == SET_DEADLINE:
        write.insert(duty_days, [(after.index, canonical.encode(event.body))])
    if event.type in NOTICES:
        notice = (after.index, event.log, event.type, canonical.encode(event.body))
        write.insert(tables.key_notice, [notice])
    connection.execute(tables.registry.update().values(idx=after.index))


def _with_deadline(known: Deadlines, index: int, members: Any) -> Deadlines:
    body = cast(SetDeadline, parse_body(SET_DEADLINE, members))
    row = Deadline(body.duty, body.days, body.clock, body.valid_from, body.source, index)
    return {**known, body.duty: (*known.get(body.duty, ()), row)}


def _with_licence_day(known: LicenceDays, index: int, members: Any) -> LicenceDays:
    body = cast(SetLicenceDay, parse_body(SET_LICENCE_DAY, members))
    key, row = (body.role, body.licence), LicenceDay(body.told_from, body.source, index)
    return {**known, key: (*known.get(key, ()), row)}


def _with_standing(known: Mapping[str, SetStanding], members: Any) -> dict[str, SetStanding]:
    body = cast(SetStanding, parse_body(SET_STANDING, members))
    return {**known, body.operator_id: body}


def _held(keys: Mapping[str, Key]) -> dict[str, str]:
    valid = [key for key in keys.values() if key.header.custodial and key.until is None]
    return {key.header.operator: key.header.kid for key in sorted(valid, key=lambda key: key.since)}
