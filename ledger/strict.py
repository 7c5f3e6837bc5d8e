"""Strict readings of text: every value has exactly one spelling, so no byte of a signed or hashed format can drift.

base64 is the standard alphabet with padding (RFC 4648 section 4) and with zero bits in the padding;
decimals are ASCII, without sign or leading zero, and at most 2**63 - 1.
"""

import base64
import binascii

from ledger.errors import MalformedError

MAX_SIZE = 2**63 - 1


def parse_base64(text: str) -> bytes:
    """Decode `text`, refusing every spelling but the one `format_base64` gives."""
    try:
        value = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise MalformedError("not base64") from None
    if format_base64(value) != text:
        raise MalformedError("base64 is not canonical")
    return value


def format_base64(value: bytes) -> str:
    return base64.b64encode(value).decode("ascii")


def parse_decimal(text: str) -> int:
    """Read a number from 0 to 2**63 - 1."""
    if not (text.isascii() and text.isdigit()) or len(text) > 19 or (text[0] == "0" and text != "0"):
        raise MalformedError("not a decimal number")
    value = int(text)
    if value > MAX_SIZE:
        raise MalformedError("number exceeds 2**63 - 1")
    return value
