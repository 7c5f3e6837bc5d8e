"""Coarse places: cells of a geohash, divisions, and how far apart they were at least."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.domain.districts import CHONGQING
from service.domain.errors import InvalidCode
from service.domain.places import CELL_KM, Place, least_distance_km, place_of_cell, place_of_region
from service.domain.region_centres import DISTRICTS

BASE32 = "0123456789bcdefghjkmnpqrstuvwxyz"
POINTS = st.tuples(st.floats(-85, 85), st.floats(-179.9, 179.9))


def cell_of(latitude: float, longitude: float) -> str:
    """An encoder of its own, by intervals kept as whole numbers."""
    x, y = int((longitude + 180) / 360 * 2**13), int((latitude + 90) / 180 * 2**12)
    bits = ""
    for at in range(13):
        bits += str(x >> (12 - at) & 1)
        bits += str(y >> (11 - at) & 1) if at < 12 else ""
    return "".join(BASE32[int(bits[at : at + 5], 2)] for at in range(0, 25, 5))


@pytest.mark.parametrize(
    ("cell", "latitude", "longitude"),
    [("ezs42", 42.605, -5.603), ("u4pru", 57.645, 10.393), ("s0000", 0.022, 0.022), ("7zzzz", -0.022, -0.022)],
)
def test_known_cells_are_where_they_should_be(cell: str, latitude: float, longitude: float) -> None:
    place = place_of_cell(cell)
    assert place.latitude == pytest.approx(latitude, abs=0.03)
    assert place.longitude == pytest.approx(longitude, abs=0.03)


@given(POINTS)
def test_a_point_is_within_what_its_cell_leaves_open(point: tuple[float, float]) -> None:
    place = place_of_cell(cell_of(*point))
    there = Place(*point, 0.0)
    assert least_distance_km(place._replace(radius_km=0.0), there) <= CELL_KM


@given(st.text(max_size=8))
def test_a_text_is_a_cell_or_is_refused(text: str) -> None:
    try:
        place = place_of_cell(text)
    except InvalidCode:
        assert len(text) != 5 or not set(text) <= set(BASE32)
    else:
        assert -90 < place.latitude < 90
        assert -180 < place.longitude < 180


def test_a_finer_place_than_five_characters_is_refused() -> None:
    with pytest.raises(InvalidCode, match="no finer place"):
        place_of_cell("wm7b9h")


def test_every_district_of_chongqing_has_a_centre_in_chongqing() -> None:
    assert DISTRICTS.keys() == CHONGQING.keys()
    for centre in DISTRICTS.values():
        assert 28 < centre.latitude < 32.3
        assert 105 < centre.longitude < 110.3


def test_a_division_outside_the_table_has_no_place() -> None:
    assert place_of_region("999999") is None
    assert place_of_region("310115") == place_of_region("310000")


@given(POINTS, POINTS)
def test_a_distance_is_the_same_both_ways_and_within_half_the_globe(
    one: tuple[float, float], other: tuple[float, float]
) -> None:
    there, back = (least_distance_km(Place(*a, 0.0), Place(*b, 0.0)) for a, b in ((one, other), (other, one)))
    assert there == pytest.approx(back, abs=1e-6)
    assert 0 <= there <= math.pi * 6371.001
