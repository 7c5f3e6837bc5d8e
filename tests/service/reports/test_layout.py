"""Format files: what they may say, and how a wrong one is told. Any text gives a layout or ReportFormatError."""

import contextlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.domain.duties.rows import DUTIES
from service.reports.errors import ReportFormatError
from service.reports.layout import ANY, DEFAULT, Column, Encoding, Layout, parse_layout, read_layout

OWN = """
title = "重庆格式"
encoding = "gb18030"
dates = "%Y%m%d"
[[reports]]
duties = ["cn73-scrap"]
columns = [{title = "VIN", field = "body.vin"}, {title = "证明编号", field = "body.certificate_no"}]
[[reports]]
duties = ["*"]
columns = [{title = "编码", field = "battery.code"}]
"""


def test_a_format_file_replaces_columns_dates_and_encoding(tmp_path: Path) -> None:
    file = tmp_path / "report-layout.toml"
    file.write_text(OWN, encoding="utf-8")
    layout = read_layout(file)
    assert (layout.title, layout.encoding, layout.dates) == ("重庆格式", Encoding.GB18030, "%Y%m%d")
    assert layout.columns_of("cn73-scrap") == (Column("VIN", "body.vin"), Column("证明编号", "body.certificate_no"))
    assert layout.columns_of("cn73-sale") == (Column("编码", "battery.code"),)


def test_without_a_file_every_duty_has_columns(tmp_path: Path) -> None:
    layout = read_layout(tmp_path / "none.toml")
    assert layout is DEFAULT
    for duty in DUTIES:
        fields = [column.field for column in layout.columns_of(duty)]
        assert {"battery.code", "duty.due_on", "duty.late"} <= set(fields)
        assert len(fields) == len(set(fields))
    assert all(each == ANY or each in DUTIES for sheet in layout.sheets for each in sheet.duties)


def test_a_dismantler_reports_what_the_published_list_of_fields_asks() -> None:
    scrapped = {column.field for column in DEFAULT.columns_of("cn73-scrap")}
    assert {"body.vin", "event.day", "battery.code", "battery.chemistry"} <= scrapped
    given = {column.field for column in DEFAULT.columns_of("cn2018-scrap-out")}
    assert {"battery.code", "event.day", "other.name", "other.uscc"} <= given


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (("gb18030", "utf-7"), "encoding is one of"),
        (("%Y%m%d", "%Y%m"), "dates is a pattern"),
        (("body.vin", "body.nothing"), "reports[0].columns[0].field: there is no body.nothing"),
        (("battery.code", "vin"), "reports[1].columns[0].field"),
        (("cn73-scrap", "cn73-nothing"), "there is no duty cn73-nothing"),
        (("[[reports]]", "[[others]]"), "reports is a list"),
        (("title = ", "title : "), "no TOML"),
        (('"重庆格式"', "3"), "title is a text"),
    ],
)
def test_a_wrong_format_file_is_refused_with_the_place(change: tuple[str, str], words: str) -> None:
    with pytest.raises(ReportFormatError) as refused:
        parse_layout(OWN.replace(*change))
    assert words in str(refused.value)


def test_a_file_without_columns_for_a_duty_says_so() -> None:
    with pytest.raises(ReportFormatError, match="cn73-sale"):
        parse_layout(OWN.replace('"*"', '"cn73-repair"')).columns_of("cn73-sale")


def test_a_file_that_is_no_text_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "bad.toml"
    file.write_bytes(b"\xff\xfe title")
    with pytest.raises(ReportFormatError):
        read_layout(file)


@given(st.text() | st.text(alphabet='[]{}=".\n reportsdutiescolumns*'))
def test_any_text_gives_a_layout_or_a_format_error(text: str) -> None:
    with contextlib.suppress(ReportFormatError):
        assert isinstance(parse_layout(text), Layout)
