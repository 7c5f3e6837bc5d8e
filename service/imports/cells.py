"""From a cell to the value of a field. Nothing is guessed: what a spreadsheet may have changed is refused, with advice.

Numbers keep all their digits. A number cell where a text with a form of its own belongs has lost leading zeros, and a
text like 9.52E+12 has lost digits; both are refused. Dates stand as YYYY-MM-DD or YYYY/M/D, or in date cells. Times
without a zone are of China.
"""

import re
from collections.abc import Callable
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

from ledger.canonical import parse_json
from ledger.entry import format_time
from ledger.errors import MalformedError
from service.domain.fields import FieldSpec
from service.imports.columns import fold
from service.imports.rows import Cell, Number

CHINA = timezone(timedelta(hours=8))
Convert = Callable[[Cell], Any]

_WHOLE = re.compile(r"-?[0-9]{1,18}")
_DECIMAL = re.compile(r"-?[0-9]{1,18}\.[0-9]{1,18}")
_SCIENTIFIC = re.compile(r"[+-]?[0-9]+(\.[0-9]*)?[eE][+-]?[0-9]+")
_DAY = re.compile(r"([0-9]{4})[-/]([0-9]{1,2})[-/]([0-9]{1,2})")
_EXACT_TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3}Z")
_SEVERAL = re.compile(r"[;；、|\n]")
_YES, _NO = frozenset({"true", "yes", "是", "1"}), frozenset({"false", "no", "否", "0"})


class CellError(Exception):
    """A cell that does not hold what its column says."""

    def __init__(self, code: str, en: str, zh: str) -> None:
        super().__init__(en)
        self.code, self.en, self.zh = code, en, zh


def converter(spec: FieldSpec | None, places: int = 0) -> Convert:
    """How cells of this field are read; `places` as in Column. Without a field: as text, for others to refuse."""
    if spec is None:
        return _plain
    match spec.kind:
        case "integer" | "amounts":
            return lambda cell: _read_whole(cell, places)
        case "choice":
            return _word_reader(spec)
        case "choices":
            read = _word_reader(spec)
            return lambda cell: [read(each) for each in _split(cell)]
        case "codes":
            return lambda cell: [_read_formed(each) for each in _split(cell)]
        case "date":
            return read_day
        case "boolean":
            return _read_boolean
        case "items":
            return _read_list
    return _read_formed if spec.pattern else _read_free


def read_subject(cell: Cell) -> str:
    """A battery code."""
    return _read_formed(cell)


def read_moment(cell: Cell) -> str:
    """A time as it stands in an event. A day without a time is its beginning in China."""
    if isinstance(cell, str) and _EXACT_TIME.fullmatch(cell):
        return cell
    moment = _moment(cell)
    if moment is None:
        raise CellError(
            "time", "a time is needed, as 2026-05-01 12:30 or 2026-05-01T04:30:00Z", "应为时间，如2026-05-01 12:30"
        )
    try:
        return format_time(moment if moment.tzinfo else moment.replace(tzinfo=CHINA))
    except (ValueError, OverflowError):
        raise CellError("time", "not a time that can be recorded", "时间超出可登记的范围") from None


def read_day(cell: Cell) -> str:
    """A day as YYYY-MM-DD. What is no day is left to the domain to refuse."""
    if isinstance(cell, datetime):
        raise CellError("date", "a day without a time is needed", "应为不含时间的日期")
    if isinstance(cell, date):
        return cell.isoformat()
    if not isinstance(cell, str):
        raise CellError(
            "date", "a date is needed: format the column as a date or as text", "应为日期，请将该列设为日期或文本格式"
        )
    text = cell.strip()
    match = _DAY.fullmatch(text)
    return f"{match[1]}-{match[2]:0>2}-{match[3]:0>2}" if match else text


