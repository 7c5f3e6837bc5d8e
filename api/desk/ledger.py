"""The register for the authority: how it is doing, its checkpoints and witnesses, its newest entries.

And the form that holds somebody's own checkpoint against it: the test for a rollback and for two histories.
"""

from datetime import UTC, datetime
from typing import NamedTuple

from flask import request
from flask.typing import ResponseReturnValue
from marshmallow import fields, validate

from api.auth import AUDITOR, present_registry
from api.desk.opening import desk_routes, field, show
from api.edge import current_register
from api.problems import problem_of
from api.routes import Terms
from ledger.entry import format_hash
from ledger.strict import MAX_SIZE
from service.condition import MOST, read_condition
from service.domain.events import KINDS
from service.errors import RefusedError
from service.explorer import latest_entries
from service.verification.held import Comparison, Relation, compare_held

routes = desk_routes("ledger desk")

PATH = "/desk/ledger"
LONGEST = 300_000
"""Letters of a note that is pasted: it may bear the cosignatures of all witnesses."""
BEFORE = fields.Integer(validate=validate.Range(0, MAX_SIZE))


class Age(NamedTuple):
    """How long ago, as a phrase of the catalogue and its number."""

    phrase: str
    number: int


@routes.get(PATH, Terms(AUDITOR, "How the register is doing, its checkpoints, its newest entries"))
def show_ledger() -> ResponseReturnValue:
    return _page()


@routes.post(PATH, Terms(AUDITOR, "Compare the register with a checkpoint that one holds"))
def compare() -> ResponseReturnValue:
    typed = field("checkpoint", most=LONGEST)
    note = typed.replace("\r\n", "\n") + "\n"
    try:
        return _page(typed=typed, found=compare_held(current_register(), note.encode()))
    except RefusedError as error:
        return _page(typed=typed, error=error)


def age_of(moment: datetime, now: datetime) -> Age:
    """In whole minutes, from two hours on in hours, from two days on in days."""
    minutes = max(0, int((now - moment).total_seconds()) // 60)
    if minutes < 120:
        return Age("ledger.minutes", minutes)
    return Age("ledger.hours", minutes // 60) if minutes < 48 * 60 else Age("ledger.days", minutes // (24 * 60))


def _page(
    *, typed: str = "", found: Comparison | None = None, error: RefusedError | None = None
) -> ResponseReturnValue:
    register, before = current_register(), request.args.get("before")
    lines = latest_entries(register, before=None if before is None else BEFORE.deserialize(before))
    now, condition = register.clock(), read_condition(register)
    verified, relation = condition.verified, None if found is None else found.relation
    return show(
        "desk/ledger.html",
        problem=None if error is None else problem_of(error),
        condition=condition,
        age=age_of(condition.newest.at, now),
        is_old=verified.is_old(now),
        verified_at=_moment(verified.succeeded),
        failed_at=_moment(verified.failed) if verified.failure else None,
        most=MOST,
        typed=typed,
        found=found,
        advice=f"ledger.do_{relation}" if relation else None,
        shows_both=relation is Relation.CONTRADICTORY,
        lines=lines,
        kinds=KINDS,
        operators=present_registry().operators,
        older=lines[-1].index if lines and lines[-1].index else None,
        base64=format_hash,
    )


def _moment(seconds: float) -> datetime | None:
    return datetime.fromtimestamp(seconds, UTC) if seconds else None
