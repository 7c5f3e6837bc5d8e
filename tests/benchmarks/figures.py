"""Measured figures, and how they are shown."""

import gc
import os
import platform
import statistics
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class Figure:
    """One figure. `value` is the median of `runs`; `beside` is the floor or peer measured in the same run."""

    group: str
    name: str
    value: float
    unit: str
    runs: tuple[float, ...]
    beside: float | None = None
    beside_name: str = ""
    target: float | None = None

    @property
    def reached(self) -> bool | None:
        """Whether the target is reached: rates and ratios must be at least, times and sizes at most the target."""
        if self.target is None:
            return None
        return self.value <= self.target if self.unit in ("ms", "us", "x bytes", "MB") else self.value >= self.target


def rate(work: Callable[[], int], *, runs: int) -> tuple[float, ...]:
    """Things per second of `work`, which says how many it did, for each run."""
    found = []
    for _ in range(runs):
        gc.collect()
        start = time.perf_counter()
        count = work()
        found.append(count / (time.perf_counter() - start))
    return tuple(found)


def each_ms(work: Callable[[int], object], *, count: int) -> tuple[float, ...]:
    """Milliseconds of each of `count` calls."""
    found = []
    for number in range(count):
        start = time.perf_counter()
        work(number)
        found.append((time.perf_counter() - start) * 1000)
    return tuple(found)


def figure(group: str, name: str, runs: tuple[float, ...], unit: str, **more: Any) -> Figure:
    """A figure from its runs; of many runs only the quartiles are kept."""
    kept = runs if len(runs) <= 9 else tuple(statistics.quantiles(runs, n=4))
    return Figure(group, name, statistics.median(runs), unit, kept, **more)


def machine() -> dict[str, Any]:
    """What the figures were measured on."""
    return {"cores": os.cpu_count(), "python": platform.python_version(), "system": platform.system()}


def table(figures: list[Figure]) -> str:
    """The figures as a Markdown table."""
    lines = ["| what | median | lowest to highest | beside it | target |", "|---|--:|--:|--:|--:|"]
    group = ""
    for each in figures:
        if each.group != group:
            group = each.group
            lines.append(f"| **{group}** | | | | |")
        beside = "" if each.beside is None else f"{each.beside_name} {_number(each.beside)}"
        target = ""
        if each.target is not None:
            target = f"{_number(each.target)} {'reached' if each.reached else '**missed**'}"
        spread = f"{_number(min(each.runs))} to {_number(max(each.runs))}"
        lines.append(f"| {each.name} | {_number(each.value)} {each.unit} | {spread} | {beside} | {target} |")
    return "\n".join(lines)


def as_json(figures: list[Figure]) -> dict[str, Any]:
    """The figures as JSON members."""
    return {"machine": machine(), "figures": [asdict(each) | {"reached": each.reached} for each in figures]}


def _number(value: float) -> str:
    if value >= 1000:
        return f"{value:,.0f}"
    return f"{value:.1f}" if value >= 10 else f"{value:.3g}"
