"""Who is signed in: the session of the present request, and the Caller it stands for.

The session is looked up anew at each request, so that one that was ended is over in every process at once.
"""

from contextlib import suppress
from dataclasses import replace
from typing import cast

from flask import g

from api.csrf import check_request
from api.edge import current_register
from api.errors import SignInNeededError
from api.session_cookie import form_token, session_token
from service.access import Caller
from service.errors import BusyError
from service.people import sessions
from service.people.roles import SCOPES_OF
from service.people.sessions import Session

LOGIN, SECOND_FACTOR = "/login", "/login/factor"
"""Where people are sent who have not signed in, or not completely."""


def present_session() -> Session | None:
    """The session of the present request, of either stage; None where there is none in force."""
    if "session" not in g:
        token = session_token()
        g.session = _look_up(token) if token is not None else None
    return cast(Session | None, g.session)


def forget_session() -> None:
    """What this request changes about sessions is to be seen by itself."""
    g.pop("session", None)


def caller_by_session(*, by_form: bool) -> Caller | None:
    """The person of a full session. Raises ForgedRequestError for a change that our own pages did not ask for."""
    session = present_session()
    if session is None or not session.is_full:
        return None
    check_request(session_token(), by_form=by_form)
    return _caller(session)


def person_signed_in() -> Caller:
    """The person of a full session. Raises SignInNeededError for anybody else, and ForgedRequestError."""
    caller = caller_by_session(by_form=True)
    if caller is None:
        raise SignInNeededError(LOGIN if present_session() is None else SECOND_FACTOR)
    return caller


def person_entering() -> Caller:
    """The person of a session of either stage; without any scope before the second factor. Raises as above."""
    session = present_session()
    if session is None:
        raise SignInNeededError(LOGIN)
    check_request(session_token(), by_form=True)
    return _caller(session)


def visitor() -> Caller | None:
    """Whoever fills in a form that needs no session: its token is bound to the session, or to the browser without."""
    session = present_session()
    check_request(form_token() if session is None else session_token(), by_form=True)
    return _caller(session) if session is not None and session.is_full else None


def _look_up(token: str) -> Session | None:
    register = current_register()
    now = register.clock()
    with register.read() as reader:
        session = sessions.find(reader.connection, token, now=now)
        if session is not None and not register.current_registry(reader.connection).is_active(session.operator):
            return None
    if session is not None and sessions.is_to_be_touched(session, now):
        with suppress(BusyError), register.write_beside() as connection:  # else the next request notes it
            sessions.touch(connection, session, now=now)
            session = replace(session, seen_at=now)
    return session


def _caller(session: Session) -> Caller:
    scopes = SCOPES_OF[session.role] if session.is_full else frozenset[str]()
    return Caller(session.operator, scopes, "", session.person, session.id)
