"""A battery as the log had it at an earlier moment: the axes that a passport shows, walked through its entries.

What stays the same for life, and what only a correction changes, is taken from the present state.
"""

from datetime import datetime
from typing import Any

from ledger.entry import Entry, parse_entry
from ledger.entry import Event as LogEvent
from service.domain.bodies import PlaceOnMarket, Retire
from service.domain.case import parts_of
from service.domain.events import KINDS, Event
from service.domain.lifecycle import TRANSITIONS
from service.domain.states import BatteryState, LifeStatus, OpState, PassportStatus
from service.domain.words import Market
from service.errors import NotFoundError
from service.passports.slots import CREATING
from service.private.commitments import open_body
from service.recording.admission import facts_of
from service.work import RegisterReader

_TABLE = {(row.kind, row.part): row for row in TRANSITIONS}
_BORN = {
    "prepare_reuse": LifeStatus.RE_USED,
    "repurpose": LifeStatus.REPURPOSED,
    "remanufacture": LifeStatus.REMANUFACTURED,
}


def state_at(reader: RegisterReader, state: BatteryState, at: datetime) -> BatteryState:
    """The battery after the entries recorded up to `at`. Raises NotFoundError where it had none."""
    indexes = reader.history(state.code)
    entries = [parse_entry(data) for _, data in sorted(reader.entries_at(indexes).items())]
    until = [entry for entry in entries if entry.at <= at]
    if not until:
        raise NotFoundError(f"{state.code} was not in this register then")
    changes: dict[str, Any] = {
        "passport": PassportStatus.DRAFT,
        "consumed_into": None,
        "count": len(until),
        "last_occurred_at": max(entry.event.occurred_at for entry in until),
        "safe_at": max((each.event.occurred_at for each in until if _repairs(each.event, state.code)), default=None),
    }
    for entry in until:
        changes |= _changed_by(entry, state)
    return state.changed(changes)


def _repairs(event: LogEvent, code: str) -> bool:
    """Whether this event is a repair of the battery after which it passed its safety test."""
    return event.type == "repair" and event.subjects[0] == code and event.body["safety_test_passed"] is True


def _changed_by(entry: Entry, state: BatteryState) -> dict[str, Any]:
    event = _read(entry)
    parts = dict(zip(event.subjects, parts_of(event, KINDS[event.kind]), strict=True))
    row = _TABLE.get((event.kind, parts[state.code]))
    changes: dict[str, Any] = {}
    if row is not None:
        given = {"op_state": row.after, "life_status": row.life, "passport": row.passport}
        changes = {name: value for name, value in given.items() if value is not None}
    if isinstance(event.body, Retire) and event.body.discarded:
        changes["life_status"] = LifeStatus.WASTE
    if event.subjects[0] == state.code and event.kind in CREATING:
        changes["life_status"] = _BORN.get(event.kind, LifeStatus.ORIGINAL)
    if isinstance(event.body, PlaceOnMarket) and _was_in_vain(event.body, state):
        changes.pop("passport", None)
    if changes.get("op_state") is OpState.CONSUMED:
        changes["consumed_into"] = event.subjects[0]
    return changes


def _was_in_vain(body: PlaceOnMarket, state: BatteryState) -> bool:
    """Whether placing it on this market did not put the passport in force."""
    return body.market is not Market.EU or state.passport is PassportStatus.DRAFT


def _read(entry: Entry) -> Event:
    """The event as the rules read it, without its restricted values."""
    return facts_of(entry.event, open_body(entry.event.type, entry.event.body, {}))
