"""Rows that are kept: what was read is what is given, from any place on, and damage is noticed and mended."""

from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.errors import Fault
from service.imports import kept_rows
from service.imports.kept_rows import KeptRows, NotKeptError, RowsWriter
from service.imports.opening import kept_rows as rows_of_job
from service.imports.rows import Cell, Number, Row
from service.imports.storing import rows_of
from service.imports.xlsx_rows import number_cell
from service.keys.vault import Vault
from tests.service.imports.packs import import_bytes, pack_file
from tests.service.town import Town

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
NUMBERS = st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**14), max_value=10**14, places=3)
CELLS: st.SearchStrategy[Cell] = st.one_of(
    TEXTS,
    st.booleans(),
    st.dates(),
    st.datetimes(),
    NUMBERS.map(lambda value: number_cell(str(value), value)),
    st.integers(10**15, 10**30).map(lambda value: number_cell(str(value), Decimal(value))),
)
TABLE = st.lists(st.builds(Row, st.integers(1, 10**7), st.lists(CELLS, min_size=1, max_size=6).map(tuple)), max_size=9)
VAULT = Vault(b"k" * 32)
LINES = [
    Row(2, value={"code": "x", "mass_g": 1}, text='{"code": "x", "mass_g": 1}'),
    Row(3, text="{", fault=Fault("", "malformed", "no JSON", "不是JSON")),
]


def keep(file: Path, rows: list[Row]) -> None:
    writer = RowsWriter(file, VAULT)
    try:
        for row in rows:
            writer.add(row)
        writer.finish()
    finally:
        writer.close()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "job.rows"


@given(table=TABLE, first=st.integers(-1, 12))
def test_rows_come_back_as_they_were_from_any_place_on(
    tmp_path_factory: pytest.TempPathFactory, table: list[Row], first: int
) -> None:
    file = tmp_path_factory.mktemp("rows") / "job.rows"
    keep(file, table)
    with KeptRows(file, VAULT) as rows:
        assert rows.count == len(table)
        assert list(rows.walk()) == table
        assert list(rows.walk(first)) == (table[first:] if first >= 0 else [])


def test_lines_come_back_with_what_was_wrong_with_them(file: Path) -> None:
    keep(file, LINES)
    with KeptRows(file, VAULT) as rows:
        assert list(rows.walk()) == LINES


def test_many_rows_stand_in_frames_that_are_opened_one_by_one(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept_rows, "FRAME_ROWS", 10)
    table = [Row(number, (f"电池{number}", Number(str(number), Decimal(number)))) for number in range(2, 37)]
    keep(file, table)
    with KeptRows(file, VAULT) as rows:
        for first in (0, 9, 10, 11, 34):
            assert rows.read(first, 12) == table[first : first + 12]
    assert "电池".encode() not in file.read_bytes()


def _cut(data: bytes) -> bytes:
    return data[:-1]


def _shorter_than_its_end(data: bytes) -> bytes:
    return data[:5]


def _without_an_index(data: bytes) -> bytes:
    return data[:-8] + (2**60).to_bytes(8, "big")


def _other_salt(data: bytes) -> bytes:
    return bytes(16) + data[16:]


@pytest.mark.parametrize("spoil", [_cut, _shorter_than_its_end, _without_an_index, _other_salt])
def test_a_file_that_is_damaged_is_removed(file: Path, spoil: Callable[[bytes], bytes]) -> None:
    keep(file, LINES)
    file.write_bytes(spoil(file.read_bytes()))
    with pytest.raises(NotKeptError, match="damaged"):
        KeptRows(file, VAULT)
    assert not file.exists()


def test_a_damaged_frame_is_noticed_when_it_is_read(file: Path) -> None:
    keep(file, LINES)
    data = bytearray(file.read_bytes())
    data[20] ^= 1
    file.write_bytes(data)
    rows = KeptRows(file, VAULT)
    with pytest.raises(NotKeptError, match="damaged"):
        list(rows.walk())
    assert not file.exists()


def test_what_was_not_finished_leaves_nothing(file: Path) -> None:
    writer = RowsWriter(file, VAULT)
    writer.add(LINES[0])
    writer.close()
    assert list(file.parent.iterdir()) == []
    with pytest.raises(NotKeptError, match="not here"):
        KeptRows(file, VAULT)


def test_rows_of_a_job_are_read_from_its_file_again_where_they_are_gone(town: Town) -> None:
    job = import_bytes(town, pack_file(range(1, 4)))
    file = rows_of(town.settings, job.id)
    with rows_of_job(town.register, job) as rows:
        before = list(rows.walk())
    file.unlink()
    with rows_of_job(town.register, job) as rows:
        assert list(rows.walk()) == before and len(before) == 3
    assert file.exists()


def test_a_moment_and_a_day_stay_what_they_are(file: Path) -> None:
    cells = (date(2026, 2, 26), datetime(2026, 2, 26, 12, 30), True, False, "")
    keep(file, [Row(2, cells)])
    with KeptRows(file, VAULT) as rows:
        [row] = rows.walk()
    assert [type(cell) for cell in row.cells] == [type(cell) for cell in cells] and row.cells == cells
