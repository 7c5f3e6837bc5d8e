"""packtrail erase, and what verify says afterwards."""

import json
from pathlib import Path

import pytest

from service.settings import read_settings
from service.work import Register
from tests.cli.conftest import call

WHY = ("--basis", "PIPL, Art. 47", "--reason", "asked for")


@pytest.fixture
def battery(own: Path) -> str:
    """A pack of the story that is in a vehicle."""
    register = Register(read_settings({}, data=own))
    with register.read() as reader:
        rows = reader.connection.exec_driver_sql("SELECT code, state FROM battery ORDER BY code").all()
    register.close()
    return next(code for code, state in rows if b'"IN_USE"' in bytes(state))


def test_values_are_erased_and_verify_counts_them(own: Path, battery: str) -> None:
    done = call("erase", battery, "--data", own, "--name", "vin", *WHY, "--json")
    assert done.exit_code == 0, done.stderr
    first = json.loads(done.stdout)
    assert (first["code"], first["erased"] >= 1, len(first["entries"])) == (battery, True, 1)
    rest = call("erase", battery, "--data", own, *WHY)
    assert rest.exit_code == 0, rest.stderr
    assert "已依法删除" in rest.stdout
    assert "Backups" in rest.stderr
    checked = call("verify", "--data", own)
    assert checked.exit_code == 0, checked.stdout
    assert "2 erasures" in checked.stdout
    assert "erased values" in checked.stdout


def test_what_is_not_there_is_not_erased(own: Path, battery: str) -> None:
    assert call("erase", battery, "--data", own, *WHY).exit_code == 0
    again = call("erase", battery, "--data", own, *WHY)
    assert again.exit_code == 2, again.stderr
    assert "nothing to erase" in again.stderr


def test_an_erasure_needs_its_law_and_names_fields_that_there_are(own: Path, battery: str) -> None:
    for arguments in (("--basis", "x"), ("--reason", "x"), (*WHY, "--name", "colour")):
        assert call("erase", battery, "--data", own, *arguments).exit_code == 2
