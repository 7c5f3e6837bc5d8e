"""What is sent: a CloudEvent in JSON for an entry, or for a test.

A delivery's `id` is the webhook's and the event's, so it is the same at every attempt, and the entry can be found from
it. `sequence` is the entry's index in digits of one width: later entries are greater, as text too.

Source: CloudEvents 1.0.2, JSON format; extension "Sequence".
"""

from dataclasses import dataclass
from typing import Any, NamedTuple

import orjson

from ledger.entry import format_hash
from ledger.tree import hash_leaf
from service.domain.events import KINDS
from service.webhooks.choosing import Choice

CONTENT_TYPE = "application/cloudevents+json; charset=utf-8"
TYPE = "packtrail.event."
TEST_TYPE = "packtrail.webhook.test"
_WIDTH = 19
"""Digits of the largest index a database can hold."""


@dataclass(frozen=True, slots=True)
class Message:
    """One delivery. event: the id of the event, empty for a test; index: of its entry, -1 for a test."""

    id: str
    event: str
    kind: str
    index: int
    body: bytes


class Place(NamedTuple):
    """What all deliveries of one webhook have in common: the register's address, and the webhook's id."""

    base_url: str
    webhook: str

    def message(self, index: int, entry: bytes, choice: Choice) -> Message:
        """The delivery of an entry, as far as it was chosen."""
        members = orjson.loads(entry)
        event, kind = members["event"], KINDS.get(members["event"]["type"])
        data = {
            "index": index,
            "leaf_hash": format_hash(hash_leaf(entry)),
            "type": event["type"],
            "title": kind.title_en if kind else event["type"],
            "title_zh": kind.title_zh if kind else event["type"],
            "subjects": choice.subjects,
            "occurred_at": event["occurred_at"],
            "received_at": members["log"]["at"],
            "whole": choice.whole,
        }
        if choice.whole:
            data["entry"] = orjson.Fragment(entry)
        return self._message(event["id"], event["type"], index, self._envelope(event, index, choice) | {"data": data})

    def test(self, time: str) -> Message:
        """A delivery that tells of nothing, made at `time`."""
        head = {"id": f"{self.webhook}_test-{time.translate(_PLAIN)}", "type": TEST_TYPE, "time": time}
        return self._message("", "", -1, head | {"data": {}})

    def _envelope(self, event: dict[str, Any], index: int, choice: Choice) -> dict[str, Any]:
        head = {"id": f"{self.webhook}_{event['id']}", "type": TYPE + event["type"], "time": event["occurred_at"]}
        head |= {"subject": choice.subjects[0]} if choice.subjects else {}
        return head | {"sequence": f"{index:0{_WIDTH}d}"}

    def _message(self, event: str, kind: str, index: int, members: dict[str, Any]) -> Message:
        fixed = {"specversion": "1.0", "source": self.base_url, "datacontenttype": "application/json"}
        return Message(members["id"], event, kind, index, orjson.dumps(fixed | members))


_PLAIN = str.maketrans("", "", "-:.TZ")
