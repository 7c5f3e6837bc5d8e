"""Signing in with a passkey and nothing else: the authenticator has made sure of its person."""

from hashlib import sha256

from flask.typing import ResponseReturnValue

from api import json
from api.auth import PUBLIC
from api.desk.login import login_page, present_visitor, welcome
from api.desk.opening import desk_routes, field
from api.edge import current_register
from api.problems import problem_of
from api.routes import Terms
from api.session_cookie import form_token, session_token
from api.sessions import visitor
from service.errors import NotPermittedError
from service.people import sessions
from service.people.entering import SignedIn
from service.people.factors import ceremonies

routes = desk_routes("passkeys", identify=visitor)


@routes.post("/login/passkey/options", Terms(PUBLIC, "What the browser asks any passkey"))
def login_options() -> ResponseReturnValue:
    return json.answer(ceremonies.login_options(current_register(), holder=present_browser()))


@routes.post("/login/passkey", Terms(PUBLIC, "Sign in with a passkey"))
def log_in_by_passkey() -> ResponseReturnValue:
    register, answer = current_register(), field("credential", most=ceremonies.LONGEST_ANSWER)
    try:
        person = ceremonies.login_by_passkey(register, holder=present_browser(), answer=answer)
    except NotPermittedError as error:
        return login_page(problem=problem_of(error))
    with register.write_beside() as connection:
        device = present_visitor().device
        token = sessions.begin(connection, person, sessions.FULL, now=register.clock(), device=device)
    return welcome(SignedIn(token, True, False))


def present_browser() -> str:
    """What the present browser is known by: a hash of the cookie that its forms are bound to."""
    cookie = session_token() or form_token() or ""
    return sha256(b"packtrail browser\n" + cookie.encode("utf-8", "surrogateescape")).hexdigest()
