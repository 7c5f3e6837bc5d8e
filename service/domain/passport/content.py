"""The content of a passport, as its author writes it: values by the number of the data point.

A content belongs to a model, or to one battery where that differs from its model or has none. What the register knows
from what was recorded is no part of it. A value for a data point from 51 on is the one declared for the day the battery
is placed on the market; what is measured later takes its place.
"""

from __future__ import annotations

from collections.abc import Container, Mapping
from typing import Any

from service.domain.checking import format_fields, parse_fields
from service.domain.errors import InvalidBody, Problem
from service.domain.passport.datapoints import DATA_POINTS, RECORDED
from service.domain.passport.tiers import Tier

Content = Mapping[int, Mapping[str, Any]]
"""By data point the value as plain JSON, in the form that its shape gives it."""
MAX_POINTS = 71
_NUMBERS = {str(nr): nr for nr in DATA_POINTS}


def parse_content(given: object) -> dict[int, dict[str, Any]]:
    """The content in decoded JSON: values by number, as text. Raises InvalidBody with every problem at once."""
    if not isinstance(given, dict):
        raise InvalidBody((Problem("", "type", "an object is needed", "应为对象"),))
    if not given:
        raise InvalidBody((Problem("", "missing", "no data point is given", "未填写任何数据项"),))
    # Not above: sixty classes, of use only where a content is written.
    from service.domain.passport.shapes import SHAPES

    content: dict[int, dict[str, Any]] = {}
    problems: list[Problem] = []
    for key, value in given.items():
        try:
            nr = _number(key, SHAPES)
            content[nr] = format_fields(parse_fields(SHAPES[nr], value))
        except InvalidBody as error:
            problems += [each._replace(pointer=f"/{_escaped(key)}{each.pointer}") for each in error.problems]
    if problems:
        raise InvalidBody(tuple(problems))
    return dict(sorted(content.items()))


def split_by_tier(content: Content) -> dict[Tier, dict[str, Any]]:
    """The content as it is kept and committed to: for each tier with a value, values by number as text."""
    split: dict[Tier, dict[str, Any]] = {}
    for nr, value in content.items():
        split.setdefault(DATA_POINTS[nr].tier, {})[str(nr)] = dict(value)
    return split


def _number(key: str, shapes: Container[int]) -> int:
    nr = _NUMBERS.get(key)
    if nr is None:
        raise _wrong("unknown", "there is no such data point: numbers go from 1 to 71", "没有此数据项：编号为1至71")
    if nr in RECORDED:
        raise _wrong("recorded", "the register knows this from what was recorded", "该项由登记簿根据记录生成，不可填写")
    if nr not in shapes:
        raise _wrong("not-to-be-filled", "the guidance lets another data point say this", "按指南该项不填写")
    return nr


def _wrong(code: str, en: str, zh: str) -> InvalidBody:
    return InvalidBody((Problem("", code, en, zh),))


def _escaped(key: str) -> str:
    return str(key)[:64].replace("~", "~0").replace("/", "~1")
