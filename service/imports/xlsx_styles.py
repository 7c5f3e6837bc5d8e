"""Which cells of a workbook are dates, and which moment a serial number stands for.

Source: ISO/IEC 29500-1, 18.8.30 (number formats) and 18.17.4 (dates).
"""

import re
from datetime import date, datetime, timedelta
from decimal import Decimal

from service.imports.xlsx_package import Handlers, Package

_BUILT_IN_DATES = frozenset({*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)})
_NOT_LETTERS = re.compile(r'"[^"]*"|\\.|\[[^\[\]]*\]|_.')
_DAY_SECONDS = 86_400


def read_date_styles(package: Package) -> frozenset[int]:
    """The numbers of the cell styles that show a date."""
    formats: dict[int, str] = {}
    styles: list[int] = []
    inside: list[str] = []

    def start(name: str, attributes: dict[str, str]) -> None:
        inside.append(name)
        if name == "numFmt":
            formats[_number(attributes.get("numFmtId"))] = attributes.get("formatCode", "")
        elif name == "xf" and "cellXfs" in inside:
            styles.append(_number(attributes.get("numFmtId")))

    if package.has("xl/styles.xml"):
        package.read("xl/styles.xml", Handlers(start, lambda _: inside.__delitem__(-1)))
    return frozenset(at for at, number in enumerate(styles) if _is_date(number, formats))


def read_moment(serial: Decimal, *, from_1904: bool) -> date | datetime | None:
    """The date of a serial number, with a time where it has one; None for what is no day of the calendar.

    The calendar of 1900 has a 29 February that never was: days before 1 March 1900 are refused.
    """
    first = datetime(1904, 1, 1) if from_1904 else datetime(1899, 12, 30)
    days = int(serial)
    if serial < 0 or days > 2_958_465 or (not from_1904 and days < 61):
        return None
    milliseconds = round((serial - days) * _DAY_SECONDS * 1000)
    moment = first + timedelta(days=days, milliseconds=milliseconds)
    return moment if milliseconds else moment.date()


def _is_date(number: int, formats: dict[int, str]) -> bool:
    if number in formats:
        letters = _NOT_LETTERS.sub("", formats[number].split(";")[0]).lower()
        return any(letter in letters for letter in "ymdhs年月日")
    return number in _BUILT_IN_DATES


def _number(text: str | None) -> int:
    return int(text) if text and text.isascii() and text.isdigit() else 0
