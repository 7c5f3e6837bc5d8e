"""What all commands share: options, output, and one table from errors to exit codes."""

import json
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
from sqlalchemy.exc import DBAPIError, OperationalError

from labels.errors import LabelError
from ledger.errors import LedgerError, RollbackError
from service.db.ownership import GUIDE
from service.domain.errors import DomainError
from service.errors import (
    BusyError,
    DamagedError,
    FaultyError,
    NotPermittedError,
    ServiceError,
    SettingsError,
    StoryError,
)
from service.recording.replay import ReplayError
from service.settings import Settings, read_settings
from service.verification.remote import RemoteError
from service.work import Register

CHECK_FAILED, USAGE, NETWORK, NOT_PERMITTED, PARTLY, BUSY, INTERRUPTED = 1, 2, 3, 4, 5, 6, 130

EXITS: tuple[tuple[type[Exception], int], ...] = (
    (BusyError, BUSY),
    (NotPermittedError, NOT_PERMITTED),
    (StoryError, PARTLY),
    (ReplayError, CHECK_FAILED),
    (DamagedError, CHECK_FAILED),
    (RemoteError, NETWORK),
    (ServiceError, USAGE),
    (RollbackError, CHECK_FAILED),
    (LedgerError, USAGE),
    (DomainError, USAGE),
    (LabelError, USAGE),
    (PermissionError, NOT_PERMITTED),
    (OSError, USAGE),
)
"""The first row that fits decides. What is not listed is a defect of the program and shows where it happened."""


class Failed(click.ClickException):
    """The end of a command: one line on stderr, and the exit code."""

    def __init__(self, message: str, exit_code: int) -> None:
        super().__init__(message)
        self.exit_code = exit_code  # type: ignore[misc]

    def show(self, file: Any = None) -> None:
        click.echo(f"packtrail: {self.format_message()}", err=True)


class Task(click.Command):
    """A command. `undone` says in a failure what was not done; `example` closes the help."""

    def __init__(self, *args: Any, undone: str, example: str, has_data: bool = True, **attributes: Any) -> None:
        super().__init__(*args, **attributes)
        self.epilog = f"\b\nExample:\n  packtrail {example}"
        self.undone = undone
        self.example = example
        if has_data:
            self.params.append(
                click.Option(
                    ["settings", "--data"],
                    type=click.Path(path_type=Path, file_okay=False),
                    callback=_settings,
                    metavar="DIR",
                    help="Folder of the register.  [default: $PACKTRAIL_DATA or var]",
                )
            )
        self.params.append(click.Option(["as_json", "--json"], is_flag=True, help="Print the result as JSON."))

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            raise Failed(f"{self.undone}: interrupted", INTERRUPTED) from None
        except DBAPIError as error:
            raise _database_failure(self.undone, error) from error
        except tuple(row for row, _ in EXITS) as error:
            code = next(code for row, code in EXITS if isinstance(error, row))
            raise Failed(f"{self.undone}: {explain(error)}", code) from error


def explain(error: Exception) -> str:
    """An expected error in one line, each fault of an event with its place."""
    if isinstance(error, FaultyError) and error.faults:
        return "; ".join(
            f"{fault.pointer}: {fault.message_en}" if fault.pointer else fault.message_en for fault in error.faults
        )
    if isinstance(error, OSError) and error.strerror:
        return f"{error.filename}: {error.strerror}" if error.filename else error.strerror
    return " ".join(str(error).split())


def show(value: Any, lines: Sequence[str], *, as_json: bool) -> None:
    """Print the result on stdout: `value` as JSON, or `lines` for people."""
    if as_json:
        click.echo(json.dumps(value, ensure_ascii=False))
    else:
        for line in lines:
            click.echo(line)


def say(text: str) -> None:
    """Talk, on stderr."""
    click.echo(text, err=True)


def in_columns(rows: Sequence[Sequence[str]]) -> list[str]:
    """Rows of text under each other. Chinese letters count as two columns."""
    widths = [max(map(_width, column)) for column in zip(*rows, strict=True)]
    return [
        "  ".join(cell + " " * (width - _width(cell)) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]


@contextmanager
def open_register(settings: Settings, *, pinned: bool = True) -> Iterator[Register]:
    """The register of these settings, closed at the end. Raises SettingsError where there is none."""
    register = Register(settings, pinned=pinned)
    try:
        yield register
    finally:
        register.close()


def _width(text: str) -> int:
    return sum(2 if ord(letter) >= 0x2E80 else 1 for letter in text)


def _settings(_ctx: click.Context, _parameter: click.Parameter, value: Path | None) -> Settings:
    try:
        return read_settings(os.environ, data=value)
    except SettingsError as error:
        raise click.UsageError(str(error)) from None


def _database_failure(undone: str, error: DBAPIError) -> Failed:
    """The driver's own words in one line. A server that cannot be reached is a matter of the network."""
    told = " ".join(str(error.orig).split())
    if "locked" in told:
        return Failed(f"{undone}: the register is busy, try again", BUSY)
    if isinstance(error, OperationalError) and type(error.orig).__module__.startswith("psycopg"):
        return Failed(f"{undone}: the database cannot be reached: {told}", NETWORK)
    if getattr(error.orig, "sqlstate", None) == "42501":
        return Failed(f"{undone}: the database role may not do this: {told}. See {GUIDE}", NOT_PERMITTED)
    if "malformed" in told or "not a database" in told:
        return Failed(f"{undone}: the database file is damaged: {told}", CHECK_FAILED)
    return Failed(f"{undone}: {told}", USAGE)
