"""GTIN-14 and the serial number of AI 21, and how both together stand for a battery code.

A 24-character battery code does not fit AI 21 (20 characters). Positions 1-7 belong to the model and so to its GTIN,
positions 8 to the end are the serial: 17 characters, 12 for a re-used product. A GTIN stands for one such beginning,
and a beginning for one GTIN, for ever; so code and GTIN with serial lead to each other without a table of their own.
The other keys and their addresses are in `identifiers`.
Sources: GS1 General Specifications (the 82 characters of AI 21); the mapping is our own, ISO/IEC 15459 leaves it open.
"""

from __future__ import annotations

from service.domain.errors import InvalidCode
from service.domain.gbt34014 import BatteryCode, parse_code

SERIAL_LENGTH = 20
SERIAL_CHARACTERS = frozenset(
    "!\"%&'()*+,-./0123456789:;<=>?ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz",
)
_DIGITS = frozenset("0123456789")


def gtin_check_digit(body: str) -> str:
    """The last digit of a GTIN whose other digits are `body` (7, 11, 12 or 13 of them)."""
    digits = body[::-1]
    total = 3 * sum(map(int, digits[::2])) + sum(map(int, digits[1::2]))
    return str(-total % 10)


def parse_gtin(text: str) -> str:
    """`text` itself when it is a GTIN-14 with the right check digit; otherwise InvalidCode."""
    return parse_checked(text, 14, "GTIN")


def parse_checked(text: str, length: int, name: str) -> str:
    """`text` itself when it is `length` digits, the last one the check digit that GTIN and GLN share."""
    if len(text) != length:
        raise InvalidCode(
            f"a {name} has {length} digits; this has {len(text)}", f"{name}为{length}位数字，此处为{len(text)}位"
        )
    if not _DIGITS.issuperset(text):
        position = next(at for at, each in enumerate(text) if each not in _DIGITS)
        raise InvalidCode(f"a {name} has digits only", f"{name}只含数字", position)
    if gtin_check_digit(text[:-1]) != text[-1]:
        raise InvalidCode(f"the check digit should be {gtin_check_digit(text[:-1])}", f"{name}校验位不正确", length - 1)
    return text


def parse_serial(text: str) -> str:
    """`text` itself when it is a value of AI 21: 1 to 20 of the 82 characters, no slash (it would need escaping)."""
    if not 1 <= len(text) <= SERIAL_LENGTH:
        raise InvalidCode(
            f"a serial number (AI 21) has 1 to 20 characters; this has {len(text)}",
            f"序列号（AI 21）为1至20个字符，此处为{len(text)}个",
        )
    for position, each in enumerate(text):
        if each not in SERIAL_CHARACTERS or each == "/":
            raise InvalidCode(
                "not a character a serial number (AI 21) may have here", "序列号（AI 21）不含该字符", position
            )
    return text


def gtin_serial_for(code: BatteryCode) -> str:
    """The AI 21 value of a battery: positions 8 to the end of its code."""
    return code.text[7:]


def code_from_serial(model_prefix: str, serial: str) -> BatteryCode:
    """The code of a battery from positions 1-7, which its model fixes, and its AI 21 value. InvalidCode if none."""
    if len(model_prefix) != 7:
        raise InvalidCode("a model fixes 7 characters of the code", "型号对应编码前7位")
    return parse_code(model_prefix + serial)
