"""Figures and what is behind them as JSON: the same for the API and the command line."""

from typing import Any

from service.figures.figures import FIGURES
from service.figures.shapes import Cell, Column, Figure, Rows, Table


def figure_members(figure: Figure) -> dict[str, Any]:
    """What a figure is, and how it can be asked for."""
    return {
        "number": figure.number,
        "figure": figure.slug,
        "source": figure.source,
        "by": list(figure.by),
        "filters": sorted(figure.filters),
        "columns": [column_members(each) for each in figure.columns],
        "lists": list(figure.lists),
    }


def column_members(column: Column) -> dict[str, Any]:
    """What stands in a column."""
    return {"key": column.key, "unit": column.unit, "kind": column.kind}


def table_head(table: Table, asked: dict[str, str]) -> dict[str, Any]:
    """All of a table but its rows. asked: the filter."""
    return {
        "figure": table.figure.slug,
        "number": table.figure.number,
        "by": table.by,
        "filter": asked,
        "source": table.figure.source,
        "columns": [column_members(each) for each in table.columns],
        "count": table.count,
        "size": table.size,
        "at": table.at,
        "lag": table.lag,
        "complete": table.complete,
        "notes": list(table.notes),
    }


def page_members(page: Rows, asked: dict[str, str]) -> dict[str, Any]:
    """A page of what is behind a number."""
    return {
        "figure": page.figure.slug,
        "list": page.list,
        "filter": asked,
        "columns": [column_members(each) for each in page.columns],
        "rows": [row_members(page.columns, row) for row in page.rows],
        "next": page.next,
        "size": page.size,
        "lag": page.lag,
    }


def row_members(columns: tuple[Column, ...], row: tuple[Cell, ...]) -> dict[str, Cell]:
    """A row by the keys of its columns."""
    return {column.key: cell for column, cell in zip(columns, row, strict=True)}


def all_figures() -> list[dict[str, Any]]:
    """The sixteen figures."""
    return [figure_members(each) for each in FIGURES.values()]
