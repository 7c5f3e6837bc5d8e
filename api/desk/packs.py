"""The batteries of one's organisation: found by whatever somebody has of one, filtered by facets, exported."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from flask import request, stream_with_context
from flask.typing import ResponseReturnValue

from api.auth import READER
from api.desk.files import CSV, answer_file
from api.desk.opening import desk_routes, field, go, person_caller, show
from api.desk.pack_filters import address, facets, filter_of, words_of
from api.edge import current_register
from api.language import Catalogue
from api.pages.answers import visit_of_request
from api.problems import Problem
from api.routes import Terms
from service.db.bulk import IN_LIMIT
from service.domain.errors import InvalidCode
from service.domain.events import KINDS
from service.domain.names import OP_STATES
from service.domain.rules_use import date_in_china
from service.domain.states import BatteryState, OpState
from service.exports.stamp import Cells, stamp_of
from service.exports.writing import Value, write_csv
from service.lookup import find_batteries, suggest_batteries
from service.packlist.following import read_cursor
from service.packlist.pasting import LONGEST_NAME, MOST
from service.packlist.reading import (
    Counted,
    Filter,
    Line,
    begin_with,
    count,
    fitting,
    load_groups,
    read_page,
    walk,
)
from service.packlist.views import Column, load_views
from service.recording.listings import load_known
from service.recording.registry import Registry
from service.work import RegisterReader

routes = desk_routes("packs desk")

PATH = "/desk/packs"
SHORTEST = 4
"""Of a beginning of a code that is looked for."""
FILE_COLUMNS: Mapping[Column, tuple[str, ...]] = {
    Column.LEVEL: ("level",),
    Column.MODEL: ("model_id", "model"),
    Column.STATE: ("status",),
    Column.MADE: ("made_on",),
    Column.TIE: ("relation",),
    Column.LABEL: ("labels_printed",),
    Column.EU: ("eu_passport", "missing_data_points"),
}
"""What stands in a file for a column of the page; the code comes first in both."""


@routes.get(PATH, Terms(READER, "The batteries of one's organisation"))
def show_packs() -> ResponseReturnValue:
    wanted, after = filter_of(request.args), request.args.get("after", "")[:40]
    return show_list(wanted, after=after)


@routes.post(f"{PATH}/find", Terms(READER, "The battery that somebody typed, pasted or scanned"))
def find_pack() -> ResponseReturnValue:
    typed = field("code", most=LONGEST_NAME)
    if not typed:
        return go(PATH)
    try:
        found = find_batteries(current_register(), typed, person_caller())
    except InvalidCode as error:
        meant = suggest_batteries(current_register(), typed)
        return show_list(Filter(), typed=typed, fault=(error.reason_en, error.reason_zh), meant=meant)
    if len(found.codes) == 1:
        return go(f"{PATH}/{found.codes[0]}")
    if found.operators:
        return go(f"/find?code={found.named.value}")
    return show_list(Filter(), typed=typed, meant=found.codes or found.meant)


@routes.get(f"{PATH}.csv", Terms(READER, "The batteries of one's organisation, as a file"))
def export_packs() -> ResponseReturnValue:
    wanted, operator, say = filter_of(request.args), person_caller().operator, visit_of_request(current_register()).say
    name = "-".join([operator, "batteries", *wanted.asked().values()])
    return answer_file(f"{name}.csv", stream_with_context(_pieces(wanted, operator, say)), CSV)


def own_groups(reader: RegisterReader) -> tuple[Registry, list[Counted]]:
    """The groups of the person's organisation, and the registry as of the same moment."""
    register = current_register()
    registry = register.current_registry(reader.connection)
    today = date_in_china(register.clock())
    return registry, load_groups(reader.connection, registry, person_caller().operator, today=today)


