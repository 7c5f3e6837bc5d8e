"""packtrail label."""

import json
from pathlib import Path

import pytest

from service.domain.gbt34014 import parse_code
from service.domain.gs1 import gtin_serial_for
from tests.cli.conftest import call

STARTS = {"svg": b"<svg", "png": b"\x89PNG", "pdf": b"%PDF-", "zpl": b"^XA"}


@pytest.fixture(scope="module")
def pack(told: Path, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The code of the first pack of the story."""
    file = tmp_path_factory.mktemp("export") / "e"
    assert call("export", "--data", told, "--out", file).exit_code == 0
    events = [json.loads(line)["event"] for line in file.read_bytes().splitlines()]
    codes: list[str] = [event["subjects"][0] for event in events if event["type"] == "register"]
    return next(code for code in codes if code[3] == "P")


@pytest.mark.parametrize("form", STARTS)
def test_the_ending_of_the_file_decides_the_form(told: Path, tmp_path: Path, pack: str, form: str) -> None:
    out = tmp_path / f"label.{form}"
    result = call("label", pack, "--data", told, "--out", out, "--json")
    assert result.exit_code == 0, result.stderr
    assert json.loads(result.stdout) == {
        "code": pack,
        "file": str(out),
        "format": form,
        "bytes": out.stat().st_size,
    }
    assert out.read_bytes().lstrip().startswith(STARTS[form])


def test_a_template_and_a_form_can_be_asked_for(told: Path, tmp_path: Path, pack: str) -> None:
    out = tmp_path / "label"
    result = call("label", pack, "--data", told, "--out", out, "--format", "svg", "--template", "P2")
    assert result.exit_code == 0
    assert b"70mm" in out.read_bytes()


def test_gtin_and_serial_name_the_battery_as_well(told: Path, tmp_path: Path, pack: str) -> None:
    gtin = {"52": "09521234000112", "60": "09521234000211", "46": "09521234000310"}[pack[5:7]]
    name = f"{gtin}/{gtin_serial_for(parse_code(pack))}"
    result = call("label", name, "--data", told, "--out", tmp_path / "l.svg", "--json")
    assert json.loads(result.stdout)["code"] == pack


def test_a_print_is_recorded_for_the_operator_that_is_named(told: Path, tmp_path: Path, pack: str) -> None:
    out = tmp_path / "labels.pdf"
    arguments = ("label", pack, "--data", told, "--out", out, "--copies", 2, "--side", 2000, 1200, "--template", "P0")
    looked = call(*arguments, "--json")
    assert "entries" not in json.loads(looked.stdout)
    refused = call(*arguments, "--print-as", "nobody")
    assert refused.exit_code != 0
    file = tmp_path / "entries"
    assert call("export", "--data", told, "--out", file).exit_code == 0
    events = [json.loads(line)["event"] for line in file.read_bytes().splitlines()]
    maker = next(event["actor"] for event in events if event["type"] == "register" and event["subjects"] == [pack])
    printed = call(*arguments, "--print-as", maker, "--reprint-reason", "additional", "--json")
    assert printed.exit_code == 0, printed.stderr
    assert len(json.loads(printed.stdout)["entries"]) == 1


@pytest.mark.parametrize("battery", ["001PE12ABCDEFGG2T0000001", "nonsense"])
def test_a_battery_that_is_not_there_gets_no_label(told: Path, tmp_path: Path, battery: str) -> None:
    result = call("label", battery, "--data", told, "--out", tmp_path / "l.svg")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "no label was drawn" in result.stderr
    assert not (tmp_path / "l.svg").exists()
