"""From what was typed into a form to the event it tells, or to what is wrong with which field.

Numbers are typed in the units people use, codes in any spelling; both are read here, everything else is left to the
rules of the register.
"""

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from ledger.entry import format_time
from service.domain.errors import InvalidCode
from service.domain.identifiers.recognition import Scheme, identify
from service.errors import Fault
from service.imports.cells import CellError, converter, read_moment
from service.workshop.forms import Form, FormField

CODE, OTHER, OCCURRED_AT = "code", "other", "occurred_at"
MOST_CODES = 200
_MOST_DIGITS = 100
_BETWEEN = re.compile(r"[\s,，、;；]+")
_THOUSANDS = re.compile(r"[0-9]{1,3}(,[0-9]{3})+(\.[0-9]+)?")
_MISSING = ("this is needed", "请填写此项")

Typed = Callable[[str], Sequence[str]]
"""All values of a field of the form that was sent, by its name."""
FindOperator = Callable[[str], str]
"""The id of the operator that somebody named."""


@dataclass(frozen=True, slots=True)
class Told:
    """What a form says. faults: point to fields by name; where there is one, nothing of it may be recorded."""

    members: Mapping[str, Any]
    faults: tuple[Fault, ...] = ()


@dataclass(slots=True)
class _Reading:
    body: dict[str, Any] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    parts: list[str] = field(default_factory=list)


def read_form(form: Form, typed: Typed, find_operator: FindOperator, *, now: datetime) -> Told:
    """The event as its operator tells it, without its id."""
    reading = _Reading()
    for each in form.fields:
        _read_field(each, typed, find_operator, reading)
    before, after = _read_others(form, typed, reading)
    subjects = list(dict.fromkeys([*before, *([form.code] if form.code else []), *after, *reading.parts]))
    moment = _read_time(typed, now, reading)
    members = {"type": form.kind, "occurred_at": moment, "subjects": subjects, "body": reading.body}
    return Told(members, tuple(reading.faults))


def split_codes(text: str) -> list[str]:
    """The pieces of a list of codes as somebody pasted it, in order, repeated ones too."""
    return [piece for piece in _BETWEEN.split(text) if piece]


def code_of(text: str) -> str:
    """The battery code that somebody typed or scanned, in its own spelling. Raises InvalidCode."""
    named = identify(text)
    if named.scheme is not Scheme.CODE:
        raise InvalidCode("a battery code is needed here", "此处须填写电池编码")
    return named.value


def number_text(text: str) -> str:
    """A number in ASCII digits, without blanks: `１，２３４.5` is `1234.5`. A comma that parts no thousands is left."""
    plain = "".join(unicodedata.normalize("NFKC", text).split())
    return plain.replace(",", "") if _THOUSANDS.fullmatch(plain) else plain


def _read_field(row: FormField, typed: Typed, find_operator: FindOperator, reading: _Reading) -> None:
    given = [text.strip() for text in typed(row.name) if text.strip()]
    if row.fixed:
        reading.body[row.name] = row.value
        return
    if row.spec.kind == "codes":
        reading.body[row.name] = _codes(row.name, given, reading)
        return
    if not given:
        if row.spec.required:
            reading.faults.append(Fault(row.name, "missing", *_MISSING))
        return
    try:
        value = _value(row, given[0], find_operator)
    except CellError as error:
        reading.faults.append(Fault(row.name, error.code, error.en, error.zh))
    except InvalidCode as error:
        reading.faults.append(Fault(row.name, "code", str(error), error.reason_zh))
    else:
        reading.body[row.name] = value
        if row.subject:
            reading.parts.append(value)


def _value(row: FormField, text: str, find_operator: FindOperator) -> Any:
    match row.spec.kind:
        case "integer":
            if len(number := number_text(text)) > _MOST_DIGITS:
                raise CellError("digits", "this number has too many digits", "数字位数过多")
            return converter(row.spec, row.places)(number)
        case "code":
            return code_of(text)
        case "operator":
            return find_operator(text)
    text = unicodedata.normalize("NFKC", text).upper() if row.capitals else text
    return converter(row.spec)(text)


def _codes(name: str, given: Sequence[str], reading: _Reading) -> list[str]:
    found = []
    for text in split_codes(" ".join(given)):
        try:
            found.append(code_of(text))
        except InvalidCode as error:
            reading.faults.append(Fault(name, "code", f"{text}: {error}", f"{text}：{error.reason_zh}"))
    return list(dict.fromkeys(found))


def _read_others(form: Form, typed: Typed, reading: _Reading) -> tuple[list[str], list[str]]:
    """The other batteries: those named before the one in hand, and those after it."""
    before, after = list[str](), list[str]()
    for others in form.others:
        name = other_name(others.before)
        found = list(others.codes) if others.codes else _codes(name, typed(name), reading)
        if not others.codes and not others.minimum <= len(found) <= others.maximum:
            least, most = others.minimum, others.maximum
            en, zh = f"name {least} to {most} batteries", f"请填写{least}至{most}个电池编码"
            reading.faults.append(Fault(name, "number", *(_MISSING if least == most == 1 else (en, zh))))
        (before if others.before else after).extend(found)
    return before, after


def other_name(before: bool) -> str:
    """The name of the input of other batteries."""
    return f"{OTHER}_before" if before else f"{OTHER}_after"


def _read_time(typed: Typed, now: datetime, reading: _Reading) -> str:
    text = next((each.strip() for each in typed(OCCURRED_AT) if each.strip()), "")
    if not text:
        return format_time(now)
    try:
        return read_moment(text)
    except CellError as error:
        reading.faults.append(Fault(OCCURRED_AT, error.code, error.en, error.zh))
        return format_time(now)
