"""What a witness keeps: which keys it knows of which log, and of each log the newest checkpoint it cosigned.

One SQLite file, written so that what is committed is on the disk. The database itself refuses to forget a checkpoint,
to go back to a smaller tree, or to put another root in the place of one.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    LargeBinary,
    MetaData,
    String,
    Table,
    bindparam,
    delete,
    select,
)
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.exc import OperationalError

from ledger.notes.witness import Kept, origin_hash
from service.db.engine import BUSY_MS, commit, open_engine, sqlite_url, writing
from service.db.turns import Turns
from service.errors import BusyError

_metadata = MetaData()
_known_key = Table(
    "known_key",
    _metadata,
    Column("origin", String, primary_key=True),
    Column("vkey", String, primary_key=True),
)
_newest = Table(
    "newest",
    _metadata,
    Column("origin", String, primary_key=True),
    Column("origin_hash", String, nullable=False, unique=True),
    Column("size", BigInteger, nullable=False),
    Column("root", LargeBinary, nullable=False),
    Column("note", LargeBinary, nullable=False),
    Column("at", BigInteger, nullable=False),
)
_GUARDS = (
    "CREATE TRIGGER IF NOT EXISTS newest_grows BEFORE UPDATE ON newest WHEN NEW.origin <> OLD.origin"
    " OR NEW.size < OLD.size OR (NEW.size = OLD.size AND NEW.root <> OLD.root)"
    " BEGIN SELECT RAISE(ABORT, 'a witness never goes back'); END",
    "CREATE TRIGGER IF NOT EXISTS newest_stays BEFORE DELETE ON newest"
    " BEGIN SELECT RAISE(ABORT, 'a witness never forgets'); END",
)
_put = insert(_newest)
_put = _put.on_conflict_do_update(
    index_elements=["origin"], set_={name: _put.excluded[name] for name in ("size", "root", "note", "at")}
)
_get = select(_newest.c.origin, _newest.c.size, _newest.c.root).where(
    _newest.c.origin.in_(bindparam("origins", expanding=True))
)


@dataclass(frozen=True, slots=True)
class Newest:
    """The newest cosigned checkpoint of an origin: `note` with the log's own signatures, `at` in seconds since 1970."""

    origin: str
    kept: Kept
    note: bytes
    at: int


class WitnessStore:
    """The database of one witness. Safe for threads, and for several processes of one host."""

    def __init__(self, data: Path) -> None:
        data.mkdir(mode=0o700, parents=True, exist_ok=True)
        file = data / "witness.db"
        self._engine = open_engine(sqlite_url(file))
        self._turns = Turns(file, seconds=BUSY_MS / 1000)
        with self.write() as connection:
            _metadata.create_all(connection)
            for guard in _GUARDS:
                connection.exec_driver_sql(guard)

    def close(self) -> None:
        self._engine.dispose()

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """A transaction that no other writer can come between. Committed at the end; raises BusyError."""
        try:
            with self._turns.take(), self._engine.connect() as connection:
                yield writing(connection)
                commit(connection)
        except OperationalError as error:
            if "locked" in str(error.orig):
                raise BusyError("the witness is busy: nothing was cosigned, send the same again") from error
            raise

    def add_keys(self, origin: str, vkeys: Sequence[str]) -> None:
        """Know these keys of the log `origin`, beside those known before."""
        rows = [{"origin": origin, "vkey": vkey} for vkey in vkeys]
        with self.write() as connection:
            connection.execute(insert(_known_key).on_conflict_do_nothing(), rows)

    def remove_keys(self, origin: str) -> int:
        """Know no key of the log any more; says how many there were. Its newest checkpoint stays for ever."""
        with self.write() as connection:
            return connection.execute(delete(_known_key).where(_known_key.c.origin == origin)).rowcount

    def vkeys(self, origin: str) -> list[str]:
        query = select(_known_key.c.vkey).where(_known_key.c.origin == origin)
        with self._engine.connect() as connection:
            return list(connection.execute(query).scalars())

    def logs(self) -> list[tuple[str, list[str], Newest | None]]:
        """Every known log with its keys and its newest checkpoint, by origin."""
        found: dict[str, list[str]] = {}
        with self._engine.connect() as connection:
            for origin, vkey in connection.execute(select(_known_key).order_by(_known_key.c.origin)):
                found.setdefault(origin, []).append(vkey)
        return [(origin, vkeys, self.newest(origin_hash(origin))) for origin, vkeys in found.items()]

    def newest(self, hashed: str) -> Newest | None:
        """The newest checkpoint of the origin with this hash."""
        query = select(_newest).where(_newest.c.origin_hash == hashed)
        with self._engine.connect() as connection:
            row = connection.execute(query).first()
        return None if row is None else Newest(row.origin, Kept(row.size, row.root), row.note, row.at)


def read_kept(connection: Connection, origins: Collection[str]) -> dict[str, Kept]:
    """What is kept of these origins, as far as something is."""
    return {origin: Kept(size, root) for origin, size, root in connection.execute(_get, {"origins": list(origins)})}


def write_newest(connection: Connection, changed: Mapping[str, Newest]) -> None:
    rows = [
        {
            "origin": origin,
            "origin_hash": origin_hash(origin),
            "size": newest.kept.size,
            "root": newest.kept.root,
            "note": newest.note,
            "at": newest.at,
        }
        for origin, newest in changed.items()
    ]
    connection.execute(_put, rows)
