"""From a row to an event as its operator tells it, or to what is wrong with the row.

A table's row has its cells put where their columns say. A line of NDJSON is an event as the API takes it, in custody or
signed, or an object of fields; then its members stand beside each other without a body.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from service.domain.events import KINDS
from service.domain.uuid7 import make_uuid7
from service.errors import Fault
from service.exports.writing import defuse
from service.imports.cells import CellError, Convert, converter, read_moment, read_subject
from service.imports.columns import Column, Path, field_of, fold, kinds_of
from service.imports.kinds import Content
from service.imports.rows import Cell, Row

_MEMBERS = ("id", "type", "occurred_at", "subjects", "body", "private")


@dataclass(frozen=True, slots=True)
class Told:
    """An event as a row tells it. signed: with the operator's own signature."""

    members: Mapping[str, Any]
    private: Mapping[str, Any]
    jws: str | None = None


class RowError(Exception):
    """A row that is no event. `faults` point into the event."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__(faults[0].message_en)
        self.faults = tuple(faults)


class Builder:
    """Builds the events of one file. `job`: its id, from which the ids of the events follow. at: when it was begun."""

    def __init__(self, content: Content, columns: Sequence[Column], *, job: str, at: str, ms: int) -> None:
        self._content, self._columns = content, columns
        self._kinds = frozenset(kinds_of(content))
        self._job, self._at, self._ms = job.encode(), at, ms
        self._plans: dict[str, list[tuple[int, Path, Convert]]] = {}
        self._type_at = next((n for n, column in enumerate(columns) if column.path == ("type",)), None)
        self._listing = [n for n, column in enumerate(columns) if column.path[1:2] in (("modules",), ("cells",))]
        self._strips = any(column.header.startswith("packtrail_") for column in columns)
        self._names = {
            fold(written): name
            for name in self._kinds
            for written in (name, KINDS[name].title_en, KINDS[name].title_zh)
        }

    def build(self, row: Row) -> Told:
        """Raises RowError."""
        if row.fault is not None:
            raise RowError([row.fault])
        if isinstance(row.value, dict):
            return self._of_object(row.number, row.value)
        return self._of_cells(row)

    def header_of(self, pointer: str) -> str:
        """The column that a fault of an event is about, or the pointer itself where none is."""
        wanted = pointer.replace("/private/", "/body/", 1).removesuffix("/value").removesuffix("/salt")
        best = ""
        for column in self._columns:
            path = "/" + "/".join(map(str, column.path))
            if path == wanted or (path == wanted + "/0" and wanted == "/subjects"):
                return column.header
            if column.path and (path.startswith(f"{wanted}/") or wanted.startswith(f"{path}/")) and wanted != "/body":
                best = best or column.header
        return best or pointer

    def _of_cells(self, row: Row) -> Told:
        cells = row.cells
        if len(cells) > len(self._columns) and any(cell != "" for cell in cells[len(self._columns) :]):
            en, zh = "the row has more cells than there are columns", "该行单元格数多于列数"
            raise RowError([Fault("", "columns", en, zh)])
        if self._strips:
            cells = tuple(_stripped(cell) for cell in cells)
        kind = self._kind(cells)
        members: dict[str, Any] = {"type": kind, "subjects": {}, "body": {}}
        faults = []
        for at, path, convert in self._plan(kind):
            if at >= len(cells) or (cell := cells[at]) == "" or (type(cell) is str and cell.isspace()):
                continue
            try:
                value = convert(cell)
            except CellError as error:
                faults.append(Fault("/" + "/".join(map(str, path)), error.code, error.en, error.zh))
                continue
            if len(path) == 2 and path[1] not in members[str(path[0])]:
                members[str(path[0])][path[1]] = value
            else:
                _put(members, path, value)
        if faults:
            raise RowError(faults)
        members["subjects"] = [members["subjects"][at] for at in sorted(members["subjects"])]
        members["body"] = _in_lists(members["body"])
        return Told(self._completed(row.number, members), {})

    def _of_object(self, number: int, value: Mapping[str, Any]) -> Told:
        if "jws" in value or "event" in value:
            event, jws, private = value.get("event"), value.get("jws"), value.get("private", {})
            if not isinstance(event, dict) or not isinstance(jws, str) or not isinstance(private, dict):
                raise RowError(
                    [Fault("", "form", "a signed event has event, jws and private", "签名事件应含event、jws和private")]
                )
            return Told(event, private, jws)
        if "body" in value or "private" in value:
            members = {name: each for name, each in value.items() if name != "private"}
        else:
            members = {name: value[name] for name in _MEMBERS if name in value}
            members["body"] = {name: each for name, each in value.items() if name not in (*_MEMBERS, "code", "subject")}
            single = value.get("code", value.get("subject"))
            if single is not None:
                members.setdefault("subjects", [single])
        private = value.get("private", {})
        if not isinstance(private, dict):
            raise RowError([Fault("/private", "type", "an object is needed", "应为对象")])
        if "type" not in members:
            members["type"] = self._untold(members["body"] if isinstance(members.get("body"), dict) else {})
        if not isinstance(members["type"], str) or members["type"] not in self._kinds:
            raise _wrong_kind(members["type"])
        return Told(self._completed(number, members), private)

    def _completed(self, number: int, members: dict[str, Any]) -> dict[str, Any]:
        if "occurred_at" not in members:
            if not self._content.at_once and self._content.name not in ("packs", "units"):
                raise RowError([Fault("/occurred_at", "missing", "this field is required", "缺少必填字段")])
            members["occurred_at"] = self._at
        if "id" not in members:
            random = sha256(b"%s/%d" % (self._job, number)).digest()[:10]
            members["id"] = make_uuid7(self._ms, random)
        return members

    def _kind(self, cells: Sequence[Cell]) -> str:
        at = self._type_at
        if at is None or at >= len(cells) or cells[at] == "":
            named = any(n < len(cells) and cells[n] != "" for n in self._listing)
            return self._untold({"modules": ()} if named else {})
        kind = self._names.get(fold(str(cells[at])))
        if kind is None:
            raise _wrong_kind(cells[at])
        return kind

    def _untold(self, body: Mapping[str, Any]) -> str:
        """The kind of a row that names none."""
        if self._content.name == "packs":
            return "register_pack" if "modules" in body or "cells" in body else "register"
        if not self._content.kinds[0]:
            raise RowError([Fault("/type", "missing", "the row names no kind of event", "该行未注明事件类型")])
        return self._content.kinds[0]

    def _plan(self, kind: str) -> list[tuple[int, Path, Convert]]:
        """For each column that counts: where it stands, where its value goes, and how it is read."""
        plan = self._plans.get(kind)
        if plan is None:
            read = [(at, column) for at, column in enumerate(self._columns) if column.path and column.path != ("type",)]
            plan = self._plans[kind] = [(at, column.path, _reader(kind, column)) for at, column in read]
        return plan


def _reader(kind: str, column: Column) -> Convert:
    match column.path:
        case ("subjects", _):
            return read_subject
        case ("occurred_at",):
            return read_moment
        case ("body", str() as name, *rest):
            spec = field_of(kind, name)
            for step in rest:
                if spec is not None and isinstance(step, str) and spec.kind == "items":
                    spec = next((each for each in spec.items if each.name == step), None)
            return converter(spec, column.places)
    return read_subject


def _put(members: dict[str, Any], path: Path, value: Any) -> None:
    at: Any = members
    for step in path[:-1]:
        at = at.setdefault(step, {})
        if not isinstance(at, dict):
            break
    if not isinstance(at, dict) or path[-1] in at:
        en, zh = "this column and one for a part of it both have a value", "该列与其子列同时有值"
        raise RowError([Fault("/" + "/".join(map(str, path)), "twice", en, zh)])
    at[path[-1]] = value


def _in_lists(value: Any) -> Any:
    """Mappings from places to elements become lists; what was left empty is closed up."""
    if not isinstance(value, dict):
        return value
    if value and all(type(key) is int for key in value):
        return [_in_lists(value[key]) for key in sorted(value)]
    return {key: _in_lists(each) for key, each in value.items()}


def _stripped(cell: Cell) -> Cell:
    """A cell without the apostrophe that we wrote so that a spreadsheet takes it for text."""
    return cell[1:] if isinstance(cell, str) and cell[:1] == "'" and defuse(cell[1:]) == cell else cell


def _wrong_kind(value: object) -> RowError:
    named = str(value)[:40]
    return RowError(
        [Fault("/type", "kind", f"this file holds no events of kind {named}", f"该文件不包含此类事件：{named}")]
    )
