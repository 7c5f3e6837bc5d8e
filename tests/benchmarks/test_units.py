"""The benchmark of packs and genealogy works in its quick form, and what it measures is there."""

from tests.benchmarks import units


def test_the_quick_form_registers_finds_and_traces() -> None:
    figures = list(units.run(quick=True))
    assert [each.group for each in figures] == [units.GROUP] * 4 + [units.TREE] * 3
    assert all(each.value > 0 for each in figures)
