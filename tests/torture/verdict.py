"""What a run of a fault found: counts, and what broke a promise."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Verdict:
    """`counts` say how much was tried and seen. `broken` are promises not kept, each in a few words."""

    counts: Mapping[str, int]
    broken: tuple[str, ...] = ()

    @property
    def holds(self) -> bool:
        return not self.broken

    def __add__(self, other: "Verdict") -> "Verdict":
        """Both runs as one: counts are added."""
        names = dict.fromkeys([*self.counts, *other.counts])
        counts = {name: self.counts.get(name, 0) + other.counts.get(name, 0) for name in names}
        return Verdict(counts, (*self.broken, *other.broken))


def require(counts: Mapping[str, int], **conditions: bool) -> Verdict:
    """A verdict from conditions: the name of each that is false is what broke."""
    return Verdict(counts, tuple(name.replace("_", " ") for name, held in conditions.items() if not held))
