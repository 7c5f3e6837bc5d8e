"""How a recorded event is answered: index, leaf hash, the entry byte for byte, and the proof as text."""

import orjson

from ledger.entry import format_hash
from ledger.receipt import Receipt, format_receipt
from service.recording.recorder import Recorded
from service.witnessing.head import WitnessedHead
from service.work import ProvenEntry

STATES = {"recorded": "已记录", "published": "已公示", "witnessed": "已见证"}
"""How far an entry has come, and the Chinese word for it."""


def entry_path(index: int) -> str:
    """Where an entry is found later."""
    return f"/v1/entries/{index}"


def receipt_members(found: Recorded | ProvenEntry) -> dict[str, object]:
    """A receipt with its entry. The entry goes out as the bytes that were hashed, never written anew."""
    return {
        "index": found.index,
        "leaf_hash": format_hash(found.leaf_hash),
        "entry": orjson.Fragment(found.entry),
        "proof": found.proof if isinstance(found, Recorded) else proof_text(found.receipt),
    }


def state_members(index: int, served: int, head: WitnessedHead | None) -> dict[str, object]:
    """How far an entry has come; `served` is the size of the checkpoint that everybody is shown."""
    state = "witnessed" if head is not None else "published" if index < served else "recorded"
    members: dict[str, object] = {"state": state, "state_zh": STATES[state]}
    if head is not None:
        members["witnesses"] = list(head.witnesses)
    return members


def brief_members(found: Recorded | ProvenEntry) -> dict[str, object]:
    """Where the event stands, without entry and proof."""
    return {"index": found.index, "leaf_hash": format_hash(found.leaf_hash)}


def proof_text(receipt: Receipt) -> str:
    """The tlog-proof text of a receipt."""
    return format_receipt(receipt).decode()
