"""Entries, read one after the other: chains, signatures, keys, event ids, and the map at each commitment to it.

The same checks as in the ledger's `audit`, but on a state that outlives the process: only what is new is looked at.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from sqlalchemy import Connection

from ledger.entry import Entry, format_time, parse_entry
from ledger.errors import AuthorityError, ChainError, LedgerError
from ledger.map import (
    COMMIT_MAP,
    Commitment,
    Row,
    bucket_count,
    bucket_of,
    format_rows,
    key_of,
    map_root,
    parent_of,
    place_of,
    range_of,
    update_tiles,
)
from ledger.signing.keyring import KEY_KINDS, KeyRing
from ledger.tree import hash_leaf
from ledger.verification.headmap import claimed_map
from service.db.bulk import select_rows
from service.monitoring.state import Head, battery, event_id, read_map_tile, write_head, write_map_tiles, write_own

MAX_ROWS = 16_384
"""Batteries whose newest entries are kept in memory."""


class WrongEntryError(Exception):
    """Entry `index` is not as it should be; `entry` are its bytes."""

    def __init__(self, index: int, entry: bytes, what: str) -> None:
        super().__init__(what)
        self.index = index
        self.entry = entry
        self.what = what


class Reading:
    """Reads on from `held.read`, in one transaction. After an error, roll it back and forget `ring`, which changed."""

    def __init__(self, connection: Connection, held: Head, ring: KeyRing) -> None:
        self.maps = 0
        self._connection = connection
        self._held = held
        self._ring = ring
        self._batteries = held.batteries
        self._mapped = held.batteries
        """How many batteries the tiles of the map are about."""
        self._rows: dict[bytes, Row] = {}
        self._changed: set[bytes] = set()
        self._own: list[tuple[int, bytes]] = []

    @property
    def held(self) -> Head:
        """How far this is."""
        return self._held

    def feed(self, entries: Sequence[bytes]) -> None:
        """Take in the next entries. Raises WrongEntryError."""
        first = self._held.read
        parsed = [_parse(data) for data in entries]
        good = [entry for entry in parsed if isinstance(entry, Entry)]
        self._load(good)
        twice = self._find_twice(good)
        for index, (data, entry) in enumerate(zip(entries, parsed, strict=True), first):
            try:
                if isinstance(entry, LedgerError):
                    raise entry
                if index in twice:
                    raise ChainError(f"event {entry.event.id} is recorded as entry {twice[index]} already")
                self._take(index, data, entry)
            except LedgerError as error:
                raise WrongEntryError(index, data, str(error)) from None

    def finish(self) -> Head:
        """Write down what was taken in."""
        self._flush()
        write_own(self._connection, self._own)
        self._own.clear()
        write_head(self._connection, self._held)
        return self._held

    def _take(self, index: int, data: bytes, entry: Entry) -> None:
        held = self._held
        at = format_time(entry.at)
        if entry.previous != held.last:
            raise ChainError("does not continue the entry before it")
        if at < held.last_at:
            raise ChainError("received before the entry ahead of it")
        leaf = hash_leaf(data)
        for subject, seq, previous in entry.chain:
            self._link(subject, Row(key_of(subject), seq, leaf), previous)
        self._ring.check(index, entry.event, entry.jws)
        if entry.event.type in KEY_KINDS:
            self._ring.apply(index, entry.event)
            self._own.append((index, data))
        elif entry.event.type == COMMIT_MAP:
            self._check_map(index, data)
        self._held = replace(held, read=index + 1, last=leaf, last_at=at, batteries=self._batteries)

    def _link(self, subject: str, row: Row, previous: bytes) -> None:
        before = self._rows.get(row.key)
        number, leaf = (before.seq, before.leaf_hash) if before else (0, b"")
        if row.seq != number + 1:
            raise ChainError(f"{subject} goes from number {number} to {row.seq}")
        if previous != leaf:
            raise ChainError(f"does not continue {subject} from its entry before")
        self._batteries += before is None
        self._rows[row.key] = row
        self._changed.add(row.key)

    def _load(self, entries: Sequence[Entry]) -> None:
        """Get what the state says of the batteries of these entries."""
        if len(self._rows) > MAX_ROWS:
            self._flush()
            self._rows.clear()
        keys = {key_of(link.subject) for entry in entries for link in entry.chain} - self._rows.keys()
        for found in select_rows(self._connection, battery.c.key, list(keys)):
            self._rows[found.key] = Row(found.key, found.seq, found.leaf_hash)

    def _find_twice(self, entries: Sequence[Entry]) -> dict[int, int]:
        """Entries whose event is recorded already, by index, and where; the ids of the others are written down.

        All entries of a block are well formed, or one of them ends the reading before this counts.
        """
        ids: dict[bytes, int] = {}
        twice: dict[int, int] = {}
        for index, entry in enumerate(entries, self._held.read):
            id_ = bytes.fromhex(entry.event.id.replace("-", ""))
            if ids.setdefault(id_, index) != index:
                twice[index] = ids[id_]
        for found in select_rows(self._connection, event_id.c.id, list(ids)):
            twice[ids.pop(found.id)] = found.idx
        if ids:
            self._connection.exec_driver_sql("INSERT INTO event_id (id, idx) VALUES (?, ?)", list(ids.items()))
        return twice

    def _check_map(self, index: int, data: bytes) -> None:
        self._flush()
        self.maps += 1
        buckets = bucket_count(self._batteries)
        root = map_root(self._read_map, buckets)
        if claimed_map(index, data) != Commitment(self._batteries, buckets, root, index):
            raise AuthorityError("commits to another map than that of the entries before it")

    def _flush(self) -> None:
        """Write the batteries' rows and the map over them."""
        rows = [tuple(self._rows[key]) for key in self._changed]
        if rows:
            statement = "INSERT OR REPLACE INTO battery (key, seq, leaf_hash) VALUES (?, ?, ?)"
            self._connection.exec_driver_sql(statement, rows)
        buckets = bucket_count(self._batteries)
        fresh = range(bucket_count(self._mapped), buckets) if self._read_map(0, 0) else range(buckets)
        dirty = {bucket_of(place_of(key), buckets) for key in self._changed}.union(fresh, map(parent_of, fresh))
        self._write_map(buckets, sorted(dirty))
        self._mapped = self._batteries
        self._changed.clear()

    def _write_map(self, buckets: int, dirty: Iterable[int]) -> None:
        leaves = {bucket: self._hash(bucket, buckets) for bucket in dirty}
        write_map_tiles(self._connection, update_tiles(self._read_map, buckets, leaves))

    def _hash(self, bucket: int, buckets: int) -> bytes:
        low, high = range_of(bucket, buckets)
        statement = "SELECT key, seq, leaf_hash FROM battery WHERE key BETWEEN ? AND ?"
        found = self._connection.exec_driver_sql(statement, (low, high))
        return hash_leaf(format_rows(sorted(Row(*each) for each in found)))

    def _read_map(self, level: int, index: int) -> bytes | None:
        return read_map_tile(self._connection, level, index)


def _parse(data: bytes) -> Entry | LedgerError:
    """The entry, or what is wrong with it."""
    try:
        return parse_entry(data)
    except LedgerError as error:
        return error
