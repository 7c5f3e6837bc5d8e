"""A witness's keys: one Ed25519 and one ML-DSA-44 key under one name, made on first use.

They stand in `keys/witness` in the data folder, one a line, readable by the owner alone. Whoever has a copy of them
can cosign in the witness's name, so they are made here and never leave.
"""

import os
from pathlib import Path

from ledger.errors import MalformedError
from ledger.notes.cosignature import Ed25519Cosigner, MLDSA44Signer
from ledger.notes.note import format_signing_key, parse_signing_key
from ledger.notes.vkey import ED25519_COSIGNATURE, MLDSA44_COSIGNATURE, is_key_name
from service.errors import SettingsError
from service.keys.vault import write_secret

Cosigner = Ed25519Cosigner | MLDSA44Signer

KINDS = {"ed25519": ED25519_COSIGNATURE, "mldsa": MLDSA44_COSIGNATURE}
"""What the kinds of keys are called where somebody chooses among them."""

MAX_NAME = 255
"""Bytes: an ML-DSA-44 cosignature has one byte for the length of names and origins."""


def open_keys(data: Path, *, name: str | None = None) -> tuple[Cosigner, ...]:
    """The witness's keys, Ed25519 first. Makes them if there are none and a name is given.

    Raises SettingsError if there are none, if they have another name, or if the file holds something else.
    """
    file = data / "keys" / "witness"
    if not file.exists():
        if name is None:
            raise SettingsError(f"no witness's keys at {file}: --name NAME makes them, or restore them")
        _make_keys(file, name)
    keys = _read_keys(file)
    if name is not None and name != keys[0].name:
        raise SettingsError(f"{file} holds the keys of {keys[0].name}, not of {name}")
    return keys


def _make_keys(file: Path, name: str) -> None:
    if not is_key_name(name) or len(name.encode()) > MAX_NAME:
        raise SettingsError("a witness's name has no space and no plus sign, and at most 255 bytes")
    lines = [format_signing_key(name, os.urandom(32), kind=kind) for kind in KINDS.values()]
    file.parent.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    write_secret(file, "".join(f"{line}\n" for line in lines))


def _read_keys(file: Path) -> tuple[Cosigner, ...]:
    try:
        found = [parse_signing_key(line) for line in file.read_text().splitlines() if line]
    except (MalformedError, UnicodeDecodeError):
        raise SettingsError(f"{file} does not hold a witness's keys") from None
    keys = tuple(key for key in found if isinstance(key, Cosigner))
    if [key.kind for key in keys] != list(KINDS.values()) or len(keys) != len(found):
        raise SettingsError(f"{file} does not hold one Ed25519 and one ML-DSA-44 cosigning key")
    return keys
