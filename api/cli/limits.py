"""packtrail limits: how much anybody may ask for, and what the authority sets instead."""

from typing import Any

import click

from api.cli.task import Task, in_columns, open_register, show
from service.limits.changing import FOR_ALL, effective, load, set_limit
from service.limits.rows import LIMITS, Limit
from service.recording.recorder import Recorder
from service.settings import Settings

_OPERATOR = click.option("--operator", default=FOR_ALL, metavar="ID", help="Of one organisation only.")


@click.group()
def limits() -> None:
    """Limits: how much a key, an organisation or a network may ask for.

    A limit is written AMOUNT/SECONDS: so much at once, and evenly as much again in that time."""


@limits.command("list", cls=Task, undone="no limits were listed", example="limits list --operator cq-cells")
@_OPERATOR
def list_(settings: Settings, as_json: bool, operator: str) -> None:
    """List the limits in force: for all, and those that one organisation has."""
    with open_register(settings) as register, register.read() as reader:
        given = load(reader.connection)
    if operator:
        found = [(operator, effective(given, name, operator)) for name in LIMITS]
    else:
        found = [(FOR_ALL, effective(given, name)) for name in LIMITS]
        found += [(whom, limit) for (_, whom), limit in sorted(given.items()) if whom]
    values = [_members(*each) for each in found]
    rows = [(v["name"], v["limit"], v["operator"] or "", v["meaning"], _default(v)) for v in values]
    show(values, in_columns(rows), as_json=as_json)


@limits.command(
    "set", cls=Task, undone="no limit was set", example="limits set organisation 60000/60 --operator cq-cells"
)
@click.argument("name", type=click.Choice(tuple(LIMITS)))
@click.argument("rate", metavar="AMOUNT/SECONDS")
@_OPERATOR
def set_(settings: Settings, as_json: bool, name: str, rate: str, operator: str) -> None:
    """Set a limit. It holds at once, and an entry says so."""
    _change(settings, name, rate, operator, as_json=as_json)


@limits.command(cls=Task, undone="no limit was reset", example="limits reset key")
@click.argument("name", type=click.Choice(tuple(LIMITS)))
@_OPERATOR
def reset(settings: Settings, as_json: bool, name: str, operator: str) -> None:
    """Take back what was set. An entry says so."""
    _change(settings, name, None, operator, as_json=as_json)


def _change(settings: Settings, name: str, rate: str | None, operator: str, *, as_json: bool) -> None:
    with open_register(settings) as register:
        now = set_limit(Recorder(register), name, rate, operator)
    show(_members(operator, now), [f"{name} is {now} now"], as_json=as_json)


def _members(operator: str, limit: Limit) -> dict[str, Any]:
    return {
        "name": limit.name,
        "operator": operator or None,
        "per": limit.per.value,
        "amount": limit.amount,
        "seconds": limit.seconds,
        "limit": str(limit),
        "default": str(LIMITS[limit.name]),
        "meaning": limit.meaning_en,
        "meaning_zh": limit.meaning_zh,
    }


def _default(members: dict[str, Any]) -> str:
    return "" if members["limit"] == members["default"] else f"default {members['default']}"
