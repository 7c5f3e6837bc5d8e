"""What an address or a search box asks for.

An address is read from the raw request target: split at "/" first, each segment decoded once. So an encoded slash never
makes a segment, and nothing that a path can smuggle is ever taken for a code. In the search box people may paste
whatever they have: a code in any case or width, the address from the QR code, GTIN and serial number.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from unicodedata import category
from urllib.parse import unquote_to_bytes, urlsplit

from service.domain.errors import InvalidCode
from service.domain.gs1 import parse_digital_link_path

LONGEST = 200

_BAD_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")
_ELEMENTS = re.compile(r"\(01\)([0-9]{14})\(21\)([^()/]{1,20})", re.ASCII)
_UNSEEN = ("Cc", "Cs", "Co", "Cn")


class WrongAddressError(Exception):
    """An address that can be no battery's, whatever is registered. `reason` is set where a GS1 rule was broken."""

    def __init__(self, text: str, reason: InvalidCode | None = None) -> None:
        super().__init__("the address holds something that no battery code can have")
        self.text = text[:LONGEST]
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked for: `text` to show again, `gs1` where it is a GTIN and a serial number."""

    text: str
    gs1: tuple[str, str] | None = None


def read_code_path(raw_path: str) -> Asked:
    """What `/b/{code}` asks for, from the path still percent-encoded. Raises WrongAddressError."""
    empty, _, rest = raw_path.partition("/")
    letter, _, segment = rest.partition("/")
    if empty or letter not in ("b", "B") or "/" in segment or not segment.isascii() or _BAD_ESCAPE.search(segment):
        raise WrongAddressError(raw_path)
    try:
        text = unquote_to_bytes(segment).decode()
    except UnicodeDecodeError:
        raise WrongAddressError(segment) from None
    if not is_showable(text) or text.strip(".") == "" or not {"/", "\\"}.isdisjoint(text):
        raise WrongAddressError(segment)
    return Asked(text)


def read_digital_link(raw_path: str) -> Asked:
    """What `/01/{gtin}/21/{serial}` asks for. Raises WrongAddressError with the GS1 rule that is broken."""
    try:
        gtin, serial = parse_digital_link_path(raw_path)
    except InvalidCode as error:
        raise WrongAddressError(raw_path, error) from None
    return Asked(f"{gtin}/{serial}", (gtin, serial))


def read_typed(text: str) -> Asked:
    """What somebody typed, pasted or scanned into the search box. Raises WrongAddressError."""
    text = text.strip()[:LONGEST]
    if not is_showable(text):
        raise WrongAddressError("".join(each for each in text if category(each) not in _UNSEEN))
    elements = _ELEMENTS.fullmatch(text)
    if elements is not None:
        return Asked(text, (elements[1], elements[2]))
    if "://" not in text:
        return Asked(text)
    try:
        path = urlsplit(text).path
    except ValueError:
        raise WrongAddressError(text) from None
    return read_digital_link(path) if path.startswith("/01/") else read_code_path(path)


def is_showable(text: str) -> bool:
    """Whether there is something to look up, and nothing in it that cannot be seen."""
    return 0 < len(text) <= LONGEST and not any(category(each) in _UNSEEN for each in text)
