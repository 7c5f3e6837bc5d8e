"""What an address or a search box asks for.

An address is read from the raw request target: split at "/" first, each segment decoded once. So an encoded slash never
makes a segment, and nothing that a path can smuggle is ever taken for a code. In the search box people may paste or
scan whatever they have: `service.domain.identifiers.recognition` says what it is.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from unicodedata import category
from urllib.parse import unquote_to_bytes, urlsplit

from service.domain.errors import InvalidCode
from service.domain.identifiers.digital_link import key_position, parse_path
from service.domain.identifiers.element_string import FNC1, format_element_string
from service.domain.identifiers.recognition import Form, Identified, Scheme, identify

LONGEST = 300

_BAD_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")
_UNSEEN = ("Cc", "Cs", "Co", "Cn")
_NO_SERIAL = InvalidCode(
    "a GTIN alone names a model: a battery's address goes on with /21/ and its serial number",
    "仅有GTIN只能确定型号：电池网址还应包含/21/及序列号",
)


class WrongAddressError(Exception):
    """An address that can be no battery's, whatever is registered. `reason` is set where a rule of its was broken."""

    def __init__(self, text: str, reason: InvalidCode | None = None) -> None:
        super().__init__("the address holds something that no battery code can have")
        self.text = text[:LONGEST]
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked for: `text` to show again, `named` where it is a name other than a battery code."""

    text: str
    named: Identified | None = None

    @property
    def gs1(self) -> tuple[str, str] | None:
        """GTIN and serial number, where it is these."""
        if self.named is None or self.named.scheme is not Scheme.ITEM:
            return None
        gtin, _, serial = self.named.value.partition("/")
        return gtin, serial


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
    """What `/01/{gtin}/21/{serial}` or `/8004/{giai}` asks for. Raises WrongAddressError with the broken rule."""
    try:
        link = parse_path(raw_path)
    except InvalidCode as error:
        raise WrongAddressError(raw_path, error) from None
    if link.key == "8004":
        return Asked(f"(8004){link.value}", Identified(Scheme.ASSET, link.value, Form.DIGITAL_LINK, True, link))
    if link.key != "01" or link.serial is None:
        raise WrongAddressError(raw_path, _NO_SERIAL)
    text = f"{link.value}/{link.serial}"
    return Asked(text, Identified(Scheme.ITEM, text, Form.DIGITAL_LINK, True, link))


def read_typed(text: str) -> Asked:
    """What somebody typed, pasted or scanned into the search box. Raises WrongAddressError."""
    text = text.strip(" \t\r\n\u3000")[:LONGEST]
    if not is_showable(text.replace(FNC1, "")):
        raise WrongAddressError("".join(each for each in text if category(each) not in _UNSEEN))
    if "://" in text:
        return _read_pasted(text)
    try:
        named = identify(text)
    except InvalidCode:
        if FNC1 in text:
            raise WrongAddressError(text.replace(FNC1, " ")) from None
        return Asked(text)
    if named.link is not None and FNC1 in text:
        return Asked(format_element_string(named.link), named)
    return Asked(text) if named.scheme is Scheme.CODE else Asked(text, named)


def _read_pasted(text: str) -> Asked:
    """An address of ours, of another register, or an identification link of somebody's own."""
    try:
        path = urlsplit(text).path
    except ValueError:
        raise WrongAddressError(text) from None
    at = key_position(path)
    if at is not None:
        return read_digital_link(path[at:])
    start = path.lower().rfind("/b/")
    if start >= 0:
        return read_code_path(path[start:])
    try:
        return Asked(text, identify(text))
    except InvalidCode as error:
        raise WrongAddressError(text, error) from None


def is_showable(text: str) -> bool:
    """Whether there is something to look up, and nothing in it that cannot be seen."""
    return 0 < len(text) <= LONGEST and not any(category(each) in _UNSEEN for each in text)
