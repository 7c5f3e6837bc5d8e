"""Where the edge notes in the access log what it is about to show: who asked, by which route, for which purpose."""

from collections.abc import Iterable
from urllib.parse import unquote

from flask import request

from api.auth import present_caller
from api.edge import current_register
from service.disclosure.readings import Disclosed, Way, note_readings, owner_of, owners_of
from service.domain.states import BatteryState

PURPOSE = "Reading-Purpose"
"""The header in which a reader may say what for: printable text, percent-encoded where it is not ASCII."""


def note_shown(shown: Iterable[Disclosed]) -> None:
    """Note what the present caller is about to be shown. Raises OSError: no line, no answer."""
    caller = present_caller()
    if caller is None:
        return
    rule = request.url_rule.rule if request.url_rule else request.path
    purpose = unquote(request.headers.get(PURPOSE, "")[:1000], errors="replace")
    note_readings(current_register(), caller, shown, Way(rule, purpose))


def note_battery(state: BatteryState, *parts: str) -> None:
    """The same, of one battery whose life the caller sees whole."""
    note_shown([Disclosed(state.code, owner_of(state), frozenset(parts), is_supervisor())])


def note_batteries(codes: Iterable[str], *parts: str) -> None:
    """The same, of several."""
    wanted = sorted(set(codes))
    if not wanted:
        return
    with current_register().read() as reader:
        owners = owners_of(reader.connection, wanted)
    supervised = is_supervisor()
    note_shown([Disclosed(code, owner, frozenset(parts), supervised) for code, owner in owners.items()])


def is_supervisor() -> bool:
    """Whether the present caller is the regulator or the authority."""
    caller, register = present_caller(), current_register()
    return caller is not None and register.registry.is_supervisor(caller.operator)
