"""packtrail operator suspend, end and reinstate: whether an organisation takes part."""

from collections.abc import Callable
from typing import Any

import click

from api.cli.task import Task, open_register, say, show
from service.domain.bodies import SetStanding
from service.domain.words import Standing
from service.recording.recorder import Recorder
from service.settings import Settings
from service.standing import Ruling, ruling_members, set_standing

_SINCE = click.option(
    "--since",
    type=click.DateTime(["%Y-%m-%d"]),
    callback=lambda _context, _parameter, since: None if since is None else since.date(),
    help="Day of the ruling.  [default: today]",
)


def _ruled(command: Callable[..., None]) -> Callable[..., None]:
    """Decorator: what a `Ruling` is made of beside the standing."""
    reason = click.option("--reason", required=True, help="Why, for everybody to read, for ever: name no person.")
    return click.argument("operator", metavar="ID")(reason(_SINCE(command)))


@click.command(
    cls=Task,
    undone="the operator was not suspended",
    example="operator suspend cq-repair --reason 许可证核查中",
)
@_ruled
def suspend(settings: Settings, as_json: bool, **given: Any) -> None:
    """Let an operator take part no more for a while.

    From now on it records nothing, its API keys open nothing, its people are signed out, its webhooks wait. What it
    recorded stays valid."""
    _rule(settings, Ruling(standing=Standing.SUSPENDED, **given), as_json=as_json)


@click.command(
    cls=Task, undone="the operator was not ended", example="operator end cq-repair --reason 已注销 --since 2026-05-01"
)
@_ruled
def end(settings: Settings, as_json: bool, **given: Any) -> None:
    """Let an operator take part no more, for good: as `suspend`, told in other words."""
    _rule(settings, Ruling(standing=Standing.ENDED, **given), as_json=as_json)


@click.command(
    cls=Task,
    undone="the operator was not reinstated",
    example="operator reinstate cq-repair --reason 许可证已续期",
)
@_ruled
def reinstate(settings: Settings, as_json: bool, **given: Any) -> None:
    """Let an operator that was suspended or ended take part again, with the keys and people that it had."""
    _rule(settings, Ruling(standing=Standing.ACTIVE, **given), as_json=as_json)


def standing_value(ruling: SetStanding | None) -> dict[str, str] | None:
    """A ruling as the command line shows it; None where there is none."""
    return None if ruling is None else ruling_members(ruling)


def standing_line(ruling: SetStanding | None) -> str:
    """The same in one line for people."""
    return f"{ruling.standing.value} since {ruling.since}: {ruling.reason}" if ruling else Standing.ACTIVE.value


def _rule(settings: Settings, ruling: Ruling, *, as_json: bool) -> None:
    with open_register(settings) as register:
        index = set_standing(Recorder(register), ruling).index
    value: dict[str, Any] = {"operator": ruling.operator, "standing": ruling.standing.value, "index": index}
    show(value, [f"{ruling.operator} is {ruling.standing.value}"], as_json=as_json)
    say(f"Entry {index} says so to everybody.")
