"""packtrail init: found a register."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

import click

from api.cli.accounts import account, read_accounts, write_accounts
from api.cli.task import Task, in_columns, say, show
from service.domain.events import parse_body
from service.founding import Founder, found_register
from service.recording.registry import ENROL
from service.settings import Settings


@click.command(
    cls=Task,
    undone="no register was founded",
    example="init --origin batteries.example.cn/log --authority cq-register --name 重庆电池登记机构 --region 500000",
)
@click.option("--origin", help="Name of the log, for ever.  [default: host of PACKTRAIL_BASE_URL + /log]")
@click.option("--authority", default="authority", show_default=True, help="Operator id of who runs the register.")
@click.option("--name", default="电池登记机构", show_default=True, help="Its name.")
@click.option("--name-en", default="Battery register authority", show_default=True, help="Its English name.")
@click.option("--region", default="500000", show_default=True, help="Its administrative division, GB/T 2260.")
def init(settings: Settings, as_json: bool, origin: str | None, **names: Any) -> None:
    """Found a register.

    Makes its keys and tables, its first entries, and the authority's API key. The API key is printed once and kept in
    accounts.json in the data folder, which only its owner can read.
    """
    founder = Founder(origin or default_origin(settings), **names)
    check_founder(founder)
    accounts = read_accounts(settings)
    founded = found_register(settings, founder)
    write_vkeys(settings, founded.vkeys)
    file = write_accounts(settings, [*accounts, account(founder.authority, "authority", founded.api_key)])
    value = {
        "data": str(settings.data),
        "origin": founder.origin,
        "authority": founder.authority,
        "api_key": founded.api_key,
        "vkeys": list(founded.vkeys),
        "accounts": str(file),
    }
    rows = [(name, str(value[name])) for name in ("data", "origin", "authority", "api_key")]
    show(value, [*in_columns(rows), "verifier keys:", *founded.vkeys], as_json=as_json)
    say(f"The API key is shown once; it stands in {file}, the verifier keys in vkeys beside it.")
    say(f"Keep a copy of {settings.data / 'keys'} elsewhere: without these keys the register cannot go on.")


def write_vkeys(settings: Settings, vkeys: Sequence[str]) -> None:
    """Write the verifier keys to `vkeys` in the data folder, one a line: a file to publish, and to verify with."""
    (settings.data / "vkeys").write_text("".join(f"{vkey}\n" for vkey in vkeys))


def default_origin(settings: Settings) -> str:
    """The log's name where none is given: the host of the register's own address, and /log."""
    return f"{urlsplit(settings.base_url).hostname}/log"


def check_founder(founder: Founder) -> None:
    """Raise InvalidBody for what could not be enrolled, before anything is made."""
    enrolment = {
        "operator_id": founder.authority,
        "name": founder.name,
        "name_en": founder.name_en,
        "roles": ["authority"],
        "region": founder.region,
    }
    parse_body(ENROL, enrolment)
