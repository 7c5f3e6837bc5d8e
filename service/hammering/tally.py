"""What a hammer counts: requests by kind with their times, and every answer that was wrong."""

import statistics
import threading
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

MAX_WRONG = 100
"""Wrong answers told in words; all are counted."""

MAX_TIMES = 200_000
"""Latencies kept of each kind: the quantiles of a long run are those of its beginning."""


@dataclass(frozen=True, slots=True)
class Latency:
    """Milliseconds."""

    median: float
    p90: float
    p99: float
    most: float


@dataclass(slots=True)
class Tally:
    """Safe for threads."""

    counts: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    wrong_count: int = 0
    _times: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    _guard: threading.Lock = field(default_factory=threading.Lock)

    def count(self, what: str, number: int = 1) -> None:
        with self._guard:
            self.counts[what] += number

    def time(self, kind: str, seconds: float) -> None:
        with self._guard:
            self.counts[kind] += 1
            if len(self._times[kind]) < MAX_TIMES:
                self._times[kind].append(seconds * 1000)

    def say_wrong(self, what: str) -> None:
        with self._guard:
            self.wrong_count += 1
            if len(self.wrong) < MAX_WRONG:
                self.wrong.append(what)

    @contextmanager
    def blaming(self, what: str, *errors: type[Exception]) -> Iterator[None]:
        """Count these errors as a wrong answer to `what`."""
        try:
            yield
        except errors as error:
            self.say_wrong(f"{what}: {error or type(error).__name__}")

    def latencies(self) -> dict[str, Latency]:
        """Of each kind of request."""
        with self._guard:
            kinds = {kind: list(times) for kind, times in self._times.items()}
        return {kind: _latency(times) for kind, times in sorted(kinds.items())}


def _latency(times: list[float]) -> Latency:
    cuts = statistics.quantiles(times, n=100, method="inclusive") if len(times) > 1 else times * 99
    return Latency(cuts[49], cuts[89], cuts[98], max(times))
