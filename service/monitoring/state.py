r"""What a monitor remembers: one SQLite file, so that a restart goes on where it was and fetches nothing again.

| table | rows |
|---|---|
| `head` | one: `format`; of the checkpoint held `origin`, `size`, `root`, `note`; how many entries were `read`, of \
the last of them leaf hash (`last`) and time of receipt (`last_at`); `batteries` in them; in seconds since 1970 when \
the size was first seen (`grown_at`) and when everything shown was taken in (`complete_at`) |
| `tile` | the tree of the log: level, index, hashes (ledger/README.md, section 8) |
| `own_entry` | index and bytes of entries about keys and epochs: from them the key ring is built |
| `battery` | key (SHA-256 of the subject), number and leaf hash of its newest entry: the rows of the map |
| `map_tile` | the tree of the map over those rows |
| `event_id` | 16 bytes of each event's id, and its index |

About 32 bytes an entry, without an API key that is all; with one, 30 more an entry, and 150 a battery. Each step is one
transaction (WAL, synchronous=FULL): whenever the machine stops, the file holds the state before or after it. Besides it
stands FILE.lock, so that one monitor works on it at a time.
"""

import fcntl
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from sqlalchemy import BigInteger, Column, Connection, Float, Integer, LargeBinary, MetaData, String, Table, select
from sqlalchemy.dialects.sqlite import insert

from ledger.entry import parse_entry
from ledger.signing.keyring import KeyRing
from ledger.tile import RightEdge, Tile, TileReader
from ledger.tree import EMPTY_ROOT
from service.db.engine import commit, open_engine, sqlite_url, writing
from service.errors import BusyError, SettingsError

FORMAT = "packtrail-monitor-v1"
_metadata = MetaData()
head = Table(
    "head",
    _metadata,
    Column("format", String, primary_key=True),
    Column("origin", String, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("root", LargeBinary, nullable=False),
    Column("note", LargeBinary, nullable=False),
    Column("read", BigInteger, nullable=False),
    Column("last", LargeBinary, nullable=False),
    Column("last_at", String, nullable=False),
    Column("batteries", BigInteger, nullable=False),
    Column("grown_at", Float, nullable=False),
    Column("complete_at", Float, nullable=False),
)
for _name in ("tile", "map_tile"):
    Table(
        _name,
        _metadata,
        Column("level", Integer, primary_key=True),
        Column("idx", BigInteger, primary_key=True),
        Column("hashes", LargeBinary, nullable=False),
    )
_own_entry = Table(
    "own_entry",
    _metadata,
    Column("idx", BigInteger, primary_key=True),
    Column("data", LargeBinary, nullable=False),
)
battery = Table(
    "battery",
    _metadata,
    Column("key", LargeBinary, primary_key=True),
    Column("seq", BigInteger, nullable=False),
    Column("leaf_hash", LargeBinary, nullable=False),
    sqlite_with_rowid=False,
)
event_id = Table(
    "event_id",
    _metadata,
    Column("id", LargeBinary, primary_key=True),
    Column("idx", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)


@dataclass(frozen=True, slots=True)
class Head:
    """How far the monitor is. `note` is the checkpoint over `size` entries with this `root`; `read` were read."""

    origin: str = ""
    size: int = 0
    root: bytes = EMPTY_ROOT
    note: bytes = b""
    read: int = 0
    last: bytes = b""
    last_at: str = ""
    batteries: int = 0
    grown_at: float = 0.0
    complete_at: float = 0.0


class MonitorState:
    """The state in `file`, made if it is not there. Close it. Raises BusyError while another monitor has it."""

    def __init__(self, file: Path) -> None:
        self._lock = file.with_name(file.name + ".lock").open("ab")
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self._lock.close()
            raise BusyError(f"another monitor works with {file}") from None
        self._engine = open_engine(sqlite_url(file))
        with self.write() as connection:
            _metadata.create_all(connection)
            found = connection.execute(select(head.c.format)).scalars().all()
            if not found:
                write_head(connection, Head())
            elif found != [FORMAT]:
                raise SettingsError(f"{file} is the state of another version of the monitor")

    def close(self) -> None:
        self._engine.dispose()
        self._lock.close()

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """A transaction, committed at the end."""
        with self._engine.connect() as connection:
            yield writing(connection)
            commit(connection)

    @contextmanager
    def read(self) -> Iterator[Connection]:
        with self._engine.connect() as connection:
            yield connection


def read_head(connection: Connection) -> Head:
    """How far the monitor is."""
    row = connection.execute(select(*(column for column in head.columns if column.name != "format"))).one()
    return Head(*row)


def write_head(connection: Connection, now: Head) -> None:
    values = {"format": FORMAT, **asdict(now)}
    connection.execute(insert(head).values(values).on_conflict_do_update(index_elements=["format"], set_=values))


def read_edge(connection: Connection, size: int) -> RightEdge:
    """Where the tree of `size` leaves goes on."""
    rows = {level: read_tile(connection, level, index) or b"" for level, index in RightEdge.needed(size)}
    return RightEdge(size, rows)


def tree_reader(connection: Connection, size: int) -> TileReader:
    """The hashes of the first `size` entries' tree."""

    def read(tile: Tile) -> bytes:
        return read_tile(connection, tile.level, tile.index) or b""

    return TileReader(read, size)


def read_tile(connection: Connection, level: int, index: int) -> bytes | None:
    """All hashes kept of a tile of the log."""
    return _read_hashes(connection, "tile", level, index)


def read_map_tile(connection: Connection, level: int, index: int) -> bytes | None:
    """All hashes kept of a tile of the map."""
    return _read_hashes(connection, "map_tile", level, index)


def write_tiles(connection: Connection, tiles: Mapping[tuple[int, int], bytes]) -> None:
    _write_hashes(connection, "tile", tiles)


def write_map_tiles(connection: Connection, tiles: Mapping[tuple[int, int], bytes]) -> None:
    _write_hashes(connection, "map_tile", tiles)


def write_own(connection: Connection, entries: Iterable[tuple[int, bytes]]) -> None:
    """Keep entries about keys and epochs."""
    if rows := list(entries):
        connection.exec_driver_sql("INSERT INTO own_entry (idx, data) VALUES (?, ?)", rows)


def read_keyring(connection: Connection) -> KeyRing:
    """The ring of the entries read so far. They were checked when they came."""
    ring = KeyRing()
    for index, data in connection.execute(select(_own_entry).order_by(_own_entry.c.idx)):
        ring.apply(index, parse_entry(bytes(data)).event)
    return ring


def _read_hashes(connection: Connection, table: str, level: int, index: int) -> bytes | None:
    statement = f"SELECT hashes FROM {table} WHERE level = ? AND idx = ?"
    row = connection.exec_driver_sql(statement, (level, index)).first()
    return None if row is None else bytes(row[0])


def _write_hashes(connection: Connection, table: str, tiles: Mapping[tuple[int, int], bytes]) -> None:
    if rows := [(level, index, hashes) for (level, index), hashes in tiles.items()]:
        connection.exec_driver_sql(f"INSERT OR REPLACE INTO {table} (level, idx, hashes) VALUES (?, ?, ?)", rows)
