"""packtrail copies list|close: labels that may have been copied."""

import click

from api.cli.task import Task, in_columns, open_register, show
from api.copies import alert_members
from service.operators import authority
from service.scans.alerts import MAX_PAGE, CopyAlert, close_alert, find_alerts
from service.settings import Settings

_HEAD = (("no.", "battery", "sign", "first", "second", "times", "state"),)


@click.group()
def copies() -> None:
    """Labels that may have been copied.

    Seen where they cannot be, or after their battery's end. A sign is no proof: somebody has to look."""


@copies.command("list", cls=Task, undone="no alerts were shown", example="copies list --closed")
@click.option("--closed", is_flag=True, help="Those too that were closed.")
@click.option("--after", type=click.IntRange(0), default=0, help="Go on after this number.")
def list_(settings: Settings, as_json: bool, closed: bool, after: int) -> None:
    """List the alerts, oldest first."""
    with open_register(settings) as register, register.read() as reader:
        found = find_alerts(reader.connection, operator=None, after=after, limit=MAX_PAGE, closed=closed)
    rows = [_row(each) for each in found]
    lines = in_columns([*_HEAD, *rows]) if rows else ["no label is suspected 无可疑标签"]
    show([alert_members(each) for each in found], lines, as_json=as_json)


@copies.command(cls=Task, undone="the alert is still open", example="copies close 3 --note replaced")
@click.argument("number", type=click.IntRange(1))
@click.option("--note", required=True, help="What was found.")
def close(settings: Settings, as_json: bool, number: int, note: str) -> None:
    """Close an alert."""
    with open_register(settings) as register, register.write_beside() as connection:
        closed = close_alert(connection, number, by=authority(register), note=note[:500], now=register.clock())
    show(alert_members(closed), in_columns([_row(closed)]), as_json=as_json)


def _row(alert: CopyAlert) -> tuple[str, ...]:
    told = alert_members(alert)
    seen = [f"{each['at'][:16]} {each['place'] or '-'}" if each else "-" for each in (told["first"], told["second"])]
    return (
        str(alert.id),
        alert.code,
        alert.sign.value,
        *seen,
        str(alert.times),
        "closed" if alert.closed_at else "open",
    )
