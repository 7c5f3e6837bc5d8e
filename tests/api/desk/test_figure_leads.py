"""A number in a figure's table leads to as many rows as it says, also of what went wrong years ago."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

import pytest

from api.desk.figures.asking import narrow
from api.desk.figures.behind import Line, lead
from api.desk.figures.cards import records
from service.figures.figures import FIGURES
from service.figures.lists import Which, read_rows
from service.figures.reading import read_figure
from service.figures.shapes import Filter
from tests.service.figures.conftest import build
from tests.service.town import Town

COUNTED = frozenset({"orphans", "state", "retired", "missing", "shortfall", "near", "late"})


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    built = build(tmp_path_factory.mktemp("leads") / "data")
    built.clock.move(days=900)
    yield built
    built.close()


@pytest.mark.parametrize("asked", [Filter(), Filter(operator="cq-motors"), Filter(since="2026-04", until="2026-05")])
def test_a_number_leads_to_as_many_rows_as_it_says(town: Town, asked: Filter) -> None:
    found = Counter[str]()
    for slug, figure in FIGURES.items():
        for by in figure.by:
            table = read_figure(town.register, slug, narrow(asked, figure, by=by))
            for row in records(table):
                for key, behind in lead(slug, Line(row, table.by, asked)).items():
                    query = dict(behind.query)
                    list_, state, of = (query.pop(name, "") for name in ("list", "state", "of"))
                    wanted = replace(asked, **{name: value or None for name, value in query.items()})
                    narrowed, which = narrow(wanted, FIGURES[behind.figure]), Which(list_, state, of, limit=500)
                    rows = read_rows(town.register, behind.figure, narrowed, which).rows
                    assert list_ not in COUNTED or len(rows) == row[key], (slug, by, row, query)
                    assert list_ != "batches" or rows, (slug, by, row, query)
                    found[list_] += len(rows)
    assert asked != Filter() or {name for name in COUNTED if not found[name]} <= {"late"}
