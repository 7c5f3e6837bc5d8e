"""packtrail verify: check a register, or a part of it, against the log's public keys."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import NamedTuple

import click
from sqlalchemy.exc import DatabaseError

from api.cli.progress import progress
from api.cli.task import CHECK_FAILED, Task, say, show
from ledger.__main__ import describe, load_verifiers, report_members, verify_file
from ledger.audit import Failure, Report
from ledger.checkpoint import Checkpoint, open_checkpoint
from ledger.errors import LedgerError
from ledger.export import checkpoint_path, read_export
from ledger.note import Verifier, parse_vkey
from ledger.tree import CompactRange, hash_leaf
from service.db.engine import open_engine, sqlite_url
from service.db.store import SqlStore
from service.pin import check_pin
from service.remote import RemoteLog, root_at, verify_remote
from service.settings import Settings, read_settings
from service.vault import Vault
from service.verification import verify_database
from service.work import read_signing_keys

BLOCK = 1024


class Database(NamedTuple):
    """A register in a database; `settings` are those of its data folder, where that is at hand."""

    url: str
    settings: Settings | None


@click.command(
    cls=Task,
    undone="not verified",
    example="verify export.ndjson --key vkeys --since checkpoint-of-last-month",
)
@click.argument("target", required=False)
@click.option("--key", "keys", multiple=True, metavar="VKEY|FILE", help="Verifier key of the log, or a file of them.")
@click.option(
    "--since",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="CHECKPOINT",
    help="An older checkpoint that the register must still hold to.",
)
@click.option(
    "--entry",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="FILE",
    help="The entry that a receipt belongs to.",
)
@click.option(
    "--api-key",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="FILE",
    help="File with an auditor's API key: at an address, the entries are checked too, not only the tree.",
)
@click.option("--no-signatures", is_flag=True, help="Hashes and chains only: faster, and blind to forged events.")
def verify(
    settings: Settings,
    as_json: bool,
    target: str | None,
    keys: tuple[str, ...],
    **options: Path | bool | None,
) -> None:
    """Check a register, or a part of it.

    TARGET is a data folder, a database file or URL, the https address of a register, an export, a bundle, or a receipt
    with its entry. Says in one line what was checked and against which checkpoint, or names the first entry that is
    wrong, and then ends with exit code 1. Without TARGET the register of the data folder is verified.
    """
    since, entry, no_signatures = options["since"], options["entry"], bool(options["no_signatures"])
    remote = _remote(target, options["api_key"])
    database = None if remote else find_database(target, settings)
    verifiers = _verifiers(keys, database)
    older = _open_older(since, verifiers) if isinstance(since, Path) else None
    if remote is not None:
        report = _verify_remote(remote, verifiers, older)
    elif database is not None:
        report = _verify_database(database, verifiers, older, signatures=not no_signatures)
    else:
        file = Path(target or "")
        report = verify_file(
            file, verifiers, entry=entry if isinstance(entry, Path) else None, signatures=not no_signatures
        )
        if older is not None:
            report = with_older(report, older, _root_of_export(file, older.size))
    show(report_members(report), [describe(report)], as_json=as_json)
    if not report.ok:
        raise click.exceptions.Exit(CHECK_FAILED)


def find_database(target: str | None, settings: Settings) -> Database | None:
    """What database TARGET means: that of a data folder, a SQLite file, or one at a URL. None: TARGET is a file."""
    if target is None:
        return Database(settings.database_url, settings)
    path = Path(target)
    if path.is_dir():
        folder = read_settings(data=path)
        return Database(folder.database_url, folder)
    if target.startswith(("sqlite:", "postgresql:", "postgresql+")):
        return Database(target, None)
    with path.open("rb") as file:
        is_sqlite = file.read(16) == b"SQLite format 3\0"
    return Database(sqlite_url(path.absolute()), None) if is_sqlite else None


def _remote(target: str | None, api_key: object) -> RemoteLog | None:
    if target is None or not target.startswith(("http://", "https://")):
        return None
    return RemoteLog(target, api_key.read_text().strip() if isinstance(api_key, Path) else None)


def _verify_remote(log: RemoteLog, verifiers: Sequence[Verifier], older: Checkpoint | None) -> Report:
    with progress("verifying") as tick:
        report = verify_remote(log, verifiers, tick=tick)
    if older is None or not report.ok:
        return report
    return with_older(report, older, root_at(log, older.size) if older.size <= report.size else None)


def with_older(report: Report, older: Checkpoint, root: bytes | None) -> Report:
    """The report, with the answer to whether the older checkpoint still holds; `root` is that of as many entries."""
    failures = report.failures
    if root is None:
        failures += (Failure(None, f"the older checkpoint signs {older.size} entries, here are {report.size}"),)
    elif root != older.root:
        failures += (Failure(None, f"the first {older.size} entries are not those that the older checkpoint signs"),)
    return replace(report, failures=failures, checked=report.checked | {"older_checkpoints": 1})


def _verifiers(keys: Sequence[str], database: Database | None) -> list[Verifier]:
    if keys:
        return load_verifiers(keys)
    if database is None or database.settings is None:
        raise click.UsageError("give the log's verifier key: --key VKEY or --key FILE")
    say(
        f"Checked with the register's own keys from {database.settings.data}: this finds damage. "
        "To find out whether its owner changed it, give a key you got elsewhere (--key)."
    )
    return [parse_vkey(signer.vkey) for signer in read_signing_keys(database.settings)]


def _open_older(file: Path, verifiers: Sequence[Verifier]) -> Checkpoint:
    return open_checkpoint(file.read_bytes(), verifiers, origin=verifiers[0].name)


def _verify_database(
    database: Database, verifiers: Sequence[Verifier], older: Checkpoint | None, *, signatures: bool
) -> Report:
    own = database.settings
    secret = Vault.open(own.master_key_file).blinding if own is not None and own.master_key_file.exists() else None
    try:
        with progress("verifying") as tick:
            report = verify_database(database.url, verifiers, signatures=signatures, secret=secret, tick=tick)
        return _verify_beside(database, report, older)
    except DatabaseError as error:
        told = " ".join(str(error.orig).split())
        if "malformed" in told or "not a database" in told:
            return Report(0, b"", {}, (Failure(None, f"the database file is damaged: {told}"),))
        raise


def _verify_beside(database: Database, report: Report, older: Checkpoint | None) -> Report:
    """What stands outside the database: the rollback pin in the data folder, and an older checkpoint."""
    engine = open_engine(database.url)
    try:
        with SqlStore(engine).read() as reader:
            if database.settings is not None and report.ok:
                try:
                    check_pin(database.settings.pin_file, reader)
                except LedgerError as error:
                    return replace(report, failures=(Failure(None, str(error)),))
            if older is None:
                return report
            root = _root_of(reader.entries(0, older.size), older.size)
            return with_older(report, older, root)
    finally:
        engine.dispose()


def _root_of_export(file: Path, size: int) -> bytes | None:
    if not checkpoint_path(file).exists():
        raise click.UsageError("--since is for whole registers: a database, or an export with its checkpoint")
    with file.open("rb") as stream:
        return _root_of(read_export(stream), size)


def _root_of(entries: Iterable[bytes], size: int) -> bytes | None:
    """The root of the first `size` entries; None where there are fewer."""
    tree = CompactRange()
    stream = iter(entries)
    while block := list(islice(stream, min(BLOCK, size - tree.size))):
        tree.extend([hash_leaf(entry) for entry in block])
    return tree.root() if tree.size == size else None
