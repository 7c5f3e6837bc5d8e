"""Named queries: stored by an operator for itself, beside the log."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import Connection, func, select

from ledger.entry import format_time
from service.db.epcis_tables import epcis_query
from service.epcis.errors import QueryParameterError
from service.epcis.querying import parse_query
from service.errors import ConflictError, NotFoundError

MOST = 200
"""Of one operator."""
_NAME = re.compile(r"[A-Za-z0-9._-]{1,80}")
_c = epcis_query.c


@dataclass(frozen=True, slots=True)
class NamedQuery:
    """A stored query: its parameters as they were given."""

    name: str
    created_at: str
    parameters: Mapping[str, Any]


def save_query(connection: Connection, operator: str, name: object, parameters: object, *, now: datetime) -> NamedQuery:
    """Store a query. Raises QueryParameterError, ConflictError where the name is taken."""
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise QueryParameterError("name", "1 to 80 of A-Z a-z 0-9 . _ -", "应为1至80个字母、数字或. _ -")
    if not isinstance(parameters, dict):
        raise QueryParameterError("query", "an object is needed", "应为对象")
    if "nextPageToken" in parameters:
        raise QueryParameterError("nextPageToken", "a place in the answers is not stored", "不存储翻页标记")
    parse_query(parameters)
    own = select(func.count()).select_from(epcis_query).where(_c.operator == operator)
    if connection.execute(own).scalar_one() >= MOST:
        raise ConflictError(f"an operator stores at most {MOST} queries")
    if connection.execute(select(_c.name).where(_c.operator == operator, _c.name == name)).first() is not None:
        raise ConflictError(f"there is a query {name} already")
    made = NamedQuery(name, format_time(now), parameters)
    row = {"operator": operator, "name": name, "created_at": made.created_at, "query": orjson.dumps(parameters)}
    connection.execute(epcis_query.insert().values(row))
    return made


def load_query(connection: Connection, operator: str, name: str) -> NamedQuery:
    """A query of this operator. Raises NotFoundError."""
    row = connection.execute(select(epcis_query).where(_c.operator == operator, _c.name == name)).one_or_none()
    if row is None:
        raise NotFoundError(f"there is no query {name}")
    return NamedQuery(row.name, row.created_at, orjson.loads(row.query))


def list_queries(connection: Connection, operator: str) -> list[NamedQuery]:
    """The queries of this operator, by name."""
    rows = connection.execute(select(epcis_query).where(_c.operator == operator).order_by(_c.name))
    return [NamedQuery(row.name, row.created_at, orjson.loads(row.query)) for row in rows]


def delete_query(connection: Connection, operator: str, name: str) -> None:
    """Forget a query. Raises NotFoundError."""
    delete = epcis_query.delete().where(_c.operator == operator, _c.name == name)
    if connection.execute(delete).rowcount == 0:
        raise NotFoundError(f"there is no query {name}")
