"""Founding a register: keys, tables, the first two entries and the first API key, once."""

import shutil
import stat
from pathlib import Path

import pytest

from ledger.entry import parse_entry
from ledger.errors import RollbackError
from ledger.notes.checkpoint import open_checkpoint
from ledger.verification.audit import Audit
from service.errors import SettingsError
from service.founding import Founder, found_register
from service.pin import read_pin
from service.settings import Settings, read_settings
from service.verification.register import verify_database
from service.work import Register
from tests.service.town import FOUNDER, ORIGIN, StillClock


def settings_of(folder: Path, url: str = "") -> Settings:
    return read_settings({"PACKTRAIL_DATABASE_URL": url}, data=folder)


@pytest.fixture(params=["sqlite", "postgresql"])
def settings(request: pytest.FixtureRequest, tmp_path: Path) -> Settings:
    url = request.getfixturevalue("postgres_url") if request.param == "postgresql" else ""
    return settings_of(tmp_path / "data", url)


def test_a_new_register_holds_two_entries_and_verifies(settings: Settings) -> None:
    founded = found_register(settings, FOUNDER, clock=StillClock())
    register = Register(settings, clock=StillClock())
    assert register.log.origin == ORIGIN
    with register.read() as reader:
        entries = [parse_entry(entry) for entry in reader.entries(0, 9)]
        signed = open_checkpoint(reader.checkpoint(), register.verifiers, origin=ORIGIN, require_all=True)
    assert [entry.event.type for entry in entries] == ["open_log", "enrol_operator"]
    assert entries[0].event.body["log_keys"] == list(founded.vkeys)
    assert read_pin(settings.pin_file) == signed
    report = verify_database(settings.database_url, register.verifiers, vault=register.vault)
    assert (report.failures, report.size) == ((), 2)
    register.close()


def test_a_register_is_founded_once(settings: Settings) -> None:
    found_register(settings, FOUNDER, clock=StillClock())
    with pytest.raises(SettingsError, match="open already"):
        found_register(settings, FOUNDER, clock=StillClock())
    register = Register(settings)
    with register.read() as reader:
        assert reader.size() == 2
    register.close()


def test_the_keys_are_for_their_owner_only(tmp_path: Path) -> None:
    settings = settings_of(tmp_path / "data")
    found_register(settings, FOUNDER, clock=StillClock())
    assert stat.S_IMODE(settings.data.stat().st_mode) == 0o700
    for file in (settings.master_key_file, settings.log_key_file):
        assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_a_register_whose_database_is_gone_is_not_founded_over(tmp_path: Path) -> None:
    """It would sign a second history with the same keys: what the rollback pin is there to prevent."""
    settings = settings_of(tmp_path / "data")
    found_register(settings, FOUNDER, clock=StillClock())
    for file in settings.data.glob("register.db*"):
        file.unlink()
    with pytest.raises(RollbackError, match="2 were signed"):
        found_register(settings, FOUNDER, clock=StillClock())


def test_keys_of_another_log_are_not_used(tmp_path: Path) -> None:
    settings, other = settings_of(tmp_path / "data"), settings_of(tmp_path / "other")
    found_register(settings, FOUNDER, clock=StillClock())
    shutil.copytree(settings.data / "keys", other.data / "keys")
    stranger = Founder("other.test/log", "cq-city", "他人", "Others", "500103")
    with pytest.raises(SettingsError, match="other.test/log".replace(".", r"\.")):
        found_register(other, stranger, clock=StillClock())
    assert not (other.data / "register.db").exists()


def test_a_founder_that_may_not_be_named_so_leaves_no_register(tmp_path: Path) -> None:
    settings = settings_of(tmp_path / "data")
    with pytest.raises(Exception, match="actor"):
        found_register(settings, Founder(ORIGIN, "Not An Id", "x", "x", "500103"), clock=StillClock())
    found_register(settings, FOUNDER, clock=StillClock())


def test_the_first_entries_satisfy_an_auditor_who_knows_nothing_else(tmp_path: Path) -> None:
    settings = settings_of(tmp_path / "data")
    found_register(settings, FOUNDER, clock=StillClock())
    register = Register(settings)
    audit = Audit()
    with register.read() as reader:
        audit.run(reader.entries(0, 2))
        signed = open_checkpoint(reader.checkpoint(), register.verifiers, origin=ORIGIN)
    assert audit.finish(signed).ok
    assert audit.keyring.authority == "cq-city"
    register.close()
