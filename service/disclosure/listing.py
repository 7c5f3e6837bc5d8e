"""The access log as it is asked for: owners see readings of their data in the order of the chain, auditors see all."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from service.db.access_tables import access_chain, access_reading
from service.disclosure.chain import START, format_link
from service.disclosure.collecting import collect_readings, members_of
from service.errors import Fault, RefusedError
from service.work import Register

PAGE = 100
_c = access_reading.c
_SEQ = re.compile(r"[0-9]{1,18}", re.ASCII)
_ID = re.compile(r"[0-9a-f-]{36}", re.ASCII)


@dataclass(frozen=True, slots=True)
class ReadingQuery:
    """Whose readings (None: all, those that their owners are not shown yet too), of which subject, before which."""

    owner: str | None
    subject: str | None = None
    before: str | None = None


@dataclass(frozen=True, slots=True)
class ReadingPage:
    """Up to 100 readings, newest first. `seq` and `chain` are of the owner's newest; `next` leads to older ones."""

    readings: tuple[Mapping[str, Any], ...]
    seq: int
    chain: str
    next: str | None


def list_readings(register: Register, query: ReadingQuery) -> ReadingPage:
    """A page, as of now: what waits in this host's journal is taken in first. Raises RefusedError."""
    collect_readings(register)
    order = _c.id if query.owner is None else _c.seq
    wanted = select(access_reading).order_by(order.desc()).limit(PAGE + 1)
    if query.owner is not None:
        wanted = wanted.where(_c.owner == query.owner, _c.seq.is_not(None))
    if query.subject is not None:
        wanted = wanted.where(_c.subject == query.subject)
    if query.before is not None:
        wanted = wanted.where(order < _place(query))
    with register.read() as reader:
        rows = reader.connection.execute(wanted).all()
        head = reader.connection.execute(select(access_chain).where(access_chain.c.owner == query.owner)).one_or_none()
    shown = rows[:PAGE]
    last = shown[-1] if len(rows) > PAGE else None
    after = None if last is None else last.id if query.owner is None else str(last.seq)
    seq, value = (head.seq, bytes(head.chain)) if head is not None else (0, START)
    return ReadingPage(tuple(_told(row) for row in shown), seq, format_link(value), after)


def _told(row: Any) -> Mapping[str, Any]:
    chain = None if row.chain is None else format_link(bytes(row.chain))
    return {**members_of(row), "chain": chain, "shown_at": row.shown_at}


def _place(query: ReadingQuery) -> str | int:
    before = query.before or ""
    if query.owner is None and _ID.fullmatch(before):
        return before
    if query.owner is not None and _SEQ.fullmatch(before):
        return int(before)
    raise RefusedError([Fault("/before", "place", "not a place in this list", "不是该列表中的位置")])