def _moment(cell: Cell) -> datetime | None:
    if isinstance(cell, datetime):
        return cell
    if isinstance(cell, date):
        return datetime(cell.year, cell.month, cell.day)
    if not isinstance(cell, str):
        return None
    text = cell.strip()
    day, time = text[:10], text[10:]
    if " " in text and "T" not in text:
        day, _, time = text.partition(" ")
    if match := _DAY.fullmatch(day):
        day = f"{match[1]}-{match[2]:0>2}-{match[3]:0>2}"
    try:
        moment = datetime.fromisoformat(f"{day}T{time.strip().removeprefix('T')}" if time else day)
    except ValueError:
        return None
    return moment if moment.microsecond % 1000 == 0 else None


def _read_whole(cell: Cell, places: int) -> int:
    if isinstance(cell, str):
        text = cell.strip()
        if _WHOLE.fullmatch(text):
            return int(f"{text}{'0' * places}")
        if _SCIENTIFIC.fullmatch(text):
            raise CellError("scientific", *_LOST)
        if not _DECIMAL.fullmatch(text):
            raise CellError("number", "a number is needed, with nothing but digits", "应为数字，不含其他字符")
        value = Decimal(text)
    elif isinstance(cell, Number):
        if cell.exact is None:
            raise CellError("digits", *_TOO_LONG)
        value = cell.exact
    else:
        raise CellError("number", "a number is needed", "应为数字")
    moved = value.scaleb(places)
    if moved != moved.to_integral_value():
        raise CellError("whole", "too many decimal places for this column", "小数位数过多")
    return int(moved)


def _read_formed(cell: Cell) -> str:
    """A text with a form of its own: codes, numbers of documents, ids."""
    if isinstance(cell, str):
        text = cell.strip(" \t")
        if "+" in text and _SCIENTIFIC.fullmatch(text):
            raise CellError("scientific", *_LOST)
        return text
    if isinstance(cell, Number):
        raise CellError("number-cell", *_AS_TEXT)
    raise CellError("text", "a text is needed: format the column as text", "应为文本，请将该列设为文本格式")


def _read_free(cell: Cell) -> str:
    if isinstance(cell, Number):
        if cell.exact is None:
            raise CellError("digits", *_TOO_LONG)
        return cell.text
    return _read_formed(cell) if not isinstance(cell, str) else cell.strip(" \t")


def _word_reader(spec: FieldSpec) -> Convert:
    words = {fold(written): word.value for word in spec.choices for written in (word.zh, word.en, word.value)}

    def read(cell: Cell) -> str:
        text = _read_formed(cell)
        return words.get(fold(text), text)

    return read


def _read_boolean(cell: Cell) -> bool:
    if isinstance(cell, bool):
        return cell
    text = (cell.text if isinstance(cell, Number) else str(cell)).strip().casefold()
    if text not in _YES | _NO:
        raise CellError("boolean", "yes or no is needed", "应为是或否")
    return text in _YES


def _read_list(cell: Cell) -> Any:
    try:
        return parse_json(str(cell).encode())
    except (MalformedError, UnicodeEncodeError):
        raise CellError(
            "list",
            "a JSON list is needed, or columns of their own (name.1.field)",
            "应为JSON列表，或分列填写（名称.1.字段）",
        ) from None


def _split(cell: Cell) -> list[str]:
    text = _read_formed(cell)
    return [] if text in ("-", "无", "none") else [part.strip() for part in _SEVERAL.split(text) if part.strip()]


def _plain(cell: Cell) -> str:
    return cell if isinstance(cell, str) else str(cell)


_LOST = (
    "a spreadsheet has shortened this number: format the column as text before you enter it, and enter it anew",
    "电子表格已将该数字转为科学计数法，请先将该列设为文本格式再重新填写",
)
_AS_TEXT = (
    "a number cell loses leading zeros: format the column as text, and enter it anew",
    "数字单元格会丢失前导零，请将该列设为文本格式后重新填写",
)
_TOO_LONG = (
    "a spreadsheet keeps 15 digits of a number: format the column as text, and enter it anew",
    "电子表格只保留15位数字，请将该列设为文本格式后重新填写",
)
