"""The way in and out: login and logout.

After login everybody comes to the same fixed place; an address to go on to is never taken from a request. A login is
refused with the same words whatever the reason, and with a time to wait after several failures.
"""

from flask import Response, request
from flask.typing import ResponseReturnValue

from api.auth import PERSON, PUBLIC
from api.desk.opening import desk_routes, field, go, show
from api.edge import current_register
from api.peer import client_address, neighbourhood
from api.problems import Problem, problem_of
from api.routes import Terms
from api.session_cookie import SESSION, drop, session_token, set_session
from api.sessions import SECOND_FACTOR, forget_session, person_entering, present_session, visitor
from service.errors import NotPermittedError
from service.people import sessions
from service.people.entering import SignedIn, Visitor, sign_in
from service.people.factors.passkeys import is_place_for_passkeys
from service.people.passwords import LONGEST
from service.people.sessions import Device
from service.people.tries import TooManyTriesError

routes = desk_routes("login", identify=visitor)
ways_out = desk_routes("logout", identify=person_entering)

START = "/desk"


@routes.get("/login", Terms(PUBLIC, "The form to sign in"))
def show_login() -> ResponseReturnValue:
    return login_page()


@routes.post("/login", Terms(PUBLIC, "Sign in with login and password"))
def log_in() -> ResponseReturnValue:
    login, password = field("login"), request.form.get("password", "")[: LONGEST + 1]
    try:
        signed_in = sign_in(current_register(), login, password, present_visitor())
    except (NotPermittedError, TooManyTriesError) as error:
        return login_page(login=login, problem=problem_of(error))
    return welcome(signed_in)


@ways_out.post("/logout", Terms(PERSON, "Sign out"))
def log_out() -> ResponseReturnValue:
    session = present_session()
    if session is not None:
        with current_register().write_beside() as connection:
            sessions.end(connection, session.id)
        forget_session()
    response = go("/login")
    response.headers["Clear-Site-Data"] = '"cache"'
    drop(response, SESSION)
    return response


def present_visitor() -> Visitor:
    """Who fills in the present form."""
    device = Device(request.headers.get("User-Agent", ""), kept=field("keep") == "yes")
    return Visitor(neighbourhood(client_address()), device)


def welcome(signed_in: SignedIn) -> Response:
    """The answer to a login that was right: the cookie, and the way to the desk or to the second factor.

    What was signed in before in this browser ends.
    """
    before = present_session()
    if before is not None and session_token() != signed_in.token:
        with current_register().write_beside() as connection:
            sessions.end(connection, before.id)
    response = go(START if signed_in.is_full else SECOND_FACTOR)
    set_session(response, signed_in.token, kept=signed_in.kept)
    return response


def login_page(*, login: str = "", problem: Problem | None = None) -> Response:
    """The form to sign in, with the other ways there are here."""
    settings = current_register().settings
    return show(
        "desk/login.html",
        login=login,
        has_place=is_place_for_passkeys(settings.base_url),
        provider=settings.oidc,
        problem=problem,
    )
