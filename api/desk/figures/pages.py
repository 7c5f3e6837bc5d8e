"""The figures of the register for its authority: all of them on one page, each by itself, and the rows behind each.

One form narrows all of them down. What it asks stands in the address, so a page, its rows and its files are one address
with different endings, and a bookmark is a question.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any
from urllib.parse import urlencode

from flask import request
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from api.auth import AUDITOR, present_registry
from api.desk.figures.asking import JURISDICTIONS, Asked, ignored, narrow, read_asked
from api.desk.figures.behind import Behind, Line, lead, say_of
from api.desk.figures.cards import BY, GROUPS, Headline, headlines, records
from api.desk.figures.pictures import pictures
from api.desk.figures.sheet import Context
from api.desk.figures.words import Speaker, path_of, present_names, unit_of
from api.desk.files import answer_csv
from api.desk.ledger import age_of
from api.desk.opening import desk_routes, show
from api.edge import current_register
from api.pages.answers import visit_of_request
from api.pages.rendering import format_moment
from api.problems import problem_of
from api.routes import Terms
from ledger.entry import parse_time
from service.condition import MOST as MOST_OPEN
from service.condition import read_condition
from service.domain.districts import CHONGQING
from service.domain.rules_use import date_in_china
from service.domain.states import OpState
from service.duties import all_duties
from service.errors import NotFoundError
from service.figures.figures import FIGURES
from service.figures.lists import BY_STATE, Which, read_rows
from service.figures.parameters import ACTIVE, CAPACITY, LEAST, NATIONAL, ORPHAN, Parameter
from service.figures.reading import parameters_of, read_figure
from service.figures.shapes import Cell, Column, Figure, Filter, Rows, Table

routes = desk_routes("figures desk")

PATH = "/desk/figures"
PAGE, ROWS_AT_ONCE, MAX_ROWS = 50, 500, 10_000
OUTLIERS = 10
"""Rows of those farthest off that stand beside a picture."""
OFFERED = 200
"""So many organisations or models at most are offered to choose from; with more, their id is typed."""
COUNTED_BY = {
    "orphans": (ORPHAN,),
    "recycler-capacity": (CAPACITY,),
    "coverage": (NATIONAL,),
    "active-outlets": (ACTIVE,),
    "state-of-health": (LEAST,),
}
"""The parameters that each figure counts by, by name."""


@dataclass(frozen=True, slots=True)
class Card:
    """A figure on the dashboard. deaf: fields of the filter that say nothing to it."""

    figure: Figure
    headlines: list[Headline]
    table: Table
    deaf: list[str]


@routes.get(PATH, Terms(AUDITOR, "All figures, by one filter"))
def show_figures() -> ResponseReturnValue:
    asked = read_asked()
    groups = {} if asked.fault else {name: [_card(slug, asked) for slug in slugs] for name, slugs in GROUPS.items()}
    return _show("desk/figures.html", asked, groups=groups, **_health())


@routes.get(f"{PATH}.csv", Terms(AUDITOR, "The numbers of all figures, as a file"))
def show_numbers() -> ResponseReturnValue:
    asked = _required()
    speaker = present_speaker()
    rows = [
        (slug, speaker.say(FIGURES[slug].title_key), speaker.say(line.phrase), line.value, line.unit)
        for slugs in GROUPS.values()
        for slug in slugs
        for line in _card(slug, asked).headlines
    ]
    return answer_csv("figures", asked.filter.asked(), ("figure", "title", "number", "value", "unit"), rows)


@routes.get(f"{PATH}/<slug>", Terms(AUDITOR, "One figure: its picture, its table, what it means"))
def show_figure(slug: str) -> ResponseReturnValue:
    figure, asked = _figure(slug), read_asked()
    if asked.fault:
        return _show("desk/figure.html", asked, figure=figure, table=None, drawn=[], by=figure.by[0])
    table = read_table(slug, asked, by=request.args.get("by"))
    return _show(
        "desk/figure.html",
        asked,
        figure=figure,
        table=table,
        shown=without_empty(table),
        leads=leads_of(table, asked.filter),
        drawn=pictures(table, present_speaker(), _context(table, asked)),
        worst=_farthest(asked) if (slug, table.by) == ("copied-labels", "distance") else None,
        by=table.by,
        deaf=ignored(asked.filter, figure),
        parameters=_parameters(slug),
        api_query=_api_query(table, asked),
    )


@routes.get(f"{PATH}/<slug>.csv", Terms(AUDITOR, "The table of a figure, as a file"))
def show_table_file(slug: str) -> ResponseReturnValue:
    figure, asked = _figure(slug), _required()
    table = read_table(slug, asked, by=request.args.get("by"))
    taken = narrow(asked.filter, figure, by=table.by).asked() | {"entries": str(table.size), "rows": str(table.count)}
    return answer_csv(f"figure-{slug}", taken, [column.key for column in table.columns], table.rows)


@routes.get(f"{PATH}/<slug>/rows", Terms(AUDITOR, "The rows behind a number"))
def show_rows(slug: str) -> ResponseReturnValue:
    figure, asked, state, of = _figure(slug), read_asked(), request.args.get("state", ""), request.args.get("of", "")
    states = list(OpState) if request.args.get("list") in BY_STATE else []
    values: dict[str, object] = {"figure": figure, "state": state, "states": states, "of": of}
    if asked.fault:
        return _show("desk/figure_rows.html", asked, found=None, list="", counted=[], of_words="", **values)
    found = _rows(figure, asked, request.args.get("after"), PAGE)
    counted = [] if state or of else [line for line in _card(slug, asked).headlines if line.list == found.list]
    values["of_words"] = say_of(present_speaker(), found.list, of)
    return _show("desk/figure_rows.html", asked, found=found, list=found.list, counted=counted, **values)


@routes.get(f"{PATH}/<slug>/rows.csv", Terms(AUDITOR, "The rows behind a number, as a file"))
def show_rows_file(slug: str) -> ResponseReturnValue:
    figure, asked, after = _figure(slug), _required(), request.args.get("after")
    found = _rows(figure, asked, after, ROWS_AT_ONCE)
    rows = list(found.rows)
    while found.next is not None and len(rows) < MAX_ROWS:
        found = _rows(figure, asked, found.next, ROWS_AT_ONCE)
        rows += found.rows
    taken = narrow(asked.filter, figure).asked()
    taken |= {"list": found.list, "of": request.args.get("of", ""), "after": after or "", "next": found.next or ""}
    taken["entries"] = str(found.size)
    return answer_csv(f"rows-{slug}-{found.list}", taken, [column.key for column in found.columns], rows)


def present_speaker() -> Speaker:
    """Cells in the language of the present request, with names as they are now."""
    return Speaker(visit_of_request(current_register()).say, present_names(present_registry()))


def cell_markup(speaker: Speaker, column: Column, value: Cell) -> Markup:
    """A cell of a table: its words, and a link where it stands for something that has a page."""
    words, path = speaker.said(value, column), path_of(value, unit_of(column))
    if path is None:
        return Markup("{}").format(words)
    address = visit_of_request(current_register()).link(path)
    return Markup('<a href="{}">{}</a>').format(address, words)


def _show(template: str, asked: Asked, **values: Any) -> ResponseReturnValue:
    registry, speaker = present_registry(), present_speaker()
    return show(
        template,
        problem=None if asked.fault is None else problem_of(asked.fault),
        kept={name: value for name, value in request.args.items() if name != "lang"},
        asked=asked,
        view=partial(view_of, asked),
        speaker=speaker,
        moment_of=moment_of,
        cell=lambda column, value: cell_markup(speaker, column, value),
        districts=CHONGQING.values(),
        known_districts=CHONGQING,
        jurisdictions=JURISDICTIONS,
        offered={"operator": _offered(registry.operators), "model": _offered(registry.models)},
        **values,
    )


def without_empty(table: Table) -> tuple[tuple[Column, ...], list[tuple[Cell, ...]]]:
    """Columns and rows to show: where nothing is grouped, the group has nothing to say."""
    start = 1 if table.columns[0].key == "group" and not any(row[0] for row in table.rows) else 0
    return table.columns[start:], [row[start:] for row in table.rows]


def leads_of(table: Table, asked: Filter) -> list[Mapping[str, Behind]]:
    """For each row of a table, where its numbers lead, by the keys of their columns."""
    return [lead(table.figure.slug, Line(row, table.by, asked)) for row in records(table)]


def _context(table: Table, asked: Asked) -> Context:
    """What pictures need beside the table: the days of duties where each row is one."""
    if (table.figure.slug, table.by) != ("overdue", "duty"):
        return Context(asked.filter)
    return Context(asked.filter, {each.duty.id: each for each in all_duties(present_registry())})


def _farthest(asked: Asked) -> Rows:
    """The alerts whose two places lie farthest apart."""
    figure = FIGURES["copied-labels"]
    return read_rows(current_register(), figure.slug, narrow(asked.filter, figure), Which("farthest", limit=OUTLIERS))


def moment_of(at: str) -> str:
    """A time as an entry writes it, as people read it; empty for none."""
    return f"{format_moment(parse_time(at))} (UTC+8)" if at else ""


def view_of(asked: Asked, path: str, **more: str | None) -> str:
    """The address of a page or file of ours that asks the same as this one, and more."""
    visit = visit_of_request(current_register())
    query = asked.query(**more, lang=visit.language if visit.explicit else None)
    return f"{path}?{query}" if query else path


def _parameters(slug: str) -> list[Parameter]:
    """What this figure counts by today."""
    register, names = current_register(), COUNTED_BY.get(slug, ())
    return [row for row in parameters_of(register, date_in_china(register.clock())) if row.name in names]


def _api_query(table: Table, asked: Asked) -> str:
    """The same question to the API, under the register's own address."""
    taken = narrow(asked.filter, table.figure, by=table.by).asked()
    base = current_register().settings.base_url.rstrip("/")
    return f"GET {base}/v1/figures/{table.figure.slug}?{urlencode(taken)}"


