"""Sealed keys: they open with the master key and for the key id that they were sealed with, and not otherwise."""

import stat
from pathlib import Path

import pytest
from sqlalchemy import Connection, select

from ledger.signing.jws import parse_jws, sign_event, verify_event
from service.db import tables
from service.errors import NotFoundError, SettingsError
from service.keys.vault import Vault, make_master_key, write_secret
from tests.service.town import Town, pack

KID = "cq-cells/custody-1"


def sealed(connection: Connection, kid: str) -> bytes:
    column = tables.custody_key.c
    return bytes(connection.execute(select(column.sealed).where(column.kid == kid)).scalar_one())


def test_a_sealed_key_signs_again_after_a_restart(town: Town) -> None:
    vault = Vault.open(town.settings.master_key_file)
    with town.register.read() as reader:
        signer = vault.signer(reader.connection, KID)
        assert vault.signer(reader.connection, KID) is signer
        key = town.register.current_registry(reader.connection).keys[KID]
    verify_event(b"{}", parse_jws(sign_event(b"{}", signer)), key.public_key)
    assert signer.header.custodial


def test_the_seed_is_nowhere_in_the_database(town: Town) -> None:
    vault = town.register.vault
    with town.register.write_beside() as connection:
        signer = vault.make_key(connection, "cq-cells/custody-9")
        stored = sealed(connection, "cq-cells/custody-9")
    seed = signer._secret[:32]
    assert len(stored) == 12 + 32 + 16
    assert seed not in stored
    town.close()
    files = [file for file in town.settings.data.rglob("*") if file.is_file()]
    assert not [file for file in files if seed in file.read_bytes()]


def test_a_wrong_master_key_says_so(town: Town, tmp_path: Path) -> None:
    make_master_key(tmp_path / "other")
    with town.register.read() as reader, pytest.raises(SettingsError, match=f"does not open {KID}"):
        Vault.open(tmp_path / "other").signer(reader.connection, KID)


def test_a_register_does_not_open_with_a_wrong_master_key(town: Town) -> None:
    town.close()
    town.settings.master_key_file.unlink()
    make_master_key(town.settings.master_key_file)
    with pytest.raises(SettingsError, match="master key"):
        Town(town.settings, town.clock)


def test_a_sealed_key_put_under_another_key_id_does_not_open(town: Town) -> None:
    with town.register.write_beside() as connection:
        row = tables.custody_key.insert().values(kid="cq-thief/custody-1", sealed=sealed(connection, KID))
        connection.execute(row)
        with pytest.raises(SettingsError, match="cq-thief/custody-1"):
            Vault.open(town.settings.master_key_file).signer(connection, "cq-thief/custody-1")


@pytest.mark.parametrize("at", [0, 11, 12, 43, -1])
def test_a_changed_byte_of_a_sealed_key_is_noticed(town: Town, at: int) -> None:
    with town.register.write_beside() as connection:
        data = bytearray(sealed(connection, KID))
        data[at] ^= 1
        connection.execute(
            tables.custody_key.update().where(tables.custody_key.c.kid == KID).values(sealed=bytes(data))
        )
        with pytest.raises(SettingsError):
            Vault.open(town.settings.master_key_file).signer(connection, KID)


def test_a_sealed_key_that_was_cut_off_is_noticed(town: Town) -> None:
    for length in (0, 5, 12, 59):
        with town.register.write_beside() as connection:
            update = tables.custody_key.update().where(tables.custody_key.c.kid == KID)
            connection.execute(update.values(sealed=sealed(connection, KID)[:length]))
            with pytest.raises(SettingsError):
                Vault.open(town.settings.master_key_file).signer(connection, KID)


def test_a_key_that_the_service_does_not_hold_is_not_found(town: Town) -> None:
    with town.register.read() as reader, pytest.raises(NotFoundError, match="cq-repair/bench-1"):
        town.register.vault.signer(reader.connection, "cq-repair/bench-1")
    with pytest.raises(NotFoundError, match="cq-repair"):
        town.tell("cq-repair", "report_soh", pack(1))


@pytest.mark.parametrize("content", [b"", b"AAAA", b"\xff" * 44, b"A" * 43, b"not base64 at all, sorry"])
def test_a_file_that_holds_no_master_key_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "master").write_bytes(content)
    with pytest.raises(SettingsError, match="does not hold a master key"):
        Vault.open(tmp_path / "master")
    with pytest.raises(SettingsError, match="no master key"):
        Vault.open(tmp_path / "missing")


def test_a_secret_is_for_its_owner_and_is_never_replaced(tmp_path: Path) -> None:
    write_secret(tmp_path / "keys" / "secret", "first")
    with pytest.raises(FileExistsError):
        write_secret(tmp_path / "keys" / "secret", "second")
    assert (tmp_path / "keys" / "secret").read_text() == "first"
    assert stat.S_IMODE((tmp_path / "keys" / "secret").stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "keys").stat().st_mode) == 0o700


def test_two_master_keys_differ_and_so_do_their_blinding_secrets(tmp_path: Path) -> None:
    vaults = []
    for name in ("a", "b"):
        make_master_key(tmp_path / name)
        vaults.append(Vault.open(tmp_path / name))
    assert vaults[0].blinding != vaults[1].blinding
    assert vaults[0].blinding == Vault.open(tmp_path / "a").blinding
