"""GS1 keys: GTIN-14, the serial number of AI 21, and the Digital Link path that carries both in the QR code.

A path is `/01/{gtin}/21/{serial}` and nothing else. It is split at "/" before anything is decoded, and each segment is
percent-decoded once, so an encoded slash can never make a new segment: it is refused. A 24-character battery code does
not fit AI 21 (20 characters); positions 1-7 belong to the model and so to its GTIN, positions 8 to the end are the
serial: 17 characters, 12 for a re-used product. Sources: GS1 General Specifications (the 82 characters of AI 21); GS1
Digital Link URI syntax.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from urllib.parse import quote

from service.domain.errors import InvalidCode
from service.domain.gbt34014 import BatteryCode, parse_code

SERIAL_LENGTH = 20
SERIAL_CHARACTERS = frozenset(
    "!\"%&'()*+,-./0123456789:;<=>?ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz",
)
_DIGITS = frozenset("0123456789")
_ESCAPE = re.compile(r"%([0-9A-Fa-f]{2})?", re.ASCII)


def gtin_check_digit(body: str) -> str:
    """The last digit of a GTIN whose other digits are `body` (7, 11, 12 or 13 of them)."""
    digits = body[::-1]
    total = 3 * sum(map(int, digits[::2])) + sum(map(int, digits[1::2]))
    return str(-total % 10)


def parse_gtin(text: str) -> str:
    """`text` itself when it is a GTIN-14 with the right check digit; otherwise InvalidCode."""
    if len(text) != 14:
        raise InvalidCode(f"a GTIN-14 has 14 digits; this has {len(text)}", f"GTIN-14为14位数字，此处为{len(text)}位")
    if not _DIGITS.issuperset(text):
        position = next(at for at, each in enumerate(text) if each not in _DIGITS)
        raise InvalidCode("a GTIN has digits only", "GTIN只含数字", position)
    if gtin_check_digit(text[:13]) != text[13]:
        raise InvalidCode(f"the check digit should be {gtin_check_digit(text[:13])}", "GTIN校验位不正确", 13)
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


def digital_link_path(gtin: str, serial: str) -> str:
    """The path of this battery's address, percent-encoded, beginning with a slash."""
    return f"/01/{parse_gtin(gtin)}/21/{quote(parse_serial(serial), safe='')}"


def parse_digital_link_path(raw_path: str) -> tuple[str, str]:
    """(gtin, serial) of a path still percent-encoded, without scheme, host and query. InvalidCode for anything else."""
    if not raw_path.startswith("/"):
        raise InvalidCode("a Digital Link path begins with a slash", "路径须以斜杠开头", 0)
    segments, starts, position = raw_path[1:].split("/"), [], 1
    for segment in segments:
        starts.append(position)
        position += len(segment) + 1
    values = [_decode(segment, start) for segment, start in zip(segments, starts, strict=True)]
    keys = values[0::2]
    if len(set(keys)) != len(keys):
        raise InvalidCode("an application identifier stands twice", "应用标识符重复", starts[2])
    if keys != ["01", "21"]:
        wrong = next((at for at, key in enumerate(keys) if key not in ("01", "21")), None)
        if wrong is not None:
            raise InvalidCode(
                "only the application identifiers 01 and 21 are used", "仅使用应用标识符01和21", starts[2 * wrong]
            )
        raise InvalidCode("the path is /01/{gtin}/21/{serial}, in this order", "路径应依次为/01/{gtin}/21/{序列号}")
    if len(values) != 4:
        raise InvalidCode("the serial number is missing", "缺少序列号")
    return _shifted(parse_gtin, values[1], starts[1]), _shifted(parse_serial, values[3], starts[3])


def _decode(segment: str, start: int) -> str:
    if not segment:
        raise InvalidCode("an empty segment", "路径中有空段", start)
    for match in _ESCAPE.finditer(segment):
        if match[1] is None:
            raise InvalidCode(
                "a percent sign without two hexadecimal digits", "百分号后须有两位十六进制数", start + match.start()
            )
        if not 0x20 < int(match[1], 16) < 0x7F or match[1].upper() == "2F":
            raise InvalidCode("this escaped character is not allowed", "不允许该转义字符", start + match.start())
    for position, each in enumerate(segment):
        if not "\x20" < each < "\x7f" or each in '?#"<>\\^`{|}':
            raise InvalidCode("this character cannot stand in a path", "路径中不允许该字符", start + position)
    return _ESCAPE.sub(lambda match: chr(int(match[1], 16)), segment)


def _shifted(parse: Callable[[str], str], value: str, start: int) -> str:
    """`parse(value)`, its position counted from the start of the whole path (exact where nothing was escaped)."""
    try:
        return parse(value)
    except InvalidCode as error:
        position = None if error.position is None else start + error.position
        raise InvalidCode(error.reason_en, error.reason_zh, position) from None
