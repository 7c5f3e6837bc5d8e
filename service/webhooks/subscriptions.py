"""Webhooks as they are stored: added, listed, disabled and enabled, removed; their secrets made, rotated, opened.

A new webhook is told of entries from now on. One that is disabled keeps its place: enabled again, it goes on with the
first entry that it was not told of.
"""

import os
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Row, func, select

from ledger.entry import format_time
from service.db import bulk
from service.db.store import SqlReader
from service.db.webhook_tables import webhook, webhook_attempt, webhook_secret, webhook_wish
from service.domain.events import KINDS
from service.domain.uuid7 import make_uuid7
from service.errors import NotFoundError
from service.keys.vault import Vault
from service.webhooks.addresses import Reach, parse_url
from service.webhooks.errors import WebhookRefusedError
from service.webhooks.signature import SECRET, format_secret

MOST = 20
"""Webhooks of one operator."""
OVERLAP = timedelta(hours=24)
"""For so long after a rotation the secret before still signs too."""
WEBHOOK = b"webhook"
"""The kind of a secret for the vault."""
_webhook = webhook.c
_secret = webhook_secret.c


class Tie(StrEnum):
    """What an operator has to do with a battery. holder: now, or it recorded something of the battery itself."""

    MAKER = "maker"
    HOLDER = "holder"
    RESPONSIBLE = "responsible"


class Reason(StrEnum):
    """Why a webhook is disabled."""

    ASKED = "asked"
    FAILED = "failed"
    """The last attempt of the table failed too."""
    GONE = "gone"
    """The receiver answered 410."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What an operator wants to be told, and where. kinds: of event, empty for all; ties: empty for all it may see."""

    url: str
    kinds: tuple[str, ...] = ()
    ties: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Webhook:
    """cursor: the first entry it was not told of. failures: in a row. next_at: no attempt before, empty: at once."""

    id: str
    operator: str
    url: str
    kinds: frozenset[str]
    ties: frozenset[Tie]
    created_at: str
    disabled_at: str
    reason: str
    cursor: int
    failures: int
    next_at: str

    @property
    def is_enabled(self) -> bool:
        """Whether it is being told."""
        return not self.disabled_at


def add_webhook(connection: Connection, operator: str, wanted: Wanted, *, reach: Reach, now: datetime) -> Webhook:
    """Store a webhook, without a secret: `make_secret` gives it one. Raises WebhookRefusedError."""
    parse_url(wanted.url, reach)
    for place, kind in enumerate(wanted.kinds):
        if kind not in KINDS:
            raise WebhookRefusedError(f"/kinds/{place}", "kind", f"there is no kind of event {kind!r}", "没有此类事件")
    own = select(func.count()).select_from(webhook).where(_webhook.operator == operator)
    if connection.execute(own).scalar_one() >= MOST:
        en, zh = f"there are {MOST} webhooks already: remove one first", f"已有{MOST}个Webhook，请先删除一个"
        raise WebhookRefusedError("", "too-many", en, zh)
    id_ = make_uuid7(int(now.timestamp() * 1000), os.urandom(10))
    row: dict[str, str | int] = {"id": id_, "operator": operator, "url": wanted.url, "created_at": format_time(now)}
    row |= {"kinds": " ".join(sorted(set(wanted.kinds))), "ties": " ".join(sorted(set(wanted.ties)))}
    row |= {"disabled_at": "", "reason": "", "next_at": ""}
    row |= {"failures": 0, "cursor": SqlReader(connection).size()}
    connection.execute(webhook.insert().values(row))
    return load_webhook(connection, id_)


def load_webhook(connection: Connection, id_: str, *, operator: str | None = None) -> Webhook:
    """A webhook, of this operator where one is named. Raises NotFoundError."""
    query = select(webhook).where(_webhook.id == id_)
    if operator is not None:
        query = query.where(_webhook.operator == operator)
    row = connection.execute(query).one_or_none()
    if row is None:
        raise NotFoundError(f"there is no webhook {id_}")
    return _read(row)


def list_webhooks(connection: Connection, operator: str | None = None) -> list[Webhook]:
    """The webhooks of an operator, or of all, oldest first."""
    query = select(webhook).order_by(_webhook.id)
    if operator is not None:
        query = query.where(_webhook.operator == operator)
    return [_read(row) for row in connection.execute(query)]


def is_any_enabled(connection: Connection) -> bool:
    """Whether anybody is to be told of anything."""
    return connection.execute(select(_webhook.id).where(_webhook.disabled_at == "").limit(1)).first() is not None


def disable_webhook(connection: Connection, id_: str, reason: Reason, *, now: datetime) -> None:
    """Tell it nothing more. One that is disabled already keeps its reason."""
    change = webhook.update().where(_webhook.id == id_, _webhook.disabled_at == "")
    connection.execute(change.values(disabled_at=format_time(now), reason=reason.value))
    connection.execute(webhook_wish.delete().where(webhook_wish.c.webhook == id_))


def enable_webhook(connection: Connection, id_: str) -> None:
    """Go on where it was disabled, at once."""
    connection.execute(
        webhook.update().where(_webhook.id == id_).values(disabled_at="", reason="", failures=0, next_at="")
    )


def remove_webhook(connection: Connection, id_: str) -> None:
    """Forget it, its secrets and what became of its deliveries."""
    for column in (_secret.webhook, webhook_attempt.c.webhook, webhook_wish.c.webhook, _webhook.id):
        connection.execute(column.table.delete().where(column == id_))


def make_secret(connection: Connection, vault: Vault, id_: str, *, now: datetime) -> str:
    """Make a secret for a webhook; the text returned is nowhere else. The one before goes on to sign for a day."""
    vault.attach(connection)
    in_force = webhook_secret.update().where(_secret.webhook == id_, _secret.until == "")
    connection.execute(in_force.values(until=format_time(now + OVERLAP)))
    secret, name = os.urandom(SECRET), f"{id_}/{secrets.token_hex(8)}"
    row = webhook_secret.insert().values(
        name=name, webhook=id_, made_at=format_time(now), until="", sealed=vault.seal(WEBHOOK, name, secret)
    )
    connection.execute(row)
    return format_secret(secret)


def open_secrets(connection: Connection, vault: Vault, ids: Sequence[str], *, now: datetime) -> dict[str, list[bytes]]:
    """The secrets that sign now, by webhook, the newest first."""
    found: dict[str, list[bytes]] = {id_: [] for id_ in ids}
    rows = sorted(bulk.select_rows(connection, _secret.webhook, ids), key=lambda row: row.made_at, reverse=True)
    for row in rows:
        if not row.until or row.until > format_time(now):
            found[row.webhook].append(vault.open_sealed(WEBHOOK, row.name, bytes(row.sealed)))
    return found


def forget_secrets(connection: Connection, *, now: datetime) -> None:
    """Delete secrets that sign no more."""
    connection.execute(webhook_secret.delete().where(_secret.until != "", _secret.until <= format_time(now)))


def _read(row: Row[Any]) -> Webhook:
    return Webhook(
        row.id, row.operator, row.url, frozenset(row.kinds.split()), frozenset(map(Tie, row.ties.split())),
        row.created_at, row.disabled_at, row.reason, row.cursor, row.failures, row.next_at,
    )  # fmt: skip
