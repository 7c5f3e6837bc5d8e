"""Alerts about copied labels as JSON: the same for the API and the command line."""

from typing import Any

from ledger.entry import format_time
from service.scans.alerts import CopyAlert


def alert_members(alert: CopyAlert) -> dict[str, Any]:
    """One alert. `place`: a geohash of five characters, a division of six digits, or null."""
    return {
        "id": alert.id,
        "code": alert.code,
        "sign": alert.sign.value,
        "title": alert.sign.en,
        "title_zh": alert.sign.zh,
        "raised_at": format_time(alert.raised_at),
        "first": None if alert.first is None else {"at": format_time(alert.first[0]), "place": alert.first[1] or None},
        "second": {"at": format_time(alert.second[0]), "place": alert.second[1] or None},
        "times": alert.times,
        "closed_at": format_time(alert.closed_at) if alert.closed_at else None,
        "closed_by": alert.closed_by,
        "note": alert.note,
    }
