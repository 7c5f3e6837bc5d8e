"""Replaying entries: everything that is kept from them, derived again by the same rules.

Used to rebuild the derived tables in place, and to build them beside in an empty database for comparison.
"""

from collections.abc import Callable, Iterable
from itertools import islice

from sqlalchemy import Connection

from ledger.entry import Entry, format_time, parse_entry, parse_hash
from ledger.entry import Event as LogEvent
from ledger.errors import LedgerError
from ledger.log import Submission
from ledger.tile import RightEdge
from ledger.tree import hash_leaf
from service.admission import VEHICLE, Admitted, check_key_event, vehicle_token
from service.commitments import find
from service.db import bulk, tables
from service.db.store import FULL, SqlTransaction
from service.domain.errors import DomainError
from service.domain.events import KINDS, Event, parse_body
from service.domain.fields import Body
from service.errors import ServiceError
from service.judging import Docket
from service.registry import Registry

BLOCK = 500


class ReplayError(ServiceError):
    """An entry that the rules would not have let in. `index` names it."""

    def __init__(self, index: int, message: str) -> None:
        super().__init__(f"entry {index}: {message}")
        self.index = index


class Replay:
    """Derives the tables from entries that are fed in index order into `target`, whose derived tables are empty.

    `source` is where the restricted values stand, `secret` what vehicles are blinded with.
    """

    def __init__(self, target: SqlTransaction, source: Connection, secret: bytes) -> None:
        self.edge = RightEdge(0, {})
        self.last_leaf = b""
        self.last_at = ""
        self._target = target
        self._source = source
        self._secret = secret
        self._registry = Registry()

    def run(self, entries: Iterable[bytes], *, tick: Callable[[int], None] | None = None) -> None:
        """Feed all of `entries`. Raises ReplayError."""
        stream = iter(entries)
        while block := list(islice(stream, BLOCK)):
            self._feed(block)
            if tick:
                tick(self.edge.size)

    def _feed(self, block: list[bytes]) -> None:
        first = self.edge.size
        parsed = [_parse(first + n, data) for n, data in enumerate(block)]
        items = self._admitted(first, parsed)
        docket = Docket.open(self._target.connection, self._registry, items, size=first)
        known = self._target.find([entry.event.id for entry in parsed])
        for n, (entry, item) in enumerate(zip(parsed, items, strict=True)):
            earlier = known.setdefault(entry.event.id, first + n)
            if earlier != first + n:
                raise ReplayError(first + n, f"event {entry.event.id} is recorded as entry {earlier} already")
            try:
                docket.judge(item, received_at=entry.at)
            except ServiceError as error:
                raise ReplayError(first + n, str(error)) from error
        docket.save(self._target.connection)
        self._registry = docket.registry
        self._index(first, block, parsed)

    def _index(self, first: int, block: list[bytes], parsed: list[Entry]) -> None:
        leaves = [hash_leaf(data) for data in block]
        places = list(enumerate(zip(parsed, leaves, strict=True), first))
        heads = {link.subject: (link.subject, link.seq, leaf, n) for n, (e, leaf) in places for link in e.chain}
        tiles = self.edge.extend(leaves)
        write = bulk.writer(self._target.connection)
        write.insert(tables.event_id, [(bytes.fromhex(e.event.id.replace("-", "")), n) for n, (e, _) in places])
        write.insert(tables.subject_entry, [(link.subject, link.seq, n) for n, (e, _) in places for link in e.chain])
        write.upsert(tables.head, list(heads.values()))
        write.insert(tables.tile, [(*place, hashes) for place, hashes in tiles.items() if len(hashes) == FULL])
        self.last_leaf, self.last_at = leaves[-1], format_time(parsed[-1].at)

    def _admitted(self, first: int, parsed: list[Entry]) -> list[Admitted]:
        """The entries as they were admitted, their vehicles found again beside the log."""
        read = [_read(first + n, entry.event) for n, entry in enumerate(parsed)]
        commitments = [commitment for _, commitment in read if commitment]
        vehicles = find(self._source, commitments) if commitments else {}
        items = []
        for entry, (body, commitment) in zip(parsed, read, strict=True):
            event, facts = entry.event, None
            if body is not None:
                vin = vehicles.get(commitment)
                token = None if vin is None else vehicle_token(self._secret, vin)
                facts = Event(event.id, event.type, event.actor, event.occurred_at, event.subjects, body, token)
            items.append(Admitted(Submission(event, ""), entry.jws.header, facts, ()))
        return items


def _read(index: int, event: LogEvent) -> tuple[Body | None, bytes]:
    """The body as the battery rules read it, None of a key event, and the commitment to a vehicle, if there is one."""
    kind = KINDS.get(event.type)
    try:
        if kind is None:
            raise ReplayError(index, f"no such kind of event: {event.type}")
        if kind.body is None:
            check_key_event(event)
            return None, b""
        return parse_body(event.type, event.body), parse_hash(event.body.get(f"{VEHICLE}_commitment", ""))
    except (DomainError, LedgerError) as error:
        raise ReplayError(index, str(error)) from error


def _parse(index: int, data: bytes) -> Entry:
    try:
        return parse_entry(data)
    except LedgerError as error:
        raise ReplayError(index, str(error)) from error
