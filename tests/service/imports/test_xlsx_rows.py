"""XLSX: cells as they stand there, dates by their style, numbers without loss, and archives that attack the reader."""

import io
import random
import tracemalloc
import zipfile
from datetime import date, datetime
from decimal import Decimal

import pytest

from service.imports.errors import FileRefusedError
from service.imports.limits import Limits
from service.imports.rows import Number, Row
from service.imports.xlsx_rows import XlsxRows
from tests.service.imports.workbooks import text_row, workbook

HEAD = text_row(1, "a", "b", "c", "d", "e")


def rows_of(data: bytes, limits: Limits | None = None) -> list[Row]:
    return list(XlsxRows(io.BytesIO(data), limits or Limits()))


def cells_of(row: str, *texts: str, properties: str = "") -> tuple[object, ...]:
    [found] = rows_of(workbook([HEAD, row], texts, properties=properties))
    return found.cells


def test_texts_are_read_wherever_they_stand() -> None:
    cells = '<c r="A7" t="s"><v>1</v></c><c r="C7" t="str"><f>A1</f><v>formula</v></c><c r="D7" t="b"><v>1</v></c>'
    row = f'<row r="7">{cells}</row>'
    shared = ("<t>no</t>", "<r><t>重</t></r><r><t>庆</t></r><rPh><t>chong</t></rPh>")
    [found] = rows_of(workbook([HEAD, row], shared))
    assert (found.number, found.cells) == (7, ("重庆", "", "formula", True))


@pytest.mark.parametrize(
    ("written", "exact"),
    [
        ("300500", Decimal(300500)),
        ("3.7000000000000002", Decimal("3.7")),
        ("0.1", Decimal("0.1")),
        ("1.5E+5", Decimal(150000)),
        ("-5", Decimal(-5)),
        ("123456789012345", Decimal(123456789012345)),
        ("1234567890123456", None),
        ("1E+300", None),
        ("1E-300", Decimal("1E-300")),
    ],
)
def test_a_number_is_what_the_spreadsheet_shows(written: str, exact: Decimal | None) -> None:
    [cell] = cells_of(f'<row r="2"><c><v>{written}</v></c></row>')
    assert isinstance(cell, Number)
    assert cell.exact == exact


def test_dates_are_known_by_their_style() -> None:
    row = "".join(
        f'<c s="{style}"><v>{value}</v></c>' for style, value in ((1, 46079), (2, 46079), (3, 2), (4, "46079.52"))
    )
    day, chinese, days, moment = cells_of(f'<row r="2">{row}</row>')
    assert day == chinese == date(2026, 2, 26)
    assert isinstance(days, Number)
    assert moment == datetime(2026, 2, 26, 12, 28, 48)


def test_the_calendar_of_1904_is_known_and_days_that_never_were_are_numbers() -> None:
    row = '<row r="2"><c s="1"><v>44617</v></c></row>'
    assert cells_of(row, properties='<workbookPr date1904="1"/>') == (date(2026, 2, 26),)
    assert isinstance(cells_of('<row r="2"><c s="1"><v>60</v></c></row>')[0], Number)


BOMB = b"<worksheet><sheetData>" + b" " * 30_000_000 + b"</sheetData></worksheet>"
DOCTYPE = '<!DOCTYPE x [<!ENTITY a "aaaaaaaa">]><worksheet>&a;</worksheet>'
EXTERNAL = '<!DOCTYPE x SYSTEM "file:///etc/passwd"><worksheet/>'


@pytest.mark.parametrize(
    ("others", "code"),
    [
        ({"xl/worksheets/sheet1.xml": BOMB}, "bomb"),
        ({"xl/sharedStrings.xml": BOMB}, "bomb"),
        ({"xl/worksheets/sheet1.xml": DOCTYPE}, "doctype"),
        ({"xl/worksheets/sheet1.xml": EXTERNAL}, "doctype"),
        ({"xl/vbaProject.bin": b"x"}, "macros"),
        ({"xl/worksheets/sheet1.xml": "<worksheet><sheetData>"}, "xlsx"),
        ({"xl/workbook.xml": "<workbook/>"}, "sheet"),
        ({f"x/{n}": b"" for n in range(3_000)}, "xlsx"),
    ],
)
def test_an_archive_that_attacks_the_reader_is_refused(others: dict[str, bytes | str], code: str) -> None:
    tracemalloc.start()
    with pytest.raises(FileRefusedError) as caught:
        rows_of(workbook([HEAD, text_row(2, "x")], others=others))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert caught.value.faults[0].code == code
    assert peak < 40_000_000 + len(str(others))


@pytest.mark.parametrize(
    ("row", "code"),
    [
        ('<row r="2"><c r="ZZZ2" t="str"><v>x</v></c></row>', "columns"),
        ('<row r="2"><c r="B2" t="str"><v>x</v></c><c r="A2" t="str"><v>x</v></c></row>', "xlsx"),
        ('<row r="2"><c t="s"><v>99</v></c></row>', "xlsx"),
        (f'<row r="2"><c t="str"><v>{"x" * 40_000}</v></c></row>', "cell"),
    ],
)
def test_a_cell_that_cannot_be_is_refused_with_its_row(row: str, code: str) -> None:
    with pytest.raises(FileRefusedError) as caught:
        rows_of(workbook([HEAD, row]))
    assert (caught.value.faults[0].code, caught.value.row) == (code, 2)


def test_an_archive_of_something_else_is_no_workbook() -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("word/document.xml", "<x/>")
    with pytest.raises(FileRefusedError, match="no Excel workbook"):
        rows_of(buffer.getvalue())


def test_damaged_archives_are_refused_and_never_break_the_reader() -> None:
    sound = workbook([HEAD, *(text_row(n, "x", "y") for n in range(2, 40))], ["<t>a</t>"])
    chance = random.Random(7)
    for _ in range(300):
        data = bytearray(sound)
        for _ in range(chance.randint(1, 4)):
            data[chance.randrange(len(data))] = chance.randrange(256)
        try:
            rows_of(bytes(data[: chance.choice((len(data), chance.randrange(len(data))))]))
        except FileRefusedError as error:
            assert error.faults[0].message_zh
