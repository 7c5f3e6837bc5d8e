"""How a report is laid out: which columns, in which order, under which names, in which encoding.

No public specification of the platform's files was found. So the columns are a format file that an operator can
replace the day one is published; DEFAULT is ours. Source of the fields of a dismantler: the list published by the
China association for the recycling of materials (shlhzl.com) for the rules of 2018; of the others: source needed.

    title = "溯源信息"                      # text; also stands in the JSON
    encoding = "utf-8-bom"                  # utf-8, utf-8-bom or gb18030
    dates = "%Y-%m-%d"
    [[reports]]
    duties = ["cn2018-scrap", "cn73-scrap"] # "*" holds for those that no other report names
    columns = [{title = "车架号", field = "body.vin"}, ...]

A field is one of FIELDS, or `body.` and the name of a field of the event's body; what the event lacks is left empty.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Any, NamedTuple

from service.domain.duties.rows import DUTIES
from service.domain.titles import TITLES
from service.reports.errors import ReportFormatError

ANY = "*"
BODY = "body."
FIELDS: dict[str, tuple[str, str]] = {
    "entry.index": ("Entry", "条目序号"),
    "entry.event_id": ("Event id", "事件编号"),
    "event.kind": ("Event", "事件"),
    "event.day": ("Day of the fact", "发生日期"),
    "event.recorded_on": ("Recorded on", "登记日期"),
    "duty.id": ("Duty", "报送义务"),
    "duty.due_on": ("Due on", "报送期限"),
    "duty.late": ("Late", "是否逾期"),
    "battery.code": ("Battery code", "电池编码"),
    "battery.level": ("Level", "产品类型"),
    "battery.chemistry": ("Chemistry", "电池类型"),
    "operator.id": ("Operator", "企业编号"),
    "operator.name": ("Name of the operator", "企业名称"),
    "operator.uscc": ("Unified social credit code", "统一社会信用代码"),
    "operator.region": ("District", "所在区县"),
    "operator.zone": ("Zone", "所在片区"),
    "other.name": ("Other party", "对方企业"),
    "other.uscc": ("Unified social credit code of the other party", "对方统一社会信用代码"),
    "other.region": ("District of the other party", "对方所在区县"),
    "other.zone": ("Zone of the other party", "对方所在片区"),
}
"""What a column may hold besides fields of the body, with its name. `other`: to whom, or from whom."""


class Encoding(StrEnum):
    UTF_8 = "utf-8"
    UTF_8_BOM = "utf-8-bom"
    GB18030 = "gb18030"

    @property
    def codec(self) -> str:
        """Python's name of it."""
        return {"utf-8-bom": "utf-8-sig"}.get(self.value, self.value)


class Column(NamedTuple):
    title: str
    field: str


class Sheet(NamedTuple):
    """The columns for some duties."""

    duties: frozenset[str]
    columns: tuple[Column, ...]


@dataclass(frozen=True, slots=True)
class Layout:
    """A format file as read."""

    title: str
    encoding: Encoding
    dates: str
    sheets: tuple[Sheet, ...]

    def columns_of(self, duty: str) -> tuple[Column, ...]:
        """The columns for a duty. Raises ReportFormatError where the file has none for it."""
        for wanted in (duty, ANY):
            for sheet in self.sheets:
                if wanted in sheet.duties:
                    return sheet.columns
        raise ReportFormatError(f"the format file lays out no columns for {duty}")


