"""What a field of an event body may hold, read from the type annotations of the body classes.

A body is a frozen dataclass. Each field is an `Annotated` type with one marker (Quantity, Text, Amounts, Items,
Several), or plainly a Word class, `date` or `bool`; `X | None = None` makes it optional. `fields_of` turns that
into FieldSpec rows, enough to build a JSON schema, a form or a table from; `checking` builds the parser from them.
"""

from __future__ import annotations

import dataclasses
import types
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any, NamedTuple, Union, get_args, get_origin, get_type_hints

from service.domain.titles import TITLES
from service.domain.units import Quantity
from service.domain.words import Word

# base64 of 32 bytes
COMMITMENT_PATTERN = r"[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]="


class Body:
    """Superclass of the bodies; each is a frozen dataclass with slots."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Text:
    """1 to `maximum` printable NFC characters without blanks at the ends.

    pattern: the whole text matches it. kind: what a form offers ("text", "code", "region", "operator", "model").
    check: raises InvalidCode for a text that keeps to the pattern and is wrong all the same.
    """

    maximum: int
    pattern: str | None = None
    kind: str = "text"
    check: Callable[[str], object] | None = None


@dataclass(frozen=True, slots=True)
class Amounts:
    """A mapping from words to quantities, at least one."""

    words: type[Word]
    quantity: Quantity


@dataclass(frozen=True, slots=True)
class Several:
    """A list without repetition. of: a Word class or the Text marker of each element."""

    of: type[Word] | Text
    minimum: int
    maximum: int


@dataclass(frozen=True, slots=True)
class Items:
    """A list of small bodies."""

    of: type[Body]
    minimum: int
    maximum: int


Marker = Quantity | Text | Amounts | Several | Items


@dataclass(frozen=True, slots=True)
class FieldSpec:
    """One field of a body.

    kind: integer, text, code, codes, region, operator, model, choice, choices, date, boolean, amounts or items.
    minimum, maximum: of the number, or of each amount; of the number of elements for choices, codes and items.
    choices: members of a Word class (strings with `en` and `zh`). pattern: anchored by full match, also of each code.
    items: the fields of each element of a list.
    """

    name: str
    kind: str
    required: bool
    title_en: str
    title_zh: str
    unit: str | None = None
    minimum: int | None = None
    maximum: int | None = None
    choices: tuple[Word, ...] = ()
    pattern: str | None = None
    max_length: int | None = None
    items: tuple[FieldSpec, ...] = ()


def fields_of(body_class: type[Body]) -> tuple[FieldSpec, ...]:
    """The fields in the order of the class."""
    return tuple(_spec(field) for field in annotations_of(body_class))


class Annotation(NamedTuple):
    name: str
    plain: Any
    marker: Marker | None
    required: bool


def annotations_of(body_class: type[Body]) -> tuple[Annotation, ...]:
    """What the class says about each field. Costs a walk through the type hints: for building tables, not per event."""
    hints = get_type_hints(body_class, include_extras=True)
    rows = []
    for field in dataclasses.fields(body_class):  # type: ignore[arg-type]
        hint, required = hints[field.name], True
        if get_origin(hint) in (Union, types.UnionType):
            (hint,) = (each for each in get_args(hint) if each is not types.NoneType)
            required = False
        marker: Marker | None = None
        if get_origin(hint) is Annotated:
            hint, marker = get_args(hint)
        rows.append(Annotation(field.name, hint, marker, required))
    return tuple(rows)


def _spec(field: Annotation) -> FieldSpec:
    title_en, title_zh = TITLES[field.name]
    details = _details(field.plain, field.marker)
    return FieldSpec(name=field.name, required=field.required, title_en=title_en, title_zh=title_zh, **details)


def _details(plain: Any, marker: Marker | None) -> dict[str, Any]:
    match marker:
        case Quantity(unit, minimum, maximum):
            return {"kind": "integer", "unit": unit, "minimum": minimum, "maximum": maximum}
        case Text(maximum, pattern, kind):
            return {"kind": kind, "max_length": maximum, "pattern": pattern}
        case Amounts(words, Quantity(unit, minimum, maximum)):
            return {
                "kind": "amounts",
                "choices": tuple(words),
                "unit": unit,
                "minimum": minimum,
                "maximum": maximum,
            }
        case Items(of, minimum, maximum):
            return {"kind": "items", "items": fields_of(of), "minimum": minimum, "maximum": maximum}
        case Several(Text(length, pattern), minimum, maximum):
            return {
                "kind": "codes",
                "max_length": length,
                "pattern": pattern,
                "minimum": minimum,
                "maximum": maximum,
            }
        case Several(of, minimum, maximum):
            return {"kind": "choices", "choices": tuple(of), "minimum": minimum, "maximum": maximum}  # type: ignore[arg-type]
    if plain is date:
        return {"kind": "date"}
    if plain is bool:
        return {"kind": "boolean"}
    return {"kind": "choice", "choices": tuple(plain)}
