"""Setting a password by a link: an invitation or a recovery. Asking for a recovery, which is answered alike for all.

To open a link changes nothing, since mail programs open links too; only its form does.
"""

from flask import request
from flask.typing import ResponseReturnValue

from api.auth import PUBLIC
from api.desk.login import present_visitor, welcome
from api.desk.opening import desk_routes, field, show
from api.edge import current_register
from api.peer import client_address, neighbourhood
from api.problems import Problem, problem_of
from api.routes import Terms
from api.sessions import visitor
from service.errors import NotFoundError, RefusedError
from service.people import tries
from service.people.accounts import ask_for_recovery, find_person
from service.people.entering import set_by_link
from service.people.links import INVITATION, RECOVERY, find_link
from service.people.passwords import LONGEST, SHORTEST

routes = desk_routes("joining", identify=visitor)


@routes.get("/join/<secret>", Terms(PUBLIC, "The form to accept an invitation"))
def show_invitation(secret: str) -> ResponseReturnValue:
    return _show(secret, INVITATION)


@routes.post("/join/<secret>", Terms(PUBLIC, "Accept an invitation: choose a password"))
def join(secret: str) -> ResponseReturnValue:
    return _set(secret, INVITATION)


@routes.get("/recover/<secret>", Terms(PUBLIC, "The form to choose a new password"))
def show_recovery(secret: str) -> ResponseReturnValue:
    return _show(secret, RECOVERY)


@routes.post("/recover/<secret>", Terms(PUBLIC, "Choose a new password"))
def recover(secret: str) -> ResponseReturnValue:
    return _set(secret, RECOVERY)


@routes.get("/recover", Terms(PUBLIC, "What to do who forgot the password"))
def show_forgotten() -> ResponseReturnValue:
    return show("desk/forgotten.html", asked=False)


@routes.post("/recover", Terms(PUBLIC, "Ask the organisation's administrators for a new password"))
def ask() -> ResponseReturnValue:
    register = current_register()
    now = register.clock()
    with register.write_beside() as connection:
        tries.count(connection, tries.of_forms("recover", neighbourhood(client_address())), now=now)
        ask_for_recovery(connection, field("login"), now=now)
    return show("desk/forgotten.html", asked=True)


def _show(secret: str, purpose: str, problem: Problem | None = None) -> ResponseReturnValue:
    register = current_register()
    try:
        with register.read() as reader:
            link = find_link(reader.connection, secret, purpose, now=register.clock())
            person = find_person(reader.connection, link.person)
    except NotFoundError:
        return show("desk/dead_link.html", status=404)
    return show(
        "desk/password_by_link.html", person=person, invited=purpose == INVITATION, least=SHORTEST, problem=problem
    )


def _set(secret: str, purpose: str) -> ResponseReturnValue:
    password = request.form.get("password", "")[: LONGEST + 1]
    try:
        return welcome(set_by_link(current_register(), secret, purpose, password, present_visitor()))
    except RefusedError as error:
        return _show(secret, purpose, problem=problem_of(error))
    except NotFoundError:
        return show("desk/dead_link.html", status=404)
