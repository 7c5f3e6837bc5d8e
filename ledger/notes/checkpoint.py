"""Checkpoints: a tree head signed by its log. Whoever holds one can hold the log to it.

The log's key is named like the log's origin. A log signs with two keys, Ed25519 and ML-DSA-44, so that what was
recorded today still stands when Ed25519 falls; `require_all` insists on every key given for the log. Signatures by
witnesses in the same note are checked if their keys are given, but never replace the log's own.

Source: C2SP tlog-checkpoint. The text itself is read and written in ledger.notes.treehead.
"""

from collections.abc import Iterable

from ledger.errors import SignatureError
from ledger.notes.note import Signer, Verifier, open_note, sign_note
from ledger.notes.treehead import Checkpoint, format_checkpoint, parse_checkpoint

__all__ = ["Checkpoint", "format_checkpoint", "open_checkpoint", "parse_checkpoint", "sign_checkpoint"]


def sign_checkpoint(checkpoint: Checkpoint, signers: Iterable[Signer]) -> bytes:
    """The signed note. Nobody may sign two checkpoints of which one does not extend the other."""
    return sign_note(format_checkpoint(checkpoint), signers)


def open_checkpoint(
    note: bytes,
    verifiers: Iterable[Verifier],
    *,
    origin: str,
    key_name: str | None = None,
    require_all: bool = False,
) -> Checkpoint:
    """Read a checkpoint of the log `origin`, signed by a key named `key_name` (by default like the origin).

    MalformedError if it is no checkpoint; SignatureError if it is another log's, if a known key's signature is wrong,
    or if the log has not signed: with any of its keys, or with all of those given if `require_all`.
    """
    trusted = list(verifiers)
    opened = open_note(note, trusted)
    checkpoint = parse_checkpoint(opened.text)
    if checkpoint.origin != origin:
        raise SignatureError("checkpoint is of another log")
    log_keys = {(key.name, key.key_id) for key in trusted if key.name == (key_name or origin)}
    signed = log_keys.intersection(opened.verified)
    if not signed or (require_all and signed != log_keys):
        raise SignatureError("the log has not signed this checkpoint with the keys it must use")
    if require_all and checkpoint.extensions:
        raise SignatureError("the checkpoint has extension lines, which an ML-DSA-44 signature does not cover")
    return checkpoint