def _offered(known: Mapping[str, object]) -> list[str]:
    return sorted(known) if len(known) <= OFFERED else []


def _health() -> dict[str, object]:
    register = current_register()
    condition = read_condition(register)
    verified_at = datetime.fromtimestamp(condition.verified.succeeded, UTC)
    now, days = register.clock(), read_figure(register, "chain-integrity", Filter(by="day"))
    return {
        "condition": condition,
        "age": age_of(condition.newest.at, now),
        "verified_at": verified_at,
        "is_old": condition.verified.is_old(now),
        "most_open": MOST_OPEN,
        "days": pictures(days, present_speaker(), Context(Filter())),
    }


def _required() -> Asked:
    """What is asked, where there is no page to say what is wrong with it. Raises RefusedError."""
    asked = read_asked()
    if asked.fault is not None:
        raise asked.fault
    return asked


def _figure(slug: str) -> Figure:
    figure = FIGURES.get(slug)
    if figure is None:
        raise NotFoundError("there is no such figure")
    return figure


def read_table(slug: str, asked: Asked, *, by: str | None = None) -> Table:
    """A figure as it is now, by what of the filter it takes."""
    return read_figure(current_register(), slug, narrow(asked.filter, FIGURES[slug], by=by))


def _card(slug: str, asked: Asked) -> Card:
    table = read_table(slug, asked, by=BY.get(slug))
    return Card(FIGURES[slug], headlines(table), table, ignored(asked.filter, FIGURES[slug]))


def _rows(figure: Figure, asked: Asked, after: str | None, limit: int) -> Rows:
    """A page of the list that the address names, the usual one where it names none."""
    state, name, of = (request.args.get(each, "") for each in ("state", "list", "of"))
    narrowed = narrow(asked.filter, figure)
    return read_rows(current_register(), figure.slug, narrowed, Which(name, state, of, after, limit))
