"""An evidence bundle: one battery's entries with everything needed to check them offline, in one file.

Canonical enough to read, exact enough to verify: each entry stands as JSON and is hashed in its canonical form.

    {"format": "packtrail-evidence-v1", "subject": "<code>", "checkpoint": "<signed note>",
     "entries": [{"index": n, "entry": {...}, "proof": ["<base64>", ...]}, ...],     the battery's, oldest first
     "keys":    [{"index": n, "entry": {...}, "proof": ["<base64>", ...]}, ...]}     open_log, register_key, revoke_key

A bundle proves that these entries are in the register under the checkpoint, in this order, without a gap between the
first and the last, signed by keys that the register held valid. That nothing newer was left out, and that no key was
revoked meanwhile, is proven only as far as the bundle shows.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from ledger import canonical
from ledger.checkpoint import Checkpoint, open_checkpoint
from ledger.entry import Entry, Link, format_hash, parse_entry, parse_hash
from ledger.errors import ChainError, LedgerError, MalformedError
from ledger.keyring import KeyRing
from ledger.note import Verifier
from ledger.proof import verify_inclusion
from ledger.tree import hash_leaf

FORMAT = "packtrail-evidence-v1"


@dataclass(frozen=True, slots=True)
class Proven:
    """An entry with its place in the tree. `proof` goes from the leaf to the root."""

    index: int
    entry: bytes
    proof: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class Bundle:
    """The parsed file."""

    subject: str
    checkpoint: bytes
    entries: tuple[Proven, ...]
    keys: tuple[Proven, ...]


class BundleError(LedgerError):
    """A bundle does not hold. `index` names the entry at fault."""

    def __init__(self, index: int, message: str) -> None:
        super().__init__(message)
        self.index = index


def format_bundle(bundle: Bundle) -> bytes:
    """The file, indented for reading."""
    document = {
        "format": FORMAT,
        "subject": bundle.subject,
        "checkpoint": bundle.checkpoint.decode(),
        "entries": [_format_proven(proven) for proven in bundle.entries],
        "keys": [_format_proven(proven) for proven in bundle.keys],
    }
    return orjson.dumps(document, option=orjson.OPT_INDENT_2) + b"\n"


def parse_bundle(data: bytes) -> Bundle:
    """Parse a file. Raises MalformedError."""
    document = canonical.parse_json(data)
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        raise MalformedError(f"not a bundle of format {FORMAT}")
    if document.keys() != {"format", "subject", "checkpoint", "entries", "keys"}:
        raise MalformedError("a bundle has exactly the members format, subject, checkpoint, entries and keys")
    subject, checkpoint = document["subject"], document["checkpoint"]
    if not isinstance(subject, str) or not isinstance(checkpoint, str):
        raise MalformedError("subject and checkpoint of a bundle are text")
    return Bundle(subject, checkpoint.encode(), _parse_all(document["entries"]), _parse_all(document["keys"]))


def verify_bundle(
    bundle: Bundle, verifiers: Sequence[Verifier], *, origin: str, require_all: bool = False
) -> Checkpoint:
    """Raise unless everything in the bundle holds; gives the checkpoint it was checked against.

    Raises BundleError with the entry's index, or MalformedError or SignatureError for the checkpoint itself.
    """
    checkpoint = open_checkpoint(bundle.checkpoint, verifiers, origin=origin, require_all=require_all)
    keyring = KeyRing()
    if not bundle.entries:
        raise MalformedError("a bundle without entries proves nothing of its subject")
    both: dict[int, Proven] = {}
    for proven in (*bundle.entries, *bundle.keys):
        if both.setdefault(proven.index, proven) != proven:
            raise BundleError(proven.index, f"entry {proven.index} is given twice, and not the same")
    chain: dict[int, Entry] = {}
    for index, proven in sorted(both.items()):
        try:
            verify_inclusion(index, checkpoint.size, hash_leaf(proven.entry), proven.proof, checkpoint.root)
            entry = parse_entry(proven.entry)
            keyring.check(index, entry.event, entry.jws)
            keyring.apply(index, entry.event)
            keyring.check_origin(origin)
        except LedgerError as error:
            raise BundleError(index, str(error)) from error
        chain[index] = entry
    _verify_chain(bundle, chain)
    return checkpoint


def _verify_chain(bundle: Bundle, parsed: dict[int, Entry]) -> None:
    previous = b""
    for seq, proven in enumerate(bundle.entries, 1):
        links = parsed[proven.index].chain
        if Link(bundle.subject, seq, previous) not in links:
            error = ChainError(f"entry {proven.index} is not number {seq} of {bundle.subject}")
            raise BundleError(proven.index, str(error))
        previous = hash_leaf(proven.entry)


def _format_proven(proven: Proven) -> dict[str, Any]:
    return {
        "index": proven.index,
        "entry": orjson.Fragment(proven.entry),
        "proof": [format_hash(digest) for digest in proven.proof],
    }


def _parse_all(value: object) -> tuple[Proven, ...]:
    if not isinstance(value, list):
        raise MalformedError("entries and keys of a bundle are arrays")
    return tuple(_parse_proven(item) for item in value)


def _parse_proven(value: object) -> Proven:
    if not isinstance(value, dict) or value.keys() != {"index", "entry", "proof"}:
        raise MalformedError("an entry of a bundle has exactly the members index, entry and proof")
    index, proof = value["index"], value["proof"]
    if type(index) is not int or not 0 <= index < 2**63 or not isinstance(proof, list) or len(proof) > 63:
        raise MalformedError("an entry of a bundle has an index and a proof of at most 63 hashes")
    return Proven(index, canonical.encode(value["entry"]), tuple(parse_hash(item) for item in proof))
