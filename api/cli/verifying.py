"""packtrail verify: check a register, or a part of it, against the log's public keys.

What needs a database stands in `verifying_database`, which is loaded where TARGET is one: a file or an address is
checked without SQLAlchemy.
"""

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import click

from api.cli.policing import Policing, WatchedLog, notes_of_file, read_policing
from api.cli.progress import phases, progress
from api.cli.task import CHECK_FAILED, Task, say, show
from ledger.__main__ import describe, load_verifiers, older_checkpoint, report_members, verify_file
from ledger.export import checkpoint_path
from ledger.notes.checkpoint import Checkpoint, open_checkpoint
from ledger.notes.note import Verifier
from ledger.verification.audit import Anchor, Failure, Report
from ledger.verification.verified import StateFile, interruptible
from ledger.verification.verifying import Wishes
from service.db.address import sqlite_url
from service.garbage import undisturbed
from service.settings import Settings, read_settings
from service.verification.remote import RemoteLog, root_at, verify_remote


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
@click.option(
    "--policy",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="FILE",
    help="A C2SP tlog-policy: fail unless the witnesses it asks for have cosigned.",
)
@click.option(
    "--state",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Keeps how far a database or an export was verified: the next run checks only the signatures after that.",
)
@click.option("--cores", type=click.IntRange(1), metavar="N", help="Processes to use.  [default: one a core]")
@click.option("--no-signatures", is_flag=True, help="Hashes and chains only: faster, and blind to forged events.")
def verify(
    settings: Settings,
    as_json: bool,
    target: str | None,
    keys: tuple[str, ...],
    **options: Any,
) -> None:
    """Check a register, or a part of it.

    TARGET is a data folder, a database file or URL, the https address of a register, an export, a bundle, or a receipt
    with its entry. Says in one line what was checked and against which checkpoint, or names the first entry that is
    wrong, and then ends with exit code 1. Without TARGET the register of the data folder is verified.
    """
    policing = read_policing(options["policy"])
    remote = _remote(target, options["api_key"])
    database = None if remote else find_database(target, settings)
    verifiers = _verifiers(keys or (policing.keys() if policing else ()), database)
    if remote is not None:
        older = _open_older(options["since"], verifiers) if options["since"] else None
        report = _verify_remote(remote, verifiers, older)
    else:
        report = _verify_here(database or Path(target or ""), verifiers, options)
    told = ""
    if policing is not None:
        report, told = _police(policing, report, remote or database or Path(target or ""))
    show(report_members(report), [describe(report)], as_json=as_json)
    if told:
        say(told)
    if not report.ok:
        raise click.exceptions.Exit(CHECK_FAILED)


def _verify_here(judged: Database | Path, verifiers: Sequence[Verifier], options: Mapping[str, Any]) -> Report:
    """A database or a file, as the options wish. An interrupted run keeps in its state file what it has done."""
    anchors = _anchors(judged, options["since"])
    if options["state"] and options["no_signatures"]:
        raise click.UsageError("--state keeps how far signatures were checked: it does not go with --no-signatures")
    with interruptible(), _state_file(options["state"]) as kept, phases() as tick:
        wishes = Wishes(
            signatures=not options["no_signatures"],
            anchors=anchors,
            verified=kept.found if kept else None,
            save=kept.save if kept else None,
            workers=options["cores"],
            tick=tick,
        )
        if isinstance(judged, Database):
            with undisturbed():
                from api.cli.verifying_database import verify_in_database

            report = verify_in_database(judged.url, judged.settings, verifiers=verifiers, wishes=wishes)
        else:
            report = verify_file(judged, verifiers, entry=options["entry"], wishes=wishes)
    return replace(report, checked=report.checked | {"older_checkpoints": 1}) if anchors else report


def _state_file(file: Path | None) -> AbstractContextManager[StateFile | None]:
    return StateFile(file) if file else nullcontext()


def _anchors(judged: Database | Path, since: Path | None) -> tuple[Anchor, ...]:
    if since is None:
        return ()
    if isinstance(judged, Path) and not checkpoint_path(judged).exists():
        raise click.UsageError("--since is for whole registers: a database, or an export with its checkpoint")
    return (older_checkpoint(since),)


def _police(policing: Policing, report: Report, judged: WatchedLog | Database | Path) -> tuple[Report, str]:
    if isinstance(judged, Database):
        from api.cli.verifying_database import police

        return police(policing, report, judged.url)
    if isinstance(judged, WatchedLog):
        note = judged.seen.get("checkpoint")
        return policing.check(report, note) if note is not None else (report, "")
    told = ""
    for note in notes_of_file(judged):
        report, told = policing.check(report, note)
    return report, told


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


def _remote(target: str | None, api_key: object) -> WatchedLog | None:
    if target is None or not target.startswith(("http://", "https://")):
        return None
    return WatchedLog(target, api_key.read_text().strip() if isinstance(api_key, Path) else None)


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
    with undisturbed():
        from service.keys.logkeys import own_verifiers

    return own_verifiers(database.settings)


def _open_older(file: Path, verifiers: Sequence[Verifier]) -> Checkpoint:
    return open_checkpoint(file.read_bytes(), verifiers, origin=verifiers[0].name)
