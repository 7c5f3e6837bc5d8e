"""Taking readings from the journal into the table, placing them in their owners' chains, and letting old ones go.

A reading by right of supervision gets its place in the chain on the day it is shown; until then its owner is not even
told that there is one. Whoever is cut off while he does this loses nothing: lines that are in the table are not taken
twice.
"""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from itertools import islice
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, select

from ledger.entry import format_time
from service.db import bulk
from service.db.access_tables import WAITING, access_chain, access_reading
from service.disclosure.chain import START, next_link
from service.disclosure.journal import has_lines, take_over, taking
from service.disclosure.readings import Reading, parse_reading
from service.domain.retention import days_kept
from service.domain.rules_use import date_in_china
from service.domain.uuid7 import make_uuid7
from service.work import Register

EVERY_SECONDS = 5.0
PRUNE_SECONDS = 86_400.0
BLOCK = 500
_c = access_reading.c


def collect_readings(register: Register) -> None:
    """Bring table and chains up to now. Raises BusyError."""
    folder = register.journal.folder
    if has_lines(folder):
        with taking(folder):
            for file in take_over(folder):
                _take(register, file)
    while _place_due(register):
        pass


def prune_readings(register: Register) -> None:
    """Delete readings older than they are kept; their chains go on."""
    days = days_kept("reading", date_in_china(register.clock()))
    oldest = make_uuid7(int((register.clock() - timedelta(days=days)).timestamp() * 1000), bytes(10))
    with register.write_beside() as connection:
        connection.execute(access_reading.delete().where(_c.id < oldest))


def _take(register: Register, file: Path) -> None:
    with file.open("rb") as stream:
        lines = _readings(stream)
        while block := list(islice(lines, BLOCK)):
            with register.write_beside() as connection:
                known = {row.id for row in bulk.select_rows(connection, _c.id, [each.id for each in block])}
                rows = [_row(each) for each in block if each.id not in known]
                bulk.writer(connection).insert(access_reading, rows)
    file.unlink()


def _readings(stream: Any) -> Iterator[Reading]:
    for line in stream:
        found = parse_reading(line) if line.strip() else None
        if found is not None:
            yield found


def _row(each: Reading) -> tuple[Any, ...]:
    told = (each.id, each.at, each.operator, each.person, each.key_id, each.owner, each.subject, " ".join(each.parts))
    return (*told, each.route, each.purpose, each.size, each.shown_at, None, None)


def _place_due(register: Register) -> bool:
    """Place some of the readings that may be shown now; whether there may be more of them."""
    now = format_time(register.clock())
    due = select(access_reading).where(WAITING, _c.shown_at <= now).order_by(_c.shown_at, _c.id).limit(BLOCK)
    with register.read() as reader:
        if reader.connection.execute(due.limit(1)).first() is None:
            return False
    with register.write_beside() as connection:
        rows = connection.execute(due.with_for_update(skip_locked=True)).all()
        heads = _heads(connection, sorted({row.owner for row in rows}))
        placed = []
        for row in rows:
            seq, value = heads.get(row.owner, (0, START))
            members = members_of(row) | {"seq": seq + 1}
            heads[row.owner] = (seq + 1, next_link(value, members))
            placed.append((*row[:-2], *heads[row.owner]))
        bulk.writer(connection).upsert(access_reading, placed)
        bulk.writer(connection).upsert(access_chain, [(owner, *head) for owner, head in heads.items()])
    return len(rows) == BLOCK


def _heads(connection: Connection, owners: Sequence[str]) -> dict[str, tuple[int, bytes]]:
    found = select(access_chain).where(access_chain.c.owner.in_(owners)).with_for_update()
    return {row.owner: (row.seq, bytes(row.chain)) for row in connection.execute(found)}


def members_of(row: Any) -> dict[str, Any]:
    """A row as it is told, without its link of the chain."""
    return {
        "seq": row.seq,
        "id": row.id,
        "at": row.at,
        "operator": row.operator,
        "person": row.person,
        "key_id": row.key_id,
        "owner": row.owner,
        "subject": row.subject,
        "parts": row.parts.split(),
        "route": row.route,
        "purpose": row.purpose,
        "size": row.size,
    }