def read_layout(file: Path) -> Layout:
    """The layout of a TOML file; DEFAULT where there is no such file. Raises ReportFormatError."""
    try:
        return parse_layout(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return DEFAULT
    except (OSError, UnicodeDecodeError) as error:
        raise ReportFormatError(f"{file} cannot be read: {error}") from None


def parse_layout(text: str) -> Layout:
    """The layout that this TOML text describes. Raises ReportFormatError."""
    try:
        found: Mapping[str, Any] = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ReportFormatError(f"the format file is no TOML: {error}") from None
    sheets = _list(found.get("reports"), "reports")
    encoding = found.get("encoding", Encoding.UTF_8_BOM.value)
    if encoding not in [each.value for each in Encoding]:
        raise ReportFormatError(f"encoding is one of {', '.join(Encoding)}")
    dates = _text(found.get("dates", "%Y-%m-%d"), "dates")
    _check_dates(dates)
    return Layout(
        _text(found.get("title", DEFAULT_TITLE), "title"),
        Encoding(encoding),
        dates,
        tuple(_sheet(each, f"reports[{at}]") for at, each in enumerate(sheets)),
    )


def _sheet(found: Any, place: str) -> Sheet:
    if not isinstance(found, dict):
        raise ReportFormatError(f"{place} is a table with duties and columns")
    duties = _list(found.get("duties"), f"{place}.duties")
    for each in duties:
        if each != ANY and each not in DUTIES:
            raise ReportFormatError(f"{place}.duties: there is no duty {each}")
    columns = _list(found.get("columns"), f"{place}.columns")
    return Sheet(frozenset(duties), tuple(_column(each, f"{place}.columns[{at}]") for at, each in enumerate(columns)))


def _column(found: Any, place: str) -> Column:
    if not isinstance(found, dict):
        raise ReportFormatError(f"{place} is a table with title and field")
    title, field = _text(found.get("title"), f"{place}.title"), _text(found.get("field"), f"{place}.field")
    if field not in FIELDS and field.removeprefix(BODY) not in (TITLES if field.startswith(BODY) else ()):
        raise ReportFormatError(f"{place}.field: there is no {field}")
    return Column(title, field)


def _list(found: Any, place: str) -> list[Any]:
    if not isinstance(found, list) or not found:
        raise ReportFormatError(f"{place} is a list with at least one element")
    return found


def _text(found: Any, place: str) -> str:
    if not isinstance(found, str) or not found or len(found) > 200:
        raise ReportFormatError(f"{place} is a text of 1 to 200 characters")
    return found


def _check_dates(pattern: str) -> None:
    """Different days are written differently."""
    days = (date(2026, 11, 22), date(2026, 11, 21), date(2026, 10, 22), date(2025, 11, 22))
    try:
        written = {day.strftime(pattern) for day in days}
    except ValueError:
        written = set()
    if len(written) < len(days) or not "".join(written).isprintable():
        raise ReportFormatError("dates is a pattern with year, month and day, such as %Y-%m-%d")


def _default(*fields: str) -> tuple[Column, ...]:
    return tuple(
        Column(TITLES[each.removeprefix(BODY)][1] if each.startswith(BODY) else FIELDS[each][1], each)
        for each in fields
    )


DEFAULT_TITLE = "动力电池溯源信息"
_HEAD = ("operator.name", "operator.uscc", "operator.region", "operator.zone", "battery.code", "battery.chemistry")
_TAIL = ("event.recorded_on", "duty.due_on", "duty.late", "entry.index", "entry.event_id")
_OUT = (*_HEAD, "event.day", "other.name", "other.uscc", "other.region", "body.transport_document", *_TAIL)
_PRODUCTS = ("repurposed", "reused", "remade")
DEFAULT = Layout(
    DEFAULT_TITLE,
    Encoding.UTF_8_BOM,
    "%Y-%m-%d",
    (
        Sheet(frozenset({"cn2018-install", "cn73-install"}), _default(*_HEAD, "body.vin", "event.day", *_TAIL)),
        Sheet(frozenset({"cn2018-sale", "cn73-sale"}), _default(*_HEAD, "body.sold_on", "body.region", *_TAIL)),
        Sheet(
            frozenset({"cn2018-scrap", "cn73-scrap"}),
            _default(*_HEAD, "body.vin", "body.certificate_no", "event.day", *_TAIL),
        ),
        Sheet(
            frozenset({"cn2018-outlet-in", "cn2018-recycler-in", "cn73-outlet-in", "cn73-recycler-in"}),
            _default(*_HEAD, "body.mass_g", "event.day", *_OUT[len(_HEAD) + 1 :]),
        ),
        Sheet(frozenset({"cn2018-outlet-out", "cn2018-scrap-out", "cn73-outlet-out"}), _default(*_OUT)),
        Sheet(
            frozenset(f"{regime}-product-{name}" for regime in ("cn2018", "cn73") for name in _PRODUCTS),
            _default(
                *_HEAD, "body.application", "body.capacity_mah", "body.energy_wh", "body.mass_g", "event.day", *_TAIL
            ),
        ),
        Sheet(
            frozenset({"cn2018-recycled", "cn73-recycled"}),
            _default(*_HEAD, "body.route", "body.input_mass_g", "body.loss_mass_g", "event.day", *_TAIL),
        ),
        Sheet(frozenset({ANY}), _default(*_HEAD, "event.kind", "event.day", *_TAIL)),
    ),
)
