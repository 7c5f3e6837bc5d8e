"""A new master key: everything sealed under the old one is sealed anew, in one transaction.

The steps, and what a crash after each of them leaves:
1. the new key stands in its own file, and beside the present one as `<file>.next`: the old key is in force;
2. the transaction: the old key is in force until its commit, the new one from then on. Which of the two opens the row
   of the blinding secret says so, and `service.keys.masterkey` offers both;
3. the old key is copied to `<file>.before-<time>`, the new one moves to `<file>`: both are there all the time. If this
   was not reached, the next rewrap does it first.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from sqlalchemy import Column, Connection, Table, select, update

from ledger.entry import format_time
from service.db import tables
from service.db.factor_tables import totp
from service.db.passport_tables import passport_content
from service.db.webhook_tables import webhook_secret
from service.keys.masterkey import make_master_key, next_file, read_master_key, sync_folder, write_secret
from service.keys.vault import BLINDING, CUSTODY, SECRET, Vault
from service.passports.keeping import CONTENT
from service.people.factors.totp import TOTP
from service.private.data_keys import DATA_KEY
from service.webhooks.subscriptions import WEBHOOK
from service.work import Register


class Sealed(NamedTuple):
    """A table of sealed secrets: the kind they are sealed as, and the column of their names."""

    table: Table
    kind: bytes
    name: Column[Any]


SEALED = (
    Sealed(tables.custody_key, CUSTODY, tables.custody_key.c.kid),
    Sealed(tables.sealed_secret, SECRET, tables.sealed_secret.c.name),
    Sealed(tables.data_key, DATA_KEY, tables.data_key.c.subject),
    Sealed(passport_content, CONTENT, passport_content.c.name),
    Sealed(totp, TOTP, totp.c.id),
    Sealed(webhook_secret, WEBHOOK, webhook_secret.c.name),
)
"""Every table whose rows the vault seals."""
BLOCK = 1000


class Rewrapped(NamedTuple):
    """How many secrets were sealed anew, and where the old master key stands now, if it stood in a file."""

    secrets: int
    old_key: Path | None


def rewrap(register: Register, new_file: Path, *, tick: Callable[[int], None] | None = None) -> Rewrapped:
    """Seal everything under the master key in `new_file`, which is made if it is not there, and put that key in force.

    Raises SettingsError, and has changed nothing, where `new_file` or a sealed secret cannot be read.
    """
    settings = register.settings
    if not new_file.exists():
        make_master_key(new_file)
    key, file = read_master_key(new_file), settings.master_key_file
    with register.store.append() as tx:
        register.vault.attach(tx.connection)
        if settings.master_key is None:
            _clear_next(file, tx.connection, format_time(register.clock()))
            write_secret(next_file(file), new_file.read_text())
        count = _reseal(tx.connection, register.vault, Vault(key), tick)
    if settings.master_key is not None:
        return Rewrapped(count, None)
    return Rewrapped(count, _switch(file, format_time(register.clock())))


def _clear_next(file: Path, connection: Connection, now: str) -> None:
    """Bring what an earlier rewrap left beside the key to its end: forward if it was committed, or else back."""
    following = next_file(file)
    if not following.exists():
        return
    if Vault(read_master_key(following)).is_in_force(connection):
        _switch(file, now)
    else:
        following.unlink()


def _reseal(connection: Connection, old: Vault, new: Vault, tick: Callable[[int], None] | None) -> int:
    count = 0
    if connection.dialect.name == "postgresql":  # SQLite's one writer has the lock already
        for sealed in SEALED:
            connection.exec_driver_sql(f"LOCK TABLE {sealed.table.name} IN SHARE ROW EXCLUSIVE MODE")
    for table, kind, column in SEALED:
        names = list(connection.execute(select(column)).scalars())
        for name in names:
            value = connection.execute(select(table.c.sealed).where(column == name)).scalar_one()
            fresh = new.seal(kind, name, old.open_sealed(kind, name, bytes(value)))
            connection.execute(update(table).where(column == name).values(sealed=fresh))
            count += 1
            if tick and count % BLOCK == 0:
                tick(count)
    row = select(tables.sealed_secret.c.name).where(tables.sealed_secret.c.name == BLINDING)
    if connection.execute(row).scalar_one_or_none() is None:  # from now on it no longer follows from the master key
        new.seal_blinding(connection, old.blinding)
        count += 1
    return count


def _switch(file: Path, now: str) -> Path:
    """Put the next key in the place of the present one; gives where that is kept."""
    number, stamp = 1, now.translate(str.maketrans("", "", ":-."))
    kept = file.with_name(f"{file.name}.before-{stamp}")
    while kept.exists():
        number += 1
        kept = file.with_name(f"{file.name}.before-{stamp}-{number}")
    write_secret(kept, file.read_text())
    next_file(file).replace(file)
    sync_folder(file.parent)
    return kept
