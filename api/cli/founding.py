"""packtrail init: found a register."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

import click

from api.cli.accounts import account, read_accounts, write_accounts
from api.cli.task import Task, in_columns, open_register, say, show
from service.access import SCOPES
from service.domain.events import parse_body
from service.founding import Founder, found_register
from service.people.accounts import Invited
from service.people.acts import By
from service.people.entering import make_person
from service.people.roles import PersonRole
from service.programs.keeping import NewKey, make_key
from service.recording.recorder import Recorder
from service.recording.registry import ENROL
from service.settings import Settings

FIRST_LOGIN = "admin"
FIRST_KEY = "first key"


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

    Makes its keys and tables, its first entries, the authority's API key and its first person, who signs in as admin.
    Key and password are printed once and kept in accounts.json in the data folder, which only its owner can read.
    """
    founder = Founder(origin or default_origin(settings), **names)
    check_founder(founder)
    accounts = read_accounts(settings)
    founded = found_register(settings, founder)
    write_vkeys(settings, founded.vkeys)
    api_key = make_first_key(settings, founder)
    login, password = make_first_person(settings, founder)
    made = account(founder.authority, "authority", api_key, login=login, password=password)
    file = write_accounts(settings, [*accounts, made])
    value = {
        "data": str(settings.data),
        "origin": founder.origin,
        "authority": founder.authority,
        "api_key": api_key,
        "login": login,
        "password": password,
        "vkeys": list(founded.vkeys),
        "accounts": str(file),
    }
    rows = [(name, str(value[name])) for name in ("data", "origin", "authority", "api_key", "login", "password")]
    show(value, [*in_columns(rows), "verifier keys:", *founded.vkeys], as_json=as_json)
    say(f"API key and password are shown once; they stand in {file}, the verifier keys in vkeys beside it.")
    say(f"Keep a copy of {settings.data / 'keys'} elsewhere: without these keys the register cannot go on.")


def make_first_key(settings: Settings, founder: Founder) -> str:
    """The authority's first API key, told by an entry as are all that follow."""
    wanted = NewKey(founder.authority, SCOPES, FIRST_KEY)
    with open_register(settings) as register:
        return make_key(Recorder(register), wanted, by=founder.authority).text


def make_first_person(settings: Settings, founder: Founder) -> tuple[str, str]:
    """The login and password of the authority's first administrator."""
    with open_register(settings) as register, register.write_beside() as connection:
        invited = Invited(founder.authority, FIRST_LOGIN, founder.name, PersonRole.ADMIN)
        person, password = make_person(connection, invited, By("", register.clock()))
    return person.login, password


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
