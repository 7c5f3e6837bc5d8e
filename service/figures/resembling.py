"""Codes that differ in one place only, with the date and the serial number of the day alike: what a slip would give.

Batteries of one day and one number differ in positions 1 to 14. There are few of these beginnings, one for each model
and line of production, so those that are one character apart are known beforehand, and a new code is compared with
these few only.
"""

from __future__ import annotations

from collections.abc import Iterable

PREFIX = 14
LENGTH = 24


class Lookalikes:
    """All beginnings of codes that were ever registered."""

    def __init__(self, prefixes: Iterable[str] = ()) -> None:
        self._prefixes = set(prefixes)
        self._new: set[str] = set()
        self._near: dict[str, tuple[str, ...]] = {}

    def learn(self, codes: Iterable[str]) -> None:
        """Take in the beginnings of these codes."""
        new = {code[:PREFIX] for code in codes if len(code) == LENGTH} - self._prefixes
        if new:
            self._prefixes |= new
            self._new |= new
            self._near.clear()

    def take_new(self) -> set[str]:
        """The beginnings that were learned since this was last asked."""
        new, self._new = self._new, set()
        return new

    def of(self, code: str) -> tuple[str, ...]:
        """The codes that there may be and that look like this one."""
        if len(code) != LENGTH:
            return ()
        prefix = code[:PREFIX]
        near = self._near.get(prefix)
        if near is None:
            near = self._near[prefix] = tuple(sorted(each for each in self._prefixes if _is_near(each, prefix)))
        return tuple(each + code[PREFIX:] for each in near)


def _is_near(one: str, other: str) -> bool:
    """Whether two beginnings of batteries of one level differ in exactly one character."""
    return one[3] == other[3] and sum(a != b for a, b in zip(one, other, strict=True)) == 1
