"""Files: cells that no spreadsheet runs, encodings that hold every name, JSON that is JSON."""

import csv
import io
from dataclasses import replace
from datetime import date

import orjson
from hypothesis import given
from hypothesis import strategies as st

from service.domain.duties.rows import DUTIES
from service.exports.stamp import Cells, Stamp
from service.exports.writing import defuse
from service.reports.files import write_csv, write_json
from service.reports.layout import DEFAULT, Column, Encoding
from service.reports.rows import Report, ReportQuery, Value

QUERY = ReportQuery("cq-green", DUTIES["cn73-recycler-in"], date(2026, 5, 1), date(2026, 5, 31))
TEXTS = st.text(st.characters(exclude_categories=("Cs",)), max_size=40)


def report(rows: list[tuple[Value, ...]], encoding: Encoding = Encoding.UTF_8) -> Report:
    columns = tuple(Column(f"c{n}", "battery.code") for n in range(len(rows[0]) if rows else 1))
    stamp = Stamp("report", {"operator": "cq-green"}, 41, "root")
    return Report(replace(DEFAULT, encoding=encoding), QUERY, columns, stamp, iter(rows))


@given(
    st.lists(st.tuples(TEXTS, st.integers(-(10**9), 10**9)), max_size=450),
    st.sampled_from(Encoding),
    st.sampled_from(Cells),
)
def test_a_csv_gives_its_cells_back_in_every_encoding(
    rows: list[tuple[str, int]], encoding: Encoding, cells: Cells
) -> None:
    data = b"".join(write_csv(report(list(rows), encoding), cells))
    text = data.decode(encoding.codec)
    found = list(csv.reader(io.StringIO(text, newline="")))[1:]
    if cells is Cells.RAW:
        assert found == [[one, str(two)] for one, two in rows]
    else:
        assert found[:-1] == [[str(defuse(one)), str(two)] for one, two in rows]
        assert orjson.loads(found[-1][1])["count"] == len(rows)
    assert data.startswith(b"\xef\xbb\xbf") == (encoding is Encoding.UTF_8_BOM)
    assert data.count(b"\xef\xbb\xbf") <= 1 or "\ufeff" in "".join(one for one, _ in rows)


def test_a_json_report_says_what_it_is(rows: int = 3) -> None:
    found = orjson.loads(b"".join(write_json(report([("x",)] * rows))))
    assert found["duty"] == "cn73-recycler-in" and found["article"] == "MIIT Order 73, Art. 24(7)"
    assert (found["from"], found["to"]) == ("2026-05-01", "2026-05-31")
    assert found["rows"] == [{"battery.code": "x"}] * rows
    assert orjson.loads(b"".join(write_json(report([]))))["rows"] == []
