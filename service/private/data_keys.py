"""The data keys of batteries, opened for the length of one transaction: an erased key must be gone at once.

A data key is 32 random bytes, sealed by the vault. It belongs to the first battery that an event names.
"""

from collections.abc import Collection, Mapping

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import Connection

from service.db import bulk, tables
from service.errors import SettingsError
from service.keys.vault import Vault

DATA_KEY = b"battery"
"""The kind of a battery's data key for the vault; its name is the battery's code."""

_key = tables.data_key.c


class DataKeys:
    """Opens each key once. Forget them when values were erased."""

    def __init__(self, connection: Connection, vault: Vault) -> None:
        self._connection = connection
        self._vault = vault
        self._ciphers: dict[str, AESGCM] = {}
        self._asked: set[str] = set()

    def find(self, subjects: Collection[str], *, strict: bool = False) -> Mapping[str, AESGCM]:
        """The keys of these batteries and of others asked for before, as far as they are there and can be opened.

        strict: raise SettingsError for one that cannot be opened.
        """
        new = set(subjects) - self._asked
        for row in bulk.select_rows(self._connection, _key.subject, sorted(new)):
            try:
                key = self._vault.open_sealed(DATA_KEY, row.subject, bytes(row.sealed))
            except SettingsError:
                if strict:
                    raise
            else:
                self._ciphers[row.subject] = AESGCM(key)
        self._asked |= new
        return self._ciphers

    def make(self, subjects: Collection[str]) -> Mapping[str, AESGCM]:
        """The keys of these batteries, new ones made and stored. Raises SettingsError for one that cannot be opened."""
        self._vault.attach(self._connection)
        self._asked &= self._ciphers.keys()  # what could not be opened is to be said now
        self.find(subjects, strict=True)
        fresh = {each: AESGCM.generate_key(256) for each in sorted(set(subjects) - self._ciphers.keys())}
        rows = [(subject, self._vault.seal(DATA_KEY, subject, key)) for subject, key in fresh.items()]
        bulk.writer(self._connection).insert(tables.data_key, rows)
        self._ciphers.update((subject, AESGCM(key)) for subject, key in fresh.items())
        return self._ciphers

    def forget(self) -> None:
        """Read them anew: values were erased, and their keys may be gone."""
        self._ciphers.clear()
        self._asked.clear()
