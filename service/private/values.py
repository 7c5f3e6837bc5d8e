"""Where restricted values stand: beside the log, each sealed under a key of its battery, and there until it is erased.

What is sealed is salt and value together: 12 bytes of nonce and AES-256-GCM under the battery's data key, bound to the
commitment. To erase a value its row is emptied; with the last value of a battery its data key goes too, so that no page
of a disk or copy of the table that was overlooked can be read again.

An emptied row stays: that a value is missing without an entry that says so is a finding (`service.private.erasure`).
"""

import os
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import orjson
from cryptography.exceptions import InvalidTag
from sqlalchemy import Connection, Row, select

from ledger.entry import Event, parse_hash
from ledger.errors import LedgerError
from service.db import bulk, tables
from service.domain.states import BatteryState
from service.errors import SettingsError
from service.keys.vault import NONCE, Vault
from service.private.commitments import SALT, Private, make_private
from service.private.data_keys import DataKeys

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


class Cabinet:
    """Where to look restricted values up in one transaction: the database they stand in, and the vault that opens them.

    Without a vault no value is known. `replaying`: entries are judged that were accepted long ago.
    """

    def __init__(self, connection: Connection, vault: Vault | None, replaying: bool = False) -> None:
        self.connection = connection
        self.vault = vault
        self.replaying = replaying
        self.keys = DataKeys(connection, vault) if vault is not None else None

    def forget_keys(self) -> None:
        """Values were erased in this transaction, and the keys of batteries with them."""
        if self.keys is not None:
            self.keys.forget()

    def values(self, commitments: Iterable[bytes]) -> dict[bytes, Any]:
        """The values that are there, by commitment.

        Who sealed one checked that the commitment is its own, and bound it to that; so it is not hashed again.
        """
        if self.keys is None:
            return {}
        found = {}
        for row, secret in _open_rows(self.connection, self.keys, commitments):
            try:
                found[row.commitment] = orjson.loads(secret[SALT:])
            except ValueError:
                continue
        return found

    def open_states(
        self, states: Mapping[str, BatteryState], wanted: Mapping[str, Collection[str]] | None = None
    ) -> dict[str, BatteryState]:
        """Battery states with the values they are committed to, as far as these are there.

        wanted: by code, the fields that somebody will read; all of each state if it is None.
        """
        committed = {
            text: parse_hash(text)
            for code, state in states.items()
            for name, text in state.committed
            if wanted is None or name in wanted.get(code, ())
        }
        if not committed:
            return dict(states)
        values = self.values(committed.values())
        known = {text: values[each] for text, each in committed.items() if each in values}
        return {code: state.opened(known) for code, state in states.items()}

    def keep(self, values: Sequence[Kept]) -> None:
        """Seal and store values beside the log, in the transaction that appends their entries."""
        if not values:
            return
        if self.keys is None:
            raise SettingsError("without a master key no restricted value can be kept")
        ciphers = self.keys.make({each.subject for each in values})
        nonces, rows = os.urandom(NONCE * len(values)), {}
        for n, (private, subject, at) in enumerate(values):
            commitment, nonce = private.commitment, nonces[NONCE * n : NONCE * (n + 1)]
            sealed = nonce + ciphers[subject].encrypt(nonce, private.salt + private.data, commitment)
            rows[commitment] = (commitment, subject, private.name, at, sealed)
        bulk.writer(self.connection).insert(tables.private_value, list(rows.values()))


def find(connection: Connection, vault: Vault, commitments: Iterable[bytes]) -> dict[bytes, Private]:
    """The values that are still there and can be opened, by commitment. What cannot is for verification to say."""
    found = {}
    for row, secret in _open_rows(connection, DataKeys(connection, vault), commitments):
        try:
            private = make_private(row.name, orjson.loads(secret[SALT:]), secret[:SALT])
        except (ValueError, LedgerError):
            continue
        if private.commitment == row.commitment:
            found[private.commitment] = private
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


def _open_rows(
    connection: Connection, keys: DataKeys, commitments: Iterable[bytes]
) -> Iterator[tuple[Row[Any], bytes]]:
    """The rows that are there and can be opened, each with what was sealed: salt and canonical value."""
    rows = [row for row in find_rows(connection, commitments) if row.sealed is not None]
    ciphers = keys.find({row.subject for row in rows})
    for row in rows:
        cipher, sealed = ciphers.get(row.subject), bytes(row.sealed)
        if cipher is None:
            continue
        try:
            yield row, cipher.decrypt(sealed[:NONCE], sealed[NONCE:], row.commitment)
        except (InvalidTag, ValueError):  # ValueError: shorter than a nonce
            continue
