"""Measurements of health in entries: of which model, how old the pack was, and the value or what is committed to it.

The value itself is restricted. It is looked up when a stretch is written and leaves only as a count in a band of
50,000 ppm. Where it was erased, nothing is counted, and what was counted before cannot be taken back.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Any, NamedTuple

from ledger.entry import parse_hash
from service.domain.corrections import CORRECTABLE
from service.domain.restricted import SUFFIX
from service.figures.lives import Life, Told
from service.figures.tally import Sums, add, day_of
from service.private.values import Cabinet

FIELD = "soce_ppm"
MEASURING = frozenset({"report_soh", "repair", "retire", "test"})
BAND_PPM = 50_000
HIGHEST = 1_000_000


class Measurement(NamedTuple):
    """value: the health in ppm, or the commitment to it. sign: -1 where it is taken back."""

    model: str
    month: str
    age: int
    value: int | bytes
    sign: int


def measured(event: Told, body: Mapping[str, Any], life: Life, *, sign: int = 1) -> Iterator[Measurement]:
    """What `body`, of `event` or of its correction, tells of the health of the pack `life`."""
    value = _value(body)
    if life.level == "P" and value is not None:
        day = date.fromisoformat(day_of(event.at))
        age = max(0, (day - date.fromisoformat(life.made_on)).days * 4 // 1461)
        yield Measurement(life.model, f"{day:%Y-%m}", age, value, sign)


def is_told_anew(kind: str, body: Mapping[str, Any]) -> bool:
    """Whether a correction with this body tells the measurement of such an event anew."""
    return FIELD in CORRECTABLE.get(kind, ()) and _value(body) is not None


def count_health(
    measurements: Iterable[Measurement], cabinet: Cabinet, sums: Sums, unknown: Sums | None = None
) -> None:
    """Add the measurements to their bands, as far as their values are there.

    unknown: to which those are added whose values are not there, by model, month and age.
    """
    found = list(measurements)
    known = cabinet.values({each.value for each in found if isinstance(each.value, bytes)})
    for each in found:
        value = known.get(each.value) if isinstance(each.value, bytes) else each.value
        if isinstance(value, int):
            band = min(value, HIGHEST) // BAND_PPM * BAND_PPM
            add(sums, (each.model, each.month, each.age, band), (each.sign,))
        elif unknown is not None and each.sign > 0:
            add(unknown, (each.model, each.month, each.age), (1,))


def _value(members: Mapping[str, Any]) -> int | bytes | None:
    committed = members.get(FIELD + SUFFIX)
    return parse_hash(committed) if committed is not None else members.get(FIELD)
