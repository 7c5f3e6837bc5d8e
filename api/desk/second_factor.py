"""After the password: one of the person's passkeys, a code of the app, or a recovery code. Then the session is full."""

from collections.abc import Callable

from flask import Response
from flask.typing import ResponseReturnValue

from api import json
from api.auth import PERSON
from api.desk.login import START
from api.desk.opening import desk_routes, field, go, person_caller, show
from api.edge import current_register
from api.errors import SignInNeededError
from api.problems import Problem, problem_of
from api.routes import Terms
from api.session_cookie import set_session
from api.sessions import LOGIN, forget_session, person_entering, present_session
from service.errors import NotPermittedError
from service.people import sessions
from service.people.factors import ceremonies
from service.people.factors.confirming import confirm_by_app, confirm_by_recovery_code
from service.people.factors.passkeys import is_place_for_passkeys
from service.people.factors.state import factors_of
from service.people.tries import TooManyTriesError
from service.work import Register

routes = desk_routes("second_factor", identify=person_entering)

SETTING_UP = "/account/factors"


@routes.get("/login/factor", Terms(PERSON, "The second step of signing in"))
def show_second_factor() -> ResponseReturnValue:
    return _page()


@routes.post("/login/factor/app", Terms(PERSON, "Confirm by a code of the app"))
def by_app() -> ResponseReturnValue:
    return _confirm(lambda register, person: confirm_by_app(register, person, field("code")))


@routes.post("/login/factor/recovery", Terms(PERSON, "Confirm by a recovery code"))
def by_recovery_code() -> ResponseReturnValue:
    return _confirm(lambda register, person: confirm_by_recovery_code(register, person, field("recovery_code")))


@routes.post("/login/factor/passkey/options", Terms(PERSON, "What the browser asks a passkey to confirm"))
def passkey_options() -> ResponseReturnValue:
    caller = person_caller()
    options = ceremonies.confirmation_options(current_register(), str(caller.person), holder=str(caller.session))
    return json.answer(options)


@routes.post("/login/factor/passkey", Terms(PERSON, "Confirm by a passkey"))
def by_passkey() -> ResponseReturnValue:
    answer, holder = field("credential", most=ceremonies.LONGEST_ANSWER), str(person_caller().session)
    return _confirm(
        lambda register, person: ceremonies.confirm_by_passkey(register, person, holder=holder, answer=answer)
    )


def enter(place: str) -> Response:
    """Go on to `place` with a full session, under a new cookie: what a person may do who has just shown a factor."""
    session, register = present_session(), current_register()
    if session is None:
        raise SignInNeededError(LOGIN)
    response = go(place)
    if not session.is_full:
        with register.write_beside() as connection:
            token = sessions.step_up(connection, session, now=register.clock())
        forget_session()
        set_session(response, token, kept=session.device.kept)
    return response


def _confirm(check: Callable[[Register, str], None]) -> ResponseReturnValue:
    try:
        check(current_register(), str(person_caller().person))
    except (NotPermittedError, TooManyTriesError) as error:
        return _page(problem=problem_of(error))
    return enter(START)


def _page(*, problem: Problem | None = None) -> ResponseReturnValue:
    session, register = present_session(), current_register()
    with register.read() as reader:
        factors = factors_of(reader.connection, str(person_caller().person))
    if session is not None and session.is_full:
        return go(START)
    if factors.number == 0:
        return go(SETTING_UP)
    has_place = is_place_for_passkeys(register.settings.base_url)
    return show("desk/second_factor.html", factors=factors, has_place=has_place, problem=problem)
