"""Whether a battery in hand may be worked on: one level, and every reason for it, worst first.

The reasons are names with values; the words for them are the pages'.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from types import MappingProxyType

from service.domain.copies import CopySign
from service.domain.states import BLOCKING_FLAGS, TERMINAL, BatteryState, OpState


class Level(IntEnum):
    """OK: go on. CHECK: look before going on. STOP: do not go on as if nothing were."""

    OK = 0
    CHECK = 1
    STOP = 2

    @property
    def word(self) -> str:
        return self.name.lower()


@dataclass(frozen=True, slots=True)
class Reason:
    """name: of the reason. values: what its words need, such as an operator's id or a code."""

    name: str
    level: Level
    values: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True)
class Verdict:
    """reasons: worst first; none where there is nothing to say."""

    level: Level
    reasons: tuple[Reason, ...]


UNKNOWN = Verdict(Level.STOP, (Reason("unknown", Level.STOP),))
"""Of a code that no battery of this register has."""


def judge(state: BatteryState, operator: str, signs: Sequence[CopySign] = ()) -> Verdict:
    """The verdict for `operator`. state: as seen with its whole. signs: open ones that its label was copied."""
    reasons = sorted(_reasons(state, operator, signs), key=lambda reason: -reason.level)
    return Verdict(reasons[0].level if reasons else Level.OK, tuple(reasons))


def _reasons(state: BatteryState, operator: str, signs: Sequence[CopySign]) -> Iterator[Reason]:
    if state.op_state in TERMINAL:
        values = {"successor": state.consumed_into} if state.consumed_into else {}
        yield Reason(f"ended_{state.op_state.value.lower()}", Level.STOP, values)
        return
    for flag in state.flags:
        yield Reason(flag, Level.STOP if flag in BLOCKING_FLAGS else Level.CHECK)
    if signs:
        yield Reason("copied", Level.CHECK)
    if state.op_state in (OpState.EXPORTED, OpState.LOST):
        yield Reason(state.op_state.value.lower(), Level.CHECK)
    if state.parent is not None:
        yield Reason("part", Level.CHECK, {"whole": state.parent})
    if state.void_asked:
        yield Reason("void_asked", Level.CHECK)
    yield from _holding(state, operator)


def _holding(state: BatteryState, operator: str) -> Iterator[Reason]:
    """Who has it. A battery in a vehicle goes where the vehicle goes, so there it says nothing."""
    if state.handed_to == operator:
        yield Reason("expected", Level.OK, {"operator": state.holder})
    elif state.handed_to is not None:
        yield Reason("handed_on", Level.CHECK, {"operator": state.handed_to})
    elif state.holder != operator and state.vehicle is None and state.parent is None:
        yield Reason("held", Level.CHECK, {"operator": state.holder})
