"""Webhooks as the API, the command line and the page tell of them."""

from typing import Any

from service.webhooks.outbox import AttemptRow
from service.webhooks.outcomes import WORDS
from service.webhooks.subscriptions import Webhook


def webhook_members(hook: Webhook, size: int) -> dict[str, Any]:
    """A webhook, where the register has `size` entries."""
    return {
        "id": hook.id,
        "url": hook.url,
        "kinds": sorted(hook.kinds),
        "ties": sorted(hook.ties),
        "enabled": hook.is_enabled,
        "reason": hook.reason or None,
        "created_at": hook.created_at,
        "disabled_at": hook.disabled_at or None,
        "cursor": hook.cursor,
        "behind": max(0, size - hook.cursor),
        "failures": hook.failures,
        "next_at": hook.next_at or None,
    }


def attempt_members(row: AttemptRow) -> dict[str, Any]:
    """An attempt to deliver."""
    words = WORDS[row.outcome]
    return {
        "id": row.id,
        "at": row.at,
        "event": row.event or None,
        "type": row.kind or None,
        "index": None if row.index < 0 else row.index,
        "outcome": row.outcome.value,
        "words": words.en,
        "words_zh": words.zh,
        "status": row.status or None,
        "milliseconds": row.milliseconds,
    }
