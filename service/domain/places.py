"""Coarse places: a cell of about 5 km, or an administrative division. Never anything finer.

A cell is the first five characters of a geohash: base 32, most significant first, bits of longitude and latitude in
turn. It is at most 4.9 km wide and high, so a place in it is no more than 3.5 km from its centre.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import NamedTuple

from service.domain.errors import InvalidCode
from service.domain.region_centres import CHONGQING, CITY_KM, DISTRICT_KM, DISTRICTS, PROVINCE_KM, PROVINCES

CELL_LENGTH = 5
CELL_KM = 3.5
EARTH_KM = 6371.0
_BASE32 = "0123456789bcdefghjkmnpqrstuvwxyz"


class Place(NamedTuple):
    """A point in degrees, and how far from it, in km, the thing may really have been."""

    latitude: float
    longitude: float
    radius_km: float


def place_of_cell(cell: str) -> Place:
    """The place that a cell stands for. Raises InvalidCode for anything but five characters of a geohash."""
    if len(cell) != CELL_LENGTH:
        raise InvalidCode(
            f"a cell has {CELL_LENGTH} characters: no finer place is taken", "位置网格为5个字符，不接受更精确的位置"
        )
    bits = 0
    for position, each in enumerate(cell):
        value = _BASE32.find(each)
        if value < 0:
            raise InvalidCode("not a character of a geohash", "不是geohash字符", position)
        bits = bits << 5 | value
    total = 5 * CELL_LENGTH
    longitude = _halved((bits >> at & 1 for at in range(total - 1, -1, -2)), 180.0)
    latitude = _halved((bits >> at & 1 for at in range(total - 2, -1, -2)), 90.0)
    return Place(latitude, longitude, CELL_KM)


def place_of_region(region: str) -> Place | None:
    """The place of an administrative division, GB/T 2260; None where the table does not know it."""
    if region in DISTRICTS:
        return Place(*DISTRICTS[region], DISTRICT_KM)
    if region == "500000":
        return Place(*CHONGQING, CITY_KM)
    centre = PROVINCES.get(region[:2])
    return None if centre is None else Place(*centre, PROVINCE_KM)


def least_distance_km(one: Place, other: Place) -> float:
    """How far apart these were at least: along the great circle, less what both places leave open."""
    turn = math.radians(other.longitude - one.longitude) / 2
    rise = math.radians(other.latitude - one.latitude) / 2
    width = math.cos(math.radians(one.latitude)) * math.cos(math.radians(other.latitude))
    chord = math.sqrt(min(1.0, math.sin(rise) ** 2 + width * math.sin(turn) ** 2))
    return max(0.0, 2 * EARTH_KM * math.asin(chord) - one.radius_km - other.radius_km)


def _halved(bits: Iterable[int], limit: float) -> float:
    """The middle of what is left of -limit to limit after each bit has chosen a half."""
    low, high = -limit, limit
    for bit in bits:
        middle = (low + high) / 2
        low, high = (middle, high) if bit else (low, middle)
    return (low + high) / 2
