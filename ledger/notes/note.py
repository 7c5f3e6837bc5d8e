"""Signed notes: a text and, after the last blank line, who signed it.

    <text, one or more lines>

    — <key name> <base64 of 4-byte key id || signature>

The text is what is signed, with its last newline, without the blank line. Signatures by unknown keys are ignored, so
that logs, witnesses and new keys may be added to a note; a wrong signature by a known key makes the whole note
worthless, and so does the absence of every known key.

A note is UTF-8 without control characters other than newline, has 1 to 100 signatures and at most 1 MB.

Source: C2SP signed-note. Stricter here: base64 must be canonical.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from ledger.errors import MalformedError, SignatureError
from ledger.notes.cosignature import (
    Ed25519CosignatureVerifier,
    Ed25519Cosigner,
    MLDSA44Signer,
    MLDSA44Verifier,
)
from ledger.notes.vkey import (
    ED25519,
    ED25519_COSIGNATURE,
    ID_SIZE,
    MLDSA44_COSIGNATURE,
    NamedKey,
    is_key_name,
    join_signing_key,
    split_signing_key,
    split_vkey,
)
from ledger.signing import ed25519
from ledger.strict import format_base64, parse_base64

MAX_SIGNATURES = 100
MAX_NOTE = 1_000_000
_CONTROL = bytes(code for code in range(0x20) if code != 0x0A)


class Signer(Protocol):
    """Something that signs notes under a name."""

    @property
    def name(self) -> str: ...
    @property
    def key_id(self) -> bytes: ...
    @property
    def vkey(self) -> str: ...
    def sign(self, text: bytes) -> bytes:
        """The signature, without the key id, over a note text."""
        ...


class Verifier(Protocol):
    """A public key that somebody decided to trust under a name."""

    @property
    def name(self) -> str: ...
    @property
    def key_id(self) -> bytes: ...
    @property
    def vkey(self) -> str: ...
    def verify(self, text: bytes, signature: bytes) -> None:
        """Raise SignatureError unless `signature`, without the key id, is this key's over `text`."""
        ...


class NoteSignature(NamedTuple):
    name: str
    key_id: bytes
    signature: bytes


@dataclass(frozen=True, slots=True)
class Note:
    """An opened note. `verified` names, as (name, key id), the known keys that signed it: at least one."""

    text: bytes
    signatures: tuple[NoteSignature, ...]
    verified: tuple[tuple[str, bytes], ...]


class Ed25519Signer(NamedKey):
    """A key of kind 0x01, from a 32-byte seed."""

    kind = ED25519

    def __init__(self, name: str, seed: bytes) -> None:
        if len(seed) != ed25519.SEED_SIZE:
            raise MalformedError("seed is not 32 bytes")
        public_key, self._secret = ed25519.derive_key_pair(seed)
        super().__init__(name, public_key)

    def sign(self, text: bytes) -> bytes:
        return ed25519.sign(self._secret, text)


class Ed25519Verifier(NamedKey):
    kind = ED25519

    def __init__(self, name: str, public_key: bytes) -> None:
        if not ed25519.is_acceptable_key(public_key):
            raise MalformedError("not an acceptable Ed25519 key")
        super().__init__(name, public_key)
        self._public_key = public_key

    def verify(self, text: bytes, signature: bytes) -> None:
        ed25519.verify_strict(self._public_key, signature, text)


def parse_vkey(text: str) -> Verifier:
    """Read a public key of kind 0x01, 0x04 or 0x06. MalformedError if its id does not fit, or for another kind."""
    name, kind, public_key = split_vkey(text)
    if kind == ED25519:
        return Ed25519Verifier(name, public_key)
    if kind == ED25519_COSIGNATURE:
        return Ed25519CosignatureVerifier(name, public_key)
    if kind == MLDSA44_COSIGNATURE:
        return MLDSA44Verifier(name, public_key)
    raise MalformedError("unknown kind of key")


def parse_signing_key(text: str) -> Signer:
    """Read a signing key of kind 0x01, 0x04 or 0x06. Cosigners start at time 0: see their method `at`."""
    name, identity, kind, seed = split_signing_key(text)
    signer = _make_signer(name, seed, kind)
    if signer.key_id != identity:
        raise MalformedError("key id does not fit the signing key")
    return signer


