"""Writers: each registers batteries of its own and reports their health, and checks every receipt it gets.

What a register has acknowledged is remembered: at the end all of it must stand in the log.
"""

import os
import random
import threading
import time
from dataclasses import dataclass, field
from typing import Any

import orjson

from ledger import canonical
from ledger.entry import format_hash
from ledger.errors import MalformedError, ProofError
from ledger.proof import verify_inclusion
from ledger.receipt import parse_receipt
from ledger.tree import hash_leaf
from service.domain.restricted import commitments_in
from service.domain.uuid7 import make_uuid7
from service.errors import NotPermittedError
from service.hammering.line import Line, Reply, UnexpectedError
from service.hammering.tally import Tally
from service.hammering.view import View

MAKER_CODE = "0HM"
MADE_ON, MADE_ON_SYMBOLS = "2026-01-01", "G11"
REGISTER_SHARE = 0.1
"""Of a writer's events: new batteries. The others are reports."""


@dataclass(slots=True)
class Promised:
    """What was acknowledged: the leaf hash by index. `left` counts down the events that may still be sent."""

    left: int | None = None
    leaves: dict[int, bytes] = field(default_factory=dict)
    _guard: threading.Lock = field(default_factory=threading.Lock)

    def take(self) -> bool:
        """Whether one more event may be sent."""
        with self._guard:
            if self.left is None:
                return True
            self.left -= 1
            return self.left >= 0

    def note(self, index: int, leaf: bytes) -> None:
        """Raises ProofError where two events were promised one place."""
        with self._guard:
            if index in self.leaves:
                raise ProofError(f"two events were acknowledged as entry {index}")
            self.leaves[index] = leaf


class Writer:
    """One writer, for one thread."""

    def __init__(self, line: Line, view: View, promised: Promised, tally: Tally) -> None:
        self._line, self._view, self._promised, self._tally = line, view, promised, tally
        self._lot = int.from_bytes(os.urandom(4)) >> 4
        self._made = 0
        self._unanswered: dict[str, Any] | None = None
        self._chance = random.Random(self._lot)

    def publish_model(self) -> None:
        """The model of this writer's batteries. Raises NotPermittedError where the API key may not do so."""
        body = {
            "model_id": self._model,
            "name": "Hammer",
            "level": "pack",
            "category": "ev",
            "chemistry": "B",
            "manufacturer_code": MAKER_CODE,
            "specification": "01",
            "capacity_mah": 150_000,
            "energy_wh": 52_500,
            "voltage_mv": 350_000,
            "mass_g": 410_000,
            "composition_g": {"lithium": 7_000, "iron": 60_000},
        }
        self._send("publish_model", [], body)

    @property
    def in_doubt(self) -> bool:
        """Whether the last event got no answer. It is sent again, with the same id, before any other."""
        return self._unanswered is not None

    def write(self) -> None:
        """Send one event and check what comes back. LedgerError or UnexpectedError if that is wrong."""
        if self._unanswered is not None:
            self._settle(self._unanswered)
        elif not self._made or self._chance.random() < REGISTER_SHARE:
            self._made += 1
            body = {"model_id": self._model, "mass_g": 410_000, "capacity_mah": 150_000, "energy_wh": 52_500}
            self._send("register", [self._code(self._made)], body | {"made_on": MADE_ON, "site": "hammer"})
        else:
            body = {"soce_ppm": 990_000, "remaining_capacity_mah": 148_000, "full_cycles": 10, "method": "bms"}
            self._send("report_soh", [self._code(self._chance.randint(1, self._made))], body)

    @property
    def _model(self) -> str:
        return f"HAMMER-{self._lot:07X}"

    def _code(self, serial: int) -> str:
        return f"{MAKER_CODE}PB01{self._lot:07X}{MADE_ON_SYMBOLS}{serial:07d}"

    def _send(self, kind: str, subjects: list[str], body: dict[str, Any]) -> None:
        event = {
            "id": make_uuid7(int(time.time() * 1000), os.urandom(10)),
            "type": kind,
            "subjects": subjects,
            "occurred_at": f"{MADE_ON}T08:00:00.000Z",
            "body": body,
        }
        self._settle(event)

    def _settle(self, event: dict[str, Any]) -> None:
        self._unanswered = event
        kind = event["type"]
        reply = self._line.ask(f"write {kind}", "POST", "/v1/events", orjson.dumps(event))
        self._unanswered = None
        if reply.status in (401, 403):
            raise NotPermittedError("this API key may not record what a maker records")
        if reply.status not in (200, 201, 202):
            told = " ".join(reply.body[:500].decode("utf-8", "replace").split())
            raise UnexpectedError(f"{kind} is answered {reply.status}: {told}")
        self._check(event, reply)

    def _check(self, event: dict[str, Any], reply: Reply) -> None:
        try:
            answer = orjson.loads(reply.body)
            entry = canonical.encode(answer["entry"])
            same = _records(answer["entry"]["event"], event)
            index, told = answer["index"], answer["leaf_hash"]
            receipt = parse_receipt(answer["proof"].encode())
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise MalformedError(f"not a receipt: {error!r}") from None
        if not same:
            raise ProofError(f"entry {index} holds another event than was sent")
        leaf = hash_leaf(entry)
        if receipt.index != index or told != format_hash(leaf):
            raise ProofError(f"the receipt of entry {index} is about another entry")
        signed = self._view.open(receipt.checkpoint)
        verify_inclusion(index, signed.size, leaf, receipt.proof, signed.root)
        self._promised.note(index, leaf)
        self._tally.count("receipts verified")


def _records(recorded: dict[str, Any], sent: dict[str, Any]) -> bool:
    """Whether a recorded event is what was sent, with a commitment in the place of each restricted value."""
    hidden = commitments_in(sent["type"])
    body = {name: value for name, value in recorded["body"].items() if name not in hidden}
    covered = {hidden[name] for name in recorded["body"] if name in hidden}
    shown = {name: value for name, value in sent["body"].items() if name not in covered}
    return (
        body == shown
        and covered <= sent["body"].keys()
        and all(recorded.get(name) == sent[name] for name in sent if name != "body")
    )
