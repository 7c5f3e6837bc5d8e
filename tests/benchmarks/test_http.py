"""The benchmark of recording through HTTP works in the smallest form, and each line stands beside its floor."""

import pytest

from tests.benchmarks import http


@pytest.mark.slow
def test_the_smallest_form_records_everything_it_sends_beside_its_floors() -> None:
    figures = list(http.run_on("PostgreSQL", events=1, singles=16, runs=1, packs=20))
    assert {each.group for each in figures} == {http.GROUP.format("PostgreSQL")}
    *measured, share = figures
    assert [each.name for each in measured[:-1]] == [each.name for each in http.KINDS]
    assert all(each.value > 0 and each.beside for each in measured)
    assert share.value == 100 * measured[-1].value / (measured[-1].beside or 0)
