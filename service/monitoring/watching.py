"""A monitor: round after round it asks a register for its checkpoint, and takes in what is new.

A round first settles the tree, then reads the entries if it may. What was taken in is written down in steps, so that an
interrupted round goes on later. Nothing that does not hold is ever written down: the next round finds it again.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from sqlalchemy import Connection

from ledger.errors import LedgerError, MalformedError, PolicyError
from ledger.notes.checkpoint import Checkpoint
from ledger.notes.note import Verifier
from ledger.notes.policy import Policy
from ledger.signing.keyring import KeyRing
from ledger.tile import TILE_WIDTH, tile_width
from ledger.tree import HASH_SIZE, hash_leaf
from service.clock import Clock, wall_clock
from service.errors import SettingsError
from service.monitoring.growth import check_prefix, grow
from service.monitoring.misbehaviour import Exhibit, Kind, MisbehaviourError
from service.monitoring.reading import Reading, WrongEntryError
from service.monitoring.source import Source, StoppedError
from service.monitoring.state import Head, MonitorState, read_head, read_keyring, read_tile, write_head
from service.monitoring.trust import check_given, check_in_force, cosigned_at, open_shown, witnesses_of
from service.verification.remote import RemoteError

BUNDLES_AT_ONCE = 64
"""Read in one transaction: up to 16,384 entries."""

Wait = Callable[[float], bool]
"""Wait so many seconds; true if the monitor is asked to end."""
Tick = Callable[[str, int, int], None]
"""Told what is done (tiles, entries), how far, and of how many."""


def _sleep(seconds: float) -> bool:
    time.sleep(seconds)
    return False


@dataclass(frozen=True, slots=True)
class Watch:
    """What a monitor goes by. `stall`: seconds without anything new that are too long; `evidence`: a folder.

    `patience`: seconds before a checkpoint that is smaller than one held, or cosigned by too few, is asked for again.
    """

    given: Sequence[Verifier]
    evidence: Path
    policy: Policy | None = None
    policy_file: Path | None = None
    stall: float | None = None
    patience: Sequence[float] = ()
    clock: Clock = wall_clock
    wait: Wait = _sleep
    tick: Tick = lambda what, done, total: None


@dataclass(frozen=True, slots=True)
class Round:
    """What one round found: sizes, how many entries are new, read and not read, and who cosigned the checkpoint."""

    at: str
    size: int
    new: int
    read: int
    unread: int
    maps: int
    witnesses: tuple[str, ...]
    requests: int
    seconds: float
    waiting: str = ""
    """Why the newest checkpoint was not taken in yet."""


class Monitor:
    """Follows the register behind `source`, remembering in `state`."""

    def __init__(self, source: Source, state: MonitorState, watch: Watch) -> None:
        """Raises SettingsError if the state is about another log."""
        self.source = source
        self.state = state
        self.watch = watch
        self._ring: KeyRing | None = None
        with state.read() as connection:
            origin = read_head(connection).origin
        if origin and origin != watch.given[0].name:
            raise SettingsError(f"the state is about {origin}, the keys are of {watch.given[0].name}")

    def round(self) -> Round:
        """One round.

        Raises MisbehaviourError, RemoteError, NotPermittedError for a bad API key, StoppedError, and SettingsError if a
        verifier key that was given was never the log's.
        """
        started = time.monotonic()
        self.source.seen.clear()
        now = self.watch.clock()
        with self.state.read() as connection:
            before = read_head(connection)
            ring = self._keyring(connection) if before.size and before.read == before.size else None
            answer, waiting = self._ask(connection, before, ring)
        try:
            held = self._hold(before, *answer) if answer else before
            after, maps = self._read(held) if self.source.api_key else (held, 0)
        except RemoteError as error:
            self._check_withheld(error)
            raise
        if after.read == after.size and self._ring is not None:
            check_given(self.watch.given, self._ring)
            check_in_force(after.note, () if ring else self.watch.given, self._ring)
        self._check_stall(after, waiting)
        self._note_success(now.timestamp())
        return Round(
            at=now.strftime("%Y-%m-%dT%H:%M:%SZ"),
            size=after.size,
            new=after.size - before.size,
            read=after.read - before.read,
            unread=after.size - after.read,
            maps=maps,
            witnesses=witnesses_of(after.note, self.watch.policy) if after.note else (),
            requests=len(self.source.seen),
            seconds=time.monotonic() - started,
            waiting=waiting,
        )

    def _ask(
        self, connection: Connection, held: Head, ring: KeyRing | None
    ) -> tuple[tuple[bytes, Checkpoint] | None, str]:
        """The newest checkpoint that may be believed; or none yet, and why."""
        shown = None
        for pause in (*self.watch.patience, None):
            note = self.source.fetch("checkpoint")
            shown = note, open_shown(note, held, self.watch.given, ring)
            error = self._fault(connection, held, *shown)
            if error is None:
                return shown, ""
            if pause is None:
                if error.kind is Kind.UNWITNESSED and self.watch.stall is not None and held.size:
                    return None, error.what
                raise error
            if self.watch.wait(pause):
                raise StoppedError
        raise AssertionError("the last pause is None")

    def _fault(self, connection: Connection, held: Head, note: bytes, shown: Checkpoint) -> MisbehaviourError | None:
        """What is wrong with a checkpoint, where that may mend by itself. Raises what will not."""
        if shown.size <= held.size:
            check_prefix(connection, self.source, held, (note, shown))
        if shown.size < held.size:
            what = f"the checkpoint signs {shown.size} entries, but {held.size} were signed before"
            return MisbehaviourError(Kind.ROLLBACK, what, Exhibit(note))
        try:
            witnesses_of(note, self.watch.policy)
        except PolicyError as error:
            return MisbehaviourError(Kind.UNWITNESSED, str(error), Exhibit(note))
        except LedgerError as error:
            raise MisbehaviourError(Kind.UNWITNESSED, f"a cosignature: {error}", Exhibit(note)) from None
        return None

    def _hold(self, held: Head, note: bytes, shown: Checkpoint) -> Head:
        """Take in the tree of the checkpoint."""
        if note == held.note:
            return held
        grown = replace(held, origin=shown.origin, size=shown.size, root=shown.root, note=note)
        with self.state.write() as connection:
            if shown.size > held.size:
                grown = replace(grown, grown_at=self.watch.clock().timestamp())
                grown = replace(grown, complete_at=grown.complete_at or grown.grown_at)
                tick = self.watch.tick
                grow(connection, self.source, held, (note, shown), lambda done, of: tick("tiles", done, of))
            write_head(connection, grown)
        return grown

    def _read(self, held: Head) -> tuple[Head, int]:
        """Read the entries that were not read yet, and how many maps were among them."""
        maps = 0
        while held.read < held.size:
            with self.state.write() as connection:
                reading = Reading(connection, held, self._keyring(connection))
                try:
                    self._feed(connection, reading, held.size)
                    held, maps = reading.finish(), maps + reading.maps
                except WrongEntryError as error:
                    self._ring = None
                    exhibit = Exhibit(held.note, index=error.index, entry=error.entry)
                    raise MisbehaviourError(Kind.CONTENT, f"entry {error.index}: {error.what}", exhibit) from None
                except Exception:
                    self._ring = None  # it may have read entries that are not written down
                    raise
        return held, maps

    def _feed(self, connection: Connection, reading: Reading, size: int) -> None:
        for _ in range(BUNDLES_AT_ONCE):
            start = reading.held.read
            if start == size:
                return
            index = start // TILE_WIDTH
            width = tile_width(0, index, size)
            first = index * TILE_WIDTH
            try:
                entries = self.source.bundle(index, width)
            except MalformedError as error:
                exhibit = Exhibit(reading.held.note, index=first)
                raise MisbehaviourError(Kind.ENTRY, f"entries from {first} on: {error}", exhibit) from None
            leaves = read_tile(connection, 0, index) or b""
            for place, entry in enumerate(entries):
                if hash_leaf(entry) != leaves[place * HASH_SIZE : (place + 1) * HASH_SIZE]:
                    what = f"entry {first + place} is not the one in the tree that the log signed"
                    exhibit = Exhibit(reading.held.note, index=first + place, entry=entry)
                    raise MisbehaviourError(Kind.ENTRY, what, exhibit)
            reading.feed(entries[start - first :])
            self.watch.tick("entries", reading.held.read, size)

    def _check_stall(self, held: Head, waiting: str) -> None:
        """Raise MisbehaviourError if nothing new came for too long: no growth, and no fresh cosignatures."""
        if self.watch.stall is None:
            return
        now = self.watch.clock().timestamp()
        newest = max(held.grown_at, cosigned_at(held.note, self.watch.policy))
        if now - newest > self.watch.stall:
            what = f"nothing new for {int(now - newest)} seconds: neither entries nor fresh cosignatures"
            why = f" ({waiting})" if waiting else ""
            raise MisbehaviourError(Kind.STALL, what + why, Exhibit(held.note))

    def _check_withheld(self, error: RemoteError) -> None:
        """Raise MisbehaviourError if for too long a checkpoint is shown, but not what it covers."""
        with self.state.read() as connection:
            held = read_head(connection)
        if self.watch.stall is None or not held.complete_at:
            return
        seconds = self.watch.clock().timestamp() - held.complete_at
        if seconds > self.watch.stall:
            what = f"shows checkpoints, but for {int(seconds)} seconds not all that they cover: {error}"
            raise MisbehaviourError(Kind.STALL, what, Exhibit(held.note)) from None

    def _note_success(self, now: float) -> None:
        """Remember that everything shown was taken in."""
        with self.state.write() as connection:
            write_head(connection, replace(read_head(connection), complete_at=now))

    def _keyring(self, connection: Connection) -> KeyRing:
        """The ring of the entries that are written down."""
        if self._ring is None:
            self._ring = read_keyring(connection)
        return self._ring
