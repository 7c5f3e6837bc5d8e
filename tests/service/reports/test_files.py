"""Files: cells that no spreadsheet runs, encodings that hold every name, JSON that is JSON."""

import csv
import io
from dataclasses import replace
from datetime import date

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.domain.duties.rows import DUTIES
from service.reports.files import FORMULA, defuse, write_csv, write_json
from service.reports.layout import DEFAULT, Column, Encoding
from service.reports.rows import Report, ReportQuery, Value

QUERY = ReportQuery("cq-green", DUTIES["cn73-recycler-in"], date(2026, 5, 1), date(2026, 5, 31))
TEXTS = st.text(st.characters(exclude_categories=("Cs",)), max_size=40)


def report(rows: list[tuple[Value, ...]], encoding: Encoding = Encoding.UTF_8) -> Report:
    columns = tuple(Column(f"c{n}", "battery.code") for n in range(len(rows[0]) if rows else 1))
    return Report(replace(DEFAULT, encoding=encoding), QUERY, columns, iter(rows))


@pytest.mark.parametrize(
    "text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", " =1", "＝1+1", "\u3000=cmd|' /C calc'!A0"]
)
def test_a_cell_that_begins_like_a_formula_is_written_as_text(text: str) -> None:
    assert defuse(text) == f"'{text}"


@given(TEXTS)
def test_no_text_becomes_a_cell_that_a_spreadsheet_runs(text: str) -> None:
    cell = defuse(text)
    assert isinstance(cell, str)
    assert not cell.lstrip().startswith(FORMULA)
    assert cell in (text, f"'{text}")


def test_numbers_stay_numbers() -> None:
    assert defuse(-5) == -5


@given(st.lists(st.tuples(TEXTS, st.integers(-(10**9), 10**9)), max_size=450), st.sampled_from(Encoding))
def test_a_csv_gives_its_cells_back_in_every_encoding(rows: list[tuple[str, int]], encoding: Encoding) -> None:
    data = b"".join(write_csv(report(list(rows), encoding)))
    text = data.decode(encoding.codec)
    found = list(csv.reader(io.StringIO(text, newline="")))[1:]
    assert found == [[str(defuse(one)), str(two)] for one, two in rows]
    assert data.startswith(b"\xef\xbb\xbf") == (encoding is Encoding.UTF_8_BOM)
    assert data.count(b"\xef\xbb\xbf") <= 1 or "\ufeff" in "".join(one for one, _ in rows)


def test_a_json_report_says_what_it_is(rows: int = 3) -> None:
    found = orjson.loads(b"".join(write_json(report([("x",)] * rows))))
    assert found["duty"] == "cn73-recycler-in" and found["article"] == "MIIT Order 73, Art. 24(7)"
    assert (found["from"], found["to"]) == ("2026-05-01", "2026-05-31")
    assert found["rows"] == [{"battery.code": "x"}] * rows
    assert orjson.loads(b"".join(write_json(report([]))))["rows"] == []
