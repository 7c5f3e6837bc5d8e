"""Sections and how each data point stands in them: the pages say what the gates will say."""

from datetime import date

import pytest

from service.domain.passport.completeness import check_completeness, missing_in_model
from service.domain.passport.datapoints import DATA_POINTS, Status
from service.domain.passport.sections import SECTIONS, section_of
from service.domain.passport.standing import Place, stand
from service.domain.words import Category

DAY = date(2026, 11, 23)


def test_every_data_point_is_in_one_section_whose_readers_are_the_same() -> None:
    assert [row.nr for section in SECTIONS.values() for row in section.rows] == sorted(DATA_POINTS)
    assert all({row.tier for row in section.rows} == {section.tier} for section in SECTIONS.values())
    assert all(section_of(row.nr) is section for section in SECTIONS.values() for row in section.rows)


@pytest.mark.parametrize("category", Category)
@pytest.mark.parametrize("given", [frozenset[int](), frozenset({3, 12, 26, 60, 33}), frozenset(DATA_POINTS)])
def test_what_is_called_missing_is_what_the_gates_ask_for(category: Category, given: frozenset[int]) -> None:
    of_model = stand(category, DAY, given, of_model=True)
    known = {1, 2, 3, 6, 7, 9, 10, 11, 51, 67}
    missing = {nr for nr, each in of_model.items() if each.place is Place.MISSING}
    assert missing - known == set(missing_in_model(category, DAY, given))
    assert all(each.counts for each in of_model.values() if each.place is Place.MISSING)
    of_battery = stand(category, DAY, given, of_model=False)
    assert {nr for nr, each in of_battery.items() if each.place is Place.MISSING} == set(
        check_completeness(category, DAY, given).missing
    )


def test_nobody_fills_in_what_is_recorded_or_not_for_the_category() -> None:
    standing = stand(Category.LMT, DAY, frozenset(), of_model=True)
    assert not standing[33].writable and standing[33].place is Place.NONE
    assert not standing[10].writable and standing[10].place is Place.RECORDED
    assert standing[17].writable and standing[17].status is Status.PENDING
    assert standing[60].place is Place.BATTERY and not standing[60].counts
