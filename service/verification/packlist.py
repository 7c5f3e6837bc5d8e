"""The lists of batteries are what the entries up to their cursor make of them.

A battery is on a list as what it is now, not as what it was at the cursor: so one that entries after the cursor name,
or that is part of one, may be listed as before or as after, and is left out. A group that nobody is in counts for
nothing.
"""

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from heapq import merge
from itertools import groupby, islice
from typing import NamedTuple

import orjson
from sqlalchemy import Column, Connection, MetaData, Table, Text, func, select

from ledger.verification.audit import Audit
from service.db import bulk, tables
from service.db.packlist_tables import pack_cursor, pack_group, pack_row, recent_entry
from service.db.store import SqlTransaction
from service.db.views import load_states
from service.domain.accounting import told_codes
from service.domain.listing import first_state
from service.domain.states import BatteryState, Model
from service.domain.wholes import STEPS, seen_with_its_whole
from service.keys.key_events import OWN_KINDS
from service.packlist.following import RECENT
from service.packlist.groups import Group, groups_of
from service.passports.keeping import find_versions
from service.recording.listings import find_listed
from service.verification.rows import BLOCK, compare_table, in_bytes, tell

_row, _group, _recent = pack_row.c, pack_group.c, recent_entry.c
_pending = Table(
    "pending", MetaData(), Column("code", Text, primary_key=True), prefixes=["TEMPORARY"], sqlite_with_rowid=False
)


MOST = 100
"""Rows that are looked into: more say nothing new."""
Groups = Mapping[str, Group | None]
"""Of one battery, by operator; None: of a group that is not there."""


class Recent:
    """The newest entries of each operator, told from the entries from the first one on."""

    def __init__(self) -> None:
        self.done = 0
        self._newest: dict[str, deque[int]] = {}

    def go_on(self, reader: SqlTransaction, until: int) -> None:
        """Take in the next entries, those before `until`."""
        for index, data in enumerate(reader.entries(self.done, until), self.done):
            event = orjson.loads(data)["event"]
            if event["type"] not in OWN_KINDS:
                self._newest.setdefault(event["actor"], deque(maxlen=RECENT)).append(index)
        self.done = until

    def compare(self, audit: Audit, stored: Connection, target: Connection) -> int:
        """Fill the empty table of `target`, and compare."""
        rows = [(actor, index) for actor, found in self._newest.items() for index in found]
        bulk.writer(target).insert(recent_entry, rows)
        return compare_table(audit, recent_entry, stored, target)


def cursor_of(reader: SqlTransaction) -> int | None:
    """Up to where the lists are folded; None where the cursor is one that nobody set."""
    found = [(row.id, row.idx) for row in reader.connection.execute(select(pack_cursor))]
    return found[0][1] if len(found) == 1 and found[0][0] == 1 and 0 <= found[0][1] <= reader.size() else None


def compare_packlist(audit: Audit, reader: SqlTransaction, target: Connection, models: Mapping[str, Model]) -> int:
    """Compare with what the states of batteries in `target` come to, derived from the entries; gives the rows read."""
    until = cursor_of(reader)
    if until is None:
        tell(audit, pack_cursor, f"it is not one place in the log of {reader.size()} entries")
        return 0
    pending = _Pending(target)
    pending.learn(reader, until)
    states = _States(target, reader.connection, models)
    rows = _compare_rows(audit, reader.connection, _expected(states, pending))
    return rows + _compare_counts(audit, reader.connection)


class _Pending:
    """The batteries that entries after the cursor name: in the database beside, for they may be very many."""

    def __init__(self, target: Connection) -> None:
        self._target = target
        self._any = False
        _pending.create(target)

    def learn(self, reader: SqlTransaction, start: int) -> None:
        entries = reader.entries(start, reader.size())
        while block := list(islice(entries, BLOCK)):
            named = {code for data in block for code in told_codes(orjson.loads(data)["event"])}
            if named:
                known = self.among(sorted(named))
                bulk.writer(self._target).insert(_pending, [(code,) for code in sorted(named - known)])
                self._any = True

    def among(self, codes: Sequence[str]) -> set[str]:
        if not self._any:
            return set()
        return {row.code for row in bulk.select_rows(self._target, _pending.c.code, codes)}


