"""packtrail demo: a register with the Chongqing story in it."""

import time
from datetime import UTC, datetime
from typing import Any

import click

from api.cli.accounts import Account, account, accounts_file, read_accounts, write_accounts
from api.cli.founding import FIRST_LOGIN, default_origin, write_vkeys
from api.cli.progress import progress
from api.cli.task import Task, in_columns, say, show
from ledger.entry import format_time
from service.clock import wall_clock
from service.demo.play import Played
from service.demo.staging import Programme, Stage, open_stage, read_programme
from service.founding import Founder
from service.settings import Settings


@click.command(
    cls=Task,
    undone="the story was not told to its end (the same command goes on with it)",
    example="demo --data var --packs 2000 --seed 1",
)
@click.option("--packs", type=click.IntRange(40, 50_000), default=2000, show_default=True, help="How many packs.")
@click.option("--seed", type=int, default=1, show_default=True, help="Equal seeds tell equal stories.")
@click.option(
    "--until", type=click.DateTime(), help="End of the story in UTC, not in the future.  [default: now]", metavar="TIME"
)
def demo(settings: Settings, as_json: bool, packs: int, seed: int, until: datetime | None) -> None:
    """Fill a fresh register with the Chongqing story.

    Makes an account for everyone in it. Founds the register if there is none, in the past, so that receipts follow the
    story's own time. A story that was broken off goes on where it stopped; one that is complete is left alone.
    """
    now = wall_clock()
    end = until.replace(tzinfo=UTC) if until else now
    if end > now:
        raise click.UsageError("the story cannot end in the future")
    begun = read_programme(settings)
    wanted = Programme(seed, packs, format_time(end))
    if begun is not None and begun.complete and (begun.seed, begun.packs) == (seed, packs):
        say("The story is complete already.")
        _report(settings, begun, Played(0, 0), as_json=as_json, seconds=0)
        return
    founder = Founder(default_origin(settings), "authority", "示例登记机构", "Demo Register Authority", "500000")
    with open_stage(settings, wanted, founder) as stage:
        write_vkeys(settings, [signer.vkey for signer in stage.register.signers])
        _make_accounts(settings, stage)
        started = time.perf_counter()
        with progress("telling the story") as tick:
            played = stage.perform(tick=tick)
    _report(settings, stage.programme, played, as_json=as_json, seconds=time.perf_counter() - started)


def _make_accounts(settings: Settings, stage: Stage) -> None:
    accounts = read_accounts(settings)
    known = {each["organisation"] for each in accounts}
    made = stage.make_accounts(now=wall_clock(), known=known)
    accounts += [account(each.operator, each.role, each.api_key) for each in made]
    people = stage.make_people(now=wall_clock(), first=FIRST_LOGIN)
    for each in accounts:
        if each["organisation"] in people:
            each["login"], each["password"] = people[each["organisation"]]
    write_accounts(settings, accounts)


def _report(settings: Settings, programme: Programme, played: Played, *, as_json: bool, seconds: float) -> None:
    accounts: list[Account] = read_accounts(settings)
    value: dict[str, Any] = {
        "recorded": played.recorded,
        "found": played.found,
        "seed": programme.seed,
        "packs": programme.packs,
        "until": programme.until,
        "accounts": str(accounts_file(settings)),
    }
    rows = [
        (each["role"], each["organisation"], each["api_key"], each["login"] or "-", each["password"] or "-")
        for each in accounts
    ]
    rate = f", {played.recorded / seconds:,.0f} a second" if played.recorded and seconds else ""
    say(f"{played.recorded:,} events recorded{rate}; {played.found:,} had been before.")
    show(
        value,
        ["Demonstration accounts (role, operator, API key, login, password):", *in_columns(rows)],
        as_json=as_json,
    )
