"""What the clients know: each event they sent, and what they were told of it."""

import threading
from collections import Counter
from dataclasses import dataclass, field

from ledger.notes.treehead import parse_checkpoint
from ledger.proof import verify_inclusion
from ledger.receipt import parse_receipt


@dataclass
class Sent:
    """One event, and what came of it. `told` are (index, leaf hash) of every receipt received."""

    id: str
    body: bytes
    told: set[tuple[int, bytes]] = field(default_factory=set)
    refused: str = ""
    unknown: int = 0
    """How often no answer came, or one that says nothing of the event."""
    altered_accepted: int = 0
    """How often another event under the same id was taken as this one."""


@dataclass
class Journal:
    """All that the clients know, to be held against the register."""

    events: list[Sent] = field(default_factory=list)
    answers: Counter[str] = field(default_factory=Counter)
    """How often each status came, with the code of its problem."""
    roots: dict[int, set[bytes]] = field(default_factory=dict)
    """The roots that signed checkpoints named, by size."""
    notes: dict[int, bytes] = field(default_factory=dict)
    """One checkpoint of each size, whose signatures are still to be checked."""
    bad_proofs: int = 0
    """Receipts that did not prove what they came with."""
    lock: threading.Lock = field(default_factory=threading.Lock)

    def acknowledged(self) -> list[Sent]:
        return [sent for sent in self.events if sent.told]

    def add(self, sent: Sent) -> None:
        with self.lock:
            self.events.append(sent)

    def count(self, answer: str) -> None:
        with self.lock:
            self.answers[answer] += 1

    def see_note(self, note: bytes) -> None:
        """Remember what a checkpoint says."""
        checkpoint = parse_checkpoint(note.partition(b"\n\n")[0] + b"\n")
        with self.lock:
            self.roots.setdefault(checkpoint.size, set()).add(checkpoint.root)
            self.notes.setdefault(checkpoint.size, note)

    def see_receipt(self, leaf_hash: bytes, proof: str) -> None:
        """Check that the proof leads from the leaf hash to its checkpoint, and remember the checkpoint."""
        receipt = parse_receipt(proof.encode())
        checkpoint = parse_checkpoint(receipt.checkpoint.partition(b"\n\n")[0] + b"\n")
        try:
            verify_inclusion(receipt.index, checkpoint.size, leaf_hash, receipt.proof, checkpoint.root)
        except Exception:  # whatever it is, the receipt is worth nothing to who holds it
            with self.lock:
                self.bad_proofs += 1
        self.see_note(receipt.checkpoint)
