"""Signs that a label was copied: one code on two batteries. A QR code can be copied by anybody; it proves no battery.

What is looked at are sightings: that somebody had a label before the camera, at about which place, in which minute. No
device, no person and no exact place belongs to a sighting. A sign is no proof: phones say wrong places, and people
read labels from photographs. It is shown to those who can look at the battery.

Sources: the thresholds are our own choice (900 km/h: no parcel travels faster); Regulation (EU) 2023/1542, Art. 77(8)
for what a passport is after recycling.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from service.domain.places import Place, least_distance_km
from service.domain.states import TERMINAL, BatteryState, OpState
from service.domain.words import Word

FASTEST_KM_H = 900
LEAST_KM = 100
"""Closer places are never too far apart: what a cell leaves open would count for more than the distance."""
ROUNDING = timedelta(minutes=1)
"""Sightings are kept to the minute, so that two of them may lie so much further apart in time."""
GRACE = timedelta(days=30)
"""Labels are scanned on site in the days after an end, by those who record it."""


class CopySign(Word):
    """What was noticed."""

    TOO_FAST = "too_fast", "seen at two places faster than it can have travelled", "在两地出现的间隔短于可能的运输时间"
    AFTER_END = "after_end", "seen after its life had ended", "在其生命周期结束后仍被扫描"
    TWO_LIVES = (
        "two_lives",
        "somebody else tried to record a life that it cannot have",
        "有其他主体尝试登记其不可能发生的事件",
    )


@dataclass(frozen=True, slots=True)
class Sighting:
    """A label of `code` was before somebody's camera. at: to the minute. place: None where nothing was said of it.

    cell: as it was told, or the region of the organisation that told it. operator: the organisation; None: anybody.
    """

    code: str
    at: datetime
    cell: str
    place: Place | None
    operator: str | None = None


@dataclass(frozen=True, slots=True)
class Suspicion:
    """A sign, with the two sightings that make it; `first` is None where one is enough."""

    sign: CopySign
    first: Sighting | None
    second: Sighting


def find_signs(seen: Sighting, earlier: Iterable[Sighting], state: BatteryState) -> Iterator[Suspicion]:
    """What a sighting gives away beside the kept ones of the same code. At most one of each sign."""
    fast = next((each for each in earlier if is_too_fast(each, seen)), None)
    if fast is not None:
        yield Suspicion(CopySign.TOO_FAST, fast, seen)
    if has_ended(state) and seen.at - state.last_occurred_at > GRACE:
        yield Suspicion(CopySign.AFTER_END, None, seen)


def is_too_fast(one: Sighting, other: Sighting) -> bool:
    """Whether nothing travels from one of these places to the other in the time between."""
    if one.place is None or other.place is None:
        return False
    distance = least_distance_km(one.place, other.place)
    hours = (abs(other.at - one.at) + ROUNDING) / timedelta(hours=1)
    return distance > LEAST_KM and distance > FASTEST_KM_H * hours


def has_ended(state: BatteryState) -> bool:
    """Whether there should be no such battery any more. One that was taken apart left its label on its housing."""
    return state.op_state in TERMINAL and state.op_state is not OpState.DISMANTLED
