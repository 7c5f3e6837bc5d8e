"""packtrail inspect."""

import json
from pathlib import Path
from typing import Any

import pytest

from ledger.receipt import format_receipt
from service.evidence import evidence_bundle
from service.settings import read_settings
from service.work import Register
from tests.cli.conftest import call

CODE = "001PE12ABCDEFGG2T0000001"
PARTS = {
    "kind": "gbt34014",
    "form": 24,
    "level": "pack",
    "manufacturer": "001",
    "chemistry": "E",
    "specification": "12",
    "traceability": "ABCDEFG",
    "date": "2026-02-26",
    "serial": "0000001",
}


def inspected(text: str | Path) -> Any:
    result = call("inspect", text, "--json")
    assert result.exit_code == 0, result.stderr
    return json.loads(result.stdout)


def test_a_code_gives_exactly_the_promised_members() -> None:
    assert inspected(CODE) == PARTS


@pytest.mark.parametrize("typed", [CODE.lower(), "001PE12 ABCDEFG G2T 0000001", "００１PE12ABCDEFGG2T0000001"])
def test_a_code_is_read_as_people_type_it(typed: str) -> None:
    assert inspected(typed) == PARTS


def test_a_re_used_product_has_no_traceability_part() -> None:
    found = inspected("001ME12R6M0000001RM")
    assert (found["form"], found["traceability"], found["level"]) == (19, None, "module")


@pytest.mark.parametrize(
    "address", [f"https://id.example.cn/b/{CODE}", f"HTTP://127.0.0.1:8000/B/{CODE}", f"https://x.cn/base/b/{CODE}?a=1"]
)
def test_our_own_address_is_recognised(address: str) -> None:
    found = inspected(address)
    assert (found["kind"], found["code"], found["battery"]) == ("battery_address", CODE, PARTS)


@pytest.mark.parametrize(
    "link",
    [
        "https://id.example.cn/01/09521234000013/21/ABCDEFGG2T0000001",
        "https://id.example.cn/base/01/09521234000013/21/ABCDEFGG2T0000001?linkType=all",
        "/01/09521234000013/21/ABCDEFGG2T0000001",
        "09521234000013/ABCDEFGG2T0000001",
    ],
)
def test_a_digital_link_is_recognised(link: str) -> None:
    found = inspected(link)
    assert (found["kind"], found["gtin"], found["serial"]) == ("digital_link", "09521234000013", "ABCDEFGG2T0000001")


@pytest.mark.parametrize(
    ("text", "position"),
    [
        ("001PE12ABCDEFGG2I0000001", 17),
        ("001XE12ABCDEFGG2T0000001", 4),
        ("001pe12abcdefgg2i0000001", 17),
        ("001PE12ABCDEFGG2X0000001", 17),
        ("001PE12", None),
        ("https://x.cn/b/001XE12ABCDEFGG2T0000001", 19),
        ("https://x.cn/01/09521234000014/21/ABC", 30),
        ("https://x.cn", None),
        ("https://x.cn/else//where", 18),
        ("(01)09521234000014(21)ABC", 18),
        ("", None),
    ],
)
def test_what_is_malformed_names_the_position(text: str, position: int | None) -> None:
    result = call("inspect", text, "--json")
    assert result.exit_code == 2
    assert result.stderr.startswith("packtrail: not decoded: ")
    told = json.loads(result.stdout)
    assert told["kind"] == "malformed"
    if position is not None:
        assert told["position"] == position
        assert f"at position {position}" in result.stderr


@pytest.mark.parametrize(
    ("text", "members"),
    [
        ("(01)09521234000013(21)ABC", {"kind": "element_string", "gtin": "09521234000013", "serial": "ABC"}),
        ("]d2010952123400001321ABC\x1d", {"kind": "element_string", "gtin": "09521234000013", "serial": "ABC"}),
        (
            "(8004)9521234BATT7",
            {"kind": "element_string", "giai": "9521234BATT7", "digital_link": "/8004/9521234BATT7"},
        ),
        ("https://x.cn/8004/9521234BATT7", {"kind": "digital_link", "giai": "9521234BATT7"}),
        ("https://x.cn/414/9521234000013/254/hall-2", {"kind": "digital_link", "gln": "9521234000013"}),
        ("9521234000013", {"kind": "gtin", "value": "09521234000013"}),
        ("lsvau2a34n2183294", {"kind": "vin", "value": "LSVAU2A34N2183294", "exact": False, "check_digit_fits": True}),
        ("WVWZZZ1JZ3W386752", {"kind": "vin", "exact": True, "check_digit_fits": False}),
        ("91350100M000100Y43", {"kind": "uscc", "value": "91350100M000100Y43", "exact": True}),
        ("https://x.cn/else/where", {"kind": "identification_link", "value": "https://x.cn/else/where"}),
    ],
)
def test_every_other_name_is_recognised(text: str, members: dict[str, Any]) -> None:
    found = inspected(text)
    assert {name: found[name] for name in members} == members


def test_a_letter_that_looks_like_a_digit_is_pointed_out_and_not_taken() -> None:
    result = call("inspect", CODE.replace("0000001", "OOOOOO1"), "--json")
    assert result.exit_code == 2
    assert json.loads(result.stdout)["meant"][:1] == [CODE]
    assert f"Was {CODE} meant?" in result.stderr


def test_files_of_the_log_are_recognised(told: Path, tmp_path: Path) -> None:
    register = Register(read_settings({}, data=told))
    with register.read() as reader:
        found = reader.proven(70)
    subject = json.loads(found.entry)["event"]["subjects"][0]
    files = {
        "entry": found.entry,
        "receipt": format_receipt(found.receipt),
        "checkpoint": found.receipt.checkpoint,
        "bundle": evidence_bundle(register, subject),
    }
    register.close()
    for kind, content in files.items():
        file = tmp_path / kind
        file.write_bytes(content)
        assert inspected(file)["kind"] == kind
        assert call("inspect", file).exit_code == 0


def test_a_file_of_something_else_is_malformed(tmp_path: Path) -> None:
    (tmp_path / "f").write_bytes(b"\x00\xff" * 200)
    result = call("inspect", tmp_path / "f")
    assert (result.exit_code, result.stdout) == (2, "")


def test_a_file_that_holds_a_code_is_decoded_like_the_code(tmp_path: Path) -> None:
    (tmp_path / "f").write_text(CODE + "\n")
    assert inspected(tmp_path / "f") == PARTS


def test_standard_input_is_read_for_a_dash() -> None:
    result = call("inspect", "-", "--json", input=CODE)
    assert json.loads(result.stdout) == PARTS
