"""packtrail operator suspend, end and reinstate: whether an organisation takes part."""

from datetime import date, datetime
from typing import Any

import click

from api.cli.task import Task, open_register, say, show
from service.domain.bodies import SetStanding
from service.domain.words import Standing
from service.recording.recorder import Recorder
from service.settings import Settings
from service.standing import Ruling, set_standing

_REASON = click.option("--reason", required=True, help="Why, for everybody to read, for ever: name no person.")
_SINCE = click.option("--since", type=click.DateTime(["%Y-%m-%d"]), help="Day of the ruling.  [default: today]")


@click.command(
    cls=Task,
    undone="the operator was not suspended",
    example="operator suspend cq-repair --reason 许可证核查中",
)
@click.argument("operator_id", metavar="ID")
@_REASON
@_SINCE
def suspend(settings: Settings, as_json: bool, operator_id: str, reason: str, since: datetime | None) -> None:
    """Let an operator take part no more for a while.

    From now on it records nothing, its API keys open nothing, its people are signed out, its webhooks wait. What it
    recorded stays valid."""
    _rule(settings, Ruling(operator_id, Standing.SUSPENDED, reason, _day(since)), as_json=as_json)


@click.command(
    cls=Task, undone="the operator was not ended", example="operator end cq-repair --reason 已注销 --since 2026-05-01"
)
@click.argument("operator_id", metavar="ID")
@_REASON
@_SINCE
def end(settings: Settings, as_json: bool, operator_id: str, reason: str, since: datetime | None) -> None:
    """Let an operator take part no more, for good: as `suspend`, told in other words."""
    _rule(settings, Ruling(operator_id, Standing.ENDED, reason, _day(since)), as_json=as_json)


@click.command(
    cls=Task,
    undone="the operator was not reinstated",
    example="operator reinstate cq-repair --reason 许可证已续期",
)
@click.argument("operator_id", metavar="ID")
@_REASON
@_SINCE
def reinstate(settings: Settings, as_json: bool, operator_id: str, reason: str, since: datetime | None) -> None:
    """Let an operator that was suspended or ended take part again, with the keys and people that it had."""
    _rule(settings, Ruling(operator_id, Standing.ACTIVE, reason, _day(since)), as_json=as_json)


def standing_value(ruling: SetStanding | None) -> dict[str, str] | None:
    """A ruling as the command line shows it; None where there is none."""
    if ruling is None:
        return None
    return {"standing": ruling.standing.value, "since": ruling.since.isoformat(), "reason": ruling.reason}


def standing_line(ruling: SetStanding | None) -> str:
    """The same in one line for people."""
    return f"{ruling.standing.value} since {ruling.since}: {ruling.reason}" if ruling else Standing.ACTIVE.value


def _rule(settings: Settings, ruling: Ruling, *, as_json: bool) -> None:
    with open_register(settings) as register:
        index = set_standing(Recorder(register), ruling).index
    value: dict[str, Any] = {"operator": ruling.operator, "standing": ruling.standing.value, "index": index}
    show(value, [f"{ruling.operator} is {ruling.standing.value}"], as_json=as_json)
    say(f"Entry {index} says so to everybody.")


def _day(since: datetime | None) -> date | None:
    return None if since is None else since.date()
