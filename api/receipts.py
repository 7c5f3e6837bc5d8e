"""How a recorded event is answered: index, leaf hash, the entry byte for byte, and the proof as text."""

import orjson

from ledger.entry import format_hash
from ledger.receipt import Receipt, format_receipt
from service.recording import Recorded
from service.work import ProvenEntry


def entry_path(index: int) -> str:
    """Where an entry is found later."""
    return f"/v1/entries/{index}"


def receipt_members(found: Recorded | ProvenEntry) -> dict[str, object]:
    """A receipt with its entry. The entry goes out as the bytes that were hashed, never written anew."""
    return {
        "index": found.index,
        "leaf_hash": format_hash(found.leaf_hash),
        "entry": orjson.Fragment(found.entry),
        "proof": proof_text(found.receipt),
    }


def brief_members(found: Recorded | ProvenEntry) -> dict[str, object]:
    """Where the event stands, without entry and proof."""
    return {"index": found.index, "leaf_hash": format_hash(found.leaf_hash)}


def proof_text(receipt: Receipt) -> str:
    """The tlog-proof text of a receipt."""
    return format_receipt(receipt).decode()
