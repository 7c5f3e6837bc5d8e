"""A person's own account: password, and the places where it is signed in."""

from flask import request
from flask.typing import ResponseReturnValue

from api import json
from api.auth import PERSON
from api.desk.ending import members_of, present_ending
from api.desk.login import present_visitor
from api.desk.opening import desk_routes, go, person_caller, show
from api.edge import current_register
from api.pages.answers import visit_of_request
from api.problems import Problem, problem_of
from api.routes import Terms
from api.session_cookie import set_session
from api.sessions import present_session
from service.errors import NotPermittedError, RefusedError
from service.people.accounts import find_person
from service.people.entering import change_password
from service.people.oidc.links import linked_at
from service.people.passwords import LONGEST, SHORTEST
from service.people.sessions import end_own, list_sessions
from service.people.tries import TooManyTriesError

routes = desk_routes("account")


@routes.get("/account", Terms(PERSON, "One's own account"))
def show_account() -> ResponseReturnValue:
    return _page()


@routes.get("/account/session", Terms(PERSON, "For scripts: use the session, and tell when it ends"))
def show_session() -> ResponseReturnValue:
    ending = present_ending(visit_of_request(current_register()).say)
    assert ending is not None, "the routes of this page let nobody else in"
    return json.answer(members_of(ending))


@routes.post("/account/password", Terms(PERSON, "Choose another password"))
def set_new_password() -> ResponseReturnValue:
    old, new = (request.form.get(name, "")[: LONGEST + 1] for name in ("old", "password"))
    try:
        changed = change_password(current_register(), str(person_caller().person), old, new, present_visitor())
    except (NotPermittedError, RefusedError, TooManyTriesError) as error:
        return _page(problem=problem_of(error))
    response = go("/account")
    set_session(response, changed.token, kept=changed.kept)
    return response


@routes.post("/account/sessions/<session>/end", Terms(PERSON, "Sign out elsewhere"))
def end_session(session: str) -> ResponseReturnValue:
    with current_register().write_beside() as connection:
        end_own(connection, str(person_caller().person), session)
    return go("/account")


def _page(*, problem: Problem | None = None) -> ResponseReturnValue:
    register, caller = current_register(), person_caller()
    with register.read() as reader:
        person = find_person(reader.connection, str(caller.person))
        sessions = list_sessions(reader.connection, person.id, now=register.clock())
        provider = register.settings.oidc
        linked = linked_at(reader.connection, provider.issuer, person.id) if provider else None
    return show(
        "desk/account.html",
        person=person,
        sessions=sessions,
        present=present_session(),
        least=SHORTEST,
        provider=provider,
        linked_at=linked,
        problem=problem,
    )
