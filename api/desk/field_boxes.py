"""The controls of a form made from the fields of a body: what each is called, how it is filled in, what is wrong."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from api.desk.field_texts import NONE_AT_ALL, Texts
from api.language import Catalogue
from service.domain.errors import Problem
from service.domain.fields import FieldSpec
from service.domain.units import COUNTED, DISPLAYS, format_decimal
from service.domain.words import Word

LONG = 200
"""From more characters on a text gets a box of several lines."""
_HINTS: Mapping[str, str] = {
    "cas": "passport.hint_cas",
    "country": "passport.hint_country",
    "gtin": "models.hint_gtin",
    "manufacturer_code": "models.hint_manufacturer_code",
    "model_id": "models.hint_model_id",
    "sha256": "passport.hint_sha256",
    "specification": "models.hint_specification",
}
_WAYS: Mapping[str, str] = {"integer": "number", "choice": "choice", "boolean": "choice", "date": "date"}


@dataclass(frozen=True, slots=True)
class Box:
    """One control. way: number, choice, date, area, url or text. options: value and words. errors: in words."""

    name: str
    label: str
    way: str
    text: str
    required: bool = False
    unit: str = ""
    hint: str = ""
    most: int = 40
    options: Sequence[tuple[str, str]] = ()
    errors: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Boxes:
    """A list with the boxes of each row, or amounts with one row of boxes.

    none: whether it was ticked that there is none at all; None where nobody is asked.
    """

    name: str
    label: str
    rows: Sequence[Sequence[Box]]
    none: bool | None = None
    errors: Sequence[str] = ()
    amounts: bool = False


class Told(NamedTuple):
    """In which language, and by the name of its box what is wrong. chosen: options for fields that are no choice."""

    say: Catalogue
    faults: Mapping[str, Sequence[Problem]]
    chosen: Mapping[str, Sequence[tuple[str, str]]] = {}

    def errors(self, name: str, spec: FieldSpec) -> list[str]:
        return [_words(each, spec, self.say) for each in self.faults.get(name, ())]


def boxes_of(specs: Sequence[FieldSpec], texts: Texts, prefix: str, told: Told) -> list[Box | Boxes]:
    """The controls for these texts."""
    made: list[Box | Boxes] = []
    for spec in specs:
        name, text = f"{prefix}.{spec.name}", texts[spec.name]
        title, errors = told.say.pick(spec.title_en, spec.title_zh), told.errors(name, spec)
        if spec.kind == "items":
            rows = [[_box(each, row[each.name], f"{name}.{at}", told) for each in spec.items]
                    for at, row in enumerate(text)]  # fmt: skip
            none = bool(texts[f"{spec.name}.{NONE_AT_ALL}"]) if spec.minimum == 0 else None
            made.append(Boxes(name, title, rows, none, errors))
        elif spec.kind == "amounts":
            amounts = [_amount(spec, word, text[word.value], name, told) for word in spec.choices]
            made.append(Boxes(name, title, [amounts], None, errors, amounts=True))
        else:
            made.append(_box(spec, text, prefix, told))
    return made


def faults_by_box(problems: Sequence[Problem], prefix: str) -> dict[str, list[Problem]]:
    """Problems with pointers into a value, by the box that each is about; of several of one box the first."""
    found: dict[str, list[Problem]] = {}
    for problem in problems:
        found.setdefault(prefix + problem.pointer.replace("/", "."), [problem])
    return found


def _box(spec: FieldSpec, text: str, prefix: str, told: Told) -> Box:
    say, name = told.say, f"{prefix}.{spec.name}"
    is_url = bool(spec.pattern and spec.pattern.startswith("https"))
    is_long = spec.kind == "text" and not spec.pattern and (spec.max_length or 0) > LONG
    hint = "passport.hint_url" if is_url else _HINTS.get(spec.name, "")
    options = told.chosen.get(spec.name) or [(word.value, say.pick(word.en, word.zh)) for word in spec.choices]
    if spec.kind == "boolean":
        options = [("true", say("passport.yes")), ("false", say("passport.no"))]
    way = "url" if is_url else "area" if is_long else "choice" if options else _WAYS.get(spec.kind, "text")
    return Box(
        name,
        say.pick(spec.title_en, spec.title_zh),
        way,
        text,
        spec.required,
        _unit(spec, say),
        say(hint) if hint else "",
        spec.max_length or 40,
        options,
        told.errors(name, spec),
    )


def _amount(spec: FieldSpec, word: Word, text: str, prefix: str, told: Told) -> Box:
    name, label = f"{prefix}.{word.value}", told.say.pick(word.en, word.zh)
    return Box(name, label, "number", text, unit=_unit(spec, told.say), errors=told.errors(name, spec))


def _words(problem: Problem, spec: FieldSpec, say: Catalogue) -> str:
    """What is wrong, with the bounds of a number in the unit that people use."""
    if problem.code == "range" and spec.minimum is not None and spec.maximum is not None:
        row = DISPLAYS.get(spec.unit or "")
        places = row.places if row else 0
        least, most = format_decimal(spec.minimum, places), format_decimal(spec.maximum, places)
        return say("passport.range", least=least, most=most, unit=_unit(spec, say))
    return say.pick(problem.message_en, problem.message_zh)


def _unit(spec: FieldSpec, say: Catalogue) -> str:
    row = DISPLAYS.get(spec.unit or "")
    return "" if row is None or spec.unit in COUNTED else say.pick(row.en, row.zh)
