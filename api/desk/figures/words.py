"""What a cell of a figure says to people, in their language, and where it leads."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from api.language import Catalogue
from api.pages.rendering import format_moment
from service.domain.copies import CopySign
from service.domain.districts import CHONGQING, PROVINCES, ZONES
from service.domain.duties.rows import DUTIES
from service.domain.events import KINDS
from service.domain.materials.batch import Family
from service.domain.names import OP_STATES
from service.domain.recovery.sums import Measure, Stage
from service.domain.states import OpState
from service.domain.units import DISPLAYS, format_decimal
from service.domain.words import Level, LicenceKind, Material, Product, Word
from service.figures.parameters import ACTIVE, CAPACITY, LEAST, NATIONAL, ORPHAN, Parameter
from service.figures.shapes import Cell, Column
from service.recording.registry import Registry

Names = Callable[[str, str], tuple[str, str] | None]
"""English and Chinese name of an `operator` or `model` by its id; None where it is not known."""
_WORDS: Mapping[str, type[Word]] = {
    "stage": Stage,
    "family": Family,
    "measure": Measure,
    "licence": LicenceKind,
    "product": Product,
    "material": Material,
    "sign": CopySign,
}
_LEVELS = {"P": "pack", "M": "module", "C": "cell"}
"""By position 4 of a battery code (GB/T 34014-2017)."""
_PLACES = {"g": (3, "g"), "mg": (6, "g"), "wh": (3, "wh"), "ppm": (4, "ppm")}
"""Of units that people read as a larger one: how many decimal places that moves, and whose name it has."""

_PARAMETERS = {
    ORPHAN: ("count", "state"),
    CAPACITY: ("g", "operator"),
    NATIONAL: ("g", "jurisdiction"),
    ACTIVE: ("count", ""),
    LEAST: ("count", ""),
}
"""By the name of a parameter: the unit of its value, and what `of` names."""


@dataclass(frozen=True, slots=True)
class Speaker:
    """Cells in one language. names: of organisations and models, as they are now or as they were frozen."""

    say: Catalogue
    names: Names

    def cell(self, value: Cell, unit: str) -> str:
        """A cell whose column has this unit. What is not known is said, and is not 0."""
        if value is None:
            return self.say("fig.not_known")
        if isinstance(value, int):
            return self.number(value, unit)
        return self.text(value, unit) if value else "–"

    def said(self, value: Cell, column: Column) -> str:
        """A cell of this column; a sum that has no organisation is that of all."""
        if column.key == "operator" and not value:
            return self.say("fig.all")
        if column.kind == "day" and isinstance(value, str) and "T" in value:
            return f"{format_moment(datetime.fromisoformat(value))} (UTC+8)"
        return self.cell(value, unit_of(column))

    def number(self, value: int, unit: str) -> str:
        """A number with its unit as people read it; counts stand bare, since their column says of what."""
        if unit == "flag":
            return self.say("fig.yes" if value else "fig.no")
        if unit in _PLACES:
            places, named = _PLACES[unit]
            symbol = self.say.pick(DISPLAYS[named].en, DISPLAYS[named].zh)
            rounded = round(value, -places + 2)  # two decimals of the larger unit, or all where there are fewer
            return f"{format_decimal(rounded, places)}{'' if symbol == '%' else ' '}{symbol}"
        return str(value) if unit == "year" else f"{value:,d}"

    def text(self, value: str, unit: str) -> str:
        """The name of what a text stands for; the text itself where it has none."""
        if unit in ("operator", "model"):
            found = self.names(unit, value)
            return value if found is None else self.say.pick(*found)
        if unit == "district":
            return self._district(value)
        if unit == "duty" and value in DUTIES:
            return self.say.pick(DUTIES[value].en, DUTIES[value].zh)
        if unit == "kind" and value in KINDS:
            return self.say.pick(KINDS[value].title_en, KINDS[value].title_zh)
        if unit == "word":
            return self._word(value)
        if unit == "state":
            return self._state(value)
        if unit == "jurisdiction" and f"fig.law.{value}" in self.say.phrases:
            return self.say(f"fig.law.{value}")
        if unit == "month":
            return value.replace("/", " – ")
        if unit == "level":
            return self._member(Level, _LEVELS.get(value, value))
        return self._member(_WORDS[unit], value) if unit in _WORDS else value

    def asked(self, name: str, value: str) -> str:
        """What a field of a filter asks for."""
        key = {"figure": f"figures.{value}.title", "by": f"figures.by.{value}"}.get(name, "")
        return self.say(key) if key in self.say.phrases else self.text(value, name)

    def heading(self, column: Column) -> str:
        """What stands over a column."""
        return self.say(f"figures.by.{column.unit}" if column.key == "group" else f"figures.column.{column.key}")

    def parameter(self, row: Parameter) -> tuple[str, str]:
        """What a parameter is called and how much it is."""
        unit, of = _PARAMETERS[row.name]
        named = self.cell(row.of, of) if of else ""
        return self.say(f"fig.parameter.{row.name}", of=named), self.number(row.value, unit)

    def note(self, key: str) -> str:
        """What a table says that it cannot tell."""
        return self.say(f"figures.note.{key}")

    def _word(self, value: str) -> str:
        key = f"figures.word.{value}"
        return self.say(key) if key in self.say.phrases else value

    def _state(self, value: str) -> str:
        if value not in set[str](OpState):
            return self.text(value, "operator")  # who had it: a flow from hand to hand
        name = OP_STATES[OpState(value)]
        return self.say.pick(name.en, name.zh)

    def _district(self, value: str) -> str:
        row = CHONGQING.get(value) or PROVINCES.get(value.ljust(6, "0")) or ZONES.get(value)
        return value if row is None else self.say.pick(row.en, row.zh)

    def _member(self, words: type[StrEnum], value: str) -> str:
        if value not in set[str](words):
            return value
        member: Word = words(value)  # type: ignore[assignment]
        return self.say.pick(member.en, member.zh)


def unit_of(column: Column) -> str:
    """The unit by which a cell is read: flags have none of their own."""
    return "flag" if column.kind == "flag" else column.unit


def present_names(registry: Registry) -> Names:
    """Names as they are now."""

    def name(unit: str, id_: str) -> tuple[str, str] | None:
        if unit == "model":
            model = registry.models.get(id_)
            return None if model is None else model.body.names
        operator = registry.operators.get(id_)
        return None if operator is None else operator.enrolment.names

    return name


def path_of(value: Cell, unit: str) -> str | None:
    """Where a cell leads, as a path of ours."""
    if value is None or value == "":
        return None
    place = {"operator": "/desk/organisations/", "entry": "/desk/entries/", "code": "/b/"}.get(unit)
    return None if place is None else f"{place}{value}"
