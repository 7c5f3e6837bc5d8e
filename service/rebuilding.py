"""Rebuilding what follows from the entries: in place after damage, or beside for comparison."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from sqlalchemy import Connection

from ledger.checkpoint import open_checkpoint
from ledger.errors import RollbackError
from service.db import tables
from service.db.store import SqlReader, SqlTransaction, join_edge
from service.kept import time_of
from service.pin import check_pin
from service.replay import Replay
from service.work import Register

DERIVED = (*tables.LOG_INDEXES, *tables.PRESENT)


def rebuild(register: Register, *, tick: Callable[[int], None] | None = None) -> int:
    """Derive every derived table anew from the entries, in one transaction; gives the number of entries.

    Raises, and has changed nothing, ReplayError when an entry does not follow the rules, RollbackError when the
    entries are not those that the newest checkpoint signs: their tables would lend them an appearance of truth.
    """
    with register.store.append() as tx, _triggers_off(tx.connection):
        clear(tx.connection)
        replay = Replay(tx, tx.connection, register.vault.blinding)
        replay.run(tx.entries(0, tx.size()), tick=tick)
        signed = open_checkpoint(tx.checkpoint(), register.verifiers, origin=register.log.origin, require_all=True)
        if (signed.size, signed.root) != (replay.edge.size, replay.edge.root()):
            raise RollbackError("the entries are not those that were signed: nothing was rebuilt. Run packtrail verify")
        tx.connection.execute(tables.tree_state.update(), _state(tx, replay))
        check_pin(register.settings.pin_file, SqlReader(tx.connection))
    return replay.edge.size


def _state(tx: SqlTransaction, replay: Replay) -> dict[str, object]:
    """The columns of the tree's state that follow from the entries and the kept checkpoints."""
    kept = max((size for size, _ in tx.checkpoints()), default=0)
    newest = tx.entry(kept - 1)
    return {
        "last_leaf": replay.last_leaf,
        "last_at": replay.last_at,
        "kept_at": time_of(newest) if newest is not None else "",
        "edge": join_edge(replay.edge.tiles),
    }


def clear(connection: Connection) -> None:
    """Empty the derived tables."""
    for table in DERIVED:
        connection.execute(table.delete())
    connection.execute(tables.registry.insert().values(id=1, idx=-1))


def derive_beside(source: SqlTransaction, target: SqlTransaction, secret: bytes) -> Replay:
    """Derive the tables of `source` into the empty `target`."""
    clear(target.connection)
    replay = Replay(target, source.connection, secret)
    replay.run(source.entries(0, source.size()))
    return replay


@contextmanager
def _triggers_off(connection: Connection) -> Iterator[None]:
    """Lift the append-only triggers of derived tables; an error rolls everything back, the triggers with it."""
    names = [table.name for table in tables.LOG_INDEXES]
    if connection.dialect.name == "postgresql":
        guarded = [name for name in names if name != tables.head.name]
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
