"""The people of an organisation: invited, given a role, disabled, helped to a new password. For its administrators.

The authority's administrators may do the same for every organisation, at an address that names it. A link that is made
is shown once, on the answer to the form that made it.
"""

from collections.abc import Callable

from flask import request
from flask.typing import ResponseReturnValue
from sqlalchemy import Connection

from api.auth import AUTHORITY, MANAGER, present_registry
from api.desk.opening import desk_routes, field, go, person_caller, show
from api.edge import current_register
from api.problems import problem_of
from api.routes import Terms
from service.domain.roles import Role
from service.errors import ConflictError, Fault, FaultyError, NotFoundError, RefusedError
from service.people import accounts
from service.people.accounts import Invited, Person
from service.people.acts import By, list_acts
from service.people.links import INVITATION
from service.people.roles import PersonRole

routes = desk_routes("people")

OWN = "/desk/people"


@routes.get("/desk/people", Terms(MANAGER, "The people of one's organisation"))
def show_people() -> ResponseReturnValue:
    return _page(person_caller().operator)


@routes.get("/desk/people/of/<operator>", Terms(AUTHORITY, "The people of an organisation"))
def show_people_of(operator: str) -> ResponseReturnValue:
    return _page(_enrolled(operator))


@routes.post("/desk/people", Terms(MANAGER, "Invite a person"))
def invite() -> ResponseReturnValue:
    return _invite(person_caller().operator)


@routes.post("/desk/people/of/<operator>", Terms(AUTHORITY, "Invite a person of an organisation"))
def invite_of(operator: str) -> ResponseReturnValue:
    return _invite(_enrolled(operator))


@routes.post("/desk/people/<person>/role", Terms(MANAGER, "Give a person another role"))
def change_role(person: str) -> ResponseReturnValue:
    return _act(person, lambda connection, found, by: accounts.set_role(connection, found, _chosen_role(), by))


@routes.post("/desk/people/<person>/disable", Terms(MANAGER, "Disable a person's account"))
def disable(person: str) -> ResponseReturnValue:
    return _act(person, accounts.disable)


@routes.post("/desk/people/<person>/enable", Terms(MANAGER, "Enable a person's account again"))
def enable(person: str) -> ResponseReturnValue:
    return _act(person, accounts.enable)


@routes.post("/desk/people/<person>/link", Terms(MANAGER, "Make a link with which a person sets a password"))
def make_link(person: str) -> ResponseReturnValue:
    register = current_register()
    try:
        with register.write_beside() as connection:
            found = visible_person(connection, person)
            secret = accounts.renew_link(connection, found, _by())
    except ConflictError as error:
        return _page(found.operator, error=error)
    return _page(found.operator, link=link_address(accounts.purpose_for(found), secret), linked=found)


def visible_person(connection: Connection, id_: str) -> Person:
    """A person whom the caller may manage. Raises NotFoundError for all others alike."""
    caller = person_caller()
    person = accounts.find_person(connection, id_)
    if person.operator != caller.operator and Role.AUTHORITY not in present_registry().roles_of(caller.operator):
        raise NotFoundError("no such person in this register")
    return person


def link_address(purpose: str, secret: str) -> str:
    """The address to hand over, at the register's own name whatever the request said."""
    folder = "join" if purpose == INVITATION else "recover"
    return f"{current_register().settings.base_url}/{folder}/{secret}"


def _act(person: str, act: Callable[[Connection, Person, By], None]) -> ResponseReturnValue:
    with current_register().read() as reader:
        operator = visible_person(reader.connection, person).operator
    try:
        with current_register().write_beside() as connection:
            act(connection, visible_person(connection, person), _by())
    except FaultyError as error:
        return _page(operator, error=error)
    return go(_address(operator))


def _invite(operator: str) -> ResponseReturnValue:
    try:
        with current_register().write_beside() as connection:
            invited = Invited(operator, field("login"), field("name"), _chosen_role())
            person, secret = accounts.invite(connection, invited, _by())
    except FaultyError as error:
        return _page(operator, error=error)
    return _page(operator, link=link_address(INVITATION, secret), linked=person)


def _page(
    operator: str, *, link: str | None = None, linked: Person | None = None, error: FaultyError | None = None
) -> ResponseReturnValue:
    with current_register().read() as reader:
        people = accounts.list_people(reader.connection, operator)
        acts = list_acts(reader.connection, operator)
    return show(
        "desk/people.html",
        people=people,
        names={each.id: each.name for each in people},
        acts=acts,
        roles=list(PersonRole),
        address=_address(operator),
        operator=operator,
        is_own=operator == person_caller().operator,
        new_link=link,
        linked=linked,
        typed={name: field(name) for name in ("login", "name")} if error else {"login": "", "name": ""},
        problem=problem_of(error) if error else None,
    )


def _address(operator: str) -> str:
    return OWN if operator == person_caller().operator else f"{OWN}/of/{operator}"


def _chosen_role() -> PersonRole:
    try:
        return PersonRole(request.form.get("role", ""))
    except ValueError:
        raise RefusedError([Fault("/role", "role", "choose one of the roles", "请选择一个角色")]) from None


def _enrolled(operator: str) -> str:
    if operator not in present_registry().operators:
        raise NotFoundError("no such operator in this register")
    return operator


def _by() -> By:
    return By(str(person_caller().person), current_register().clock())
