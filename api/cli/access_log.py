"""packtrail access-log: who read restricted data; and how commands that show such data are noted in it."""

from pathlib import Path
from typing import Any

import click
import orjson

from api.cli.task import CHECK_FAILED, Failed, Task, in_columns, open_register, show
from service.access import Caller
from service.disclosure.chain import find_break
from service.disclosure.listing import ReadingQuery, list_readings
from service.disclosure.readings import Disclosed, Way, note_readings
from service.operators import current_registry
from service.settings import Settings
from service.work import Register

HERE = "command-line"
"""Stands for the key in a reading by a command, which needs none."""


@click.command(
    cls=Task,
    undone="the access log was not read",
    example="access-log --owner cq-cells --before 120",
)
@click.option("--owner", metavar="ID", help="Readings of this operator's data, as it sees them.  [default: all]")
@click.option("--subject", metavar="ID", help="Only of this battery, model:ID or report:DUTY.")
@click.option("--before", metavar="PLACE", help="Those before the last one of the page before.")
@click.option("--check", type=click.Path(dir_okay=False, exists=True, path_type=Path), metavar="FILE",
              help="Check a list that was kept, as `GET /v1/access-log` or --json gave it, instead.")  # fmt: skip
def access_log(
    settings: Settings, as_json: bool, owner: str | None, subject: str | None, before: str | None, check: Path | None
) -> None:
    """Who read restricted data, newest first, 100 at a time."""
    if check is not None:
        _check(check, as_json=as_json)
        return
    with open_register(settings) as register:
        page = list_readings(register, ReadingQuery(owner, subject, before))
    value = {"owner": owner, "readings": list(page.readings), "seq": page.seq, "chain": page.chain, "next": page.next}
    rows = [[str(each["seq"] or "-"), each["at"], each["operator"], each["subject"], " ".join(each["parts"])]
            for each in page.readings]  # fmt: skip
    lines = in_columns(rows) if rows else ["no readings"]
    show(value, lines + ([f"older ones: --before {page.next}"] if page.next else []), as_json=as_json)


def note_command(register: Register, shown: Disclosed, command: str) -> None:
    """Note what a command is about to show, under the name of who runs the register."""
    caller = Caller(current_registry(register).authority, frozenset({"read"}), HERE)
    note_readings(register, caller, [shown], Way(f"packtrail {command}"))


def _check(file: Path, *, as_json: bool) -> None:
    readings = _readings_in(file)
    place = find_break(readings)
    if place is not None:
        at = readings[place].get("seq") if isinstance(readings[place], dict) else None
        raise Failed(f"the list was changed: reading {at} does not follow on the one before it", CHECK_FAILED)
    checked = f"{len(readings)} readings, each following on the one before it"
    show({"ok": True, "count": len(readings)}, [checked], as_json=as_json)


def _readings_in(file: Path) -> list[Any]:
    try:
        given = orjson.loads(file.read_bytes())
        readings = given["readings"] if isinstance(given, dict) else given
    except (ValueError, KeyError):
        readings = None
    if not isinstance(readings, list):
        raise click.UsageError(f"{file} holds no list of readings")
    return readings[::-1]
