"""The figures are what the entries up to their cursor make of them, folded again in an empty database beside.

Figures that lag behind are no damage, nor those of another version, which are folded anew when the register is served;
a cursor beyond the log is. Two tables are compared in a way of their own:
- `figure_health` counts restricted values: those that were erased since cannot be told again, so there may be as many
  more measurements as values are missing;
- `figure_delay` is counted from duties some seconds behind them. Where a row has the sums of today it has to have their
  days too, and whatever is added up has to be the sum of its rows. Other rows are counted anew within seconds.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from heapq import merge
from itertools import groupby, islice
from typing import Any

import orjson
from sqlalchemy import Connection, Row, select

from ledger.verification.audit import Audit
from service.db import bulk
from service.db.duty_tables import duty_sum
from service.db.figure_tables import RECOUNT, TOTAL, figure_cursor, figure_delay, figure_health
from service.db.store import SqlTransaction
from service.figures.delays import (
    SIGNS,
    UNFINISHED,
    Key,
    count_delays,
    read_unfinished,
    same_key,
    sum_delays,
    totals_over,
)
from service.figures.storing import VERSION, read_cursor
from service.figures.tally import Sums
from service.verification.rows import BLOCK, compare_table, read_rows, tell

_delay, _sum = figure_delay.c, duty_sum.c


def cursor_of(reader: SqlTransaction) -> int | None:
    """Up to where the figures can be compared; None where they are of another version or the cursor is wrong."""
    cursor = read_cursor(reader.connection)
    return cursor.size if cursor.version == VERSION and 0 <= cursor.size <= reader.size() else None


def compare_cursor(audit: Audit, reader: SqlTransaction) -> None:
    """A cursor beyond the log is one that nobody set."""
    cursor = read_cursor(reader.connection)
    if not 0 <= cursor.size <= reader.size():
        tell(audit, figure_cursor, f"it stands at {cursor.size}, the log at {reader.size()}")


def compare_health(audit: Audit, stored: Connection, target: Connection, unknown: Sums) -> int:
    """No measurement is missing, and there are no more than might have been counted before they were erased."""
    both = merge(_counts(stored, 1), _counts(target, -1))
    rows = 0
    for (model, month, age), group in groupby(both, key=lambda each: each[0]):
        more: Counter[int] = Counter()
        for _, band, count in group:
            more[band] += count
            rows += count > 0
        allowed = unknown.get((model, month, age), [0])[0]
        if min(more.values()) < 0 or more.total() > allowed:
            tell(audit, figure_health, f"the rows of {model} {month} are not what the entries make of them")
            return rows
    return rows


def _counts(connection: Connection, sign: int) -> Iterator[tuple[tuple[Any, ...], int, int]]:
    for model, month, age, band, count in read_rows(figure_health, connection):
        yield (model, month, age), band, sign * count


def compare_delays(audit: Audit, stored: Connection, target: Connection) -> int:
    """Each row has the days of its cases, as far as it has their sums, and what is added up is the sum of its rows."""
    try:
        _expect_delays(stored, target, set(read_unfinished(stored)))
    except (ValueError, TypeError, KeyError, AttributeError) as error:  # what a row holds was never written
        tell(audit, figure_delay, f"a row cannot be read: {error!r}")
        return 0
    return compare_table(audit, figure_delay, stored, target)


def _expect_delays(stored: Connection, target: Connection, moving: set[Key]) -> None:
    """Fill the empty `figure_delay` of `target` with what the stored one has to hold. moving: keys not yet settled."""
    write, keys = bulk.writer(target), set[Key]()
    query = select(figure_delay).where(_delay.actor != TOTAL, _delay.duty != TOTAL, _delay.month != "")
    rows = iter(stored.execute(query, execution_options={"yield_per": BLOCK}))
    while block := list(islice(rows, BLOCK)):
        keys |= {_key(row) for row in block}
        moving |= {_key(row) for row in block if row.days == RECOUNT}
        write.upsert(figure_delay, [_expected(target, row, moving) for row in block])
    for settled, unsettled in zip(totals_over(keys), totals_over(moving), strict=True):
        loose = set(unsettled)
        sums = ((key, sum_delays(target, key)) for key in settled if key not in loose)
        write.upsert(figure_delay, [(*key, *values) for key, values in sums if values is not None])
        write.upsert(figure_delay, [row for key in unsettled for row in _stored(stored, key)])
    if moving:
        nothing = (0, 0, 0, 0)
        kept = [(*row[:3], *nothing, row[-1]) for row in _stored(stored, UNFINISHED) if orjson.loads(row[-1])]
        write.upsert(figure_delay, kept)


def _expected(derived: Connection, row: Row[Any], moving: set[Key]) -> Sequence[Any]:
    """The row, counted again where it is of today's sums: only these tell whether it is."""
    key = _key(row)
    sums = derived.execute(select(*(_sum[name] for name in SIGNS)).where(*same_key(_sum, key))).one_or_none()
    if key in moving or sums is None or tuple(sums) != tuple(getattr(row, name) for name in SIGNS):
        return (*row[:-1], bytes(row.content))
    return (*key, *(count_delays(derived, key) or ()))


def _stored(stored: Connection, key: Key) -> list[tuple[Any, ...]]:
    found = stored.execute(select(figure_delay).where(*same_key(_delay, key)))
    return [(*row[:-1], bytes(row.content)) for row in found]


def _key(row: Row[Any]) -> Key:
    return row.actor, row.duty, row.month
