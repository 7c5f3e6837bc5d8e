"""The GS1 keys beside GTIN and serial number: lot, GIAI and GLN, and the table of application identifiers in use.

Every application identifier (AI) that stands in an address, in an element string or in an export is a row of AIS. A
path begins with a primary key; which qualifiers may follow it, and in which order, is a row of PATHS. With a serial
number there is no lot: the serial number alone names one item. Parsers take the exact text only.

Sources: GS1 General Specifications; GS1 Digital Link Standard: URI Syntax; GS1 Barcode Syntax Dictionary (a GIAI begins
with a GS1 Company Prefix, of at least four digits); GS1-Conformant Resolver Standard 1.2, 2.5.9 (serial without lot).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from service.domain.errors import InvalidCode
from service.domain.gs1 import SERIAL_CHARACTERS, parse_checked, parse_gtin, parse_serial

GIAI_LENGTH = 30
LOT_LENGTH = 20
SHORTEST_PREFIX = 4
_DIGITS = frozenset("0123456789")


class Ai(NamedTuple):
    """One application identifier. fixed: its number of characters where GS1 fixes it, so that no separator follows."""

    ai: str
    en: str
    zh: str
    parse: Callable[[str], str]
    fixed: int | None = None


def parse_gln(text: str) -> str:
    """`text` itself when it is a GLN: 13 digits, the last one a check digit."""
    return parse_checked(text, 13, "GLN")


def parse_lot(text: str) -> str:
    """`text` itself when it is a batch or lot number (AI 10) without a slash."""
    return _written(text, LOT_LENGTH, ("a lot number (AI 10)", "批号（AI 10）"))


def parse_extension(text: str) -> str:
    """`text` itself when it is the extension of a GLN (AI 254), a place within a place, without a slash."""
    return _written(text, 20, ("a GLN extension (AI 254)", "GLN扩展（AI 254）"))


def parse_giai(text: str) -> str:
    """`text` itself when it is a GIAI (AI 8004): a GS1 Company Prefix and the owner's own number, without a slash.

    How long the prefix is only its owner and GS1 know. There is no check digit.
    """
    _written(text, GIAI_LENGTH, ("a GIAI (AI 8004)", "GIAI（AI 8004）"))
    for position, each in enumerate(text[:SHORTEST_PREFIX]):
        if each not in _DIGITS:
            raise InvalidCode(
                "a GIAI begins with the digits of a GS1 Company Prefix", "GIAI须以厂商识别代码开头", position
            )
    if len(text) <= SHORTEST_PREFIX:
        raise InvalidCode("a GIAI goes on after its GS1 Company Prefix", "GIAI在厂商识别代码之后还应有单项资产参考代码")
    return text


AIS: dict[str, Ai] = {
    row.ai: row
    for row in (
        Ai("01", "GTIN", "全球贸易项目代码", parse_gtin, 14),
        Ai("21", "serial number", "序列号", parse_serial),
        Ai("10", "batch or lot number", "批号", parse_lot),
        Ai("8004", "individual asset (GIAI)", "单项资产代码", parse_giai),
        Ai("414", "place (GLN)", "位置代码", parse_gln, 13),
        Ai("254", "extension of a GLN", "GLN扩展代码", parse_extension),
        Ai("417", "party (GLN)", "参与方代码", parse_gln, 13),
    )
}

PATHS: dict[str, tuple[tuple[str, ...], ...]] = {
    "01": (("21",), ("10",), ()),
    "8004": ((),),
    "414": (("254",), ()),
    "417": ((),),
}
"""By primary key, the qualifiers that may follow it."""


def _written(text: str, longest: int, named: tuple[str, str]) -> str:
    """`text` itself when it has 1 to `longest` of the 82 characters, a slash not among them: it would need escaping."""
    en, zh = named
    if not 1 <= len(text) <= longest:
        raise InvalidCode(
            f"{en} has 1 to {longest} characters; this has {len(text)}",
            f"{zh}为1至{longest}个字符，此处为{len(text)}个",
        )
    for position, each in enumerate(text):
        if each not in SERIAL_CHARACTERS or each == "/":
            raise InvalidCode(f"not a character {en} may have here", f"{zh}不含该字符", position)
    return text
