"""What the battery rules can object to.

DomainError
├── InvalidCode   a written identifier (battery code, GTIN, VIN, credit code, event id) breaks its own rules
├── InvalidBody   the body of an event does not fit its kind; lists every problem at once
└── RuleBreach    a well-formed event contradicts the law, physics or what is already recorded
"""

from __future__ import annotations

from typing import NamedTuple


class DomainError(Exception):
    """Root of everything raised below service/domain."""


class InvalidCode(DomainError):  # noqa: N818 - reads as the finding it is
    """An identifier that cannot be what it claims to be.

    position: 0-based offset of the first offending character, None when the whole text is at fault (its length).
    """

    def __init__(self, reason_en: str, reason_zh: str, position: int | None = None) -> None:
        where = "" if position is None else f" at position {position + 1}"
        super().__init__(f"{reason_en}{where}")
        self.position = position
        self.reason_en = reason_en
        self.reason_zh = reason_zh


class Problem(NamedTuple):
    """One thing wrong with a body. `pointer` is an RFC 6901 pointer inside the body, e.g. /outputs/0/mass_g."""

    pointer: str
    code: str
    message_en: str
    message_zh: str


class InvalidBody(DomainError):  # noqa: N818
    """`problems` is never empty and holds every problem found, in the order of the fields."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__("; ".join(f"{each.pointer or '/'}: {each.message_en}" for each in problems))
        self.problems = problems


class RuleBreach(DomainError):  # noqa: N818
    """An event the register must not take.

    rule: slug of the row in breaches.RULES; pointer: JSON pointer into the event; source: the clause.
    current: what is recorded now about the battery in the way, set only where the event conflicts with the
    present state (and would have been fine in another).
    """

    def __init__(
        self,
        rule: str,
        pointer: str,
        *,
        messages: tuple[str, str],
        source: str,
        current: dict[str, object] | None = None,
    ) -> None:
        super().__init__(f"{messages[0]} [{source}]")
        self.rule = rule
        self.pointer = pointer
        self.message_en, self.message_zh = messages
        self.source = source
        self.current = current
