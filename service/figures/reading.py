"""A figure as its table. However much the register holds, what is read is sums that were kept as entries arrived."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date

from service.domain.rules_use import date_in_china
from service.domain.spans import holds_on
from service.errors import Fault, NotFoundError, RefusedError
from service.figures import balances, chains, copies, duties, health, licensing, places, recycling, suspicions
from service.figures.asking import Question, Row
from service.figures.figures import FIGURES
from service.figures.parameters import Parameter, read_parameters
from service.figures.shapes import LONGEST, MAX_ROWS, Figure, Filter, Table, is_month
from service.figures.storing import read_cursor
from service.work import Register, RegisterReader

Read = Callable[[Question], list[Row]]
READERS: Mapping[str, Read] = {
    "recovery-rate": recycling.recovery_rate,
    "recycling-efficiency": recycling.recycling_efficiency,
    "flows": balances.flows,
    "overdue": duties.overdue,
    "orphans": balances.orphans,
    "double-registration": suspicions.double_registration,
    "copied-labels": copies.copied_labels,
    "unlicensed": licensing.unlicensed,
    "illegal-flow": suspicions.illegal_flow,
    "recycler-capacity": recycling.recycler_capacity,
    "black-mass": recycling.black_mass,
    "recycled-content": recycling.recycled_content,
    "chain-integrity": chains.chain_integrity,
    "state-of-health": health.state_of_health,
    "coverage": recycling.coverage,
    "active-outlets": places.active_outlets,
}
NAMED_BY = ("operator", "district", "model", "month", "duty", "sign", "material", "check", "age", "year", "distance")
"""Groupings whose name is the unit of the column `group`; for the others it is empty."""


def find_figure(slug: str) -> Figure:
    """The figure of this name. Raises NotFoundError."""
    figure = FIGURES.get(slug)
    if figure is None:
        raise NotFoundError(f"there is no figure {slug}: `packtrail figures` lists them")
    return figure


def read_figure(register: Register, slug: str, asked: Filter) -> Table:
    """The table of a figure. Raises NotFoundError, and RefusedError where the filter is not one that it takes."""
    figure = find_figure(slug)
    require_taken(figure, asked)
    with register.read() as reader:
        question = question_of(register, reader, figure, asked)
        rows = READERS[slug](question)
        cursor, size = read_cursor(reader.connection), reader.size()
    columns = figure.columns
    if columns[0].key == "group":
        columns = (replace(columns[0], unit=question.by if question.by in NAMED_BY else "none"), *columns[1:])
    return Table(
        figure, question.by, columns, tuple(rows[:MAX_ROWS]), len(rows), cursor.size, cursor.at,
        max(0, size - cursor.size), tuple(question.notes),
    )  # fmt: skip


def question_of(register: Register, reader: RegisterReader, figure: Figure, asked: Filter) -> Question:
    """A question that was found to be one."""
    registry = register.current_registry(reader.connection)
    parameters = read_parameters(register.settings.data)
    today = date_in_china(register.clock())
    return Question(figure, asked, asked.by or figure.by[0], register, reader, registry, parameters, today, [])


def read_lag(register: Register) -> int:
    """How many entries are recorded and not folded."""
    with register.read() as reader:
        return max(0, reader.size() - read_cursor(reader.connection).size)


def parameters_of(register: Register, day: date) -> list[Parameter]:
    """The parameters that hold on a day, those of the installation in place of the built-in ones."""
    parameters = read_parameters(register.settings.data)
    found = {(row.name, row.of): row for row in reversed(parameters.rows) if holds_on(row, day)}
    return sorted(found.values())


def require_taken(figure: Figure, asked: Filter) -> None:
    """Raise RefusedError, with everything that is wrong, where the figure does not take the filter."""
    faults = []
    for name, value in asked.asked().items():
        if name == "by":
            if value not in figure.by:
                faults.append(_fault(name, f"is grouped by one of: {', '.join(figure.by)}", "不支持该分组方式"))
        elif name not in figure.filters:
            faults.append(_fault(name, "does not narrow this figure down", "该指标不支持此筛选条件"))
        elif "\0" in value:
            faults.append(_fault(name, "holds a character that nobody sees", "含有控制字符"))
        elif name in ("since", "until") and not is_month(value):
            faults.append(_fault(name, "is not a month as YYYY-MM", "月份格式应为YYYY-MM"))
    if not faults and asked.since and asked.until and not 1 <= _months(asked.since, asked.until) <= LONGEST:
        faults.append(_fault("until", f"is the first month, or up to {LONGEST - 1} months later", "期间无效"))
    if faults:
        raise RefusedError(faults)


def _fault(name: str, en: str, zh: str) -> Fault:
    return Fault(f"/{name}", "filter", f"{name} {en}", f"{name}：{zh}")


def _months(since: str, until: str) -> int:
    return (int(until[:4]) - int(since[:4])) * 12 + int(until[5:]) - int(since[5:]) + 1
