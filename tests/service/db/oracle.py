"""What a log of these events must hold, computed slowly and without the code under test.

The entries are put together with the standard library's JSON, chains are followed in dictionaries.
"""

import base64
import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256

from ledger.entry import Event
from ledger.log import Submission

ORIGIN = "store.test/log"
OCCURRED = datetime(2026, 5, 1, 12, 30, 1, 123000, tzinfo=UTC)
# The log never verifies a signature: admission did. It must only be one in form.
HEADER = '{"alg":"EdDSA","b64":false,"crit":["b64"],"kid":"tester/k1","typ":"application/vnd.packtrail.event+json"}'
JWS = base64.urlsafe_b64encode(HEADER.encode()).decode().rstrip("=") + ".." + "A" * 86


def submission(number: int, subjects: tuple[str, ...], *, writer: int = 0) -> Submission:
    """Event `number`; equal numbers give equal events. Written by hand, since 65,000 of them are needed."""
    id_ = f"01907c5e-7b1a-7c3d-8e4f-{writer:02x}{number:010x}"
    data = (
        f'{{"actor":"tester","body":{{"number":{number}}},"id":"{id_}","log":"{ORIGIN}",'
        f'"occurred_at":"2026-05-01T12:30:01.123Z","subjects":{json.dumps(subjects, separators=(",", ":"))},'
        '"type":"note","v":1}'
    )
    event = Event(id_, ORIGIN, "note", "tester", OCCURRED, subjects, {"number": number}, data.encode())
    return Submission(event, JWS)


@dataclass
class Expected:
    """The log after some batches. `append` takes what `Log.append` takes."""

    entries: list[bytes] = field(default_factory=list)
    leaves: list[bytes] = field(default_factory=list)
    ids: dict[str, int] = field(default_factory=dict)
    history: dict[str, list[int]] = field(default_factory=dict)
    kept: list[int] = field(default_factory=list)
    kept_at: datetime | None = None

    def append(self, items: list[Submission], at: datetime) -> None:
        before = len(self.entries)
        for item in items:
            index = len(self.entries)
            event = json.loads(item.event.data)
            chain: list[list[object]] = []
            for subject in event["subjects"]:
                earlier = self.history.setdefault(subject, [])
                chain.append([subject, len(earlier) + 1, text(self.leaves[earlier[-1]]) if earlier else ""])
                earlier.append(index)
            log = {
                "at": at.strftime("%Y-%m-%dT%H:%M:%S.") + f"{at.microsecond // 1000:03d}Z",
                "chain": chain,
                "prev": text(self.leaves[-1]) if self.leaves else "",
            }
            document = {"event": event, "jws": item.jws, "log": log}
            entry = json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
            self.entries.append(entry)
            self.leaves.append(sha256(b"\0" + entry).digest())
            self.ids[event["id"]] = index
        full_tile = before // 256 != len(self.entries) // 256
        if self.kept_at is None or full_tile or at - self.kept_at >= timedelta(hours=1):
            self.kept.append(len(self.entries))
            self.kept_at = at

    def head(self, subject: str) -> tuple[int, bytes, int, int]:
        """(sequence number, leaf hash, index, position) of the subject's newest entry."""
        indexes = self.history[subject]
        subjects = json.loads(self.entries[indexes[-1]])["event"]["subjects"]
        return len(indexes), self.leaves[indexes[-1]], indexes[-1], subjects.index(subject)


def text(digest: bytes) -> str:
    return base64.b64encode(digest).decode()
