"""The API keys of an organisation's programs: made, replaced, ended. For its administrators.

The authority's administrators may do the same for every organisation, at an address that names it. A key is shown once,
on the answer to the form that made it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import request
from flask.typing import ResponseReturnValue

from api.auth import AUTHORITY, MANAGER, present_registry
from api.desk.opening import desk_routes, field, go, person_caller, show
from api.edge import current_edge, current_register
from api.problems import problem_of
from api.routes import Terms
from ledger.entry import format_time
from service.access import SCOPES, KeyRow, find_api_key
from service.domain.roles import Role
from service.errors import ConflictError, Fault, FaultyError, NotFoundError, RefusedError
from service.programs.keeping import MadeKey, NewKey, WhichKey, end_key, list_keys, make_key, rotate_key

routes = desk_routes("keys")

OWN = "/desk/keys"
DAYS = (30, 90, 365)
WORDS = {"record": "keys.scope_record", "read": "keys.scope_read", "manage": "keys.scope_manage"}
"""What each scope is called: keys of the catalogue."""


@dataclass(frozen=True, slots=True)
class ShownKey:
    """A key as the page shows it. last_used: None for never, as far as is known."""

    row: KeyRow
    made: datetime
    ends: datetime
    last_used: datetime | None
    is_valid: bool


@routes.get("/desk/keys", Terms(MANAGER, "The API keys of one's organisation"))
def show_keys() -> ResponseReturnValue:
    return _page(person_caller().operator)


@routes.get("/desk/keys/of/<operator>", Terms(AUTHORITY, "The API keys of an organisation"))
def show_keys_of(operator: str) -> ResponseReturnValue:
    return _page(_enrolled(operator))


@routes.post("/desk/keys", Terms(MANAGER, "Make an API key"))
def add_key() -> ResponseReturnValue:
    return _add(person_caller().operator)


@routes.post("/desk/keys/of/<operator>", Terms(AUTHORITY, "Make an API key for an organisation"))
def add_key_of(operator: str) -> ResponseReturnValue:
    return _add(_enrolled(operator))


@routes.post("/desk/keys/<key_id>/rotate", Terms(MANAGER, "Make an API key in the place of another"))
def replace_key(key_id: str) -> ResponseReturnValue:
    operator, which = _visible(key_id)
    return _make(operator, lambda: rotate_key(current_edge().recorder, which, by=person_caller().operator))


@routes.post("/desk/keys/<key_id>/revoke", Terms(MANAGER, "End an API key at once"))
def remove_key(key_id: str) -> ResponseReturnValue:
    operator, which = _visible(key_id)
    end_key(current_edge().recorder, which, by=person_caller().operator)
    return go(_address(operator))


def _add(operator: str) -> ResponseReturnValue:
    def make() -> MadeKey:
        wanted = NewKey(operator, _chosen_scopes(), field("label", most=100), timedelta(days=_chosen_days()))
        return make_key(current_edge().recorder, wanted, by=person_caller().operator)

    return _make(operator, make)


def _make(operator: str, make: Callable[[], MadeKey]) -> ResponseReturnValue:
    try:
        made = make()
    except (FaultyError, ConflictError) as error:
        return _page(operator, error=error)
    return _page(operator, made=made)


def _page(operator: str, *, made: MadeKey | None = None, error: FaultyError | None = None) -> ResponseReturnValue:
    register = current_register()
    now = format_time(register.clock())
    found = list_keys(register, current_edge().limiter.counting, operator)
    keys = [_shown(row, used, now) for row, used in reversed(found)]
    return show(
        "desk/keys.html",
        keys=sorted(keys, key=lambda each: not each.is_valid),
        scopes=SCOPES,
        words=WORDS,
        chosen=request.form.getlist("scopes") if error else SCOPES[:2],
        days=DAYS,
        label=field("label") if error else "",
        address=_address(operator),
        operator=operator,
        is_own=operator == person_caller().operator,
        made=made,
        problem=problem_of(error) if error else None,
    )


def _shown(row: KeyRow, used: str | None, now: str) -> ShownKey:
    ends = datetime.fromisoformat(row.revoked_at or row.expires_at)
    last_used = datetime.fromisoformat(used) if used else None
    is_valid = row.revoked_at is None and row.expires_at > now
    return ShownKey(row, datetime.fromisoformat(row.created_at), ends, last_used, is_valid)


def _visible(key_id: str) -> tuple[str, WhichKey]:
    """The operator of a key that the caller may manage, and the key. Raises NotFoundError for all others alike."""
    caller = person_caller()
    with current_register().read() as reader:
        operator = find_api_key(reader.connection, key_id).operator
    if operator != caller.operator and Role.AUTHORITY not in present_registry().roles_of(caller.operator):
        raise NotFoundError(f"no API key {key_id}")
    return operator, WhichKey(key_id, operator)


def _chosen_scopes() -> tuple[str, ...]:
    chosen = request.form.getlist("scopes")
    if not chosen or not set(chosen) <= set(SCOPES):
        raise RefusedError([Fault("/scopes", "scopes", "choose what the key opens", "请选择密钥的权限范围")])
    return tuple(chosen)


def _chosen_days() -> int:
    chosen = field("days")
    if chosen not in {str(days) for days in DAYS}:
        raise RefusedError([Fault("/days", "days", "choose how long the key is good", "请选择密钥的有效期")])
    return int(chosen)


def _address(operator: str) -> str:
    return OWN if operator == person_caller().operator else f"{OWN}/of/{operator}"


def _enrolled(operator: str) -> str:
    if operator not in present_registry().operators:
        raise NotFoundError("no such operator in this register")
    return operator
