"""The rollback pin: a register that is an old copy of itself, or another one, signs nothing."""

import shutil
import threading
from datetime import datetime
from pathlib import Path

import pytest

from ledger.errors import RollbackError
from ledger.memory import MemoryStore
from ledger.notes.checkpoint import Checkpoint, sign_checkpoint
from ledger.notes.note import Ed25519Signer
from service.errors import BusyError, SettingsError
from service.keys.logkeys import read_signing_keys
from service.pin import check_pin, find_pin, move_pin, read_pin
from service.settings import Settings
from service.work import Register
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


def test_nothing_is_recorded_while_the_pin_cannot_be_read(town: Town) -> None:
    pin, size = town.settings.pin_file, town.size()
    pin.unlink()
    pin.mkdir()
    item = town.tell("cq-cells", "register", pack(FRESH))
    with pytest.raises(RollbackError, match="cannot be read"):
        town.recorder.record([item])
    assert town.size() == size
    pin.rmdir()
    assert [each.replayed for each in town.must(item)] == [False]


def test_what_is_recorded_is_answered_although_the_pin_cannot_be_written_and_then_nothing_more_is(town: Town) -> None:
    """The entry is stored: to tell its sender that it failed would be a lie. The next one has to wait."""
    pin, size = town.settings.pin_file, town.size()

    def clock() -> datetime:
        if pin.is_file():  # it was read; it breaks before it is written
            pin.unlink()
            pin.mkdir()
        return town.clock()

    first, second = (town.tell("cq-cells", "register", pack(FRESH + n)) for n in (1, 2))
    town.register.clock = clock
    [recorded] = town.must(first)
    assert (recorded.index, recorded.replayed, town.size()) == (size, False, size + 1)
    with pytest.raises(BusyError, match=r"log\.pin cannot be written"):
        town.recorder.record([second])
    assert town.size() == size + 1
    pin.rmdir()
    town.register.clock = town.clock
    town.must(second)
    pinned = read_pin(pin)
    assert pinned is not None and pinned.size == size + 2


def test_the_pin_of_a_later_epoch_is_further_on_whatever_its_size(tmp_path: Path) -> None:
    old, new = Ed25519Signer("a/b", b"1" * 32), Ed25519Signer("a/b/e2", b"2" * 32)
    pin = tmp_path / "pin"
    move_pin(pin, sign_checkpoint(Checkpoint("a/b", 90, b"\1" * 32), [old]))
    for signer, size, epoch in ((new, 40, 2), (old, 95, 1), (new, 39, 2)):
        move_pin(pin, sign_checkpoint(Checkpoint(signer.name, size, bytes([size]) * 32), [signer]), epoch=epoch)
    found = find_pin(pin)
    assert found is not None and found.place == (2, 40) and found.is_of("a/b/e2")


@pytest.mark.parametrize("length", [300, 301, 3000])
def test_an_origin_of_any_length_is_pinned(tmp_path: Path, length: int) -> None:
    signer = Ed25519Signer("o" * length, b"1" * 32)
    for size in (5, 6, 7):
        move_pin(tmp_path / "pin", sign_checkpoint(Checkpoint(signer.name, size, bytes(32)), [signer]))
    assert (tmp_path / "pin").stat().st_size == 1024
    found = find_pin(tmp_path / "pin")
    assert found is not None and found.is_of(signer.name) and found.checkpoint.size == 7


def test_the_first_pin_is_there_whole_or_not_at_all(tmp_path: Path) -> None:
    """What a crash can leave beside it has another name, and is no pin."""
    signer = Ed25519Signer("a/b", b"1" * 32)
    (tmp_path / "pin.x7f").write_bytes(b"")
    assert read_pin(tmp_path / "pin") is None
    move_pin(tmp_path / "pin", sign_checkpoint(Checkpoint("a/b", 1, bytes(32)), [signer]))
    assert sorted(each.name for each in tmp_path.iterdir()) == ["pin", "pin.x7f"]
    assert (tmp_path / "pin").stat().st_mode & 0o077 == 0
