"""Stored entries as what is told of them: restricted values stand in an event for those who may see it whole, as far as
they are not for the register alone.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from ledger.entry import Event as LogEvent
from ledger.entry import parse_time
from service.epcis.writing import Told
from service.private.shown import Shown, show
from service.private.values import Cabinet
from service.work import RegisterReader


def read_entries(reader: RegisterReader, indexes: Sequence[int]) -> dict[int, Mapping[str, Any]]:
    """Stored entries as JSON, by index. They were checked when they were recorded."""
    return {index: orjson.loads(data) for index, data in reader.entries_at(indexes).items()}


def tell_all(cabinet: Cabinet, entries: Mapping[int, Mapping[str, Any]]) -> dict[int, Told]:
    """The events of these entries with the values that may be shown to those who see them: two look-ups."""
    events = [_log_event(each["event"]) for each in entries.values()]
    shown = show(cabinet, events)
    return {index: _told(entry, each) for (index, entry), each in zip(entries.items(), shown, strict=True)}


def _log_event(members: Mapping[str, Any]) -> LogEvent:
    moment, subjects = parse_time(members["occurred_at"]), tuple(members["subjects"])
    return LogEvent(
        members["id"], members["log"], members["type"], members["actor"], moment, subjects, members["body"], b""
    )


def _told(entry: Mapping[str, Any], shown: Shown) -> Told:
    event = entry["event"]
    known = {name: each for name, each in shown.items() if "value" in each}
    return Told(
        event["id"],
        event["type"],
        parse_time(event["occurred_at"]),
        event["subjects"],
        event["body"],
        {name: each["value"] for name, each in known.items()},
        {name: each["salt"] for name, each in known.items()},
        event["actor"],
        event["log"],
        entry["jws"],
        parse_time(entry["log"]["at"]),
    )
