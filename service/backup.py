"""A backup of a register in SQLite: the database as of one moment, while it is served, and what stands in files beside.

    NAME/register.db       a copy by SQLite itself; the checkpoint in it is that of the manifest
    NAME/documents/ access/ vkeys ...   what of the data folder the database refers to, or people wrote
    NAME/manifest.json     when, of which log, how many entries, the checkpoint; size and SHA-256 of each file

The keys and the rollback pin are not in it: a backup with its keys could be passed off as the register, and the pin is
what tells an old copy from the newest. PostgreSQL has tools of its own: see docs/operating.md.
"""

import json
import os
import shutil
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import datetime
from hashlib import file_digest
from pathlib import Path

import pysqlite3
from sqlalchemy import make_url

from ledger.entry import format_time
from ledger.signing.keys import read_head
from service.db.engine import engine_of, sqlite_url
from service.db.migrate import revision_of
from service.db.store import SqlStore
from service.errors import DamagedError, SettingsError
from service.keys.masterkey import has_master_key, sync_folder, write_secret
from service.maintenance import program_version
from service.settings import Settings
from service.work import Register

DATABASE, MANIFEST, FORMAT = "register.db", "manifest.json", "packtrail-backup/1"
BEFORE = ("access",)
"""Readings on their way into the database: those that arrive in between are in both, and are known by their ids."""
AFTER = ("documents", "vkeys", "witness-policy.txt", "figures.json", "report-layout.toml")
"""Documents are never changed: what the copied database names is there still, unless it was erased by law."""
PAGES = 2048
GUIDE = "docs/operating.md#backup"
Tick = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Kept:
    """A file of a backup."""

    bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup says of itself. `checkpoint` is signed by the log; the rest is nobody's word but the copier's."""

    format: str
    made_at: str
    program: str
    tables: str
    origin: str
    size: int
    checkpoint: str
    files: dict[str, Kept]


def back_up(register: Register, target: Path, *, tick: Tick) -> Manifest:
    """Make the folder `target`, whole or not at all. `tick` hears how many pages of how many are copied.

    Raises SettingsError where `target` is there already, or where the register is in PostgreSQL.
    """
    settings = register.settings
    file = _database(settings)
    if target.exists():
        raise SettingsError(f"{target} is there already: a backup goes into a folder of its own")
    target.parent.mkdir(parents=True, exist_ok=True)
    unfinished = target.with_name(target.name + ".part")
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir(mode=0o700)
    try:
        _copy_named(settings.data, unfinished, BEFORE)
        _copy_database(file, unfinished / DATABASE, tick)
        _copy_named(settings.data, unfinished, AFTER)
        manifest = _describe(unfinished, register.clock())
        write_secret(unfinished / MANIFEST, json.dumps(asdict(manifest), ensure_ascii=False, indent=1) + "\n")
        for folder in (*(path for path in unfinished.rglob("*") if path.is_dir()), unfinished):
            sync_folder(folder)
        unfinished.rename(target)
    except BaseException:
        shutil.rmtree(unfinished, ignore_errors=True)
        raise
    sync_folder(target.parent)
    return manifest


def put_back(source: Path, settings: Settings) -> Manifest:
    """Put the files of a backup into the data folder, which has the register's keys and no database.

    Raises DamagedError where the backup is not as it was made, SettingsError where the folder is not ready; then
    nothing is changed. Whether the copy is the newest is for `check_standing` to say.
    """
    file = _database(settings)
    manifest = check(source)
    if not settings.log_key_file.is_file() or not has_master_key(settings):
        raise SettingsError(f"{settings.data} lacks the register's keys, which no backup holds: put keys/ back first")
    there = [name for name in (file.name, file.name + "-wal", "documents", "access") if _is_filled(file.parent / name)]
    if there:
        raise SettingsError(f"{file.parent / there[0]} is there: move it away, and keep it until you know more")
    for name in sorted(manifest.files, key=lambda name: name == DATABASE):  # last what makes a register of it
        place = file if name == DATABASE else settings.data / name
        place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        place.unlink(missing_ok=True)  # vkeys and what people wrote: as they were then
        _copy(source / name, place)
        sync_folder(place.parent)
    return manifest


def check(source: Path) -> Manifest:
    """The manifest of a backup whose files are all as they were. Raises DamagedError, SettingsError for no backup."""
    try:
        members = json.loads((source / MANIFEST).read_text("utf-8"))
        members["files"] = {name: Kept(**each) for name, each in members["files"].items()}
        manifest = Manifest(**members)
    except FileNotFoundError:
        raise SettingsError(f"{source} is no backup: it has no {MANIFEST}") from None
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise DamagedError(f"{source / MANIFEST} cannot be read: {error}") from error
    if manifest.format != FORMAT:
        raise SettingsError(f"{source} is a backup of another form: {manifest.format}")
    if DATABASE not in manifest.files or not all(_is_inside(name) for name in manifest.files):
        raise DamagedError(f"{source / MANIFEST} names files that no backup has")
    for name, kept in manifest.files.items():
        if not (source / name).is_file() or _kept(source / name) != kept:
            raise DamagedError(f"{source / name} is not the file that was copied: take another backup")
    return manifest


def _describe(folder: Path, now: datetime) -> Manifest:
    """What was copied, from the copy itself."""
    with engine_of(sqlite_url(folder / DATABASE)) as engine, SqlStore(engine).read() as reader:
        size, note, tables = reader.size(), reader.checkpoint(), revision_of(reader.connection) or ""
    files = {str(path.relative_to(folder)): _kept(path) for path in sorted(folder.rglob("*")) if path.is_file()}
    told = (FORMAT, format_time(now), program_version(), tables, read_head(note).origin, size, note.decode())
    return Manifest(*told, files)


def _database(settings: Settings) -> Path:
    url = make_url(settings.database_url)
    if url.get_backend_name() != "sqlite" or not url.database:
        raise SettingsError(
            f"a register in PostgreSQL is copied by pg_dump, and its data folder beside it: see {GUIDE}"
        )
    return Path(url.database)


def _copy_database(file: Path, copy: Path, tick: Tick) -> None:
    """Page by page under one read transaction: who records meanwhile neither waits nor gets in."""
    source, target = pysqlite3.connect(str(file), isolation_level=None), pysqlite3.connect(str(copy))
    try:
        copy.chmod(0o600)
        source.execute("BEGIN")
        source.execute("SELECT size FROM tree_state").fetchone()
        source.backup(target, pages=PAGES, progress=lambda _, left, pages: tick(pages - left, pages))
    finally:
        target.close()
        source.close()


def _copy_named(source: Path, target: Path, names: Iterable[str]) -> None:
    for name in names:
        paths = sorted((source / name).rglob("*")) if (source / name).is_dir() else [source / name]
        for path in paths:
            if not path.is_file():
                continue
            place = target / path.relative_to(source)
            place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            with suppress(FileNotFoundError):  # taken into the database, or erased, since it was listed
                _copy(path, place)


def _copy(source: Path, target: Path) -> None:
    """The bytes, for the owner only."""
    with (
        source.open("rb") as stream,
        os.fdopen(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as to,
    ):
        shutil.copyfileobj(stream, to, 1 << 20)
        to.flush()
        os.fsync(to.fileno())


def _kept(file: Path) -> Kept:
    with file.open("rb") as stream:
        return Kept(file.stat().st_size, file_digest(stream, "sha256").hexdigest())


def _is_filled(path: Path) -> bool:
    return path.is_file() or (path.is_dir() and any(each.is_file() for each in path.rglob("*")))


def _is_inside(name: str) -> bool:
    """Whether it is a file that a backup may hold: of the folder, and of those that we copy."""
    parts = Path(name).parts
    return bool(parts) and ".." not in parts and (name == DATABASE or parts[0] in (*BEFORE, *AFTER))
