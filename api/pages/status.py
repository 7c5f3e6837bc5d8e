"""How the register is doing, for everybody: its size, its newest checkpoint, its verification of itself, witnesses."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from flask.typing import ResponseReturnValue

from api.auth import PUBLIC, caller_by_key
from api.edge import current_register
from api.pages.answers import answer_plain, visit_of_request
from api.pages.rendering import Place, render
from api.routes import Routes, Terms
from ledger.entry import format_hash, parse_time
from ledger.signing.keys import read_head
from service.verification.selfcheck import read_status
from service.witnessing.lag import Lag, lags

routes = Routes("status", described=False, identify=caller_by_key)

LATE_SECONDS = 3600.0
"""A witness that was not heard of for so long is shown as late."""


@dataclass(frozen=True, slots=True)
class WitnessLine:
    """A witness as it is shown. seen: when it cosigned last; None for never."""

    name: str
    seen: datetime | None
    behind: int
    is_late: bool


@routes.get("/status", Terms(PUBLIC, "How the register is doing"))
def show_status() -> ResponseReturnValue:
    register = current_register()
    visit = visit_of_request(register)
    with register.read() as reader:
        state, found = reader.state(), lags(reader, register.clock())
    verified = read_status(register.settings.data)
    lines = [_line(each) for each in found]
    is_old = verified.is_old(register.clock())
    fine = verified.succeeded and not is_old and not any(each.is_late for each in lines)
    page = render(
        "status.html",
        visit,
        Place("/status"),
        tone="unknown" if verified.failure else "ok" if fine else "attention",
        size=state.size,
        last_received=parse_time(state.last_at),
        root=format_hash(read_head(state.checkpoint).root),
        verified=verified,
        is_old=is_old,
        verified_at=_moment(verified.succeeded),
        failed_at=_moment(verified.failed) if verified.failure else None,
        witnesses=lines,
    )
    return answer_plain(page, visit)


def _line(lag: Lag) -> WitnessLine:
    seen = lag.witness.seen_at
    is_late = lag.seconds is None or lag.seconds > LATE_SECONDS
    return WitnessLine(lag.witness.name, parse_time(seen) if seen else None, lag.behind, is_late)


def _moment(seconds: float) -> datetime | None:
    return datetime.fromtimestamp(seconds, UTC) if seconds else None
