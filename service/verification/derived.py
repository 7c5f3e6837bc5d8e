"""Every derived table is what the entries make of it: derived again in an empty database beside, and compared.

Which tables these are, and what vouches for the others, says `service.verification.vouched`.
"""

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from sqlalchemy import Table

from ledger.verification.audit import Audit
from service.db.engine import engine_of, sqlite_url, writing
from service.db.figure_tables import FOLDED, figure_cursor, figure_delay, figure_health
from service.db.layout import find_missing
from service.db.migrate import migrate
from service.db.store import SqlTransaction
from service.errors import ServiceError
from service.figures.refolding import Refolding
from service.figures.storing import VERSION, read_cursor
from service.keys.vault import Vault
from service.recording.rebuilding import derive_beside
from service.recording.replay import ReplayError
from service.verification import figures, packlist
from service.verification.rows import compare_table
from service.verification.vouched import RECORDED, VEHICLES

SEALED_OUT = (
    "not compared without the master key: which packs are in which vehicle (vehicle_slot), "
    "measurements of health (figure_health)"
)
OF_ANOTHER_VERSION = "not compared: the figures, which another version folded; they are folded anew when it serves"
Pause = Callable[[], SqlTransaction]
"""Ends the moment that is seen, rests, and gives a reader of a later one."""
BLOCK = 500
"""Entries that are derived at once."""
PAUSES = 1_000
"""So often more than its size takes is a register that grows looked at anew. Then the rest is derived at one moment."""


class _UnderivableError(Exception):
    """An entry that no rule lets in, or a secret that is missing: it was told to the audit."""


@dataclass(frozen=True, slots=True)
class Compared:
    """rows: how many are as they should be. notes: which tables were left out, and why."""

    rows: int = 0
    notes: tuple[str, ...] = ()


def compare_derived(
    audit: Audit,
    reader: SqlTransaction,
    vault: Vault | None,
    *,
    pause: Pause | None = None,
    tick: Callable[[int, int], None] | None = None,
) -> Compared:
    """Derive the tables again in an empty database and compare row by row.

    Without a vault the tables that follow from restricted values are left out. Without `pause` all is done as of one
    moment; with it, entries are derived some at a time, and each table is compared as of a moment of its own. `tick` is
    told of how many entries the tables are made, and of how many there are.
    """
    with _empty_database() as target:
        beside = _Beside(reader, target, vault, pause=pause, tick=tick)
        try:
            rows = sum(_compare_each(audit, beside, vault))
        except _UnderivableError:
            return Compared()
        is_other = read_cursor(beside.reader.connection).version != VERSION
    notes = (*([SEALED_OUT] if vault is None else []), *([OF_ANOTHER_VERSION] if is_other else []))
    return Compared(rows, notes)


class _Beside:
    """Tables derived again in `target`, as far as `reader` sees the log, which it sees later with each pause."""

    def __init__(
        self,
        reader: SqlTransaction,
        target: SqlTransaction,
        vault: Vault | None,
        *,
        pause: Pause | None,
        tick: Callable[[int, int], None] | None,
    ) -> None:
        self.reader = reader
        self.replay = derive_beside(reader, target, vault)
        self.figures: Refolding | None = Refolding(target.connection, vault)
        self.recent = packlist.Recent()
        self.target = target
        self._pause = pause
        self._tick = tick
        self._pauses = PAUSES + 3 * reader.size() // BLOCK

    def pause(self) -> None:
        """See a later moment, if that is wished."""
        if self._pause is not None:
            self.reader = self._pause()
            self.replay.go_on(self.reader)

    def catch_up(self, audit: Audit) -> None:
        """Derive what there is up to this moment, or a later one."""
        while left := self._step(audit):
            if left > BLOCK and self._pauses:
                self._pauses -= 1
                self.pause()

    def _step(self, audit: Audit) -> int:
        """Derive some entries; gives how many were left to derive before, 0 for none."""
        reader, done = self.reader, self.replay.state.size
        ahead = reader.size() - done
        behind = max(0, (figures.cursor_of(reader) or 0) - self.figures.done) if self.figures is not None else 0
        unlisted = max(0, (packlist.cursor_of(reader) or 0) - self.recent.done)
        if ahead:
            self._replay(audit, done)
        elif behind and self.figures is not None:
            self._fold(audit, self.figures, self.figures.done + min(behind, BLOCK))
        elif unlisted:
            self.recent.go_on(reader, self.recent.done + min(unlisted, BLOCK))
        return ahead + behind + unlisted

    def _fold(self, audit: Audit, refolding: Refolding, until: int) -> None:
        try:
            refolding.go_on(self.reader, self.replay.registry.models, until)
        except (KeyError, ValueError) as error:  # the index of entries by their ids is damaged, and is found to be
            audit.fail(None, f"the figures cannot be folded: {error!r}")
            self.figures = None

    def _replay(self, audit: Audit, done: int) -> None:
        try:
            self.replay.run(self.reader.entries(done, done + BLOCK))
        except ServiceError as error:
            audit.fail(error.index if isinstance(error, ReplayError) else None, str(error))
            raise _UnderivableError from error
        if self.replay.state.size == done:  # or who waits for it waits for ever
            audit.fail(done, "missing from the database")
            raise _UnderivableError
        if self._tick is not None:
            self._tick(self.replay.state.size, self.reader.size())


