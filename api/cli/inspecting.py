"""packtrail inspect: recognise and decode whatever one is given."""

import sys
from pathlib import Path
from typing import Any, cast

import click

from api.cli.task import USAGE, Failed, Task, in_columns, show
from ledger import inspection
from ledger.canonical import MAX_BYTES
from ledger.errors import MalformedError
from service.domain.errors import InvalidCode
from service.domain.gbt34014 import CHEMISTRIES, BatteryCode, parse_code
from service.domain.identifiers.digital_link import DigitalLink, format_path
from service.domain.identifiers.element_string import format_element_string
from service.domain.identifiers.recognition import Form, Identified, Scheme, identify, suggest
from service.domain.vin import vin_check_digit

MAX_FILE = 1000 * MAX_BYTES


@click.command(cls=Task, undone="not decoded", example="inspect 001PE12ABCDEFGG2T0000001", has_data=False)
@click.argument("text")
def inspect(as_json: bool, text: str) -> None:
    """Decode a code, an address or a file.

    TEXT is a battery code, an address from a QR code, GS1 keys as a scanner reads them, a VIN or a credit code, or a
    file with an entry, receipt, checkpoint or bundle. Nothing is verified here; `packtrail verify` does that. `-` reads
    standard input.
    """
    try:
        found = recognise(text)
    except InvalidCode as error:
        if as_json:
            position = None if error.position is None else error.position + 1
            told = {"kind": "malformed", "position": position, "what": error.reason_en, "what_zh": error.reason_zh}
            show(told | {"meant": list(suggest(text))}, (), as_json=True)
        meant = suggest(text)[:1]
        raise Failed(f"not decoded: {error}" + "".join(f". Was {each} meant?" for each in meant), USAGE) from None
    except MalformedError as error:
        if as_json:
            show({"kind": "malformed", "position": None, "what": str(error)}, (), as_json=True)
        raise Failed(f"not decoded: {error}", USAGE) from None
    show(found, lines_of(found), as_json=as_json)


def recognise(text: str) -> dict[str, Any]:
    """The members of what `text` is, its `kind` first. Raises InvalidCode or MalformedError."""
    if text == "-":
        return inspect_bytes(sys.stdin.buffer.read(MAX_FILE))
    if len(text) < 1024 and "\0" not in text and Path(text).is_file():
        with Path(text).open("rb") as file:
            return inspect_bytes(file.read(MAX_FILE))
    return name_members(text)


def inspect_bytes(data: bytes) -> dict[str, Any]:
    """What a file holds: something of the log, or a single line that is decoded like an argument."""
    try:
        return inspection.inspect(data)
    except MalformedError:
        line = data.strip(b" \t\r\n")
        if not line or len(line) > 300 or not line.isascii() or b"\n" in line or line.startswith(b"{"):
            raise
        return name_members(line.decode())


def name_members(text: str) -> dict[str, Any]:
    """A name of a battery, a place, a vehicle or an organisation, as somebody typed or scanned it."""
    found = identify(text)
    if found.scheme is Scheme.CODE:
        code = code_members(parse_code(found.value))
        if found.form is Form.PLAIN:
            return code
        return {"kind": "battery_address", "address": text, "code": found.value, "battery": code}
    if found.link is not None:
        return link_members(found, text)
    members: dict[str, Any] = {"kind": found.scheme.value, "value": found.value, "exact": found.exact}
    if found.scheme is Scheme.VEHICLE:
        members["check_digit_fits"] = vin_check_digit(found.value) == found.value[8]
    return members


def link_members(found: Identified, text: str) -> dict[str, Any]:
    """GS1 keys, each by its application identifier's name."""
    link = cast(DigitalLink, found.link)
    kind = "element_string" if found.form is Form.ELEMENT_STRING else "digital_link"
    members = {"kind": kind, "address" if kind == "digital_link" else "text": text}
    members |= {_MEMBERS[ai]: value for ai, value in link.elements.items()}
    return members | {"digital_link": format_path(link), "element_string": format_element_string(link)}


_MEMBERS = {
    "01": "gtin",
    "21": "serial",
    "10": "lot",
    "8004": "giai",
    "414": "gln",
    "254": "extension",
    "417": "party_gln",
}


def code_members(code: BatteryCode) -> dict[str, Any]:
    """The parts of a battery code."""
    return {
        "kind": "gbt34014",
        "form": code.form,
        "level": code.level.value,
        "manufacturer": code.manufacturer,
        "chemistry": code.chemistry,
        "specification": code.specification,
        "traceability": code.traceability,
        "date": code.date.isoformat(),
        "serial": code.serial,
    }


def lines_of(found: dict[str, Any]) -> list[str]:
    """The members for people, a nested object indented below its name."""
    rows = [(name, _plain(name, value)) for name, value in found.items() if not isinstance(value, (dict, list))]
    lines = in_columns(rows)
    for name, value in found.items():
        if isinstance(value, dict):
            lines += [f"{name}:", *(f"  {line}" for line in lines_of(value))]
        elif isinstance(value, list):
            below = [line for each in value for line in (lines_of(each) if isinstance(each, dict) else [str(each)])]
            lines += [f"{name}:", *(f"  {line}" for line in below)]
    return lines


def _plain(name: str, value: object) -> str:
    if name == "chemistry" and value in CHEMISTRIES:
        row = CHEMISTRIES[str(value)]
        return f"{value}  {row.en} {row.zh}"
    return "-" if value is None else str(value)
