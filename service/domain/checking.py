"""From a JSON mapping to a body, and back. Total: any JSON value gives a body or InvalidBody with every problem.

For each field one check is built once; it returns the value as the body holds it or raises InvalidBody whose pointers
are relative to the field. Nothing is converted silently: true is no integer, null is no value, "12" is no number.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Collection, Mapping
from datetime import date
from typing import Any, TypeVar

from service.domain.errors import InvalidBody, InvalidCode, Problem
from service.domain.fields import (
    Amounts,
    Body,
    Items,
    Marker,
    Several,
    Text,
    annotations_of,
)
from service.domain.units import Quantity
from service.domain.words import Word

Check = Callable[[object], Any]
B = TypeVar("B", bound=Body)


def parse_fields(body_class: type[B], value: object, withheld: Collection[str] = ()) -> B:
    """The body of this class in `value`, a decoded JSON value. Fields that are `withheld` may be missing: None."""
    rows = _checks(body_class)
    if type(value) is not dict:
        raise _wrong("type", "an object is needed", "应为对象")
    values = []
    found = 0
    try:
        for name, check, required in rows:
            if name in value:
                values.append(check(value[name]))
                found += 1
            elif required and name not in withheld:
                raise _wrong("missing", "this field is required", "缺少必填字段")
            else:
                values.append(None)
    except InvalidBody:
        raise InvalidBody(_problems(rows, value, withheld)) from None
    if found != len(value):
        raise InvalidBody(_problems(rows, value, withheld))
    return body_class(*values)


def format_fields(body: Body) -> dict[str, Any]:
    """The JSON mapping of a body: plain types only, absent fields left out. Inverse of `parse_fields`."""
    mapping = {}
    for name, _, _ in _checks(type(body)):
        value = getattr(body, name)
        if value is not None:
            mapping[name] = _plain(value)
    return mapping


def _plain(value: Any) -> Any:
    match value:
        case Word():
            return value.value
        case date():
            return value.isoformat()
        case tuple():
            return [_plain(each) for each in value]
        case Mapping():
            return {str(key): each for key, each in value.items()}
        case Body():
            return format_fields(value)
    return value


_CHECKS: dict[type[Body], tuple[tuple[str, Check, bool], ...]] = {}


def _checks(body_class: type[Body]) -> tuple[tuple[str, Check, bool], ...]:
    """(name, check, required) of each field, built on first use."""
    rows = _CHECKS.get(body_class)
    if rows is None:
        rows = tuple(
            (field.name, _check_for(field.plain, field.marker), field.required) for field in annotations_of(body_class)
        )
        _CHECKS[body_class] = rows
    return rows


def _problems(
    rows: tuple[tuple[str, Check, bool], ...], value: dict[str, object], withheld: Collection[str]
) -> tuple[Problem, ...]:
    found: list[Problem] = []
    for name, check, required in rows:
        if name in value:
            found += _prefixed(name, check, value[name])
        elif required and name not in withheld:
            found.append(Problem(f"/{name}", "missing", "this field is required", "缺少必填字段"))
    known = {name for name, _, _ in rows}
    for key in value:
        if key not in known:
            pointer = str(key)[:64].replace("~", "~0").replace("/", "~1")
            found.append(Problem(f"/{pointer}", "unknown", "this kind of event has no such field", "该事件没有此字段"))
    return tuple(found)


def _prefixed(name: str | int, check: Check, value: object) -> list[Problem]:
    try:
        check(value)
    except InvalidBody as error:
        return [each._replace(pointer=f"/{name}{each.pointer}") for each in error.problems]
    return []


def _wrong(code: str, en: str, zh: str) -> InvalidBody:
    return InvalidBody((Problem("", code, en, zh),))


def _check_for(plain: Any, marker: Marker | None) -> Check:
    match marker:
        case Quantity():
            return _integer_check(marker)
        case Text():
            return _text_check(marker)
        case Amounts():
            return _amounts_check(marker)
        case Several(Text() as text, minimum, maximum):
            return _list_check(_text_check(text), minimum, maximum, distinct=True)
        case Several(type() as of, minimum, maximum):
            return _list_check(_word_check(of), minimum, maximum, distinct=True)
        case Items(of, minimum, maximum):
            return _list_check(lambda value: parse_fields(of, value), minimum, maximum, distinct=False)
    if plain is date:
        return _check_date
    return _check_boolean if plain is bool else _word_check(plain)


def _integer_check(quantity: Quantity) -> Check:
    minimum, maximum = quantity.minimum, quantity.maximum

    def check(value: object) -> int:
        if type(value) is not int:
            raise _wrong("type", "a whole number is needed", "应为整数")
        if not minimum <= value <= maximum:
            raise _wrong("range", f"must lie between {minimum:,} and {maximum:,}", f"应在{minimum:,}与{maximum:,}之间")
        return value

    return check


def _text_check(text: Text) -> Check:
    maximum, further = text.maximum, text.check
    matches = re.compile(text.pattern).fullmatch if text.pattern else None

    def check(value: object) -> str:
        if type(value) is not str:
            raise _wrong("type", "a text is needed", "应为文本")
        if not 0 < len(value) <= maximum:
            raise _wrong("length", f"must have 1 to {maximum} characters", f"应为1至{maximum}个字符")
        if matches is not None:
            if not matches(value):
                raise _wrong("pattern", "does not have the required form", "格式不正确")
        elif not value.isascii() or not value.isprintable() or value[0] == " " or value[-1] == " ":
            _check_characters(value)
        if further is not None:
            try:
                further(value)
            except InvalidCode as error:
                raise _wrong("invalid", str(error), error.reason_zh) from None
        return value

    return check


def _check_characters(value: str) -> None:
    if value != value.strip():
        raise _wrong("characters", "must not begin or end with a blank", "首尾不得有空格")
    if any(unicodedata.category(each) in _REFUSED for each in value):
        raise _wrong("characters", "must not hold control or invisible characters", "不得含控制字符或不可见字符")
    if not unicodedata.is_normalized("NFC", value):
        raise _wrong("characters", "must be in Unicode normal form C", "应为Unicode规范形式C")


_REFUSED = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


def _word_check(words: type[Word]) -> Check:
    members = {member.value: member for member in words}

    def check(value: object) -> Word:
        if type(value) is not str:
            raise _wrong("type", "a text is needed", "应为文本")
        member = members.get(value)
        if member is None:
            raise _wrong("choice", f"must be one of {', '.join(members)}", f"应为以下之一：{'、'.join(members)}")
        return member

    return check


def _amounts_check(amounts: Amounts) -> Check:
    check_word, check_amount = _word_check(amounts.words), _integer_check(amounts.quantity)

    def check(value: object) -> dict[Word, int]:
        if type(value) is not dict:
            raise _wrong("type", "an object is needed", "应为对象")
        if not value:
            raise _wrong("length", "at least one amount is needed", "至少填写一项")
        found: list[Problem] = []
        for name, amount in value.items():
            pointer = str(name)[:64].replace("~", "~0").replace("/", "~1")
            found += _prefixed(pointer, check_word, name) or _prefixed(pointer, check_amount, amount)
        if found:
            raise InvalidBody(tuple(found))
        return {check_word(name): amount for name, amount in value.items()}

    return check


def _list_check(check_each: Check, minimum: int, maximum: int, *, distinct: bool) -> Check:
    def check(value: object) -> tuple[Any, ...]:
        if type(value) is not list:
            raise _wrong("type", "a list is needed", "应为列表")
        if not minimum <= len(value) <= maximum:
            raise _wrong("length", f"must have {minimum} to {maximum} elements", f"应有{minimum}至{maximum}项")
        try:
            checked = tuple([check_each(each) for each in value])
        except InvalidBody:
            found = [problem for at, each in enumerate(value) for problem in _prefixed(at, check_each, each)]
            raise InvalidBody(tuple(found)) from None
        if distinct and len(set(checked)) != len(checked):
            raise _wrong("repeated", "an element stands twice", "存在重复项")
        return checked

    return check


def _check_date(value: object) -> date:
    if type(value) is not str:
        raise _wrong("type", "a date as YYYY-MM-DD is needed", "应为日期（YYYY-MM-DD）")
    try:
        parsed = date.fromisoformat(value)
    except ValueError:
        raise _wrong("date", "not a date of the calendar as YYYY-MM-DD", "不是有效日期（YYYY-MM-DD）") from None
    if len(value) != 10 or value[7] != "-":  # fromisoformat also takes 20260226 and 2026-W09-4
        raise _wrong("date", "not a date of the calendar as YYYY-MM-DD", "不是有效日期（YYYY-MM-DD）")
    return parsed


def _check_boolean(value: object) -> bool:
    if type(value) is not bool:
        raise _wrong("type", "true or false is needed", "应为是或否")
    return value
