"""Signs of copied labels: what travels too fast, and what is seen after its end."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.domain.copies import FASTEST_KM_H, GRACE, CopySign, Sighting, find_signs, is_too_fast
from service.domain.places import Place, least_distance_km
from service.domain.states import BatteryState, OpState
from tests.service.domain.story import PACK, assembled_world

NOW = datetime(2026, 5, 4, 8, 0, tzinfo=UTC)
CHONGQING, HAMBURG = Place(29.6, 106.5, 3.5), Place(53.6, 10.0, 3.5)
NEAR = Place(29.9, 106.9, 3.5)


def seen(place: Place | None, **after: float) -> Sighting:
    return Sighting(PACK, NOW + timedelta(**after), "", place)


def pack_in(op_state: OpState, *, since: timedelta) -> BatteryState:
    state = assembled_world().states[PACK]
    return state._replace(op_state=op_state, last_occurred_at=NOW - since)


def test_chongqing_and_hamburg_an_hour_apart_are_too_fast_and_a_day_apart_are_not() -> None:
    assert is_too_fast(seen(CHONGQING), seen(HAMBURG, hours=1))
    assert is_too_fast(seen(HAMBURG, hours=1), seen(CHONGQING))
    assert not is_too_fast(seen(CHONGQING), seen(HAMBURG, hours=24))


def test_two_places_of_one_city_are_never_too_fast() -> None:
    assert not is_too_fast(seen(CHONGQING), seen(NEAR))


def test_without_a_place_nothing_is_too_fast() -> None:
    assert not is_too_fast(seen(None), seen(HAMBURG))
    assert not is_too_fast(seen(CHONGQING), seen(None))


@given(st.floats(-80, 80), st.floats(-179, 179), st.floats(0, 40))
def test_what_travels_at_the_speed_of_an_aircraft_is_never_suspected(
    latitude: float, longitude: float, hours: float
) -> None:
    there = Place(latitude, longitude, 3.5)
    needed = least_distance_km(CHONGQING, there) / FASTEST_KM_H
    assert not is_too_fast(seen(CHONGQING), seen(there, hours=needed + hours))


@pytest.mark.parametrize(
    ("op_state", "since", "suspected"),
    [
        (OpState.RECYCLED, GRACE + timedelta(minutes=1), True),
        (OpState.CONSUMED, timedelta(days=400), True),
        (OpState.VOIDED, timedelta(days=400), True),
        (OpState.RECYCLED, GRACE, False),
        (OpState.DISMANTLED, timedelta(days=400), False),
        (OpState.IN_USE, timedelta(days=400), False),
    ],
)
def test_a_label_is_suspected_a_month_after_its_battery_ended(
    op_state: OpState, since: timedelta, suspected: bool
) -> None:
    signs = [each.sign for each in find_signs(seen(None), [], pack_in(op_state, since=since))]
    assert signs == ([CopySign.AFTER_END] if suspected else [])


def test_one_sighting_too_far_away_is_one_sign_however_many_it_contradicts() -> None:
    living = pack_in(OpState.IN_USE, since=timedelta(days=1))
    [found] = find_signs(seen(HAMBURG, hours=1), [seen(CHONGQING), seen(NEAR)], living)
    assert (found.sign, found.first) == (CopySign.TOO_FAST, seen(CHONGQING))
