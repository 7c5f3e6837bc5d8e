"""Values of data points as people read them: each field with its title, numbers in the unit that people use."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

from api.language import Catalogue
from service.domain.fields import FieldSpec, fields_of
from service.domain.gbt34014 import CHEMISTRIES
from service.domain.names import LIFE_STATUSES
from service.domain.passport.shapes import SHAPES
from service.domain.states import LifeStatus
from service.domain.units import COUNTED, DISPLAYS, format_decimal

FOOTPRINT, STATUS = 17, 67


class Line(NamedTuple):
    """A field of a value. below: of a list, the lines of each element; text is then empty."""

    title: str
    text: str
    below: Sequence[Sequence["Line"]] = ()
    raw: bool = False
    """An address, a code or a hash: it is shown letter for letter."""


def value_lines(nr: int, value: Mapping[str, Any], say: Catalogue) -> list[Line]:
    """The value of a data point, field by field, without those that are not given."""
    if nr == STATUS and value.get("status") in list(LifeStatus):
        name = LIFE_STATUSES[LifeStatus(value["status"])]
        return [Line("", say.pick(name.en, name.zh))]
    lines = body_lines(fields_of(SHAPES[nr]), value, say)
    if nr == FOOTPRINT:
        return [line._replace(text=f"{line.text}/kWh") if not line.raw else line for line in lines]
    return lines


def body_lines(specs: Sequence[FieldSpec], value: Mapping[str, Any], say: Catalogue) -> list[Line]:
    """The same of any body."""
    lines = []
    for spec in specs:
        if value.get(spec.name) is None:
            continue
        given, title = value[spec.name], say.pick(spec.title_en, spec.title_zh)
        if spec.kind == "items":
            below = [body_lines(spec.items, each, say) for each in given]
            lines.append(Line(title, "" if below else say("passport.none_at_all"), below))
        elif spec.kind == "amounts":
            words = {each.value: say.pick(each.en, each.zh) for each in spec.choices}
            below = [[Line(words[word], amount_text(number, spec.unit, say))] for word, number in given.items()]
            lines.append(Line(title, "", below))
        else:
            text = _text(spec, given, say)
            lines.append(Line(title, text, raw=spec.kind == "text" and spec.pattern is not None and text == given))
    return lines


def amount_text(number: int, unit: str | None, say: Catalogue) -> str:
    """A number of this unit, in the one that people use."""
    row = DISPLAYS.get(unit or "")
    if row is None or unit in COUNTED:
        return format_decimal(number, 0)
    symbol = say.pick(row.en, row.zh)
    text = format_decimal(number, row.places)
    return f"{text}{symbol}" if symbol == "%" else f"{text} {symbol}"


def _text(spec: FieldSpec, given: object, say: Catalogue) -> str:
    match given:
        case bool():
            return say("passport.yes" if given else "passport.no")
        case int():
            return amount_text(given, spec.unit, say)
        case date():
            return given.isoformat()
    if spec.name == "chemistry" and given in CHEMISTRIES:
        known = CHEMISTRIES[str(given)]
        return f"{known.letter} · {say.pick(known.en, known.zh)}"
    word = next((each for each in spec.choices if each.value == str(given)), None)
    return str(given) if word is None else say.pick(word.en, word.zh)