def _compare_each(audit: Audit, beside: _Beside, vault: Vault | None) -> Iterator[int]:
    """Compare one table after the other, each as of a moment up to which all is derived; gives their rows."""
    target = beside.target.connection
    for table in RECORDED if vault is None else (*RECORDED, *VEHICLES):
        beside.catch_up(audit)
        yield compare_table(audit, table, beside.reader.connection, target)
        beside.pause()
    beside.catch_up(audit)
    _compare_state(audit, beside)
    figures.compare_cursor(audit, beside.reader)
    for table in (*FOLDED, figure_cursor, figure_health, figure_delay):
        yield _compare_figure(audit, table, beside, vault)
        beside.pause()
        beside.catch_up(audit)
    if packlist.cursor_of(beside.reader) == beside.recent.done:
        yield beside.recent.compare(audit, beside.reader.connection, target)
        beside.pause()
        beside.catch_up(audit)
    yield packlist.compare_packlist(audit, beside.reader, target, beside.replay.registry.models)


def _compare_figure(audit: Audit, table: Table, beside: _Beside, vault: Vault | None) -> int:
    """One table of the figures, unless these were begun anew meanwhile, or could not be folded."""
    stored, target = beside.reader.connection, beside.target.connection
    if beside.figures is None or figures.cursor_of(beside.reader) != beside.figures.done:
        return 0
    if table is figure_delay:
        return figures.compare_delays(audit, stored, target)
    if table is figure_health:
        return figures.compare_health(audit, stored, target, beside.figures.unknown) if vault is not None else 0
    return compare_table(audit, table, stored, target)


def _compare_state(audit: Audit, beside: _Beside) -> None:
    ours, theirs = beside.reader.state(), beside.target.state()
    if (ours.batteries, ours.mapped, ours.merged) != (theirs.batteries, theirs.mapped, theirs.merged):
        audit.fail(None, "the state of the tree does not name the batteries and the map that the entries make")
    for missing in find_missing(beside.reader.connection, beside.target.connection):
        audit.fail(None, missing)


@contextmanager
def _empty_database() -> Iterator[SqlTransaction]:
    with tempfile.TemporaryDirectory(prefix="packtrail-verify-") as folder:
        file = Path(folder) / "derived.db"
        file.write_bytes(_empty_file())
        with engine_of(sqlite_url(file)) as engine, engine.connect() as connection:
            yield SqlTransaction(writing(connection))


@cache
def _empty_file() -> bytes:
    """A database with all tables and no row in them: made once in each process, a tenth of a second."""
    with tempfile.TemporaryDirectory(prefix="packtrail-verify-") as folder:
        file = Path(folder) / "empty.db"
        with engine_of(sqlite_url(file)) as engine:
            migrate(engine)
        return file.read_bytes()
