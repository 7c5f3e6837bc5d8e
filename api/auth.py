"""Who calls, and who may call: a bearer key or a session's cookie to a Caller, an Audience to yes or no.

A route names its audience. PUBLIC needs neither, and looks at what is given, since it may show more. The others need a
key or a person with a scope, some of them also a role. A key in the address is refused: addresses end up in logs.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, cast

from flask import g, request

from api.edge import current_edge, current_register
from api.errors import KeyInAddressError, UnauthenticatedError
from api.session_cookie import session_token
from api.sessions import caller_by_session
from service.access import Caller, authenticate
from service.domain.roles import SUPERVISORS, Role
from service.errors import NotPermittedError
from service.recording.registry import Registry

_BEARER = re.compile(r"Bearer +(\S+)", re.IGNORECASE | re.ASCII)
_KEY_IN_QUERY = re.compile(rb"(?:^|&)(?:api_key|apikey|access_token)=|pt_[a-z2-7]{12}_", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Audience:
    """Who may call a route. `own`: besides these roles, the operator that the path names as `<operator>`.

    `person`: no program; of which stage of signing in, the `identify` of the routes says.
    """

    name: str
    scope: str | None = None
    roles: frozenset[Role] = frozenset()
    own: bool = False
    person: bool = False


PUBLIC = Audience("public")
RECORDER = Audience("operator with scope record", "record")
READER = Audience("operator with scope read", "read")
AUDITOR = Audience("regulator or authority with scope read", "read", SUPERVISORS)
AUTHORITY = Audience("authority with scope manage", "manage", frozenset({Role.AUTHORITY}))
MANAGER = Audience("operator with scope manage", "manage")
OWNER = Audience("the operator itself or the authority with scope manage", "manage", AUTHORITY.roles, own=True)
PERSON = Audience("a person who is signed in", person=True)
"""Of pages; whether the second factor may still be to come, their `identify` says: see api.desk.opening."""


def find_caller() -> Caller | None:
    """Who calls, by key or by session; None where the request carries neither, or a session that has ended.

    Raises UnauthenticatedError for a bad key and for both at once, NotPermittedError for a key of an organisation that
    is not active, ForgedRequestError for a session's request that
    changes something and may be somebody else's idea.
    """
    if session_token() is None:
        return caller_by_key()
    if "Authorization" in request.headers:
        raise UnauthenticatedError("send an API key or the cookie of a session, not both")
    return caller_by_session(by_form=False)


def caller_by_key() -> Caller | None:
    """Who holds the request's API key; None where it carries none.

    Raises UnauthenticatedError for a bad key, NotPermittedError for a good one of an organisation that is not active.
    """
    header = request.headers.get("Authorization")
    if header is None:
        return None
    match = _BEARER.fullmatch(header)
    if match is None:
        raise UnauthenticatedError("the Authorization header is written: Bearer pt_...")
    return current_edge().known_keys.holder(match[1], partial(_look_up, match[1]))


def _look_up(key: str) -> Caller:
    edge = current_edge()
    now = edge.register.clock()
    with edge.register.read() as reader:
        try:
            caller = authenticate(reader.connection, key, now=now)
        except NotPermittedError as error:
            raise UnauthenticatedError(str(error)) from None
        edge.register.current_registry(reader.connection).require_active(caller.operator)
    edge.limiter.uses.note(caller.key_id, now)
    return caller


def refuse_key_in_address() -> None:
    """Raise KeyInAddressError where the query string holds what looks like a key."""
    if request.query_string and _KEY_IN_QUERY.search(request.query_string):
        raise KeyInAddressError("an API key belongs into the Authorization header; this one should be revoked")


def check_audience(audience: Audience, caller: Caller | None, arguments: Mapping[str, Any]) -> None:
    """Raise UnauthenticatedError or NotPermittedError unless `caller` is of this audience."""
    if audience.person and (caller is None or caller.person is None):
        raise UnauthenticatedError("this is for people who are signed in")
    if audience.scope is None:
        return
    if caller is None:
        raise UnauthenticatedError("this needs an API key, or a person who is signed in")
    if audience.scope not in caller.scopes:
        raise NotPermittedError(f"this needs the scope {audience.scope}")
    if not audience.roles or (audience.own and arguments.get("operator") == caller.operator):
        return
    if not audience.roles & present_registry().roles_of(caller.operator):
        raise NotPermittedError(f"this is for {audience.name}")


def present_registry() -> Registry:
    """Operators, keys and models as of now."""
    register = current_register()
    with register.read() as reader:
        return register.current_registry(reader.connection)


def present_caller() -> Caller | None:
    """Who makes the present request; None for the public."""
    return cast("Caller | None", g.get("caller"))


def signed_in() -> Caller:
    """Who makes the present request, on a route that is not public."""
    caller = present_caller()
    if caller is None:
        raise UnauthenticatedError("this needs an API key, or a person who is signed in")
    return caller
