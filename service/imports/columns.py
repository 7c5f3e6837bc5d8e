"""What the columns of a file mean: a header in Chinese or English, or a field's own name, becomes a path into an event.

    mass_g    Mass [g]    质量（克）    Mass [kg]    质量（千克）      the same field; the unit is as the header says it
    composition_g.nickel    Composition.nickel [g]    材料组成.镍（克）
    modules.1.code    Modules.1.Code    模块.1.编码                    lists count from 1

A quantity that people read in another unit than it is kept in has to name its unit. Case, full-width forms and blanks
make no difference; a star after the name is ours, for fields that are needed.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from service.domain.events import KINDS, fields_of
from service.domain.fields import FieldSpec
from service.domain.units import DISPLAYS
from service.imports.errors import FileRefusedError
from service.imports.kinds import CONTENTS, EVENT_KINDS, Content

Path = tuple[str | int, ...]

MEMBERS: dict[str, tuple[str, ...]] = {
    "id": ("id", "Event id", "事件编号"),
    "type": ("type", "Kind of event", "业务类型", "kind"),
    "occurred_at": ("occurred_at", "Occurred at", "发生时间", "time", "时间"),
    "subjects": ("subjects", "Battery code", "电池编码", "subject", "battery", "code", "编码", "编码（国标）"),
}
"""The members of an event beside its body, and what their columns may be called; the second and third are ours."""
MARK = "packtrail_"
"""With what the columns begin that we add to a result. Of a file that is sent in again they are left out."""
MOST_ITEMS = 64

_UNIT = re.compile(r"(.+?)[\[(（【]([^\[\](（）)【】]+)[\])）】]")


@dataclass(frozen=True, slots=True)
class Column:
    """places: by how many decimal places the cell's number is moved. path: empty where the column is left out."""

    header: str
    path: Path
    places: int = 0

    @property
    def text(self) -> str:
        """The path as it is written."""
        return format_path(self.path, self.places)


def format_path(path: Path, places: int = 0) -> str:
    """`("body", "modules", 0, "mass_g")` -> `modules.1.mass_g`; with places the display unit stands after it."""
    steps = path[1:] if path[:1] == ("body",) else path
    text = ".".join(str(step + 1) if isinstance(step, int) else step for step in steps)
    return f"{text} [{_display_of(path).en}]" if places else text


def read_columns(content: Content, header: Sequence[str], given: Mapping[str, str]) -> tuple[Column, ...]:
    """What each column means; `given` says it for some headers, with an empty text for a column to be left out.

    Raises FileRefusedError that names every header that is not understood.
    """
    tree, columns, unknown = _tree(content.name), [], []
    for title in header:
        named = given.get(title, title)
        if not named.strip() or title.startswith(MARK):
            columns.append(Column(title, ()))
            continue
        found = _find(tree, named)
        if found is None:
            unknown.append(title)
        else:
            columns.append(Column(title, *found))
    if unknown:
        raise _not_understood(unknown)
    _check_twice(columns)
    return tuple(columns)


def _check_twice(columns: Iterable[Column]) -> None:
    seen: dict[Path, str] = {}
    for column in columns:
        if column.path and column.path in seen:
            en = f"the columns {seen[column.path]!r} and {column.header!r} mean the same"
            raise FileRefusedError("columns", en, f"列“{seen[column.path]}”与“{column.header}”含义相同")
        seen[column.path] = column.header


def _not_understood(headers: Sequence[str]) -> FileRefusedError:
    named = ", ".join(repr(each[:80]) for each in headers[:20])
    en = f"these columns are not known: {named}. Name them as in the template, map them, or map them to nothing"
    return FileRefusedError("columns", en, f"无法识别的列：{named}。请按模板命名，或指定列映射（映射为空表示忽略）")


