"""Folding the list of batteries behind the entries, a few hundred at a time, never while an event is recorded.

A battery that new entries name gets the groups of its present state, whatever it was before: folding the same entries
again changes nothing. What is read and what it leads to is worked out first, as of one moment; then it is written, with
the cursor, in one short transaction, and not at all where another process has moved the cursor meanwhile.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from threading import Event as Signal

import orjson
from sqlalchemy import Connection, delete, select

from service.chores import work_off
from service.db import bulk
from service.db.listings import find_own_listings, find_states_in
from service.db.packlist_tables import PACKLIST_FOLDED, pack_cursor, pack_group, pack_row, recent_entry
from service.domain.accounting import told_codes
from service.domain.states import WHOLE_ENDS, BatteryState
from service.domain.wholes import STEPS, seen_with_its_whole
from service.domain.words import Level
from service.keys.key_events import OWN_KINDS
from service.packlist.groups import Group, groups_of
from service.passports.keeping import find_versions
from service.recording.listings import load_known, read_listings
from service.work import Register, RegisterReader

EVERY_SECONDS = 1.0
ENTRIES_AT_ONCE = 400
RECENT = 20
"""Of its newest entries so many are kept for each operator."""
BATTERIES_AT_ONCE = 2_000
"""A stretch ends before `ENTRIES_AT_ONCE` where it names so many: each may have ended with all its parts."""
_row, _group, _recent = pack_row.c, pack_group.c, recent_entry.c


def follow(register: Register, stopping: Signal) -> None:
    """Fold all there is, with rests."""
    work_off(lambda: fold(register), stopping)


def fold(register: Register, *, limit: int = ENTRIES_AT_ONCE) -> bool:
    """Fold up to `limit` entries; whether there were any."""
    with register.read() as reader:
        cursor, size = read_cursor(reader.connection), reader.size()
        if cursor == size:
            return False
        change = _Change(cursor)
        if cursor < size:
            change = _worked_out(register, reader, cursor, min(cursor + limit, size))
    with register.write_beside() as connection:
        locked = select(pack_cursor.c.idx).where(pack_cursor.c.id == 1).with_for_update()
        if connection.execute(locked).scalar_one() != cursor:
            return True
        if cursor > size:  # the register was restored to an earlier moment
            forget_list(connection)
            return True
        change.save(connection)
        connection.execute(pack_cursor.update().values(idx=change.until))
    return True


def read_cursor(connection: Connection) -> int:
    """The first entry that is not folded yet."""
    cursor: int = connection.execute(select(pack_cursor.c.idx).where(pack_cursor.c.id == 1)).scalar_one()
    return cursor


def forget_list(connection: Connection) -> None:
    """Empty what is folded: it is folded anew from the first entry on."""
    for table in PACKLIST_FOLDED:
        connection.execute(table.delete())
    connection.execute(pack_cursor.update().values(idx=0))


@dataclass
class _Change:
    """What the entries before `until` lead to. groups: whole rows. gone: operator and code."""

    until: int
    groups: dict[Group, tuple[int, int]] = field(default_factory=dict)
    rows: list[tuple[str, str, int]] = field(default_factory=list)
    gone: list[tuple[str, str]] = field(default_factory=list)
    recent: list[tuple[str, int]] = field(default_factory=list)
    oldest: dict[str, int] = field(default_factory=dict)

    def save(self, connection: Connection) -> None:
        writer = bulk.writer(connection)
        for operator, code in self.gone:
            connection.execute(delete(pack_row).where(_row.code == code, _row.operator == operator))
        writer.upsert(pack_group, [(id_, *group, count) for group, (id_, count) in self.groups.items()])
        writer.upsert(pack_row, self.rows)
        writer.insert(recent_entry, self.recent)
        for operator, oldest in self.oldest.items():
            connection.execute(delete(recent_entry).where(_recent.operator == operator, _recent.idx < oldest))


def _worked_out(register: Register, reader: RegisterReader, start: int, until: int) -> _Change:
    named: dict[str, None] = {}
    actors: dict[str, list[int]] = {}
    for index, data in sorted(reader.entries_at(range(start, until)).items()):
        event = orjson.loads(data)["event"]
        named |= dict.fromkeys(told_codes(event))
        if event["type"] not in OWN_KINDS:
            actors.setdefault(event["actor"], []).append(index)
        if len(named) >= BATTERIES_AT_ONCE:
            until = index + 1
            break
    change = _Change(until)
    _note_recent(reader.connection, actors, change)
    states = _states(register, reader.connection, list(named))
    if states:
        _note_groups(register, reader.connection, states, change)
    return change


def _states(register: Register, connection: Connection, codes: Sequence[str]) -> dict[str, BatteryState]:
    """The states of the batteries named, and of their parts where these end with them, each seen with its whole."""
    models = register.current_registry(connection).models
    states = load_known(connection, codes, models)
    level = states
    while level:
        parts = _parts_along(connection, level)
        level = load_known(connection, [code for code in parts if code not in states], models)
        states |= level
    wholes: dict[str, BatteryState] = {}
    for _ in range(STEPS):
        known = states | wholes
        parents = {state.parent for state in known.values() if state.parent} - known.keys()
        wholes |= load_known(connection, sorted(parents), models)
    around = states | wholes
    return {code: seen_with_its_whole(state, around) for code, state in states.items()}


def _parts_along(connection: Connection, states: Mapping[str, BatteryState]) -> list[str]:
    """The parts of those that ended with all of them, or are on the list as having done so and have not any more."""
    ending = {code for code, state in states.items() if state.op_state in WHOLE_ENDS}
    wholes = [code for code, state in states.items() if state.level is not Level.CELL]
    words = [each.value for each in WHOLE_ENDS]
    for start in range(0, len(wholes), bulk.IN_LIMIT):
        ended = select(_row.code).join(pack_group, _group.id == _row.grp).where(_group.state.in_(words))
        chunk = wholes[start : start + bulk.IN_LIMIT]
        ending |= set(connection.execute(ended.where(_row.code.in_(chunk))).scalars())
    return _parts(connection, sorted(ending))


def _parts(connection: Connection, wholes: Sequence[str]) -> list[str]:
    """The parts of these, listed ones with states of their own included."""
    if not wholes:
        return []
    found = [part for state in load_known(connection, wholes, {}).values() for part in state.children]
    listings = read_listings(connection, sorted(set(find_own_listings(connection, wholes).values())))
    runs = [run for each in listings.values() for run in each.listing.runs]
    return found + find_states_in(connection, runs, limit=max((run.size for run in runs), default=0))


def _note_groups(
    register: Register, connection: Connection, states: Mapping[str, BatteryState], change: _Change
) -> None:
    """Move the batteries from the groups that they are in to those of their states."""
    registry = register.current_registry(connection)
    own = {code: versions[-1] for code, versions in find_versions(connection, list(states)).items()}
    wanted = {
        (group.operator, code): group
        for code, state in states.items()
        for group in groups_of(state, registry.models.get(state.model_id or ""), own.get(code))
    }
    present = {(row.operator, row.code): row.grp for row in bulk.select_rows(connection, _row.code, list(states))}
    operators = {operator for operator, _ in wanted.keys() | present.keys()}
    stored = list(bulk.select_rows(connection, _group.operator, sorted(operators)))
    groups = {Group._make(row[1:-1]): (int(row.id), int(row.batteries)) for row in stored}
    by_id = {id_: group for group, (id_, _) in groups.items()}
    following = (connection.execute(select(_group.id).order_by(_group.id.desc()).limit(1)).scalar() or 0) + 1
    moved: dict[Group, int] = {}
    for key in wanted.keys() | present.keys():
        old, new = by_id.get(present.get(key, 0)), wanted.get(key)
        if old == new:
            continue
        if old is not None:
            moved[old] = moved.get(old, 0) - 1
        if new is None:
            change.gone.append(key)
            continue
        moved[new] = moved.get(new, 0) + 1
        if new not in groups:
            groups[new] = following, 0
            following += 1
        change.rows.append((*key, groups[new][0]))
    change.groups = {group: (groups[group][0], groups[group][1] + by) for group, by in moved.items()}


def _note_recent(connection: Connection, actors: Mapping[str, list[int]], change: _Change) -> None:
    """Keep the newest entries of each operator."""
    kept: dict[str, list[int]] = {}
    for row in bulk.select_rows(connection, _recent.operator, list(actors)):
        kept.setdefault(row.operator, []).append(row.idx)
    for actor, indexes in actors.items():
        newest = sorted({*kept.get(actor, ()), *indexes})[-RECENT:]
        change.recent += [(actor, index) for index in newest if index in set(indexes)]
        change.oldest[actor] = newest[0]
