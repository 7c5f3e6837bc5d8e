"""Replaying entries: everything that is kept from them, derived again by the same rules.

Used to rebuild the derived tables in place, and to build them beside in an empty database for comparison.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from itertools import islice
from typing import Any

from ledger.entry import Entry, parse_entry
from ledger.entry import Event as LogEvent
from ledger.epoch import next_map
from ledger.errors import LedgerError
from ledger.log import BrokenChainError, Submission, link_up
from ledger.map import COMMIT_MAP
from ledger.store import LogState, Mapped
from service.db.store import SqlReader, SqlTransaction
from service.domain.errors import DomainError
from service.domain.events import KINDS, Event
from service.errors import ServiceError
from service.keys.key_events import check_form
from service.keys.vault import Vault
from service.private.commitments import commitments_of, open_body
from service.private.values import Cabinet
from service.recording.admission import Admitted, facts_of
from service.recording.judging import Docket
from service.recording.registry import Registry

BLOCK = 500


class ReplayError(ServiceError):
    """An entry that the rules would not have let in. `index` names it."""

    def __init__(self, index: int, message: str) -> None:
        super().__init__(f"entry {index}: {message}")
        self.index = index


class Replay:
    """Derives the tables from entries that are fed in index order into `target`, whose derived tables are empty.

    `source` is where the restricted values stand, `vault` opens them. What is derived does not depend on them: where
    one is not known, because it was erased or there is no vault, the rules that need it do not judge.
    """

    def __init__(self, target: SqlTransaction, source: SqlReader, vault: Vault | None) -> None:
        self._target = target
        self._merged = source.state().merged
        target.begin_again()
        self._cabinet = Cabinet(source.connection, vault, replaying=True)
        self.registry = Registry()

    def run(self, entries: Iterable[bytes], *, tick: Callable[[int], None] | None = None) -> None:
        """Feed all of `entries`. Raises ReplayError."""
        stream = iter(entries)
        while block := list(islice(stream, BLOCK)):
            self._feed(block)
            if tick:
                tick(self.state.size)

    def go_on(self, source: SqlReader) -> None:
        """Take in a later moment of the same source: where rows were merged last, and which values are left."""
        self._merged = source.state().merged
        if self._merged == self.state.size != self.state.merged:
            self._target.merge()
        self._cabinet.forget_keys()

    @property
    def state(self) -> LogState:
        """The log's state after the entries so far, without what follows from checkpoints."""
        return self._target.state()

    def _feed(self, block: list[bytes]) -> None:
        first = self.state.size
        parsed = [_parse(first + n, data) for n, data in enumerate(block)]
        items = self._admitted(first, parsed)
        docket = Docket.open(self._target.connection, self.registry, items, size=first, cabinet=self._cabinet)
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
        self.registry = docket.registry
        self._index(first, block, parsed)

    def _index(self, first: int, block: list[bytes], parsed: list[Entry]) -> None:
        """Derive what the log itself keeps. Rows are merged where they were: at each map, and last at `merged`."""
        start = 0
        for n, entry in enumerate(parsed):
            if entry.event.type == COMMIT_MAP:
                self._index_run(block[start:n], parsed[start:n])
                self._index_map(first + n, block[n], entry)
                start = n + 1
            elif first + n + 1 == self._merged:
                self._index_run(block[start : n + 1], parsed[start : n + 1])
                self._target.merge()
                start = n + 1
        self._index_run(block[start:], parsed[start:])

    def _index_run(self, block: list[bytes], parsed: list[Entry]) -> None:
        if not block:
            return
        try:
            self._target.index(link_up(self._target, block, parsed))
        except BrokenChainError as error:
            raise ReplayError(error.index, str(error)) from error

    def _index_map(self, index: int, data: bytes, entry: Entry) -> None:
        commitment, tiles = next_map(self._target)
        if entry.event.body != commitment.body():
            raise ReplayError(index, "commits to another map than the entries before it make")
        batch = link_up(self._target, [data], [entry])
        mapped = Mapped(index, commitment.buckets, batch.state.last_at)
        self._target.index(replace(batch, map_tiles=tiles, state=replace(batch.state, mapped=mapped)))

    def _admitted(self, first: int, parsed: list[Entry]) -> list[Admitted]:
        """The entries as they were admitted, with those of their restricted values that are still there."""
        commitments = [_commitments(first + n, entry.event) for n, entry in enumerate(parsed)]
        known = self._cabinet.values([each for named in commitments for each in named.values()])
        items = []
        for n, (entry, named) in enumerate(zip(parsed, commitments, strict=True)):
            values = {name: known[each] for name, each in named.items() if each in known}
            facts = _read(first + n, entry.event, values)
            items.append(Admitted(Submission(entry.event, ""), entry.jws.header, facts, ()))
        return items


def _commitments(index: int, event: LogEvent) -> dict[str, bytes]:
    try:
        return commitments_of(event)
    except LedgerError as error:
        raise ReplayError(index, str(error)) from error


def _read(index: int, event: LogEvent, values: Mapping[str, Any]) -> Event | None:
    """The event as the battery rules read it, None of a key event."""
    kind = KINDS.get(event.type)
    try:
        if kind is None:
            raise ReplayError(index, f"no such kind of event: {event.type}")
        if kind.body is None:
            check_form(event)
            return None
        return facts_of(event, open_body(event.type, event.body, values))
    except (DomainError, LedgerError) as error:
        raise ReplayError(index, str(error)) from error


def _parse(index: int, data: bytes) -> Entry:
    try:
        return parse_entry(data)
    except LedgerError as error:
        raise ReplayError(index, str(error)) from error
