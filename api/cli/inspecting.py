"""packtrail inspect: recognise and decode whatever one is given."""

import sys
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import click

from api.cli.task import USAGE, Failed, Task, in_columns, show
from ledger import inspection
from ledger.canonical import MAX_BYTES
from ledger.errors import MalformedError
from service.domain.errors import InvalidCode
from service.domain.gbt34014 import CHEMISTRIES, BatteryCode, fold_code, parse_code
from service.domain.gs1 import parse_digital_link_path

MAX_FILE = 1000 * MAX_BYTES


@click.command(cls=Task, undone="not decoded", example="inspect 001PE12ABCDEFGG2T0000001", has_data=False)
@click.argument("text")
def inspect(as_json: bool, text: str) -> None:
    """Decode a code, an address or a file.

    TEXT is a battery code, an address from a QR code, or a file with an entry, receipt, checkpoint or bundle. Nothing
    is verified here; `packtrail verify` does that. `-` reads standard input.
    """
    try:
        found = recognise(text)
    except InvalidCode as error:
        if as_json:
            position = None if error.position is None else error.position + 1
            show({"kind": "malformed", "position": position, "what": error.reason_en}, (), as_json=True)
        raise Failed(f"not decoded: {error}", USAGE) from None
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
    scheme = text.partition(":")[0].lower()
    if scheme in ("http", "https") or text.startswith("/"):
        return inspect_address(text)
    if "/" in text:
        return inspect_link(f"/01/{text.replace('/', '/21/', 1)}", text)
    return code_members(parse_typed(text))


def inspect_bytes(data: bytes) -> dict[str, Any]:
    """What a file holds: something of the log, or a single line that is decoded like an argument."""
    try:
        return inspection.inspect(data)
    except MalformedError:
        line = data.strip()
        if not line or len(line) > 300 or not line.isascii() or b"\n" in line or line.startswith(b"{"):
            raise
        return recognise_line(line.decode())


def recognise_line(text: str) -> dict[str, Any]:
    """A code or an address."""
    return inspect_address(text) if "://" in text else code_members(parse_typed(text))


def inspect_address(text: str) -> dict[str, Any]:
    """Our own address `/b/CODE`, or a GS1 Digital Link, on whatever host."""
    try:
        path = urlsplit(text).path
    except ValueError:
        raise InvalidCode("not an address", "不是有效地址", 0) from None
    start = text.find(path) if path else 0
    head, _, last = path.rpartition("/")
    if head.lower().endswith("/b"):
        try:
            battery = code_members(parse_code(last))
        except InvalidCode as error:
            raise _shifted(error, start + len(head) + 1) from None
        return {"kind": "battery_address", "address": text, "code": last, "battery": battery}
    at = max(path.find("/01/"), 0)
    try:
        return inspect_link(path[at:], text)
    except InvalidCode as error:
        raise _shifted(error, start + at) from None


def inspect_link(path: str, text: str) -> dict[str, Any]:
    """A GS1 Digital Link path."""
    gtin, serial = parse_digital_link_path(path)
    return {"kind": "digital_link", "address": text, "gtin": gtin, "serial": serial}


def parse_typed(text: str) -> BatteryCode:
    """A code as people type it: also in lower case or with blanks. The error is about the text as given."""
    try:
        return parse_code(fold_code(text))
    except InvalidCode as error:
        if len(fold_code(text)) == len(text):
            raise
        parse_code(text)
        raise error from None


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


def _shifted(error: InvalidCode, by: int) -> InvalidCode:
    position = None if error.position is None else error.position + by
    return InvalidCode(error.reason_en, error.reason_zh, position)
