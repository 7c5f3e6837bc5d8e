"""From values to places: scales that begin at 0, and the round numbers that stand on their axes."""

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass

STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)


@dataclass(frozen=True, slots=True)
class Scale:
    """0 is at `start`, `high` at `end`: both per cent of the width, or both pixels, `end` above `start` then."""

    high: float
    start: float
    end: float

    def at(self, value: float) -> float:
        """Where a value is; one outside of 0 to `high` is at the nearer end."""
        share = min(max(value / self.high, 0.0), 1.0)
        return self.start + (self.end - self.start) * share

    def length(self, value: float) -> float:
        """How long a bar of this value is."""
        return abs(self.at(value) - self.start)


def ticks(most: float, *, about: int = 4) -> list[float]:
    """Round numbers from 0 to the first that is not below `most`, about so many steps apart."""
    if most <= 0:
        return [0.0, 1.0]
    rough = most / about
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(each * power for each in STEPS if each * power >= rough * 0.999999)
    return [number * step for number in range(math.ceil(most / step - 1e-9) + 1)]


def highest(values: Iterable[float | None]) -> float:
    """The greatest value that is known, 0 where none is."""
    return max((value for value in values if value is not None), default=0.0)


Write = Callable[[float], str]
"""How a number stands on an axis."""


def plain(value: float) -> str:
    """`12000` as `12,000`, `0.25` as `0.25`."""
    return f"{value:,.0f}" if value == int(value) else f"{value:,g}"
