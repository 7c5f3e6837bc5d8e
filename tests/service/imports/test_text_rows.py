"""CSV and NDJSON: encodings found out, rows one at a time, and files that attack the reader."""

import io
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.imports.errors import FileRefusedError
from service.imports.limits import Limits
from service.imports.rows import Row
from service.imports.sniffing import Encoding, Form, sniff_encoding, sniff_form
from service.imports.text_rows import CsvRows, NdjsonRows

LIMITS = Limits()


def rows_of(data: bytes, limits: Limits = LIMITS) -> tuple[tuple[str, ...], list[Row]]:
    stream = io.BytesIO(data)
    opened = CsvRows(stream, sniff_encoding(stream), limits)
    return opened.header, list(opened)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_chinese_is_read_in_either_encoding_with_any_delimiter(encoding: str, delimiter: str) -> None:
    text = f'电池编码{delimiter}生产厂\r\n001{delimiter}"重庆{delimiter}两江"\r\n'
    header, [row] = rows_of(text.encode(encoding))
    assert header == ("电池编码", "生产厂")
    assert (row.number, row.cells) == (2, ("001", f"重庆{delimiter}两江"))


def test_a_letter_that_only_gb18030_has_in_four_bytes_is_read() -> None:
    assert rows_of("名称\n㐀𠀀\n".encode("gb18030"))[1][0].cells == ("㐀𠀀",)


def test_rows_count_as_in_a_spreadsheet_and_blank_ones_are_left_out() -> None:
    _, rows = rows_of(b'a,b\n1,2\n\n , \n"3\n4",5\n6,7\n')
    assert [(row.number, row.cells) for row in rows] == [(2, ("1", "2")), (5, ("3\n4", "5")), (6, ("6", "7"))]


def test_a_file_of_two_encodings_is_refused_with_its_line() -> None:
    mixed = "电池编码\n好\n".encode() + "重庆市渝中区".encode("gb18030")[:-1] + b"\xff\n"
    with pytest.raises(FileRefusedError, match="line 3 is not UTF-8"):
        sniff_encoding(io.BytesIO(mixed))


@pytest.mark.parametrize(
    ("start", "told"),
    [
        (b"\xd0\xcf\x11\xe0....", "old or protected workbook"),
        ("a,b".encode("utf-16"), "UTF-16"),
        (b"%PDF-1.7", "PDF"),
        (b"\x1f\x8b\x08", "gzip"),
        (b"\xef\xbb\xbf \r\n", "empty"),
    ],
)
def test_what_is_no_table_is_told_what_it_is(start: bytes, told: str) -> None:
    with pytest.raises(FileRefusedError, match=told):
        sniff_form(io.BytesIO(start))


def test_the_form_is_told_by_the_first_bytes() -> None:
    assert sniff_form(io.BytesIO(b"PK\x03\x04")) is Form.XLSX
    assert sniff_form(io.BytesIO(b'\xef\xbb\xbf {"a": 1}')) is Form.NDJSON
    assert sniff_form(io.BytesIO(b"a,b\n1,2\n")) is Form.CSV


@pytest.mark.parametrize(
    ("data", "code", "row"),
    [
        (b'a\n"' + b"x" * 200_000, "csv", 2),
        (b'a\n"' + b"x\n" * 200_000, "csv", 2),
        (b"a\n" + b"x" * 2_000_000, "line", 2),
        (b"a\n" + b"x" * 40_000 + b"\n", "cell", 2),
        (b"a\n1\n" + b"," * 5_000 + b"\n", "columns", 3),
        (b"," * 20_000, "columns", 1),
        (b'a\n"b"c\n', "csv", 2),
        (b"\n\n", "header", None),
    ],
)
def test_a_file_that_attacks_the_reader_is_refused_with_its_row(data: bytes, code: str, row: int | None) -> None:
    with pytest.raises(FileRefusedError) as caught:
        rows_of(data)
    assert (caught.value.faults[0].code, caught.value.row) == (code, row)
    assert caught.value.faults[0].message_zh


class Endless(io.RawIOBase):
    """A gigabyte without a line feed."""

    def __init__(self) -> None:
        super().__init__()
        self.place = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = 0) -> int:
        self.place = offset
        return offset

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        size = min(len(buffer), (1 << 30) - self.place)
        buffer[:size] = b"x" * size
        self.place += size
        return size


def test_a_gigabyte_in_one_line_costs_no_gigabyte() -> None:
    tracemalloc.start()
    with pytest.raises(FileRefusedError, match="longer than"):
        CsvRows(io.BufferedReader(Endless()), Encoding.UTF_8, LIMITS)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 16 * 1024 * 1024


def test_lines_of_json_are_values_or_rows_with_a_fault() -> None:
    data = b'\xef\xbb\xbf{"a": 1}\n\n[1]\n{"a": 1, "a": 2}\n{"a": 1.5}\nnonsense \xff\n{"b": "x"}'
    rows = list(NdjsonRows(io.BytesIO(data), LIMITS))
    assert [row.number for row in rows] == [1, 3, 4, 5, 6, 7]
    assert [row.fault.code if row.fault else row.value for row in rows] == [
        {"a": 1},
        "type",
        "malformed",
        {"a": 1.5},
        "malformed",
        {"b": "x"},
    ]


@given(st.binary(max_size=400))
def test_any_bytes_are_rows_or_are_refused(data: bytes) -> None:
    stream = io.BytesIO(data)
    try:
        if sniff_form(stream) is Form.NDJSON:
            list(NdjsonRows(stream, LIMITS))
        else:
            list(CsvRows(stream, sniff_encoding(stream), LIMITS))
    except FileRefusedError as error:
        assert error.faults[0].message_zh
