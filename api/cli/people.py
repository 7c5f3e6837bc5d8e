"""packtrail person: accounts of people, for whoever runs the register. Administrators have a page for the same."""

from collections.abc import Callable
from typing import Any

import click
from sqlalchemy import Connection

from api.cli.task import Task, in_columns, open_register, say, show
from ledger.entry import format_time
from service.errors import NotFoundError
from service.operators import current_registry
from service.people import accounts, sessions
from service.people.accounts import Invited, Person
from service.people.acts import By
from service.people.factors.dropping import clear_factors
from service.people.links import INVITATION, RECOVERY
from service.people.roles import PersonRole
from service.settings import Settings
from service.work import Register

_LIVES = {INVITATION: "seven days", RECOVERY: "15 minutes"}
_ROLE = click.Choice([role.value for role in PersonRole])


@click.group()
def person() -> None:
    """People who sign in: each belongs to one operator.

    Their names and logins are never in the log."""


@person.command(
    cls=Task,
    undone="nobody was invited",
    example="person add cq-repair --login li.wei@example.cn --name 李伟 --role admin",
)
@click.argument("operator")
@click.option("--login", required=True, help="What the person signs in with, e.g. an e-mail address.")
@click.option("--name", required=True, help="The person's name.")
@click.option("--role", type=_ROLE, required=True, help="admin also manages people and keys.")
def add(settings: Settings, as_json: bool, operator: str, login: str, name: str, role: str) -> None:
    """Invite a person of OPERATOR: prints a link that works once, for seven days."""
    with open_register(settings) as register:
        if operator not in current_registry(register).operators:
            raise NotFoundError(f"{operator} is not enrolled: `packtrail operator add` enrols it")
        with register.write_beside() as connection:
            invited = Invited(operator, login, name, PersonRole(role))
            made, secret = accounts.invite(connection, invited, _by(register))
    _show_link(settings, made, INVITATION, secret, as_json=as_json)


@person.command("list", cls=Task, undone="nobody was listed", example="person list cq-repair")
@click.argument("operator", required=False)
def list_(settings: Settings, as_json: bool, operator: str | None) -> None:
    """List the people of OPERATOR, or of all."""
    with open_register(settings) as register, register.read() as reader:
        found = accounts.list_people(reader.connection, operator)
    rows = [(each.login, each.operator, each.role.value, _state(each), each.name) for each in found]
    show([_members(each) for each in found], in_columns(rows) if rows else [], as_json=as_json)


@person.command("show", cls=Task, undone="nobody was shown", example="person show li.wei@example.cn")
@click.argument("login")
def show_(settings: Settings, as_json: bool, login: str) -> None:
    """Show one person, with where they are signed in."""
    with open_register(settings) as register, register.read() as reader:
        found = accounts.find_login(reader.connection, login)
        signed_in = sessions.list_sessions(reader.connection, found.id, now=register.clock())
    value = _members(found) | {
        "sessions": [
            {"since": format_time(each.created_at), "seen": format_time(each.seen_at), "agent": each.device.agent}
            for each in signed_in
        ]
    }
    rows = [(name, "-" if each is None else str(each)) for name, each in value.items() if name != "sessions"]
    rows += [("session", f"since {each['since']}, seen {each['seen']}") for each in value["sessions"]]
    show(value, in_columns(rows), as_json=as_json)


@person.command(cls=Task, undone="the role was not changed", example="person role li.wei@example.cn recorder")
@click.argument("login")
@click.argument("role", type=_ROLE)
def role(settings: Settings, as_json: bool, login: str, role: str) -> None:
    """Give a person another role. Signs them out everywhere."""
    _act(settings, login, lambda c, found, by: accounts.set_role(c, found, PersonRole(role), by), as_json=as_json)


@person.command(cls=Task, undone="the account was not disabled", example="person disable li.wei@example.cn")
@click.argument("login")
def disable(settings: Settings, as_json: bool, login: str) -> None:
    """Let a person sign in no more. Ends sessions and links at once."""
    _act(settings, login, accounts.disable, as_json=as_json)


@person.command(cls=Task, undone="the account was not enabled", example="person enable li.wei@example.cn")
@click.argument("login")
def enable(settings: Settings, as_json: bool, login: str) -> None:
    """Let a person sign in again."""
    _act(settings, login, accounts.enable, as_json=as_json)


@person.command("sessions", cls=Task, undone="nobody was signed out", example="person sessions li.wei@example.cn --end")
@click.argument("login")
@click.option("--end", is_flag=True, required=True, help="End them all.")
def sessions_(settings: Settings, as_json: bool, login: str, end: bool) -> None:
    """End every session of a person. `person show` lists them."""
    _act(settings, login, accounts.sign_out, as_json=as_json)


@person.command(cls=Task, undone="no link was made", example="person reset li.wei@example.cn")
@click.argument("login")
@click.option("--factors", is_flag=True, help="Clear the person's second factors instead; signs out everywhere.")
def reset(settings: Settings, as_json: bool, login: str, factors: bool) -> None:
    """Make a link with which a person sets a new password.

    It works once, for 15 minutes; for somebody who has not joined yet it is a new invitation, for seven days."""
    if factors:
        _act(settings, login, clear_factors, as_json=as_json)
        return
    with open_register(settings) as register, register.write_beside() as connection:
        found = accounts.find_login(connection, login)
        secret = accounts.renew_link(connection, found, _by(register))
    _show_link(settings, found, accounts.purpose_for(found), secret, as_json=as_json)


def link_address(settings: Settings, purpose: str, secret: str) -> str:
    """The address to hand over."""
    return f"{settings.base_url}/{'join' if purpose == INVITATION else 'recover'}/{secret}"


def _act(settings: Settings, login: str, act: Callable[[Connection, Person, By], None], *, as_json: bool) -> None:
    with open_register(settings) as register, register.write_beside() as connection:
        act(connection, accounts.find_login(connection, login), _by(register))
        value = _members(accounts.find_login(connection, login))
    show(value, in_columns([(name, str(each)) for name, each in value.items()]), as_json=as_json)


def _by(register: Register) -> By:
    return By("", register.clock())


def _show_link(settings: Settings, found: Person, purpose: str, secret: str, *, as_json: bool) -> None:
    value = {"person": found.id, "login": found.login, "purpose": purpose}
    value["link"] = link_address(settings, purpose, secret)
    show(value, [value["link"]], as_json=as_json)
    say(f"The link is shown once and works once, for {_LIVES[purpose]}: hand it to {found.name} and to nobody else.")


def _state(found: Person) -> str:
    return "disabled" if found.is_disabled else "active" if found.has_joined else "invited"


def _members(found: Person) -> dict[str, Any]:
    return {
        "person": found.id,
        "login": found.login,
        "name": found.name,
        "operator": found.operator,
        "role": found.role.value,
        "state": _state(found),
        "created_at": format_time(found.created_at),
    }
