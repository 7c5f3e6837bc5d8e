"""Verification of a register where it lives: the entries as in an export, and everything the database holds besides.

Beyond `ledger.verification.verifying`, for a database:
- each tile and the right edge hold the hashes of the entries, every kept checkpoint is signed and has its size's root;
- restricted values are those committed to, or lawfully erased;
- every derived table is what the entries make of it, derived again in an empty database beside;
- the engine itself finds its pages and indexes sound.

Entries are swept by all cores; where that finds anything, they are read again one after the other, to name it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial
from typing import NamedTuple

from sqlalchemy import Connection, func, select
from sqlalchemy.exc import DBAPIError

from ledger.errors import LedgerError
from ledger.notes.checkpoint import Checkpoint, open_checkpoint
from ledger.notes.note import Verifier
from ledger.signing.keys import read_head
from ledger.tile import RightEdge
from ledger.verification.audit import Audit, Failure, Report
from ledger.verification.stretch import UnsoundError
from ledger.verification.verified import StateError
from ledger.verification.verifying import Wishes, judge, sweep
from service.db import tables
from service.db.engine import engine_of, reading
from service.db.soundness import check_pages, find_wrong_type, tells_damage
from service.db.source import DatabaseSource
from service.db.store import FULL, SqlReader, SqlTransaction, require_register
from service.keys.vault import Vault
from service.verification.derived import Pause, compare_derived
from service.verification.kept import KeptHistory
from service.verification.passports import verify_passports
from service.verification.private_values import erasure_notes, verify_private
from service.verification.secrets import verify_secrets
from service.verification.stored import (
    OpenNote,
    StoredTree,
    compare_kept,
    compare_state,
    compare_tile,
    verify_checkpoints,
)

BLOCK = 1024
DERIVING = "derived tables"
"""The phase in which tables are made again."""


def verify_database(
    url: str,
    verifiers: Sequence[Verifier],
    *,
    signatures: bool = True,
    vault: Vault | None = None,
    wishes: Wishes | None = None,
) -> Report:
    """Verify the register in the database at `url` against the log's keys.

    `vault` opens restricted values: without it they are not compared with their commitments. `wishes` go before
    `signatures`. Raises SettingsError for what is no register.
    """
    try:
        with engine_of(url) as engine:
            require_register(engine)
            with engine.connect() as connection:
                reader = SqlTransaction(reading(connection))
                return _verify(reader, url, verifiers, vault, wishes or Wishes(signatures=signatures))
    except DBAPIError as error:
        if not tells_damage(error):
            raise
        return _broken(f"the database cannot be read: {error.orig}")
    except UnicodeDecodeError as error:  # the driver, of a name in a damaged schema
        return _broken(f"the database cannot be read: {error}")


def _verify(
    reader: SqlTransaction, url: str, verifiers: Sequence[Verifier], vault: Vault | None, wishes: Wishes
) -> Report:
    if failure := find_wrong_type(reader.connection):
        return Report(0, b"", {}, (failure,))
    try:
        note = reader.checkpoint()
        head = read_head(note)
    except LedgerError as error:
        return _broken(f"newest checkpoint: {error}")
    try:
        source = DatabaseSource(url, reader.size())
        report, beside = sweep_database(reader, source, verifiers, wishes), Audit()
    except UnsoundError:
        return _audit(reader, verifiers, head, vault, wishes)
    except StateError:
        raise
    except LedgerError as error:
        return _broken(f"newest checkpoint: {error}")
    checked, told = verify_beside(beside, reader, vault, wishes)
    failures = sorted(beside.failures, key=lambda failure: (failure.index is None, failure.index or 0))
    notes = (*report.notes, *erasure_notes(reader), *told)
    return replace(report, checked=report.checked | checked, failures=tuple(failures), notes=notes)


def sweep_database(
    reader: SqlTransaction, source: DatabaseSource, verifiers: Sequence[Verifier], wishes: Wishes
) -> Report:
    """Entries and the tree over them, by all cores. Raises UnsoundError for the first thing that is wrong.

    The reader's connection is let go between questions after the first ones: what is appended meanwhile lies beyond the
    size that it began with.
    """
    size = reader.size()
    sizes = [kept_size for kept_size, _ in reader.checkpoints()]
    kept = KeptHistory(sizes)
    stored = StoredTree(reader, kept)
    column = tables.entry.c.idx
    beyond = select(func.count()).select_from(tables.entry).where((column < 0) | (column >= size))
    if reader.connection.execute(beyond).scalar_one():
        raise UnsoundError
    report, keyring = sweep(source, reader.checkpoint(), verifiers, wishes, watch=stored.watch)
    audit = Audit()
    stored.finish(audit)
    count = verify_checkpoints(audit, reader, set(sizes), keyring.open_checkpoint)
    if audit.failures:
        raise UnsoundError
    return replace(report, checked=report.checked | {"checkpoints": count, "tiles": stored.tiles})


def _audit(
    reader: SqlTransaction, verifiers: Sequence[Verifier], head: Checkpoint, vault: Vault | None, wishes: Wishes
) -> Report:
    """The same one entry after the other, so that each fault gets its name."""
    audit = Audit(signatures=wishes.signatures, anchors=wishes.all_anchors)
    sizes = [size for size, _ in reader.checkpoints()]
    kept = KeptHistory(sizes)
    checked = {"tiles": _audit_entries(audit, reader, kept, wishes, head.size)}
    checked["checkpoints"] = verify_checkpoints(audit, reader, set(sizes), _opener(audit, verifiers))
    try:
        judge(audit.keyring, reader.checkpoint(), verifiers)
    except LedgerError as error:
        audit.fail(None, f"newest checkpoint: {error}")
    audit.settle()
    told: tuple[str, ...] = ()
    if audit.size == reader.size():  # or whoever reads up to that size reads for ever
        beside, told = verify_beside(audit, reader, vault, wishes)
        checked |= beside
    report = audit.finish(head)
    notes = (*report.notes, *erasure_notes(reader), *told)
    return replace(report, checked=report.checked | checked, notes=notes)


def _opener(audit: Audit, verifiers: Sequence[Verifier]) -> OpenNote:
    """Opens kept checkpoints with the keys in force at their sizes, or the given ones where entries name none."""

    def open_note(note: bytes) -> Checkpoint:
        if audit.keyring.log_keys_at(read_head(note).size) is None:
            return open_checkpoint(note, verifiers, origin=verifiers[0].name, require_all=True)
        return audit.keyring.open_checkpoint(note)

    return open_note


class Beside(NamedTuple):
    """checked: counts by name. notes: what was not looked at, and why."""

    checked: dict[str, int]
    notes: tuple[str, ...]


def verify_beside(
    audit: Audit, reader: SqlTransaction, vault: Vault | None, wishes: Wishes, *, pause: Pause | None = None
) -> Beside:
    """All that the database holds besides entries and their tree. `pause` is made while tables are derived again."""
    tick = wishes.tick or _keep_silent
    tick("database", 0, 1)
    checked, notes = check_pages(audit, reader.connection)
    tick("restricted values", 0, 1)
    checked |= verify_private(audit, reader, vault)
    if vault is not None:
        checked |= verify_secrets(audit, reader, vault)
        checked |= verify_passports(audit, reader, vault)
    if not audit.failures:
        tick(DERIVING, 0, reader.size())
        compared = compare_derived(audit, reader, vault, pause=pause, tick=partial(tick, DERIVING))
        checked["derived_rows"] = compared.rows
        notes += compared.notes
    return Beside(checked, notes)


def _keep_silent(phase: str, done: int, total: int) -> None:
    """Where nobody watches."""


def _broken(what: str) -> Report:
    return Report(0, b"", {}, (Failure(None, what),))


def _audit_entries(audit: Audit, reader: SqlReader, kept: KeptHistory, wishes: Wishes, total: int) -> int:
    """Audit every entry, and compare the tiles with what the entries make of them; gives the number of tiles."""
    edge, tiles, expected = RightEdge(0, {}), 0, 0
    end = max(total, reader.size())
    for rows in _blocks(reader.connection):
        outside = [index for index, _ in rows if not 0 <= index < end]
        for index in outside:
            audit.fail(index, f"stands outside of the register's {total} entries")
        indexes, block = [row[0] for row in rows if 0 <= row[0] < end], [row[1] for row in rows if 0 <= row[0] < end]
        for index in indexes:
            if index != expected:
                audit.fail(expected, "missing from the database" if index > expected else "twice in the database")
                expected = index
            expected += 1
        changed = edge.extend(audit.feed(block))
        kept.feed(block)
        full = {place: hashes for place, hashes in changed.items() if len(hashes) == FULL}
        for (level, n), hashes in full.items():
            compare_tile(audit, reader, level, n, hashes)
        tiles += len(full)
        if wishes.tick:
            wishes.tick("naming what is wrong", audit.size, total)
    if expected < total:
        audit.fail(expected, f"missing from the database, as is all after it: {total} entries were signed")
    compare_kept(audit, kept)
    compare_state(audit, reader, edge, kept)
    return tiles


def _blocks(connection: Connection) -> Iterator[list[tuple[int, bytes]]]:
    """All entries as (index, bytes), also those that lie outside of the range they should be in."""
    column = tables.entry.c
    after = -(2**63)
    while True:
        query = select(column.idx, column.data).where(column.idx > after).order_by(column.idx).limit(BLOCK)
        rows = connection.execute(query).all()
        if not rows:
            return
        yield [(row.idx, bytes(row.data)) for row in rows]
        after = rows[-1].idx
