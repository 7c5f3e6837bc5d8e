"""Proof that a log signed two histories: one index, two different entries, each under a checkpoint of the same log.

    {"format":"packtrail-contradiction-v1","index":n,"signed":[<side>,<side>]}

with `<side>` = `{"checkpoint":"<note>","leaf_hash":"<base64>","proof":["<base64>",...]}`. It holds if both checkpoints
are signed by the log, both leaf hashes are included at `index`, and they differ. Nobody can make one about a log that
never signed two histories. The format: ledger/README.md, section 16.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ledger import canonical
from ledger.entry import format_hash, parse_hash
from ledger.errors import LedgerError, MalformedError, ProofError
from ledger.notes.checkpoint import Checkpoint, open_checkpoint
from ledger.notes.note import MAX_NOTE, Verifier
from ledger.proof import MAX_PROOF, HashReader, prove_inclusion, verify_inclusion
from ledger.signing.keys import read_head
from ledger.verification.findings import Failure, Report

FORMAT = "packtrail-contradiction-v1"
START = b'{"format":"packtrail-contradiction-v1",'
MAX_CONTRADICTION = 3 * MAX_NOTE
_SIDE = {"checkpoint", "leaf_hash", "proof"}


@dataclass(frozen=True, slots=True)
class Side:
    """What one of the two signed checkpoints says of the entry."""

    checkpoint: bytes
    leaf_hash: bytes
    proof: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class Contradiction:
    """Two sides about the entry `index`."""

    index: int
    signed: tuple[Side, Side]


def find_contradiction(one: bytes, read_one: HashReader, other: bytes, read_other: HashReader) -> Contradiction | None:
    """The first entry in which two signed trees differ, each given by its checkpoint and a reader of its hashes.

    None if they do not differ in what both hold, or if the hashes do not make up what the checkpoints sign.
    """
    heads = read_head(one), read_head(other)
    index = _first_difference(min(head.size for head in heads), read_one, read_other)
    if index is None:
        return None
    sides = []
    for note, head, read in zip((one, other), heads, (read_one, read_other), strict=True):
        [leaf] = read([(0, index)])
        proof = tuple(prove_inclusion(index, head.size, read))
        try:
            verify_inclusion(index, head.size, leaf, proof, head.root)
        except ProofError:
            return None
        sides.append(Side(note, leaf, proof))
    return Contradiction(index, (sides[0], sides[1]))


def verify_contradiction(
    contradiction: Contradiction, verifiers: Sequence[Verifier], *, origin: str, require_all: bool = False
) -> tuple[Checkpoint, Checkpoint]:
    """The two checkpoints. Raises SignatureError or ProofError if this proves nothing against the log `origin`."""
    heads = []
    for side in contradiction.signed:
        head = open_checkpoint(side.checkpoint, verifiers, origin=origin, require_all=require_all)
        verify_inclusion(contradiction.index, head.size, side.leaf_hash, side.proof, head.root)
        heads.append(head)
    if contradiction.signed[0].leaf_hash == contradiction.signed[1].leaf_hash:
        raise ProofError("both checkpoints say the same of this entry: that is no contradiction")
    return heads[0], heads[1]


def report_contradiction(data: bytes, verifiers: Sequence[Verifier]) -> Report:
    """What `verify` says of the file: intact if it proves two histories. Raises MalformedError."""
    contradiction = parse_contradiction(data)
    try:
        heads = verify_contradiction(contradiction, verifiers, origin=verifiers[0].name, require_all=True)
    except LedgerError as error:
        return Report(0, b"", {"checkpoints": 2}, (Failure(contradiction.index, str(error)),))
    index, (one, other) = contradiction.index, heads
    note = (
        f"proven: {one.origin} signed two histories, with different entries {index} under its checkpoints over"
        f" {one.size} and {other.size} entries"
    )
    newest = max(heads, key=lambda head: head.size)
    return Report(newest.size, newest.root, {"checkpoints": 2}, (), (note,))


def format_contradiction(contradiction: Contradiction) -> bytes:
    """The bytes of the file."""
    sides = [
        {
            "checkpoint": side.checkpoint.decode(),
            "leaf_hash": format_hash(side.leaf_hash),
            "proof": [format_hash(digest) for digest in side.proof],
        }
        for side in contradiction.signed
    ]
    members = {"format": FORMAT, "index": contradiction.index, "signed": sides}
    return json.dumps(members, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def parse_contradiction(data: bytes) -> Contradiction:
    """The inverse of `format_contradiction`; nothing is verified. Raises MalformedError."""
    if len(data) > MAX_CONTRADICTION:
        raise MalformedError("too long for a contradiction")
    members = canonical.parse_json(data)
    if not isinstance(members, dict) or members.keys() != {"format", "index", "signed"} or members["format"] != FORMAT:
        raise MalformedError("a contradiction has exactly the members format, index and signed")
    index, signed = members["index"], members["signed"]
    if type(index) is not int or not 0 <= index <= canonical.MAX_INTEGER:
        raise MalformedError("a contradiction is about the entry of one index")
    if not isinstance(signed, list) or len(signed) != 2:
        raise MalformedError("a contradiction is about two checkpoints")
    return Contradiction(index, (_parse_side(signed[0]), _parse_side(signed[1])))


def _parse_side(value: Any) -> Side:
    if not isinstance(value, dict) or value.keys() != _SIDE or not isinstance(value["checkpoint"], str):
        raise MalformedError("a side has exactly the members checkpoint, leaf_hash and proof")
    proof = value["proof"]
    if not isinstance(proof, list) or len(proof) > MAX_PROOF:
        raise MalformedError(f"a proof is an array of at most {MAX_PROOF} hashes")
    hashes = tuple(map(parse_hash, (value["leaf_hash"], *proof)))
    if not all(hashes):
        raise MalformedError("a hash of a contradiction is not empty")
    return Side(value["checkpoint"].encode(), hashes[0], hashes[1:])


def _first_difference(size: int, read_one: HashReader, read_other: HashReader) -> int | None:
    """The first of `size` leaves that differs, found from the largest subtrees down."""
    begin = 0
    while begin < size:
        level = (size - begin).bit_length() - 1
        index = begin >> level
        if read_one([(level, index)]) != read_other([(level, index)]):
            break
        begin += 1 << level
    else:
        return None
    while level:
        level, index = level - 1, index * 2
        if read_one([(level, index)]) == read_other([(level, index)]):
            index += 1
    return index
