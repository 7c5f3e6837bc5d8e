"""Where restricted values stand: beside the log, each sealed under a key of its battery, and there until it is erased.

What is sealed is salt and value together: 12 bytes of nonce and AES-256-GCM under the battery's data key, bound to the
commitment. The data key is 32 random bytes, sealed by the vault. It belongs to the first battery that the event names.
To erase a value its row is emptied; with the last value of a battery its data key goes too, so that no page of a disk
or copy of the table that was overlooked can be read again.

An emptied row stays: that a value is missing without an entry that says so is a finding (`service.private.erasure`).
"""

import os
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import orjson
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import Connection, Row, select

from ledger import canonical
from ledger.entry import Event, format_hash, parse_hash
from ledger.errors import LedgerError
from service.db import bulk, tables
from service.domain.states import BatteryState
from service.errors import SettingsError
from service.keys.vault import NONCE, Vault
from service.private.commitments import SALT, Private

DATA_KEY = b"battery"
"""The kind of a battery's data key for the vault; its name is the battery's code."""

_value = tables.private_value.c
_key = tables.data_key.c


class Kept(NamedTuple):
    """A value on its way beside the log: of which battery, from which entry."""

    private: Private
    subject: str
    at: int


def subject_of(event: Event) -> str:
    """What the values of an event are sealed for: its first battery, or the event itself where it names none."""
    return event.subjects[0] if event.subjects else event.id


class Cabinet(NamedTuple):
    """Where to look restricted values up: the database they stand in, and the vault that opens them.

    Without a vault no value is known. `replaying`: entries are judged that were accepted long ago.
    """

    connection: Connection
    vault: Vault | None
    replaying: bool = False

    def values(self, commitments: Iterable[bytes]) -> dict[bytes, Any]:
        """The values that are there, by commitment."""
        if self.vault is None:
            return {}
        return {each: private.value for each, private in find(self.connection, self.vault, commitments).items()}

    def open_states(self, states: Mapping[str, BatteryState]) -> dict[str, BatteryState]:
        """Battery states with the values they are committed to, as far as these are there."""
        committed = {parse_hash(text) for state in states.values() for _, text in state.committed}
        if not committed:
            return dict(states)
        known = {format_hash(each): value for each, value in self.values(committed).items()}
        return {code: state.opened(known) for code, state in states.items()}


def keep(connection: Connection, vault: Vault, values: Sequence[Kept]) -> None:
    """Seal and store values beside the log, in the transaction that appends their entries."""
    if not values:
        return
    vault.attach(connection)
    ciphers = _ciphers(connection, vault, {each.subject for each in values}, make=True)
    rows = {}
    for private, subject, at in values:
        commitment, nonce = private.commitment, os.urandom(NONCE)
        secret = private.salt + canonical.encode(private.value)
        sealed = nonce + ciphers[subject].encrypt(nonce, secret, commitment)
        rows[commitment] = (commitment, subject, private.name, at, sealed)
    bulk.writer(connection).insert(tables.private_value, list(rows.values()))


def find(connection: Connection, vault: Vault, commitments: Iterable[bytes]) -> dict[bytes, Private]:
    """The values that are still there and can be opened, by commitment. What cannot is for verification to say."""
    rows = [row for row in find_rows(connection, commitments) if row.sealed is not None]
    ciphers = _ciphers(connection, vault, {row.subject for row in rows})
    found = {}
    for row in rows:
        commitment = bytes(row.commitment)
        private = _open(ciphers.get(row.subject), row.name, bytes(row.sealed), commitment)
        if private is not None:
            found[commitment] = private
    return found


def find_rows(connection: Connection, commitments: Iterable[bytes]) -> list[Row[tuple[object, ...]]]:
    """The rows of these commitments, as they are stored."""
    return list(bulk.select_rows(connection, _value.commitment, list(commitments)))


def empty(connection: Connection, commitments: Sequence[bytes]) -> None:
    """Destroy value and salt behind each of these, and the data keys that seal nothing any more."""
    if not commitments:
        return
    subjects = {row.subject for row in find_rows(connection, commitments)}
    for commitment in commitments:
        connection.execute(tables.private_value.update().where(_value.commitment == commitment).values(sealed=None))
    for subject in sorted(subjects):
        left = select(_value.commitment).where(_value.subject == subject, _value.sealed.is_not(None)).limit(1)
        if connection.execute(left).first() is None:
            connection.execute(tables.data_key.delete().where(_key.subject == subject))


def _open(cipher: AESGCM | None, name: str, sealed: bytes, commitment: bytes) -> Private | None:
    if cipher is None:
        return None
    try:
        secret = cipher.decrypt(sealed[:NONCE], sealed[NONCE:], commitment)
        private = Private(name, orjson.loads(secret[SALT:]), secret[:SALT])
    except (InvalidTag, ValueError, LedgerError):  # ValueError: shorter than a nonce
        return None
    return private if private.commitment == commitment else None


def _ciphers(connection: Connection, vault: Vault, subjects: set[str], *, make: bool = False) -> Mapping[str, AESGCM]:
    """The opened data keys of these batteries. They are not remembered: an erased one must be gone at once."""
    ciphers = {}
    for row in bulk.select_rows(connection, _key.subject, sorted(subjects)):
        try:
            ciphers[row.subject] = AESGCM(vault.open_sealed(DATA_KEY, row.subject, bytes(row.sealed)))
        except SettingsError:
            if make:
                raise
    if make:
        fresh = {subject: AESGCM.generate_key(256) for subject in sorted(subjects - ciphers.keys())}
        rows = [(subject, vault.seal(DATA_KEY, subject, key)) for subject, key in fresh.items()]
        bulk.writer(connection).insert(tables.data_key, rows)
        ciphers |= {subject: AESGCM(key) for subject, key in fresh.items()}
    return ciphers