class _States(NamedTuple):
    """The derived states of batteries. The entries that list parts stand in the register itself."""

    derived: Connection
    stored: Connection
    models: Mapping[str, Model]

    def load(self, codes: Sequence[str]) -> dict[str, BatteryState]:
        """As `recording.listings.load_known`."""
        states = load_states(self.derived, codes)
        others = find_listed(self.derived, [code for code in codes if code not in states], source=self.stored)
        return states | {code: first_state(each.listing, code, self.models) for code, each in others.items()}

    def wholes(self, states: Mapping[str, BatteryState]) -> dict[str, BatteryState]:
        """What these are built into, as many steps up as there are."""
        found: dict[str, BatteryState] = {}
        for _ in range(STEPS):
            known = {**states, **found}
            found |= self.load(sorted({state.parent for state in known.values() if state.parent} - known.keys()))
        return found


def _expected(states: _States, pending: _Pending) -> Iterator[tuple[str, int, Groups | None]]:
    """Every battery in the order of codes as it should be listed; None: it is pending."""
    query = select(tables.battery.c.code).order_by(tables.battery.c.code)
    codes = states.derived.execute(query, execution_options={"yield_per": BLOCK}).scalars()
    while block := list(islice(codes, BLOCK)):
        mine = states.load(block)
        around = mine | states.wholes(mine)
        own = {code: versions[-1] for code, versions in find_versions(states.derived, block).items()}
        moving = pending.among(list(around))
        for code in block:
            if moving and not moving.isdisjoint(_chain(code, around)):
                yield code, 1, None
                continue
            seen = seen_with_its_whole(mine[code], around)
            groups = groups_of(seen, states.models.get(seen.model_id or ""), own.get(code))
            yield code, 1, {group.operator: group for group in groups}


def _chain(code: str, around: Mapping[str, BatteryState]) -> list[str]:
    """A battery and what it is built into."""
    chain = [code]
    while len(chain) <= STEPS and (state := around.get(chain[-1])) is not None and state.parent is not None:
        chain.append(state.parent)
    return chain


def _compare_rows(audit: Audit, stored: Connection, expected: Iterator[tuple[str, int, Groups | None]]) -> int:
    """Walk both in the order of codes. Of each table the first row that is wrong is told."""
    told, wrong, count = set[str](), 0, 0
    for code, sides in groupby(merge(_listed(stored), expected, key=lambda each: each[:2]), key=lambda each: each[0]):
        found = {side: groups for _, side, groups in sides}
        ours, theirs = found.get(0) or {}, found.get(1, {})
        count += len(ours)
        if theirs is None or ours == theirs:
            continue
        wrong += 1
        table = pack_row if ours.keys() != theirs.keys() else _which(stored, ours, theirs)
        if table.name not in told:
            told.add(table.name)
            tell(audit, table, f"{code} is not listed as the entries make it", battery=code)
        if wrong == MOST:
            break
    return count


def _which(stored: Connection, ours: Groups, theirs: Groups) -> Table:
    """Whether a row names the wrong group, or the right one is not there."""
    for operator, group in theirs.items():
        if group is not None and ours[operator] != group:
            same = (_group[name] == value for name, value in group._asdict().items())
            if stored.execute(select(_group.id).where(*same)).first() is None:
                return pack_group
    return pack_row


def _listed(stored: Connection) -> Iterator[tuple[str, int, Groups]]:
    """What is stored, in the order of codes."""
    columns = (_group[name] for name in Group._fields)
    query = (
        select(_row.code, _row.operator.label("listed_by"), _group.id, *columns)
        .select_from(pack_row.outerjoin(pack_group, _group.id == _row.grp))
        .order_by(in_bytes(stored, _row.code), in_bytes(stored, _row.operator))
    )
    rows = stored.execute(query, execution_options={"yield_per": BLOCK})
    for code, same in groupby(rows, key=lambda row: row[0]):
        yield code, 0, {row[1]: None if row[2] is None else Group._make(row[3:]) for row in same}


def _compare_counts(audit: Audit, stored: Connection) -> int:
    """Each group has as many batteries as it says."""
    rows = select(_row.grp, func.count().label("batteries")).group_by(_row.grp).subquery()
    query = select(_group.id, _group.batteries, func.coalesce(rows.c.batteries, 0))
    joined = pack_group.outerjoin(rows, rows.c.grp == _group.id)
    count = 0
    for id_, told, there in stored.execute(query.select_from(joined), execution_options={"yield_per": BLOCK}):
        count += 1
        if told != there:
            tell(audit, pack_group, f"group {id_} says {told} batteries and has {there}")
            break
    return count
