"""What all commands share: options, output, and how they end. Loads nothing that only some of them need."""

import json
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from service.errors import FaultyError, SettingsError
from service.settings import Settings, read_settings

if TYPE_CHECKING:
    from service.work import Register

CHECK_FAILED, USAGE, NETWORK, NOT_PERMITTED, PARTLY, BUSY, INTERRUPTED = 1, 2, 3, 4, 5, 6, 130


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
        except (click.ClickException, click.exceptions.Exit, click.Abort):
            raise
        except Exception as error:
            # Not above: the table knows the errors of all packages, and most commands end without one.
            from api.cli.failures import find_failure

            failure = find_failure(self.undone, error)
            if failure is None:
                raise
            raise failure from error


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
def open_register(settings: Settings, *, pinned: bool = True) -> "Iterator[Register]":
    """The register of these settings, closed at the end. Raises SettingsError where there is none."""
    # Not above: help, and what works on files, need no database.
    from service.work import Register

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
