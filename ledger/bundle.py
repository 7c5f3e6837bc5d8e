"""An evidence bundle: one battery's entries with everything needed to check them offline, in one file.

Canonical enough to read, exact enough to verify: each entry stands as JSON and is hashed in its canonical form. The
format and what makes it valid: ledger/README.md, section 11.

A bundle proves that these entries are in the register under the checkpoint, in this order, without a gap between the
first and the last, signed by keys that the register held valid; with a map, that none before the map was left out. That
no key was revoked meanwhile is proven only as far as the bundle shows.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson

from ledger import canonical
from ledger.entry import Entry, Link, format_hash, is_subject, parse_entry, parse_hash
from ledger.errors import ChainError, LedgerError, MalformedError
from ledger.map import COMMIT_MAP, Lookup, Row, format_lookup, key_of, parse_commitment, parse_lookup, verify_lookup
from ledger.notes.checkpoint import Checkpoint, open_checkpoint
from ledger.notes.note import Verifier
from ledger.proof import verify_inclusion
from ledger.signing.keyring import KEY_KINDS, KeyRing
from ledger.tree import hash_leaf

FORMAT = "packtrail-evidence-v2"

_MEMBERS = {"format", "subject", "checkpoint", "entries", "keys", "map"}


@dataclass(frozen=True, slots=True)
class Proven:
    """An entry with its place in the tree. `proof` goes from the leaf to the root."""

    index: int
    entry: bytes
    proof: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class MapProof:
    """What the register's map says of the subject: the entry that commits to the map, and the lookup under it."""

    commitment: Proven
    lookup: Lookup


@dataclass(frozen=True, slots=True)
class Bundle:
    """The parsed file. Raises MalformedError if it has neither entries nor a map."""

    subject: str
    checkpoint: bytes
    entries: tuple[Proven, ...]
    keys: tuple[Proven, ...]
    map: MapProof | None = None

    def __post_init__(self) -> None:
        if not self.entries and self.map is None:
            raise MalformedError("a bundle without entries and without a map proves nothing of its subject")


@dataclass(frozen=True, slots=True)
class Complete:
    """A history lacks none of the register's first `size` entries, received up to `at`."""

    size: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Held:
    """What a bundle proved: everything in it under `checkpoint`, and that nothing of before `complete` was left out."""

    checkpoint: Checkpoint
    complete: Complete | None


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
        "map": None if bundle.map is None else _format_map(bundle.map),
    }
    return orjson.dumps(document, option=orjson.OPT_INDENT_2) + b"\n"


def parse_bundle(data: bytes) -> Bundle:
    """Parse a file. Raises MalformedError."""
    document = canonical.parse_json(data)
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        raise MalformedError(f"not a bundle of format {FORMAT}")
    if document.keys() != _MEMBERS:
        raise MalformedError("a bundle has exactly the members " + ", ".join(sorted(_MEMBERS)))
    subject, checkpoint = document["subject"], document["checkpoint"]
    if not is_subject(subject) or not isinstance(checkpoint, str):
        raise MalformedError("a bundle has a subject, and a checkpoint that is text")
    entries, keys = _parse_all(document["entries"]), _parse_all(document["keys"])
    return Bundle(subject, checkpoint.encode(), entries, keys, _parse_map(document["map"]))


def verify_bundle(bundle: Bundle, verifiers: Sequence[Verifier], *, origin: str, require_all: bool = False) -> Held:
    """Raise unless everything in the bundle holds; gives what that proves.

    Raises BundleError with the entry's index, or MalformedError or SignatureError for the checkpoint itself.
    """
    checkpoint = open_checkpoint(bundle.checkpoint, verifiers, origin=origin, require_all=require_all)
    keyring = KeyRing()
    commitments = [] if bundle.map is None else [bundle.map.commitment]
    both: dict[int, Proven] = {}
    for proven in (*bundle.entries, *bundle.keys, *commitments):
        if both.setdefault(proven.index, proven) != proven:
            raise BundleError(proven.index, f"entry {proven.index} is given twice, and not the same")
    key_entries = {proven.index for proven in bundle.keys}
    chain: dict[int, Entry] = {}
    for index, proven in sorted(both.items()):
        try:
            verify_inclusion(index, checkpoint.size, hash_leaf(proven.entry), proven.proof, checkpoint.root)
            entry = parse_entry(proven.entry)
            if index in key_entries and entry.event.type not in KEY_KINDS:
                raise MalformedError("an entry that says nothing of keys stands among the keys")
            keyring.check(index, entry.event, entry.jws)
            keyring.apply(index, entry.event)
        except LedgerError as error:
            raise BundleError(index, str(error)) from error
        chain[index] = entry
    keyring.open_checkpoint(bundle.checkpoint, verifiers if require_all else ())
    _verify_chain(bundle, chain)
    complete = None if bundle.map is None else _verify_map(bundle, bundle.map, chain[bundle.map.commitment.index])
    return Held(checkpoint, complete)


def _verify_chain(bundle: Bundle, parsed: dict[int, Entry]) -> None:
    previous, last = b"", -1
    for seq, proven in enumerate(bundle.entries, 1):
        links = parsed[proven.index].chain
        if proven.index <= last or Link(bundle.subject, seq, previous) not in links:
            error = ChainError(f"entry {proven.index} is not number {seq} of {bundle.subject}")
            raise BundleError(proven.index, str(error))
        previous, last = hash_leaf(proven.entry), proven.index


def _verify_map(bundle: Bundle, proof: MapProof, entry: Entry) -> Complete:
    """What the map says of the subject must be true of the entries before it."""
    index = proof.commitment.index
    try:
        commitment = parse_commitment(entry.event.body)
        if entry.event.type != COMMIT_MAP or commitment.size != index:
            raise MalformedError(f"entry {index} commits to no map of the entries before it")
        row = verify_lookup(commitment, bundle.subject, proof.lookup)
    except LedgerError as error:
        raise BundleError(index, str(error)) from error
    before = [proven for proven in bundle.entries if proven.index < index]
    told = Row(key_of(bundle.subject), len(before), hash_leaf(before[-1].entry)) if before else None
    if row != told:
        known = f"{row.seq} entries" if row else "no entry"
        raise BundleError(index, f"the map knows {known} of {bundle.subject}, and not those that are given")
    return Complete(index, entry.at)


def _format_map(proof: MapProof) -> dict[str, Any]:
    return {"commitment": _format_proven(proof.commitment), "lookup": format_lookup(proof.lookup)}


def _parse_map(value: object) -> MapProof | None:
    if value is None:
        return None
    if not isinstance(value, dict) or value.keys() != {"commitment", "lookup"}:
        raise MalformedError("the map of a bundle has exactly the members commitment and lookup")
    return MapProof(_parse_proven(value["commitment"]), parse_lookup(value["lookup"]))


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
    hashes = tuple(parse_hash(item) for item in proof)
    if b"" in hashes:
        raise MalformedError("a hash of a proof is 32 bytes")
    return Proven(index, canonical.encode(value["entry"]), hashes)
