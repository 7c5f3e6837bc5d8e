"""Rebuilding what follows from the entries: in place after damage, or beside for comparison."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

from sqlalchemy import Connection

from ledger.errors import RollbackError
from ledger.tile import RightEdge
from service.db import tables
from service.db.ownership import require_owner
from service.db.store import SqlReader, SqlTransaction
from service.failpoints import reach
from service.figures.storing import clear as clear_figures
from service.keys.vault import Vault
from service.packlist.following import forget_list
from service.pin import check_pin
from service.private.erasure import erase_again
from service.private.vehicles import forget_slots
from service.recording.replay import Replay
from service.verification.kept import time_of
from service.work import Register

DERIVED = (*tables.LOG_INDEXES, *tables.PRESENT)


def rebuild(register: Register, *, tick: Callable[[int, int], None] | None = None) -> int:
    """Derive every derived table anew from the entries, in one transaction; gives the number of entries.

    `tick` hears of how many entries it is done, and of how many there are. Raises, and has changed nothing, ReplayError
    when an entry does not follow the rules, RollbackError when the entries are not those that the newest checkpoint
    signs: their tables would lend them an appearance of truth, NotPermittedError when the database role may not lift
    the triggers of those tables.
    """
    with register.store.append() as tx, _triggers_off(tx.connection):
        clear(tx.connection)
        forget_slots(tx.connection)
        clear_figures(tx.connection)
        forget_list(tx.connection)
        reach("tables-cleared")
        size, note = tx.size(), tx.checkpoint()
        replay = Replay(tx, tx, register.vault)
        replay.run(tx.stored(0, size), tick=None if tick is None else lambda done: tick(done, size))
        edge = RightEdge(replay.state.size, replay.state.edge)
        signed = replay.registry.ring.open_checkpoint(note)
        if (signed.size, signed.root) != (edge.size, edge.root()):
            raise RollbackError("the entries are not those that were signed: nothing was rebuilt. Run packtrail verify")
        tx.restate(replace(replay.state, checkpoint=note, kept_at=_kept_at(tx)))
        erase_again(tx.connection)
        check_pin(register.settings.pin_file, SqlReader(tx.connection), replay.registry.ring.epochs)
        reach("tables-derived")
    return edge.size


def _kept_at(tx: SqlTransaction) -> str:
    """When the newest kept checkpoint was made: the time of its last entry."""
    newest = tx.entry(max((size for size, _ in tx.checkpoints()), default=0) - 1)
    return time_of(newest) if newest is not None else ""


def clear(connection: Connection) -> None:
    """Empty the derived tables."""
    for table in DERIVED:
        connection.execute(table.delete())
    connection.execute(tables.registry.insert().values(id=1, idx=-1))


def derive_beside(source: SqlTransaction, target: SqlTransaction, vault: Vault | None) -> Replay:
    """Ready to derive the tables of `source` into the empty `target`: no entry is fed yet."""
    clear(target.connection)
    return Replay(target, source, vault)


@contextmanager
def _triggers_off(connection: Connection) -> Iterator[None]:
    """Lift the append-only triggers of derived tables; an error rolls everything back, the triggers with it."""
    require_owner(connection, "deriving the tables anew")
    names = [table.name for table in tables.LOG_INDEXES]
    if connection.dialect.name == "postgresql":
        guarded = [name for name in names if name not in (tables.bucket.name, tables.map_tile.name)]
        for name in guarded:
            connection.exec_driver_sql(f"ALTER TABLE {name} DISABLE TRIGGER {name}_append_only")
        yield
        for name in guarded:
            connection.exec_driver_sql(f"ALTER TABLE {name} ENABLE TRIGGER {name}_append_only")
        return
    query = "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name IN ({})"
    marks = ", ".join(f"'{name}'" for name in names)
    triggers = [(row[0], row[1]) for row in connection.exec_driver_sql(query.format(marks))]
    for name, _ in triggers:
        connection.exec_driver_sql(f"DROP TRIGGER {name}")
    yield
    for _, sql in triggers:
        connection.exec_driver_sql(sql)