def format_signing_key(name: str, seed: bytes, *, kind: int = ED25519) -> str:
    """The secret text of the key with this 32-byte seed."""
    return join_signing_key(name, _make_signer(name, seed, kind).key_id, kind, seed)


def _make_signer(name: str, seed: bytes, kind: int) -> Signer:
    if kind == ED25519:
        return Ed25519Signer(name, seed)
    if kind == ED25519_COSIGNATURE:
        return Ed25519Cosigner(name, seed, timestamp=0)
    if kind == MLDSA44_COSIGNATURE:
        return MLDSA44Signer(name, seed)
    raise MalformedError("unknown kind of key")


def sign_note(text: bytes, signers: Iterable[Signer]) -> bytes:
    """The note that carries one signature by each signer, in their order."""
    return format_note(text, sign_text(text, signers))


def sign_text(text: bytes, signers: Iterable[Signer]) -> tuple[NoteSignature, ...]:
    return tuple(NoteSignature(signer.name, signer.key_id, signer.sign(text)) for signer in signers)


def open_note(data: bytes, verifiers: Iterable[Verifier]) -> Note:
    """Read a note and check the signatures by known keys.

    MalformedError if it is not a note; SignatureError if a known key's signature is wrong or no known key signed.
    """
    text, signatures = split_note(data)
    return verify_signatures(text, signatures, verifiers)


def verify_signatures(text: bytes, signatures: tuple[NoteSignature, ...], verifiers: Iterable[Verifier]) -> Note:
    """Check the signatures by known keys of a note that was read by `split_note`. SignatureError as for `open_note`."""
    known = {(verifier.name, verifier.key_id): verifier for verifier in verifiers}
    verified: dict[tuple[str, bytes], None] = {}
    for name, identity, signature in dict.fromkeys(signatures):  # one signature a hundred times is checked once
        if verifier := known.get((name, identity)):
            verifier.verify(text, signature)
            verified[(name, identity)] = None
    if not verified:
        raise SignatureError("no known key signed this note")
    return Note(text, signatures, tuple(verified))


def split_note(data: bytes) -> tuple[bytes, tuple[NoteSignature, ...]]:
    """Read a note into its text and signatures without checking any. MalformedError for anything else."""
    if len(data) > MAX_NOTE:
        raise MalformedError("note is too long")
    _check_text(data)
    split = data.rfind(b"\n\n")
    if split < 0:
        raise MalformedError("note has no signatures")
    return data[: split + 1], parse_signatures(data[split + 2 :])


def format_note(text: bytes, signatures: Sequence[NoteSignature]) -> bytes:
    """Write a note; what is written can be read back by `split_note`, or MalformedError is raised."""
    data = text + b"\n" + format_signatures(signatures)
    if split_note(data) != (text, tuple(signatures)):
        raise MalformedError("not a note")
    return data


def parse_signatures(data: bytes) -> tuple[NoteSignature, ...]:
    """Read the signature lines of a note, which are also what a witness answers."""
    _check_text(data)
    lines = data.decode().split("\n")[:-1]
    if not 1 <= len(lines) <= MAX_SIGNATURES:
        raise MalformedError("too few or too many signatures")
    return tuple(_parse_signature(line) for line in lines)


def format_signatures(signatures: Iterable[NoteSignature]) -> bytes:
    return "".join(f"— {name} {format_base64(identity + made)}\n" for name, identity, made in signatures).encode()


def _parse_signature(line: str) -> NoteSignature:
    dash, _, rest = line.partition(" ")
    name, _, encoded = rest.partition(" ")
    if dash != "—" or not is_key_name(name):
        raise MalformedError("not a signature line")
    made = parse_base64(encoded)
    if len(made) <= ID_SIZE:
        raise MalformedError("signature is too short")
    return NoteSignature(name, made[:ID_SIZE], made[ID_SIZE:])


def _check_text(data: bytes) -> None:
    # A tenth of the time of a regular expression, which counts where a checkpoint has post-quantum signatures.
    if not data.endswith(b"\n") or len(data.translate(None, _CONTROL)) != len(data):
        raise MalformedError("note text has control characters or no last newline")
    try:
        data.decode()
    except UnicodeDecodeError:
        raise MalformedError("note is not UTF-8") from None
