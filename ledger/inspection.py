"""Recognise and decode whatever of the log one is given. Nothing is verified here."""

from typing import Any

from ledger.bundle import FORMAT, parse_bundle
from ledger.entry import format_time, parse_entry
from ledger.errors import MalformedError
from ledger.notes.note import split_note
from ledger.notes.treehead import parse_checkpoint
from ledger.receipt import parse_receipt
from ledger.tree import hash_leaf


def inspect(data: bytes) -> dict[str, Any]:
    """The members of an entry, a checkpoint, a receipt or a bundle, with its `kind`. Raises MalformedError."""
    if data.startswith(b"c2sp.org/tlog-proof@v1\n"):
        receipt = parse_receipt(data)
        return {
            "kind": "receipt",
            "index": receipt.index,
            "proof": [digest.hex() for digest in receipt.proof],
            "checkpoint": _checkpoint(receipt.checkpoint),
        }
    if data.startswith(b'{"event":'):
        return _entry(data.removesuffix(b"\n"))
    if FORMAT.encode() in data[:4096]:
        bundle = parse_bundle(data)
        return {
            "kind": "bundle",
            "subject": bundle.subject,
            "checkpoint": _checkpoint(bundle.checkpoint),
            "entries": [{"index": proven.index, **_entry(proven.entry)} for proven in bundle.entries],
            "keys": [proven.index for proven in bundle.keys],
            "map": None if bundle.map is None else bundle.map.commitment.index,
        }
    if b"\n\n\xe2\x80\x94 " in data:
        return {"kind": "checkpoint", **_checkpoint(data)}
    raise MalformedError("neither an entry, a checkpoint, a receipt nor a bundle")


def _checkpoint(note: bytes) -> dict[str, Any]:
    text, signatures = split_note(note)
    checkpoint = parse_checkpoint(text)
    return {
        "origin": checkpoint.origin,
        "size": checkpoint.size,
        "root": checkpoint.root.hex(),
        "signatures": [f"{name}+{key_id.hex()}" for name, key_id, _ in signatures],
    }


def _entry(data: bytes) -> dict[str, Any]:
    entry = parse_entry(data)
    return {
        "kind": "entry",
        "leaf_hash": hash_leaf(data).hex(),
        "type": entry.event.type,
        "id": entry.event.id,
        "signed_by": entry.jws.header.kid,
        "occurred_at": format_time(entry.event.occurred_at),
        "received_at": format_time(entry.at),
        "body": entry.event.body,
        "chain": [[link.subject, link.seq, link.previous.hex()] for link in entry.chain],
        "previous": entry.previous.hex(),
    }
