"""How keys that sign notes are named and written.

A key is known by its name and a 4-byte id over name, kind and public key:

    key id         SHA256(name || 0x0A || kind || public key)[:4]
    public key     <name>+<id in hex>+<base64 of kind || public key>
    signing key    PRIVATE+KEY+<name>+<id in hex>+<base64 of kind || seed>

A name has no space and no plus sign. An id that does not fit its key is refused, though some libraries let it pass.

Source: C2SP signed-note; the signing key text is the convention of the Go module golang.org/x/mod/sumdb/note.
"""

import re
from hashlib import sha256

from ledger.errors import MalformedError
from ledger.strict import format_base64, parse_base64

ED25519 = 0x01
ED25519_COSIGNATURE = 0x04
MLDSA44_COSIGNATURE = 0x06

ID_SIZE = 4
MAX_VKEY = 4096
_PRIVATE = "PRIVATE+KEY+"
_NAME = re.compile(r"[^\s+\x00-\x1f\ud800-\udfff]+")


def is_key_name(name: str) -> bool:
    return _NAME.fullmatch(name) is not None


def key_id(name: str, kind: int, public_key: bytes) -> bytes:
    """MalformedError if the name is not one."""
    if not is_key_name(name):
        raise MalformedError("not a key name")
    return sha256(name.encode() + b"\n" + bytes([kind]) + public_key).digest()[:ID_SIZE]


def format_vkey(name: str, kind: int, public_key: bytes) -> str:
    return f"{name}+{key_id(name, kind, public_key).hex()}+{format_base64(bytes([kind]) + public_key)}"


def split_vkey(text: str) -> tuple[str, int, bytes]:
    """Read a public key into (name, kind, public key); the id must fit, the kind may be unknown."""
    name, identity, kind, public_key = _split(text)
    if identity != key_id(name, kind, public_key):
        raise MalformedError("key id does not fit the key")
    return name, kind, public_key


def join_signing_key(name: str, identity: bytes, kind: int, seed: bytes) -> str:
    return f"{_PRIVATE}{name}+{identity.hex()}+{format_base64(bytes([kind]) + seed)}"


def split_signing_key(text: str) -> tuple[str, bytes, int, bytes]:
    """Read a signing key into (name, id, kind, seed). Whether the id fits shows when the public key is derived."""
    if not text.startswith(_PRIVATE):
        raise MalformedError("not a signing key")
    return _split(text.removeprefix(_PRIVATE))


class NamedKey:
    """A key of a note as others see it: `name`, `key_id` and `vkey`. Its class says the `kind`."""

    kind: int

    def __init__(self, name: str, public_key: bytes) -> None:
        self.name = name
        self.key_id = key_id(name, self.kind, public_key)
        self.vkey = format_vkey(name, self.kind, public_key)


def _split(text: str) -> tuple[str, bytes, int, bytes]:
    parts = text.split("+", 2)
    if len(text) > MAX_VKEY or len(parts) != 3 or not is_key_name(parts[0]):
        raise MalformedError("not a key")
    name, identity, key = parts[0], parts[1], parse_base64(parts[2])
    if len(identity) != 2 * ID_SIZE or not set(identity) <= set("0123456789abcdef") or len(key) < 2:
        raise MalformedError("not a key")
    return name, bytes.fromhex(identity), key[0], key[1:]
