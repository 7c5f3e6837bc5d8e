"""Witnessing: what is asked of a witness, and what it decides.

A log sends the size of the witness's newest checkpoint, a consistency proof from there, and its new checkpoint:

    old <size>
    <base64 of a hash>          the consistency proof, none to 63 lines

    <signed checkpoint, byte for byte>

The witness answers with lines of cosignatures. It cosigns only what extends everything it cosigned before for that
origin, so what two people hold with its cosignature is one history. It keeps one checkpoint for each origin, and
nothing else. The checks stand in the order of the specification, which clients rely on:

    1. the origin is known                                       else UNKNOWN_LOG    404
    2. a key known for it has signed, and none wrongly           else NOT_SIGNED     403
    3. the old size is at most the new one                       else TOO_OLD        400
    4. the old size is the size kept here                        else CONFLICT       409, with the size kept
    5. the proof leads from the root kept here to the new root   else INCONSISTENT   422

`judge` must be asked, and its answer kept, in one transaction: between two of them another request may come in.

Source: C2SP tlog-witness. There is no clock and no storage in here.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum
from hashlib import sha256

from ledger.errors import MalformedError, ProofError, SignatureError
from ledger.notes.note import (
    MAX_NOTE,
    NoteSignature,
    Verifier,
    format_signatures,
    parse_signatures,
    split_note,
    verify_signatures,
)
from ledger.notes.treehead import Checkpoint, parse_checkpoint
from ledger.proof import MAX_PROOF, verify_consistency
from ledger.strict import MAX_SIZE, format_base64, parse_base64, parse_decimal
from ledger.tree import EMPTY_ROOT, HASH_SIZE

MAX_REQUEST = 400_000
"""Bytes: enough for a checkpoint with 100 ML-DSA-44 signatures."""


class Verdict(Enum):
    """What a witness decides about a request. Values are for people and logs."""

    COSIGN = "cosigned"
    UNKNOWN_LOG = "unknown log"
    NOT_SIGNED = "not signed by a known key of the log"
    TOO_OLD = "the old size is larger than the checkpoint"
    CONFLICT = "the old size is not the size of the newest cosigned checkpoint"
    INCONSISTENT = "the checkpoint does not extend the newest cosigned checkpoint"


@dataclass(frozen=True, slots=True)
class AddCheckpoint:
    """A request, read but not checked: the checkpoint's `text` and `signatures` as they were sent, and what it says."""

    old: int
    proof: tuple[bytes, ...]
    text: bytes
    signatures: tuple[NoteSignature, ...]
    checkpoint: Checkpoint


@dataclass(frozen=True, slots=True)
class Kept:
    """What a witness remembers of an origin: the newest tree head it cosigned."""

    size: int = 0
    root: bytes = EMPTY_ROOT


NOTHING_KEPT = Kept()
"""A witness that never cosigned for an origin has seen the empty tree."""


def format_add_checkpoint(old: int, proof: Sequence[bytes], note: bytes) -> bytes:
    """MalformedError for a value that could not be read back."""
    _check_proof(proof)
    if not 0 <= old <= MAX_SIZE:
        raise MalformedError("old size out of range")
    parse_checkpoint(split_note(note)[0])
    lines = [f"old {old}", *map(format_base64, proof)]
    return _bounded(("\n".join(lines) + "\n\n").encode() + note)


def parse_add_checkpoint(body: bytes) -> AddCheckpoint:
    head, blank, note = _bounded(body).partition(b"\n\n")
    if not blank or not head.isascii():
        raise MalformedError("not a request to a witness")
    first, *lines = head.decode("ascii").split("\n")
    if not first.startswith("old ") or len(lines) > MAX_PROOF:
        raise MalformedError("not a request to a witness")
    old, proof = parse_decimal(first.removeprefix("old ")), tuple(map(parse_base64, lines))
    _check_proof(proof)
    text, signatures = split_note(note)
    return AddCheckpoint(old, proof, text, signatures, parse_checkpoint(text))


def parse_cosignatures(answer: bytes) -> list[NoteSignature]:
    """Read what a witness answers: 1 to 100 lines as they stand below a note. None of them is checked."""
    if len(answer) > MAX_NOTE:
        raise MalformedError("answer is too long")
    return list(parse_signatures(answer))


def decide(keys: Sequence[Verifier], kept: Kept, request: AddCheckpoint) -> Verdict:
    """All checks in their order: `keys` are those known for the request's origin, none if it is unknown."""
    return authenticate(keys, request) or judge(kept, request)


def authenticate(keys: Sequence[Verifier], request: AddCheckpoint) -> Verdict | None:
    """Checks 1 and 2, which need nothing that changes: UNKNOWN_LOG, NOT_SIGNED, or None if the log has signed."""
    if not keys:
        return Verdict.UNKNOWN_LOG
    try:
        verify_signatures(request.text, request.signatures, keys)
    except SignatureError:
        return Verdict.NOT_SIGNED
    return None


def judge(kept: Kept, request: AddCheckpoint) -> Verdict:
    """Checks 3 to 5, against what is kept of the origin. Costs at most 126 hashes."""
    new = request.checkpoint
    if request.old > new.size:
        return Verdict.TOO_OLD
    if request.old != kept.size:
        return Verdict.CONFLICT
    if new.size == 0 and new.root != EMPTY_ROOT:
        return Verdict.INCONSISTENT
    try:
        verify_consistency(kept.size, new.size, kept.root, new.root, request.proof)
    except ProofError:
        return Verdict.INCONSISTENT
    return Verdict.COSIGN


def checked_note(keys: Iterable[Verifier], request: AddCheckpoint) -> bytes:
    """The checkpoint of a request that `authenticate` let pass, with one signature by each of these keys.

    Other signatures are unchecked: a witness does not hand them on.
    """
    known = {(key.name, key.key_id) for key in keys}
    first: dict[tuple[str, bytes], NoteSignature] = {}
    for signature in request.signatures:
        if signature[:2] in known:
            first.setdefault(signature[:2], signature)
    return request.text + b"\n" + format_signatures(first.values())


def origin_hash(origin: str) -> str:
    """How an origin is written in the address under which a witness shows its newest checkpoint: 64 hex digits."""
    return sha256(origin.encode()).hexdigest()


def _check_proof(proof: Sequence[bytes]) -> None:
    if len(proof) > MAX_PROOF or any(len(node) != HASH_SIZE for node in proof):
        raise MalformedError("not a proof: at most 63 hashes of 32 bytes")


def _bounded(body: bytes) -> bytes:
    if len(body) > MAX_REQUEST:
        raise MalformedError("request is too long")
    return body
