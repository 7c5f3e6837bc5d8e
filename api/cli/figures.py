"""packtrail figures: the sixteen figures of the authority, folded first as far as the log goes."""

import csv
import io
from collections.abc import Sequence
from typing import Any

import click

from api.cli.progress import progress
from api.cli.task import Task, in_columns, open_register, say, show
from api.figures import all_figures, row_members, table_head
from api.language import catalogue
from service.figures.figures import FIGURES
from service.figures.following import Follower, forget_figures
from service.figures.reading import find_figure, read_figure
from service.figures.shapes import Filter, Table
from service.settings import Settings

REBUILD = "rebuild"
_FILTERS = (
    ("--since", "since", "MONTH", "First month, YYYY-MM."),
    ("--until", "until", "MONTH", "Last month."),
    ("--district", "district", "CODE", "Of organisations enrolled there, by GB/T 2260."),
    ("--operator", "operator", "ID", "Of one organisation."),
    ("--model", "model", "ID", "Of one model."),
    ("--jurisdiction", "jurisdiction", "CN|EU", "Of one law."),
    ("--by", "by", "GROUP", "How rows are grouped."),
)


def _with_filters(command: Any) -> Any:
    for option, name, metavar, text in reversed(_FILTERS):
        command = click.option(option, name, metavar=metavar, help=text)(command)
    return command


@click.command(cls=Task, undone="no figures were shown", example="figures overdue --since 2026-01 --by district")
@click.argument("slug", required=False, metavar="[FIGURE|rebuild]")
@_with_filters
@click.option("--csv", "as_csv", is_flag=True, help="As CSV, with one row of keys.")
def figures(settings: Settings, as_json: bool, slug: str | None, as_csv: bool, **given: str | None) -> None:
    """Show a figure, or the list of them.

    What was recorded since is folded first, as a served register does by itself. `rebuild` folds all entries anew."""
    if slug is None:
        show({"figures": all_figures()}, _list(), as_json=as_json)
        return
    if slug != REBUILD:
        find_figure(slug)
    with open_register(settings) as register, progress("folding") as tick:
        if slug == REBUILD:
            forget_figures(register)
        count = Follower(register).catch_up(tick=tick)
        if slug == REBUILD:
            show({"entries": count}, [f"folded {count} entries"], as_json=as_json)
            return
        asked = Filter(**given)
        table = read_figure(register, slug, asked)
    if as_csv:
        click.echo(_csv(table), nl=False)
        return
    value = table_head(table, asked.asked()) | {"rows": [row_members(table.columns, row) for row in table.rows]}
    show(value, _lines(table), as_json=as_json)
    if table.count > len(table.rows):
        say(f"{len(table.rows)} of {table.count} rows: narrow it down to see the others.")


def _list() -> list[str]:
    english, chinese = catalogue("en"), catalogue("zh")
    rows = [
        (str(each.number), each.slug, str(english(each.title_key)), str(chinese(each.title_key)), ", ".join(each.by))
        for each in FIGURES.values()
    ]
    return in_columns([("", "figure", "title", "名称", "by"), *rows])


def _lines(table: Table) -> list[str]:
    english, chinese = catalogue("en"), catalogue("zh")
    keys = [f"figures.by.{column.unit}" if column.key == "group" else f"figures.column.{column.key}"
            for column in table.columns]  # fmt: skip
    heads = [[f"{each(key)}" for key in keys] for each in (english, chinese)]
    cells = [["-" if cell in (None, "") else str(cell) for cell in row] for row in table.rows]
    units = ["" if column.unit == "none" else column.unit for column in table.columns]
    rows: list[Sequence[str]] = [*heads, units, *cells]
    notes = [f"{english(f'figures.note.{note}')} {chinese(f'figures.note.{note}')}" for note in table.notes]
    last = f"{table.count} rows, as of entry {table.size}"
    return [*in_columns(rows), *notes, last]


def _csv(table: Table) -> str:
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer)
    writer.writerow(column.key for column in table.columns)
    writer.writerows(table.rows)
    return buffer.getvalue()
