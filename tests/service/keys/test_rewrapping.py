"""A new master key: everything opens with it and nothing with the old one, wherever the change breaks off."""

import shutil
from base64 import b64decode
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import select

from ledger.entry import parse_entry
from service import operators
from service.db import tables
from service.errors import SettingsError
from service.history import battery_history
from service.keys.masterkey import next_file
from service.keys.rewrapping import SEALED, rewrap
from service.keys.vault import SECRET, Vault, derive_blinding
from service.settings import Settings, read_settings
from tests.service.town import Town, pack, vin

FRESH = 800_000


def works(settings: Settings, town: Town) -> None:
    """Another process signs in custody, and reads and writes restricted values."""
    other = Town(settings, town.clock)
    number = FRESH + other.size()
    other.must(other.tell("cq-cells", "register", pack(number)))
    other.must(other.tell("cq-motors", "install", pack(number), private={"vin": vin(number)}))
    assert battery_history(other.register, pack(number)).count == 2
    operators.make_custodial_key(other.recorder, "cq-lab")
    other.close()


def test_after_a_rewrap_the_new_key_opens_everything_and_the_old_one_nothing(either_town: Town, tmp_path: Path) -> None:
    town = either_town
    file = town.settings.master_key_file
    old, blinding = file.read_text(), town.register.vault.blinding
    done = rewrap(town.register, tmp_path / "new")
    assert done.old_key is not None and done.old_key.read_text() == old
    assert file.read_text() == (tmp_path / "new").read_text() != old
    assert file.stat().st_mode & 0o077 == done.old_key.stat().st_mode & 0o077 == 0
    works(town.settings, town)
    stale, fresh = Vault.open(done.old_key), Vault.open(file)
    counted = 0
    with town.register.read() as reader:
        fresh.attach(reader.connection)
        assert fresh.blinding == blinding
        for table, kind, name in SEALED:
            for row in reader.connection.execute(select(name, table.c.sealed)):
                assert fresh.open_sealed(kind, row[0], bytes(row.sealed))
                with pytest.raises(SettingsError):
                    stale.open_sealed(kind, row[0], bytes(row.sealed))
                counted += 1
        with pytest.raises(SettingsError):
            stale.attach(reader.connection)
    assert counted > done.secrets > 100  # a data key for each battery with a VIN, the operators' keys, the blinding


def test_a_process_that_was_open_before_goes_on(town: Town, tmp_path: Path) -> None:
    """It looks again at the key file when what it knows does not open, and before it seals."""
    other = Town(town.settings, town.clock)
    rewrap(town.register, tmp_path / "new")
    other.must(other.tell("cq-cells", "register", pack(FRESH)))
    other.must(other.tell("cq-motors", "install", pack(FRESH), private={"vin": vin(FRESH)}))
    operators.make_custodial_key(other.recorder, "cq-lab")
    other.close()
    works(town.settings, town)


def test_whatever_a_crash_leaves_is_a_register_that_opens(town: Town, tmp_path: Path) -> None:
    """Played with copies: before the commit the next key stands beside, after it the old one is not yet replaced."""
    file = town.settings.master_key_file
    old = file.read_bytes()
    shutil.copy(file, tmp_path / "old")
    make = Town(town.settings, town.clock)
    make.close()
    next_file(file).write_text("QUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUE=\n")
    works(town.settings, town)  # broken off before the commit
    rewrap(town.register, tmp_path / "new")
    new = file.read_bytes()
    file.write_bytes(old)
    next_file(file).write_bytes(new)
    works(town.settings, town)  # broken off after the commit
    later = Town(town.settings, town.clock)
    rewrap(later.register, tmp_path / "newer")
    later.close()
    assert not next_file(file).exists()
    kept = [each.read_bytes() for each in file.parent.glob("master.before-*")]
    assert file.read_bytes() not in kept and {old, new} <= set(kept)
    works(town.settings, town)


def test_a_master_key_in_the_environment_is_replaced_there(town: Town, tmp_path: Path) -> None:
    file = town.settings.master_key_file
    given = read_settings({"PACKTRAIL_MASTER_KEY": file.read_text().strip()}, data=town.settings.data)
    given = replace(given, database_url=town.settings.database_url)
    file.unlink()
    works(given, town)
    other = Town(given, town.clock)
    done = rewrap(other.register, tmp_path / "new")
    other.close()
    assert done.old_key is None and not file.exists()
    with pytest.raises(SettingsError, match="master key"):
        Town(given, town.clock)
    works(replace(given, master_key=(tmp_path / "new").read_text()), town)


def test_a_file_that_holds_no_key_changes_nothing(town: Town, tmp_path: Path) -> None:
    (tmp_path / "new").write_text("no key")
    before = town.settings.master_key_file.read_bytes()
    with pytest.raises(SettingsError, match="32 bytes"):
        rewrap(town.register, tmp_path / "new")
    assert town.settings.master_key_file.read_bytes() == before
    works(town.settings, town)


def test_the_blinding_secret_of_an_older_register_stays_what_it_was(town: Town, tmp_path: Path) -> None:
    """It followed from the master key. A rewrap keeps it, sealed."""
    with town.register.write_beside() as connection:
        connection.execute(tables.sealed_secret.delete())
    older = Town(town.settings, town.clock)
    derived = derive_blinding(b64decode(town.settings.master_key_file.read_bytes()))
    assert older.register.vault.blinding == derived
    rewrap(older.register, tmp_path / "new")
    older.close()
    again = Town(town.settings, town.clock)
    assert again.register.vault.blinding == derived
    again.close()


def test_the_blinding_secret_of_a_new_register_follows_from_nothing(town: Town) -> None:
    key = b64decode(town.settings.master_key_file.read_bytes())
    assert town.register.vault.blinding != derive_blinding(key)
    sealed = town.register.vault.seal(SECRET, "x", b"y")
    with pytest.raises(SettingsError):
        town.register.vault.open_sealed(b"other", "x", sealed)
    assert parse_entry(town.entries()[0]).event.type == "open_log"