def show_list(
    wanted: Filter,
    *,
    after: str = "",
    typed: str = "",
    fault: tuple[str, str] | None = None,
    meant: Sequence[str] = (),
    problem: Problem | None = None,
) -> ResponseReturnValue:
    """A page of the list: what the filter leaves, or what was found of what somebody typed."""
    say, operator = visit_of_request(current_register()).say, person_caller().operator
    with current_register().read() as reader:
        registry, groups = own_groups(reader)
        views = load_views(reader.connection, str(person_caller().person))
        fit = fitting(groups, wanted)
        page = read_page(reader.connection, fit, after=after)
        alike = begin_with(reader.connection, groups, operator, typed.upper()) if _is_beginning(typed) else ()
        lines = alike if typed else page.lines
        rows = _rows(reader, registry, lines, say)
        behind = reader.size() - read_cursor(reader.connection)
    asked = wanted.asked()
    return show(
        "desk/packs.html",
        problem=problem,
        columns=Column,
        shown=views.shown,
        is_usual=views.columns is None,
        views=[(name, address(PATH, each.asked()), each == wanted) for name, each in views.filters.items()],
        status=200 if not typed or rows or meant else 404,
        kept=asked | ({"after": after} if after else {}),
        typed=typed,
        fault=fault,
        meant=[] if alike else meant,
        rows=rows,
        facets=facets(groups, wanted, registry, say),
        wanted=asked,
        total=count(groups),
        fit=count(fit),
        most=MOST,
        behind=max(behind, 0),
        begun=bool(after),
        following=address(PATH, asked | {"after": page.following}) if page.following and not typed else None,
        first=address(PATH, asked),
        csv=address(f"{PATH}.csv", asked),
        all=address(PATH, {}),
        may_record="record" in person_caller().scopes,
        makes=not KINDS["register"].roles.isdisjoint(registry.roles_of(operator)),
    )


def _is_beginning(typed: str) -> bool:
    return typed.isascii() and typed.isalnum() and SHORTEST <= len(typed) < 24


def _rows(reader: RegisterReader, registry: Registry, lines: Sequence[Line], say: Catalogue) -> list[dict[str, Any]]:
    states = load_known(reader.connection, [line.code for line in lines], registry.models)
    return [row_of(line, states[line.code], registry, say) for line in lines if line.code in states]


def row_of(line: Line, state: BatteryState, registry: Registry, say: Catalogue) -> dict[str, Any]:
    """One battery as the list shows it."""
    group = line.of.group
    return {
        "code": line.code,
        "level": words_of("level", group.level, registry, say),
        "model": words_of("model", group.model, registry, say) if group.model else "",
        "status": words_of("state", group.state, registry, say),
        "tone": OP_STATES[OpState(group.state)].tone,
        "made_on": state.made_on,
        "ties": [words_of("tie", tie, registry, say) for tie in line.of.values["tie"]],
        "labels": state.labels - state.labels_void,
        "eu": words_of("eu", line.of.eu.value, registry, say),
        "missing": len(line.of.missing),
    }


def _pieces(wanted: Filter, operator: str, say: Catalogue) -> Iterator[bytes]:
    with current_register().read() as reader:
        registry, groups = own_groups(reader)
        chosen = load_views(reader.connection, str(person_caller().person)).columns
        header = ["code", *(name for each in (Column if chosen is None else chosen) for name in FILE_COLUMNS[each])]
        about = {} if chosen is None else {"columns": " ".join(header)}
        stamp = stamp_of(reader, "batteries", {"operator": operator} | wanted.asked() | about)
        rows = _cells(reader, registry, fitting(groups, wanted), say)
        yield from write_csv(stamp, header, ([row[name] for name in header] for row in rows), cells=Cells.SPREADSHEET)


def _cells(
    reader: RegisterReader, registry: Registry, groups: Sequence[Counted], say: Catalogue
) -> Iterator[Mapping[str, Value]]:
    """The rows of the file, of all batteries: so many states at a time as lines are read."""
    some: list[Line] = []

    def read() -> Iterator[Mapping[str, Value]]:
        states: Mapping[str, BatteryState] = load_known(
            reader.connection, [line.code for line in some], registry.models
        )
        return (_row(line, states[line.code], registry, say) for line in some if line.code in states)

    for line in walk(reader.connection, groups):
        some.append(line)
        if len(some) == IN_LIMIT:
            yield from read()
            some = []
    yield from read()


def _row(line: Line, state: BatteryState, registry: Registry, say: Catalogue) -> Mapping[str, Value]:
    group, model = line.of.group, registry.models.get(line.of.group.model)
    return {
        "code": line.code,
        "level": group.level,
        "model_id": group.model,
        "model": model.body.name if model else "",
        "status": words_of("state", group.state, registry, say),
        "made_on": state.made_on.isoformat(),
        "relation": " ".join(line.of.values["tie"]),
        "labels_printed": state.labels - state.labels_void,
        "eu_passport": line.of.eu.value,
        "missing_data_points": " ".join(map(str, line.of.missing)),
    }
