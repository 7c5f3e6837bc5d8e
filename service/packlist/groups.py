"""What the batteries of one group of the list have in common.

A battery is on the list of each operator that has something to do with it, once. Whether its passport is complete is
not part of a group, because a new version of its model's passport changes that for all of them at once. A group holds
what the battery's own passport gives; with its model's it is judged when the list is read.
"""

from collections.abc import Mapping
from datetime import date
from enum import IntFlag, StrEnum
from functools import cache
from typing import NamedTuple

from service.domain.passport.completeness import check_completeness, needs_passport
from service.domain.passport.composing import FOLLOWS, numbers_given, points_of_model
from service.domain.states import TERMINAL, BatteryState, Model
from service.domain.words import Category, Level, Market
from service.passports.keeping import Published


class Tie(IntFlag):
    """What an operator has to do with a battery. AWAITED: the holder says it handed it to the operator."""

    MADE = 1
    HOLDS = 2
    ANSWERS = 4
    AWAITED = 8


class Label(StrEnum):
    """Whether a label that counts was printed. What ended without one needs none."""

    PRINTED = "printed"
    NONE = "none"
    ENDED = ""


class Eu(StrEnum):
    """Whether the passport that the Union asks for from 18 February 2027 on is complete.

    Source: Regulation (EU) 2023/1542, Art. 77(1). UNKNOWN: neither model nor passport says of which category it is.
    """

    COMPLETE = "complete"
    INCOMPLETE = "incomplete"
    UNKNOWN = "unknown"
    NOT_ASKED = "not_asked"


class Group(NamedTuple):
    """passport: category, then the numbers of the data points that the battery itself gives; empty: none is asked."""

    operator: str
    ties: int
    level: str
    model: str
    state: str
    month: str
    label: str
    passport: str


def groups_of(state: BatteryState, model: Model | None, own: Published | None) -> list[Group]:
    """The group of a battery on the list of each operator. own: the newest version of its own passport, if any."""
    ended = state.op_state in TERMINAL
    printed = state.labels > state.labels_void
    label = Label.PRINTED if printed else Label.ENDED if ended else Label.NONE
    rest = (
        state.level.value,
        state.model_id or "",
        state.op_state.value,
        f"{state.made_on:%Y-%m}",
        label.value,
        "" if ended else _passport(state, model, own),
    )
    return [Group(operator, ties, *rest) for operator, ties in _ties(state).items()]


def judge(
    passport: str, model: Model | None, given_by_model: frozenset[int], today: date
) -> tuple[Eu, tuple[int, ...]]:
    """Whether the passports of a group are complete, and the numbers of the data points that are missing."""
    if not passport:
        return Eu.NOT_ASKED, ()
    category, _, numbers = passport.partition(":")
    if not category:
        return Eu.UNKNOWN, ()
    given = frozenset(map(int, numbers.split(","))) | given_by_model
    given |= {number for number, origin in FOLLOWS.items() if origin in given_by_model}
    if model is not None:
        given |= points_of_model(model)
    missing = _missing(Category(category), today, given)
    return (Eu.INCOMPLETE if missing else Eu.COMPLETE), missing


@cache
def _missing(category: Category, today: date, given: frozenset[int]) -> tuple[int, ...]:
    return check_completeness(category, today, given).missing


def _ties(state: BatteryState) -> Mapping[str, int]:
    ties: dict[str, int] = {}
    tied = ((state.maker, Tie.MADE), (state.holder, Tie.HOLDS), (state.responsible or state.maker, Tie.ANSWERS))
    for operator, tie in (*tied, (state.handed_to, Tie.AWAITED)):
        if operator:
            ties[operator] = ties.get(operator, 0) | tie.value
    return ties


def _passport(state: BatteryState, model: Model | None, own: Published | None) -> str:
    """A part is asked for none unless it is placed on the market by itself; nor is what is placed elsewhere only."""
    in_union = Market.EU.value in state.markets
    if not in_union and (state.level is not Level.PACK or state.markets):
        return ""
    category = model.body.category if model else Category(own.category) if own else None
    if category is None:
        return ":"
    if not needs_passport(category, state.energy_wh):
        return ""
    numbers = numbers_given(state, None, own.numbers if own else frozenset())
    return f"{category.value}:{','.join(map(str, sorted(numbers)))}"
