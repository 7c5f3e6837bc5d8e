"""Receipts: the proof, checkable without the log, that an entry is in it.

    c2sp.org/tlog-proof@v1
    [extra <base64>]
    index <number>
    <base64 of a hash>          the inclusion proof, leaf side first, none to 63 lines

    <signed checkpoint, byte for byte>

`extra` is not covered by any signature and must not be trusted.

Source: C2SP tlog-proof.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from ledger.errors import MalformedError
from ledger.notes.checkpoint import Checkpoint, open_checkpoint, parse_checkpoint
from ledger.notes.note import MAX_NOTE, Verifier, split_note
from ledger.proof import MAX_PROOF, verify_inclusion
from ledger.strict import MAX_SIZE, format_base64, parse_base64, parse_decimal
from ledger.tree import HASH_SIZE, hash_leaf

HEADER = "c2sp.org/tlog-proof@v1"
MAX_RECEIPT = 2 * MAX_NOTE


@dataclass(frozen=True, slots=True)
class Receipt:
    """`index` of the entry, its inclusion `proof`, and the signed `checkpoint` note the proof leads to."""

    index: int
    proof: tuple[bytes, ...]
    checkpoint: bytes
    extra: bytes | None = None


def format_receipt(receipt: Receipt) -> bytes:
    """MalformedError for a value that could not be read back."""
    if not 0 <= receipt.index <= MAX_SIZE:
        raise MalformedError("index out of range")
    _check_proof(receipt.proof)
    _check_checkpoint(receipt.checkpoint)
    extra = [] if receipt.extra is None else [f"extra {format_base64(receipt.extra)}"]
    lines = [HEADER, *extra, f"index {receipt.index}", *map(format_base64, receipt.proof)]
    data = ("\n".join(lines) + "\n\n").encode() + receipt.checkpoint
    if len(data) > MAX_RECEIPT:
        raise MalformedError("receipt is too long")
    return data


def parse_receipt(data: bytes) -> Receipt:
    """Read a receipt without checking proof or signatures; the checkpoint must be one in form."""
    head, blank, checkpoint = data.partition(b"\n\n")
    if len(data) > MAX_RECEIPT or not blank or not head.isascii():
        raise MalformedError("not a receipt")
    lines = head.decode("ascii").split("\n")
    if lines.pop(0) != HEADER:
        raise MalformedError("not a receipt")
    extra = None
    if lines and lines[0].startswith("extra "):
        extra = parse_base64(lines.pop(0).removeprefix("extra "))
    if not lines or not lines[0].startswith("index "):
        raise MalformedError("receipt has no index")
    index = parse_decimal(lines.pop(0).removeprefix("index "))
    proof = tuple(map(parse_base64, lines))
    _check_proof(proof)
    _check_checkpoint(checkpoint)
    return Receipt(index, proof, checkpoint, extra)


def _check_proof(proof: Sequence[bytes]) -> None:
    if len(proof) > MAX_PROOF or any(len(node) != HASH_SIZE for node in proof):
        raise MalformedError("not a proof: at most 63 hashes of 32 bytes")


@lru_cache(maxsize=16)
def _check_checkpoint(note: bytes) -> None:
    """Remembered, since a log writes hundreds of receipts under one checkpoint."""
    text, _ = split_note(note)
    parse_checkpoint(text)


def verify_receipt(
    receipt: Receipt, entry: bytes, verifiers: Iterable[Verifier], *, origin: str, require_all: bool = False
) -> Checkpoint:
    """Give the checkpoint that covers the entry.

    SignatureError if the log `origin` has not signed the checkpoint, ProofError if the entry is not in its tree.
    """
    checkpoint = open_checkpoint(receipt.checkpoint, verifiers, origin=origin, require_all=require_all)
    verify_inclusion(receipt.index, checkpoint.size, hash_leaf(entry), receipt.proof, checkpoint.root)
    return checkpoint
