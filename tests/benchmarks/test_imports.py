"""The benchmark of imports works in its quick form, and what it measures is there."""

import pytest

from tests.benchmarks import imports


@pytest.mark.slow
def test_the_quick_form_imports_every_kind_and_measures_memory() -> None:
    figures = list(imports.run(quick=True))
    assert [each.group for each in figures] == [imports.GROUP] * 5 + [imports.MEMORY]
    assert all(each.value > 0 for each in figures)
    assert figures[-1].reached
