"""The benchmark of the first paint works in its quick form: each page is painted, and so is the floor."""

import pytest

from tests.benchmarks import paint


@pytest.mark.browser
def test_each_page_is_painted(chromium: str) -> None:
    assert chromium
    figures = list(paint.run(quick=True))
    assert [each.name for each in figures] == ["/b/CODE", "/w"]
    assert all(each.value > 0 and each.beside and each.beside > 0 for each in figures)
