"""How far each webhook is, what became of the attempts, what is to be sent once more, and who delivers.

The log is the outbox: an entry that is committed is on its way to every webhook whose `cursor` has not passed it. What
was delivered is noted here afterwards, for all webhooks together, so a crash repeats a few deliveries and skips none.
"""

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, func, select

from ledger.entry import format_time
from service.db import bulk
from service.db.store import SqlReader
from service.db.webhook_tables import webhook, webhook_attempt, webhook_lease, webhook_wish
from service.domain.uuid7 import make_uuid7
from service.errors import ConflictError, NotFoundError
from service.webhooks.outcomes import Outcome
from service.webhooks.subscriptions import Reason, Webhook, disable_webhook

PAGE = 50
KEPT_DAYS = 14
KEPT_ATTEMPTS = 10_000
"""Of one webhook, the newest."""
MOST_WISHES = 1_000
"""Of one webhook that are open."""
LEASE = timedelta(seconds=15)
TEST = ""
"""Stands for the event of a test."""
_attempt = webhook_attempt.c
_wish = webhook_wish.c
_lease = webhook_lease.c


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt. event: its id, empty for a test; index: of its entry. status: 0 where nothing was answered.

    wish: it was sent out of turn, because somebody asked.
    """

    webhook: str
    event: str
    kind: str
    index: int
    at: datetime
    outcome: Outcome
    status: int = 0
    milliseconds: int = 0
    wish: bool = False


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a webhook is. end: why it is disabled from now on."""

    webhook: str
    cursor: int
    failures: int = 0
    next_at: str = ""
    end: Reason | None = None


@dataclass(frozen=True, slots=True)
class AttemptRow:
    """An attempt as it is kept."""

    id: str
    event: str
    kind: str
    index: int
    at: str
    outcome: Outcome
    status: int
    milliseconds: int


def note(connection: Connection, moves: Iterable[Progress], attempts: Sequence[Attempt], *, now: datetime) -> None:
    """Store how far webhooks are, and what became of attempts. Those of webhooks that were removed are dropped."""
    column = webhook.c
    for move in moves:
        change = webhook.update().where(column.id == move.webhook, column.cursor <= move.cursor)
        connection.execute(change.values(cursor=move.cursor, failures=move.failures, next_at=move.next_at))
        if move.end is not None:
            disable_webhook(connection, move.webhook, move.end, now=now)
    known = set(connection.execute(select(column.id)).scalars())
    kept = [attempt for attempt in attempts if attempt.webhook in known]
    if kept:
        connection.execute(webhook_attempt.insert(), [_row(attempt, n) for n, attempt in enumerate(kept)])
    for attempt in kept:
        if attempt.wish:
            connection.execute(
                webhook_wish.delete().where(_wish.webhook == attempt.webhook, _wish.event == attempt.event)
            )


def list_attempts(connection: Connection, id_: str, *, before: str | None = None) -> list[AttemptRow]:
    """What became of the newest attempts of a webhook, newest first, from the one before `before` on."""
    query = select(webhook_attempt).where(_attempt.webhook == id_)
    if before is not None:
        query = query.where(_attempt.id < before)
    return [
        AttemptRow(r.id, r.event, r.kind, r.idx, r.at, Outcome(r.outcome), r.status, r.milliseconds)
        for r in connection.execute(query.order_by(_attempt.id.desc()).limit(PAGE))
    ]


def forget_attempts(connection: Connection, *, now: datetime) -> None:
    """Delete what is older than it is kept for, and all but the newest of each webhook."""
    connection.execute(webhook_attempt.delete().where(_attempt.id < _id(now - timedelta(days=KEPT_DAYS), bytes(10))))
    counts = select(_attempt.webhook).group_by(_attempt.webhook).having(func.count() > KEPT_ATTEMPTS)
    for id_ in list(connection.execute(counts).scalars()):
        own = select(_attempt.id).where(_attempt.webhook == id_).order_by(_attempt.id.desc())
        last = connection.execute(own.offset(KEPT_ATTEMPTS - 1).limit(1)).scalar_one()
        connection.execute(webhook_attempt.delete().where(_attempt.webhook == id_, _attempt.id < last))


def wish(connection: Connection, hook: Webhook, event: str, *, now: datetime) -> None:
    """Have an entry sent once more, by its event's id, or a test. Raises NotFoundError or ConflictError."""
    if not hook.is_enabled:
        raise ConflictError("the webhook is disabled: enable it first")
    if event != TEST and event not in SqlReader(connection).find([event]):
        raise NotFoundError(f"there is no event {event}")
    own = select(_wish.event).where(_wish.webhook == hook.id)
    open_ = set(connection.execute(own.limit(MOST_WISHES)).scalars())
    if event in open_:
        return
    if len(open_) >= MOST_WISHES:
        raise ConflictError(f"{MOST_WISHES} deliveries are asked for already: wait for them")
    connection.execute(webhook_wish.insert().values(webhook=hook.id, event=event, asked_at=format_time(now)))


def list_wishes(connection: Connection, ids: Sequence[str]) -> dict[str, list[str]]:
    """By webhook the events that are to be sent out of turn, the oldest wishes first."""
    rows = list(bulk.select_rows(connection, _wish.webhook, ids))
    found: dict[str, list[str]] = {}
    for row in sorted(rows, key=lambda row: (row.asked_at, row.event)):
        found.setdefault(row.webhook, []).append(row.event)
    return found


def take_lease(connection: Connection, holder: str, *, now: datetime) -> bool:
    """Be the one that delivers for a while, anew or still; tells whether `holder` is."""
    free = (_lease.holder == holder) | (_lease.until <= format_time(now))
    change = webhook_lease.update().where(_lease.id == 1, free)
    return connection.execute(change.values(holder=holder, until=format_time(now + LEASE))).rowcount == 1


def end_lease(connection: Connection, holder: str) -> None:
    """Let another one deliver at once."""
    connection.execute(webhook_lease.update().where(_lease.holder == holder).values(holder="", until=""))


def _row(attempt: Attempt, number: int) -> dict[str, object]:
    return {
        "id": _id(attempt.at, (number % 4096).to_bytes(2) + os.urandom(8)),
        "webhook": attempt.webhook,
        "event": attempt.event,
        "kind": attempt.kind,
        "idx": attempt.index,
        "at": format_time(attempt.at),
        "outcome": attempt.outcome.value,
        "status": attempt.status,
        "milliseconds": attempt.milliseconds,
    }


def _id(moment: datetime, chance: bytes) -> str:
    return make_uuid7(int(moment.timestamp() * 1000), chance)
