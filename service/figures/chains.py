"""Whether the log is whole: when that was last found, what is signed, who countersigned, what was disputed (figure 13).

Gaps, doubled and altered entries, and a history that forks from a signed checkpoint are what verification finds; so
the figure tells when the register last verified itself, up to which entry, and what it found.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from sqlalchemy import func, select

from ledger.entry import format_time
from ledger.errors import LedgerError
from ledger.signing.keyring import DISPUTE_KEY, NEW_EPOCH
from ledger.signing.keys import read_head
from service.db.tables import key_notice
from service.figures.asking import Question, Row
from service.verification.days import read_days
from service.verification.selfcheck import read_status
from service.witnessing.lag import lags

OK, FAILED, UNKNOWN = "ok", "failed", "unknown"
DAYS = 90


def chain_integrity(question: Question) -> list[Row]:
    """One row for each thing that is looked at: ok, failed, or unknown where nobody has looked yet.

    By day: one row for each of the last DAYS days, of what the register found when it verified itself.
    """
    if question.by == "day":
        return list(_days(question))
    state = question.reader.state()
    return [
        *_verification(question, state.size),
        ("entries", OK, state.size, state.last_at or None, ""),
        _signed(question.reader.checkpoint(), state.size),
        *_notices(question),
        *_witnesses(question),
    ]


def _days(question: Question) -> Iterator[Row]:
    """What the register found when it verified itself on each of the last DAYS days, the oldest first."""
    found = read_days(question.register.settings.data)
    for before in range(DAYS - 1, -1, -1):
        day = question.today - timedelta(days=before)
        verified = found.get(day)
        if verified is None:
            yield "verification", UNKNOWN, None, day.isoformat(), ""
        else:
            outcome = FAILED if verified.failure else OK
            yield "verification", outcome, verified.size, day.isoformat(), verified.failure


def _verification(question: Question, size: int) -> Iterator[Row]:
    status = read_status(question.register.settings.data)
    outcome = FAILED if status.failure else OK if status.succeeded else UNKNOWN
    yield "verification", outcome, status.size, _time(max(status.succeeded, status.failed)), status.failure
    yield "unverified", outcome, max(0, size - status.size), None, ""


def _signed(note: bytes, size: int) -> Row:
    try:
        head = read_head(note)
    except LedgerError:
        return "checkpoint", FAILED, 0, None, "the newest checkpoint cannot be read"
    return "checkpoint", OK if head.size == size else FAILED, head.size, None, head.origin


def _notices(question: Question) -> Iterator[Row]:
    """Keys that are disputed, and epochs that were begun because a history was lost."""
    notice = key_notice.c
    query = select(notice.type, func.count()).where(notice.type.in_([DISPUTE_KEY, NEW_EPOCH])).group_by(notice.type)
    found = {str(row[0]): int(row[1]) for row in question.rows(query)}
    for kind in (DISPUTE_KEY, NEW_EPOCH):
        count = found.get(kind, 0)
        yield kind, FAILED if count else OK, count, None, ""


def _witnesses(question: Question) -> Iterator[Row]:
    for lag in lags(question.reader, question.register.clock()):
        witness = lag.witness
        outcome = UNKNOWN if witness.seen_at is None else FAILED if witness.error else OK
        yield "witness", outcome, lag.behind, witness.seen_at, f"{witness.name} {witness.error or ''}".strip()


def _time(seconds: float) -> str | None:
    return format_time(datetime.fromtimestamp(int(seconds), UTC)) if seconds else None
