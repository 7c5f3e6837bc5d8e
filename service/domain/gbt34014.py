"""The battery code of GB/T 34014-2017: 24 characters, or 19 for a re-used product.

    24: manufacturer 3, level 1 (P M C), chemistry 1 (A-G Z), specification 2, traceability 7, date 3, serial 7
    19: manufacturer 3, level 1, chemistry 1, specification 2, date 3, serial 7, R, level 1 again

The date is year (1 = 2011 .. Y = 2040), month (1-9 A B C), day (1-9 A-Y = 10-30, 0 = 31); I O Q U Z are never used in
it. The serial of the day runs from 1. There is no check digit, so a slip that gives another valid code cannot be seen
here. `parse_code` takes the code exactly as registered: upper-case ASCII. `fold_code` is for search boxes only.
Source: GB/T 34014-2017; the date symbols as read by the scripts of a vehicle maker that reports to the platform.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple, NoReturn

from service.domain.errors import InvalidCode
from service.domain.words import Level

SYMBOLS = "0123456789ABCDEFGHJKLMNPRSTVWXY"
YEAR_SYMBOLS = SYMBOLS[1:]
MONTH_SYMBOLS = "123456789ABC"
FIRST_YEAR = 2011
LEVEL_OF_LETTER = {"P": Level.PACK, "M": Level.MODULE, "C": Level.CELL}
LETTER_OF_LEVEL = {level: letter for letter, level in LEVEL_OF_LETTER.items()}


class Chemistry(NamedTuple):
    letter: str
    en: str
    zh: str
    source: str


CHEMISTRIES: dict[str, Chemistry] = {
    row.letter: row
    for row in (
        Chemistry("A", "nickel-metal hydride", "镍氢", "source needed"),
        Chemistry("B", "lithium iron phosphate", "磷酸铁锂", "GB/T 34014-2017, position 5"),
        Chemistry("C", "lithium manganese oxide", "锰酸锂", "source needed"),
        Chemistry("D", "lithium cobalt oxide", "钴酸锂", "source needed"),
        Chemistry("E", "nickel cobalt manganese or aluminium (ternary)", "三元", "GB/T 34014-2017, position 5"),
        Chemistry("F", "supercapacitor", "超级电容", "source needed"),
        Chemistry("G", "lithium titanate", "钛酸锂", "source needed"),
        Chemistry("Z", "other", "其他", "source needed"),
    )
}


@dataclass(frozen=True, slots=True)
class BatteryCode:
    """A code and its parts. `traceability` is None in the 19-character form; `serial` keeps its leading zeros."""

    form: int
    manufacturer: str
    level: Level
    chemistry: str
    specification: str
    traceability: str | None
    date: date
    serial: str
    text: str


_HEAD = r"([A-Z0-9]{3})([PMC])([A-GZ])([A-Z0-9]{2})"
_TAIL = r"([1-9A-HJ-NPRSTVWXY])([1-9ABC])([0-9A-HJ-NPRSTVWXY])([0-9]{7})"
_LONG = re.compile(f"{_HEAD}([A-Z0-9]{{7}}){_TAIL}", re.ASCII)
_SHORT = re.compile(f"{_HEAD}(){_TAIL}R([PMC])", re.ASCII)


def parse_code(text: str, *, today: date | None = None) -> BatteryCode:
    """The code in `text`, or InvalidCode with the position. With `today` a later production date is refused."""
    match = (_LONG if len(text) == 24 else _SHORT).fullmatch(text)
    if match is None:
        _explain(text)
    manufacturer, letter, chemistry, specification, traceability, year, month, day, serial = match.groups()[:9]
    start = match.start(6)
    made = _date(year, month, day, start)
    if serial == "0000000":
        raise InvalidCode("the serial number of the day starts at 0000001", "当日序列号从0000001开始", start + 3)
    if len(text) == 19 and text[18] != letter:
        raise InvalidCode(
            f"the last letter must repeat the level {letter} of position 4", f"末位须与第4位的产品类型{letter}一致", 18
        )
    if today is not None and made > today:
        raise InvalidCode(f"the production date {made} is in the future", f"生产日期{made}晚于今天", start)
    return BatteryCode(
        form=len(text),
        manufacturer=manufacturer,
        level=LEVEL_OF_LETTER[letter],
        chemistry=chemistry,
        specification=specification,
        traceability=traceability or None,
        date=made,
        serial=serial,
        text=text,
    )


def format_code(code: BatteryCode) -> str:
    """The text of these parts (`code.text` and `code.form` are not read). InvalidCode where a part does not fit."""
    prefix = f"{code.manufacturer}{LETTER_OF_LEVEL[code.level]}{code.chemistry}{code.specification}"
    return make_code(prefix, code.date, serial=int(code.serial), traceability=code.traceability).text


def make_code(prefix: str, made: date, *, serial: int, traceability: str | None = None) -> BatteryCode:
    """A code from positions 1-7, a production date and a serial number of the day.

    With the 7 characters of `traceability` the 24-character form, without them that of a re-used product.
    """
    if not 0 <= made.year - FIRST_YEAR < len(YEAR_SYMBOLS):
        raise InvalidCode("production dates run from 2011 to 2040", "生产日期范围为2011年至2040年")
    if len(prefix) != 7 or len(traceability or "1234567") != 7 or not 0 < serial < 10_000_000:
        raise InvalidCode("a part of the code has the wrong length", "编码某一部分的长度不正确")
    year, month, day = YEAR_SYMBOLS[made.year - FIRST_YEAR], MONTH_SYMBOLS[made.month - 1], SYMBOLS[made.day % 31]
    stamp = f"{year}{month}{day}{serial:07d}"
    return parse_code(f"{prefix}{traceability}{stamp}" if traceability else f"{prefix}{stamp}R{prefix[3]}")


def fold_code(text: str) -> str:
    """What a person may have meant: upper case, full-width as ASCII, without spaces and hyphens. For search only."""
    folded = unicodedata.normalize("NFKC", text).upper()
    return "".join(each for each in folded if not each.isspace() and unicodedata.category(each) not in ("Pd", "Cf"))


def _date(year: str, month: str, day: str, start: int) -> date:
    number = SYMBOLS.index(day) or 31
    try:
        return date(FIRST_YEAR + YEAR_SYMBOLS.index(year), MONTH_SYMBOLS.index(month) + 1, number)
    except ValueError:
        stamp = f"{FIRST_YEAR + YEAR_SYMBOLS.index(year)}-{MONTH_SYMBOLS.index(month) + 1:02d}-{number:02d}"
        raise InvalidCode(f"the date {stamp} does not exist", f"日期{stamp}不存在", start + 2) from None


class _Place(NamedTuple):
    allowed: str
    en: str
    zh: str


_CODE = _Place("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ", "a digit or an upper-case letter", "数字或大写字母")
_LEVEL = _Place("PMC", "P (pack), M (module) or C (cell)", "P（电池包）、M（模块）或C（单体）")
_CHEMISTRY = _Place("".join(CHEMISTRIES), "a chemistry letter, A to G or Z", "电池类型字母A至G或Z")
_DATE = (
    _Place(YEAR_SYMBOLS, "a year symbol (1-9, A-Y without I O Q U)", "年份符号（1-9、A-Y，不用I O Q U）"),
    _Place(MONTH_SYMBOLS, "a month symbol (1-9, A, B or C)", "月份符号（1-9、A、B、C）"),
    _Place(SYMBOLS, "a day symbol (0-9, A-Y without I O Q U)", "日期符号（0-9、A-Y，不用I O Q U）"),
)
_DIGIT = _Place("0123456789", "a digit", "数字")
_MARK = _Place("R", "R, the mark of a re-used product", "再利用产品标记R")
_HEAD_PLACES = (_CODE,) * 3 + (_LEVEL, _CHEMISTRY) + (_CODE,) * 2
PLACES = {
    24: _HEAD_PLACES + (_CODE,) * 7 + _DATE + (_DIGIT,) * 7,
    19: _HEAD_PLACES + _DATE + (_DIGIT,) * 7 + (_MARK, _LEVEL),
}


def _explain(text: str) -> NoReturn:
    """Raise for a text that is no code, naming the first character that makes it none."""
    places = PLACES.get(len(text))
    if places is None:
        raise InvalidCode(
            f"a battery code has 24 characters, or 19 for a re-used product; this has {len(text)}",
            f"电池编码为24位（再利用产品19位），此处为{len(text)}位",
        )
    position = next(at for at, (each, place) in enumerate(zip(text, places, strict=True)) if each not in place.allowed)
    place, found = places[position], text[position]
    if fold_code(found) in place.allowed and fold_code(found):
        raise InvalidCode(
            "a registered code is upper-case ASCII: this character is lower case or full width",
            "登记编码须为大写半角字符：此处为小写或全角",
            position,
        )
    raise InvalidCode(f"expected {place.en}", f"此处应为{place.zh}", position)
