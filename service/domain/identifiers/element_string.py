"""GS1 keys as a scanner hands them over: bracketed for people, or raw with the separator FNC1.

Bracketed: `(01)09521234000013(21)ABC`. Raw: `010952123400001321ABC`, with an optional symbology identifier (`]C1`,
`]d2`, `]Q3`, `]e0`) or FNC1 before it; behind a value of variable length FNC1 follows, unless the text ends. Scanners
send FNC1 as the control character GS (29). The keys are put into the order of a Digital Link, which is what comes out.
Source: GS1 General Specifications, element strings and the FNC1 separator.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from service.domain.errors import InvalidCode
from service.domain.gs1 import parse_gtin
from service.domain.identifiers.digital_link import DigitalLink, check_elements
from service.domain.identifiers.gs1_keys import AIS, PATHS

FNC1 = "\x1d"
SYMBOLOGIES = ("]C1", "]d2", "]Q3", "]e0")
"""GS1-128, GS1 DataMatrix, GS1 QR Code and GS1 DataBar. Source: ISO/IEC 15424, as the General Specifications use it."""

_BRACKETED = re.compile(r"\(([0-9]{2,4})\)([^()]*)", re.ASCII)
_LONGEST_AI = max(map(len, AIS))


def looks_raw(text: str) -> bool:
    """Whether `text` can be meant as a raw element string: it is marked as one, or begins with 01 and a right GTIN.

    Unmarked, any other key could as well be the beginning of a GTIN or of a VIN.
    """
    if text.startswith(SYMBOLOGIES) or FNC1 in text:
        return True
    return text.startswith("01") and len(text) >= 16 and _is_gtin(text[2:16])


def parse_element_string(text: str) -> DigitalLink:
    """The keys in a bracketed or raw element string, positions counted in it. InvalidCode for anything else."""
    found = _bracketed(text) if text.startswith("(") else _raw(text)
    keys = sorted(found, key=lambda ai: ai not in PATHS)
    check_elements(keys)
    values = [(ai, found[ai]) for ai in keys]
    return DigitalLink(*values[0], tuple(values[1:]))


def format_element_string(link: DigitalLink) -> str:
    """The bracketed form, as it is printed under a bar code."""
    return "".join(f"({ai}){value}" for ai, value in link.elements.items())


def _bracketed(text: str) -> Mapping[str, str]:
    found: dict[str, str] = {}
    at = 0
    while at < len(text):
        match = _BRACKETED.match(text, at)
        if match is None:
            raise InvalidCode("an application identifier in brackets is expected", "此处应为带括号的应用标识符", at)
        _take(found, (match[1], match[2]), at + 1, match.start(2))
        at = match.end()
    return found


def _raw(text: str) -> Mapping[str, str]:
    found: dict[str, str] = {}
    at = 3 if text.startswith(SYMBOLOGIES) else 0
    at += text[at:].startswith(FNC1)
    if at == len(text):
        raise InvalidCode("nothing follows", "其后没有内容")
    while at < len(text):
        row = next((AIS[text[at : at + n]] for n in range(_LONGEST_AI, 1, -1) if text[at : at + n] in AIS), None)
        if row is None:
            raise InvalidCode(f"only the application identifiers {', '.join(AIS)} are used", "不支持该应用标识符", at)
        start = at + len(row.ai)
        separator = text.find(FNC1, start)
        end = len(text) if separator < 0 else separator
        if row.fixed is not None:
            end = min(end, start + row.fixed)
        _take(found, (row.ai, text[start:end]), at, start)
        at = end + text[end:].startswith(FNC1)
    return found


def _take(found: dict[str, str], pair: tuple[str, str], at: int, start: int) -> None:
    ai, value = pair
    if ai not in AIS:
        raise InvalidCode(f"only the application identifiers {', '.join(AIS)} are used", "不支持该应用标识符", at)
    if ai in found:
        raise InvalidCode("an application identifier stands twice", "应用标识符重复", at)
    try:
        found[ai] = AIS[ai].parse(value)
    except InvalidCode as error:
        position = start if error.position is None else start + error.position
        raise InvalidCode(error.reason_en, error.reason_zh, min(position, start + len(value))) from None


def _is_gtin(text: str) -> bool:
    try:
        parse_gtin(text)
    except InvalidCode:
        return False
    return True
