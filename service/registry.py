"""Who and what the register knows of type and organisation: operators with their roles and keys, battery models.

Thousands of rows that hardly change and that each event needs, so every process keeps them in memory. A single row in
the database says which entry changed them last; under the log's lock one look at it proves the copy exact, and only
the rows changed since are read again.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import cast

import orjson
from sqlalchemy import Connection, or_, select

from ledger import canonical
from ledger.entry import Event
from ledger.jws import Header
from ledger.keyring import OPEN_LOG, REGISTER_KEY, REVOKE_KEY, Key, parse_key
from service.db import bulk, tables
from service.domain.bodies import EnrolOperator, PublishModel
from service.domain.events import parse_body
from service.domain.roles import Role
from service.domain.states import Model

ENROL = "enrol_operator"
PUBLISH = "publish_model"
KINDS = frozenset({OPEN_LOG, REGISTER_KEY, REVOKE_KEY, ENROL, PUBLISH})
"""The kinds of event that change the registry."""


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
    authority: str = ""
    operators: Mapping[str, Operator] = field(default_factory=dict)
    keys: Mapping[str, Key] = field(default_factory=dict)
    models: Mapping[str, Model] = field(default_factory=dict)
    held: Mapping[str, str] = field(default_factory=dict)
    """By operator, the newest valid key that the service holds for it."""

    def roles_of(self, operator: str) -> frozenset[Role]:
        """The roles of an operator; the authority has its own before it is enrolled."""
        known = self.operators.get(operator)
        roles = known.roles if known else frozenset()
        return roles | {Role.AUTHORITY} if operator == self.authority else roles

    def with_event(self, index: int, event: Event) -> "Registry":
        """The registry after `event`, which was checked, became entry `index`."""
        operators, keys, models = dict(self.operators), dict(self.keys), dict(self.models)
        authority = self.authority
        if event.type == OPEN_LOG:
            authority = event.actor
            key = parse_key(event.body["authority_key"], since=0)
            keys[key.header.kid] = key
        elif event.type == REGISTER_KEY:
            key = parse_key(event.body, since=index + 1)
            keys[key.header.kid] = key
        elif event.type == REVOKE_KEY:
            old = keys[event.body["kid"]]
            keys[old.header.kid] = Key(old.header, old.public_key, old.since, index)
        elif event.type == ENROL:
            enrolment = cast(EnrolOperator, parse_body(ENROL, event.body))
            operators[enrolment.operator_id] = Operator(enrolment.operator_id, enrolment)
        elif event.type == PUBLISH:
            model = cast(PublishModel, parse_body(PUBLISH, event.body))
            models[model.model_id] = Model(event.actor, model)
        return Registry(index, authority, operators, keys, models, _held(keys))


def refresh(connection: Connection, known: Registry) -> Registry:
    """The registry as it stands in the database, reading only what changed since `known`."""
    index = connection.exec_driver_sql("SELECT idx FROM registry WHERE id = 1").scalar_one()
    if index == known.index:
        return known
    operators, keys, models = dict(known.operators), dict(known.keys), dict(known.models)
    changed = connection.execute(select(tables.operator).where(tables.operator.c.idx > known.index))
    for row in changed:
        enrolment = cast(EnrolOperator, parse_body(ENROL, orjson.loads(row.enrolment)))
        operators[row.id] = Operator(row.id, enrolment)
    column = tables.operator_key.c
    moved = or_(column.since > known.index, column.until > known.index)
    for row in connection.execute(select(tables.operator_key).where(moved)):
        header = Header(row.alg, row.kid, bool(row.custodial))
        keys[row.kid] = Key(header, bytes(row.public_key), row.since, row.until)
    for row in connection.execute(select(tables.model).where(tables.model.c.idx > known.index)):
        model = cast(PublishModel, parse_body(PUBLISH, orjson.loads(row.body)))
        models[row.id] = Model(row.maker, model)
    authority = known.authority or next((k.header.operator for k in keys.values() if k.since == 0), "")
    return Registry(index, authority, operators, keys, models, _held(keys))


def save(connection: Connection, event: Event, after: Registry) -> None:
    """Store what `event` changed, as it stands in `after`, the registry with it."""
    write = bulk.writer(connection)
    if event.type in (OPEN_LOG, REGISTER_KEY, REVOKE_KEY):
        kid = event.body["authority_key"]["kid"] if event.type == OPEN_LOG else event.body["kid"]
        key = after.keys[kid]
        flag = int(key.header.custodial)
        write.upsert(tables.operator_key, [(kid, key.header.alg, flag, key.public_key, key.since, key.until)])
    elif event.type == ENROL:
        operator = after.operators[event.body["operator_id"]]
        details, body = operator.enrolment, canonical.encode(event.body)
        write.upsert(tables.operator, [(operator.id, details.name, details.region, body, after.index)])
    elif event.type == PUBLISH:
        body = canonical.encode(event.body)
        write.upsert(tables.model, [(event.body["model_id"], event.actor, body, after.index)])
    connection.execute(tables.registry.update().values(idx=after.index))


def _held(keys: Mapping[str, Key]) -> dict[str, str]:
    valid = [key for key in keys.values() if key.header.custodial and key.until is None]
    return {key.header.operator: key.header.kid for key in sorted(valid, key=lambda key: key.since)}