class _Tree:
    """The fields that may stand at one level, by every way to write their names."""

    def __init__(self, specs: Iterable[FieldSpec]) -> None:
        self.specs: dict[str, FieldSpec] = {}
        self.names: dict[str, str] = {}
        for spec in specs:
            self.specs.setdefault(spec.name, spec)
            for written in (spec.name, spec.title_en, spec.title_zh):
                self.names.setdefault(fold(written), spec.name)


@cache
def _tree(content: str) -> _Tree:
    kinds = [kind for kind in CONTENTS[content].kinds if kind]
    return _Tree(spec for kind in kinds for spec in _fields(kind))


@cache
def _fields(kind: str) -> tuple[FieldSpec, ...]:
    body = KINDS[kind].body
    return fields_of(body) if body else ()


def field_of(kind: str, name: str) -> FieldSpec | None:
    """A field of the body of a kind."""
    return next((spec for spec in _fields(kind) if spec.name == name), None)


def fold(text: str) -> str:
    """A header as it is compared."""
    return "".join(unicodedata.normalize("NFKC", text).casefold().split()).replace("_", "")


def _find(tree: _Tree, title: str) -> tuple[Path, int] | None:
    """The path that a header means, and by how many places its numbers are moved."""
    text = title.strip().removesuffix("*").strip()
    member = _member(text, tree)
    if member:
        return member, 0
    for name, unit in ((text, ""), *(match.groups() for match in [_UNIT.fullmatch(text)] if match)):
        steps = _walk(tree, name.split("."))
        if steps is not None:
            path, spec, exact = steps
            places = _places(spec, unit, exact=exact)
            return None if places is None else (("body", *path), places)
    return None


def _member(text: str, tree: _Tree) -> Path | None:
    name, _, number = text.partition(".")
    for member, written in MEMBERS.items():
        if fold(name) in map(fold, written) and fold(name) not in tree.names:
            if member == "subjects":
                at = int(number) if number.isascii() and number.isdigit() else 1
                return (member, at - 1) if 1 <= at <= MOST_ITEMS and (not number or number.isdigit()) else None
            return None if number else (member,)
    return None


def _walk(tree: _Tree, steps: Sequence[str]) -> tuple[Path, FieldSpec, bool] | None:
    """The path of a field, its row, and whether its last step is written as the field's own name."""
    name = tree.names.get(fold(steps[0]))
    if name is None:
        return None
    spec, rest = tree.specs[name], steps[1:]
    exact = steps[0].strip().casefold() == name
    if not rest:
        return (name,), spec, exact
    if spec.kind == "amounts" and len(rest) == 1:
        word = next((each for each in spec.choices if fold(rest[0]) in map(fold, (each.value, each.en, each.zh))), None)
        return ((name, word.value), spec, exact) if word else None
    if spec.kind == "items" and len(rest) > 1 and rest[0].isascii() and rest[0].isdigit():
        at, below = int(rest[0]), _walk(_Tree(spec.items), rest[1:])
        if below and 1 <= at <= MOST_ITEMS:
            return (name, at - 1, *below[0]), below[1], below[2]
    return None


def _places(spec: FieldSpec, unit: str, *, exact: bool) -> int | None:
    """By how many places a number in `unit` is moved; None where that is no unit of the field, or one is missing."""
    if spec.unit not in DISPLAYS:
        return None if unit else 0
    row = DISPLAYS[spec.unit]
    if not unit:
        return 0 if exact or not row.places else None
    folded = fold(unit)
    if folded in {fold(each) for each in (spec.unit, row.name_en, row.name_zh)}:
        return 0
    return row.places if folded in {fold(row.en), fold(row.zh)} else None


def _display_of(path: Path):  # type: ignore[no-untyped-def]
    named = next(step for step in reversed(path) if isinstance(step, str) and step.rpartition("_")[2] in DISPLAYS)
    return DISPLAYS[named.rpartition("_")[2]]


def kinds_of(content: Content) -> tuple[str, ...]:
    """The kinds of event that rows of this content may be."""
    return EVENT_KINDS if content.kinds[0] == "" else content.kinds
