"""Who calls, and who may call: `Authorization: Bearer pt_...` to a Caller, an Audience to yes or no.

A route names its audience. PUBLIC needs no key, and looks at one that is given, since a key may show more. The others
need a key with a scope, some of them also a role. A key in the address is refused: addresses end up in logs.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

from flask import g, request

from api.edge import current_edge, current_register
from api.errors import KeyInAddressError, UnauthenticatedError
from service.access import Caller, authenticate
from service.domain.roles import Role
from service.errors import NotPermittedError
from service.recording.registry import Registry

_BEARER = re.compile(r"Bearer +(\S+)", re.IGNORECASE | re.ASCII)
_KEY_IN_QUERY = re.compile(rb"(?:^|&)(?:api_key|apikey|access_token)=|pt_[a-z2-7]{12}_", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Audience:
    """Who may call a route. `own`: besides these roles, the operator that the path names as `<operator>`."""

    name: str
    scope: str | None = None
    roles: frozenset[Role] = frozenset()
    own: bool = False


PUBLIC = Audience("public")
RECORDER = Audience("operator with scope record", "record")
READER = Audience("operator with scope read", "read")
AUDITOR = Audience("regulator or authority with scope read", "read", frozenset({Role.REGULATOR, Role.AUTHORITY}))
AUTHORITY = Audience("authority with scope manage", "manage", frozenset({Role.AUTHORITY}))
MANAGER = Audience("operator with scope manage", "manage")
OWNER = Audience("the operator itself or the authority with scope manage", "manage", AUTHORITY.roles, own=True)


def caller_by_key() -> Caller | None:
    """Who holds the request's API key; None where it carries none. Raises UnauthenticatedError for a bad key."""
    header = request.headers.get("Authorization")
    if header is None:
        return None
    match = _BEARER.fullmatch(header)
    if match is None:
        raise UnauthenticatedError("the Authorization header is written: Bearer pt_...")
    edge = current_edge()
    caller = edge.known_keys.find(match[1])
    if caller is None:
        try:
            with edge.register.read() as reader:
                caller = authenticate(reader.connection, match[1], now=edge.register.clock())
        except NotPermittedError as error:
            raise UnauthenticatedError(str(error)) from None
        edge.known_keys.remember(match[1], caller)
    return caller


def refuse_key_in_address() -> None:
    """Raise KeyInAddressError where the query string holds what looks like a key."""
    if request.query_string and _KEY_IN_QUERY.search(request.query_string):
        raise KeyInAddressError("an API key belongs into the Authorization header; this one should be revoked")


def check_audience(audience: Audience, caller: Caller | None, arguments: Mapping[str, Any]) -> None:
    """Raise UnauthenticatedError or NotPermittedError unless `caller` is of this audience."""
    if audience.scope is None:
        return
    if caller is None:
        raise UnauthenticatedError("this needs an API key")
    if audience.scope not in caller.scopes:
        raise NotPermittedError(f"this needs a key with the scope {audience.scope}")
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
        raise UnauthenticatedError("this needs an API key")
    return caller
