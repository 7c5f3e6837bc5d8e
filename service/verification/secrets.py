"""Verification of the secrets that the service keeps: each can be opened, and each is there for something."""

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import select

from ledger.verification.audit import Audit
from service.db import tables
from service.db.store import SqlReader
from service.errors import SettingsError
from service.keys.vault import BLINDING, CUSTODY, SECRET, Vault
from service.private.data_keys import DATA_KEY


def verify_secrets(audit: Audit, reader: SqlReader, vault: Vault) -> dict[str, int]:
    """Open the keys held for operators, the blinding secret and the data keys; gives the number of keys held."""
    registered = {row.kid: bytes(row.public_key) for row in reader.connection.execute(select(tables.operator_key))}
    custody = reader.connection.execute(select(tables.custody_key)).all()
    for row in custody:
        seed = _open(vault, CUSTODY, row.kid, bytes(row.sealed))
        if seed is None or len(seed) != 32:
            audit.fail(None, f"the key held for {row.kid} cannot be opened")
        elif row.kid in registered and _public(seed) != registered[row.kid]:
            audit.fail(None, f"the key held for {row.kid} is not the registered one")
    _check_custody(audit, reader, {row.kid for row in custody})
    for row in reader.connection.execute(select(tables.sealed_secret)):
        if row.name != BLINDING or _open(vault, SECRET, row.name, bytes(row.sealed)) is None:
            audit.fail(None, f"the secret {row.name} cannot be opened, or nothing uses it")
    _check_data_keys(audit, reader, vault)
    return {"held_keys": len(custody)}


def _check_custody(audit: Audit, reader: SqlReader, held: set[str]) -> None:
    """A key that entries say the service holds is held, also after its end."""
    column = tables.operator_key.c
    query = select(column.kid).where(column.custodial == 1)
    for kid in sorted(set(reader.connection.execute(query).scalars()) - held):
        audit.fail(None, f"the service does not hold the key {kid}, which entries say it does")


def _check_data_keys(audit: Audit, reader: SqlReader, vault: Vault) -> None:
    """A battery has a data key for as long as a value is sealed under it, and no longer."""
    column = tables.private_value.c
    query = select(column.subject).where(column.sealed.is_not(None)).distinct()
    wanted = set(reader.connection.execute(query).scalars())
    for row in reader.connection.execute(select(tables.data_key)):
        if row.subject not in wanted:
            audit.fail(None, f"there is a data key of {row.subject}, under which nothing is sealed")
        elif _open(vault, DATA_KEY, row.subject, bytes(row.sealed)) is None:
            audit.fail(None, f"the data key of {row.subject} cannot be opened")


def _open(vault: Vault, kind: bytes, name: str, sealed: bytes) -> bytes | None:
    try:
        return vault.open_sealed(kind, name, sealed)
    except SettingsError:
        return None


def _public(seed: bytes) -> bytes:
    return Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw()
