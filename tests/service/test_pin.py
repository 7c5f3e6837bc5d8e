"""The rollback pin: a register that is an old copy of itself, or another one, signs nothing."""

import shutil
import threading
from pathlib import Path

import pytest

from ledger.checkpoint import Checkpoint, sign_checkpoint
from ledger.errors import RollbackError
from ledger.memory import MemoryStore
from ledger.note import Ed25519Signer
from service.errors import SettingsError
from service.pin import check_pin, move_pin, read_pin
from service.settings import Settings
from service.work import Register, read_signing_keys
from tests.service.town import START, StillClock, Town, pack

FRESH = 800_000


def opened(settings: Settings) -> Town:
    return Town(settings, StillClock(START.replace(day=2)))


def record(settings: Settings, *numbers: int) -> None:
    town = opened(settings)
    town.must(*(town.tell("cq-cells", "register", pack(FRESH + n)) for n in numbers))
    town.close()


def test_an_old_copy_of_the_database_is_refused_in_words(town: Town, tmp_path: Path) -> None:
    town.close()
    file = town.settings.data / "register.db"
    shutil.copy(file, tmp_path / "backup.db")
    record(town.settings, 1)
    shutil.copy(tmp_path / "backup.db", file)
    with pytest.raises(RollbackError, match="old copy"):
        Register(town.settings)


def test_a_fork_of_the_database_is_refused_even_if_it_is_longer(town: Town, tmp_path: Path) -> None:
    town.close()
    shutil.copytree(town.settings.data, tmp_path / "fork")
    fork = Settings(
        data=tmp_path / "fork",
        database_url=town.settings.database_url.replace(str(town.settings.data), str(tmp_path / "fork")),
        base_url=town.settings.base_url,
        master_key_file=tmp_path / "fork" / "keys" / "master",
    )
    record(fork, 1, 2, 3, 4)
    record(town.settings, 5)
    shutil.copy(tmp_path / "fork" / "register.db", town.settings.data / "register.db")
    with pytest.raises(RollbackError, match="not those that were signed"):
        Register(town.settings)


def test_a_missing_pin_is_accepted_and_made_anew_by_the_next_commit(town: Town) -> None:
    town.close()
    town.settings.pin_file.unlink()
    record(town.settings, 1)
    pinned = read_pin(town.settings.pin_file)
    assert pinned is not None
    assert pinned.size == opened(town.settings).size()


@pytest.mark.parametrize("content", [b"", b"not a pin", b"register.test/town\n5\n", b"\xff" * 40])
def test_a_damaged_pin_is_refused(town: Town, content: bytes) -> None:
    town.settings.pin_file.write_bytes(content)
    with pytest.raises(RollbackError, match="damaged"):
        Register(town.settings)


def test_a_pin_with_one_slot_left_whole_still_holds_the_register(town: Town) -> None:
    """The machine may stop while a slot is written. Whatever is left of it, the other one counts."""
    town.must(town.tell("cq-cells", "register", pack(FRESH)))
    pin, size = town.settings.pin_file, town.size()
    whole = pin.read_bytes()
    known = [read_pin(pin)]
    for at in range(0, len(whole), 7):
        pin.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
        known.append(read_pin(pin))
        Register(town.settings).close()
    assert {each.size for each in known if each is not None} == {size - 1, size}
    assert len({each for each in known if each is not None}) == 2
    for cut in (0, 100, 511, 512, 600):
        pin.write_bytes(whole[:cut])
        try:
            found = read_pin(pin)
        except RollbackError:
            continue
        assert found in known


def test_a_pin_with_no_slot_whole_is_damaged(town: Town) -> None:
    town.must(town.tell("cq-cells", "register", pack(FRESH)))
    whole = bytearray(town.settings.pin_file.read_bytes())
    whole[80] ^= 1
    whole[512 + 80] ^= 1
    town.settings.pin_file.write_bytes(whole)
    with pytest.raises(RollbackError, match="damaged"):
        Register(town.settings)


def test_a_database_without_tables_is_no_register(town: Town) -> None:
    town.close()
    file = town.settings.data / "register.db"
    file.unlink()
    for _ in range(2):
        with pytest.raises(SettingsError, match="init"):
            Register(town.settings)
        assert not file.exists()
        town.settings.pin_file.unlink(missing_ok=True)
    file.touch()
    with pytest.raises(SettingsError, match="init"):
        Register(town.settings)


def test_the_pin_never_moves_back(tmp_path: Path, town: Town) -> None:
    signers = read_signing_keys(town.settings)
    pin = tmp_path / "pin"
    for size in (3, 9, 4, 9, 1):
        move_pin(pin, sign_checkpoint(Checkpoint("register.test/town", size, bytes([size]) * 32), signers))
    assert read_pin(pin) == Checkpoint("register.test/town", 9, bytes([9]) * 32)


def test_threads_that_move_the_pin_leave_it_at_the_largest(tmp_path: Path, town: Town) -> None:
    signers = read_signing_keys(town.settings)
    notes = [sign_checkpoint(Checkpoint("register.test/town", n, bytes(32)), signers) for n in range(1, 25)]
    threads = [threading.Thread(target=move_pin, args=(tmp_path / "pin", note)) for note in notes]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    pinned = read_pin(tmp_path / "pin")
    assert pinned is not None
    assert pinned.size == 24


def test_a_pin_of_no_entries_holds_nothing_against_anybody(tmp_path: Path) -> None:
    move_pin(tmp_path / "pin", sign_checkpoint(Checkpoint("a/b", 0, b"\0" * 32), [Ed25519Signer("a/b", b"1" * 32)]))
    assert read_pin(tmp_path / "pin") == Checkpoint("a/b", 0, b"\0" * 32)
    with MemoryStore().read() as reader:
        check_pin(tmp_path / "pin", reader)


def test_a_pin_that_cannot_be_written_is_noticed(town: Town) -> None:
    """The pin is part of the promise: without it the commit is reported as failed, and may be sent again."""
    pin = town.settings.pin_file
    pin.unlink()
    pin.mkdir()
    item = town.tell("cq-cells", "register", pack(FRESH))
    with pytest.raises(OSError, match=r"log\.pin"):
        town.recorder.record([item])
    pin.rmdir()
    assert [each.replayed for each in town.must(item)] == [True]
