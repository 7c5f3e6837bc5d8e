"""Forms of the fields that a body has, as texts: what stands in the boxes for a value, and the value of what was sent.

A box's name is its way through the value, `p13.substances.0.name`. People write numbers in the unit that they use
(`350` V); they become whole numbers of the unit that is kept, exactly. An empty box is a field that is not given, and
a row of a list with empty boxes only is no row.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from service.domain.errors import Problem
from service.domain.fields import FieldSpec
from service.domain.units import DISPLAYS, format_decimal
from service.imports.cells import CellError, converter

NONE_AT_ALL = "none_at_all"
"""After the name of a list: a box to tick where a list without elements says something."""

Texts = Mapping[str, Any]
"""By field what stands in its box; of a list the texts of each row, of amounts the text of each word."""


@dataclass(frozen=True, slots=True)
class Sent:
    """A value as it was sent: None where all boxes are empty. problems: with pointers into the value."""

    value: dict[str, Any] | None
    problems: tuple[Problem, ...] = field(default=())


def texts_of_form(specs: Sequence[FieldSpec], form: Mapping[str, str], prefix: str) -> Texts:
    """What was sent, without the rows that are empty."""
    texts: dict[str, Any] = {}
    for spec in specs:
        name = f"{prefix}.{spec.name}"
        if spec.kind == "items":
            rows = [texts_of_form(spec.items, form, f"{name}.{at}") for at in _rows_sent(form, name)]
            texts[spec.name] = [row for row in rows if not is_empty(row)]
            texts[f"{spec.name}.{NONE_AT_ALL}"] = form.get(f"{name}.{NONE_AT_ALL}", "")
        elif spec.kind == "amounts":
            texts[spec.name] = {word.value: form.get(f"{name}.{word.value}", "").strip() for word in spec.choices}
        else:
            texts[spec.name] = form.get(name, "").strip()
    return texts


def texts_of_value(specs: Sequence[FieldSpec], value: Mapping[str, Any]) -> Texts:
    """What stands in the boxes for a value that is there. What has another form than the field is left out."""
    texts: dict[str, Any] = {}
    for spec in specs:
        given = value.get(spec.name)
        if spec.kind == "items":
            rows = [each for each in given if isinstance(each, dict)] if isinstance(given, list) else []
            texts[spec.name] = [texts_of_value(spec.items, each) for each in rows]
            texts[f"{spec.name}.{NONE_AT_ALL}"] = "1" if given == [] else ""
        elif spec.kind == "amounts":
            amounts = given if isinstance(given, dict) else {}
            texts[spec.name] = {word.value: _written(spec, amounts.get(word.value)) for word in spec.choices}
        else:
            texts[spec.name] = _written(spec, given)
    return texts


def is_empty(texts: Texts) -> bool:
    """Whether nothing at all was filled in."""
    return not any(_is_full(each) for each in texts.values())


def _is_full(text: Any) -> bool:
    if isinstance(text, Mapping):
        return not is_empty(text)
    return any(map(_is_full, text)) if isinstance(text, list) else bool(text)


def read_texts(specs: Sequence[FieldSpec], texts: Texts, pointer: str = "") -> Sent:
    """The value that was sent, not yet checked but for its numbers: those that are none are problems, and left out."""
    if is_empty(texts):
        return Sent(None)
    value: dict[str, Any] = {}
    problems: list[Problem] = []
    for spec in specs:
        text, here = texts[spec.name], f"{pointer}/{spec.name}"
        if spec.kind == "items":
            rows = [read_texts(spec.items, row, f"{here}/{at}") for at, row in enumerate(text) if not is_empty(row)]
            problems += [problem for row in rows for problem in row.problems]
            none = texts[f"{spec.name}.{NONE_AT_ALL}"]
            if rows and none:
                problems.append(Problem(here, "none-and-some", *_NONE_AND_SOME))
            if rows or none:
                value[spec.name] = [row.value or {} for row in rows]
        elif spec.kind == "amounts":
            amounts = {word: _read(spec, each, f"{here}/{word}", problems) for word, each in text.items() if each}
            if amounts:
                value[spec.name] = {word: each for word, each in amounts.items() if each is not None}
        elif text and (read := _read(spec, text, here, problems)) is not None:
            value[spec.name] = read
    return Sent(value, tuple(problems))


def _read(spec: FieldSpec, text: str, pointer: str, problems: list[Problem]) -> Any:
    row = DISPLAYS.get(spec.unit or "")
    try:
        return converter(spec, row.places if row else 0)(text)
    except CellError as error:
        problems.append(Problem(pointer, error.code, error.en, error.zh))
        return None


def _written(spec: FieldSpec, given: Any) -> str:
    if isinstance(given, bool):
        return "true" if given else "false"
    if isinstance(given, int):
        row = DISPLAYS.get(spec.unit or "")
        return format_decimal(given, row.places if row else 0, grouped=False)
    return given if isinstance(given, str) else ""


def _rows_sent(form: Mapping[str, str], name: str) -> list[int]:
    wanted = re.compile(rf"{re.escape(name)}\.([0-9]{{1,3}})\.")
    return sorted({int(found[1]) for key in form if (found := wanted.match(key))})


_NONE_AND_SOME = ("rows are filled in, and “none” is ticked: do one of them", "已填写内容又勾选了“无”，请保留其一")
