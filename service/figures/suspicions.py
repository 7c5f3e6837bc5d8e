"""What looks wrong: doubled registrations, and batteries that went astray (figures 6 and 9)."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import func, select

from service.db.duty_tables import vehicle_case
from service.db.figure_tables import figure_item_sum
from service.figures.asking import Question, Row, merged, total
from service.figures.balances import orphans
from service.figures.noticing import NEAR, SHORTFALL
from service.figures.parameters import SOURCE_NEEDED

_sum, _vehicle = figure_item_sum.c, vehicle_case.c


def double_registration(question: Question) -> list[Row]:
    """Pairs of codes of one model and one day that differ in one place. Equal codes the register refuses."""
    return [row[:2] for row in _item_sums(question, NEAR)]


def illegal_flow(question: Question) -> list[Row]:
    """Retired and not collected in time, scrapped without its battery, and masses that fell short between two parties.

    What was retired counts as of now, in the month of its newest event.

    Banned second uses and exports of batteries that must not leave are refused, so there are none to count.
    """
    rows: list[Row] = []
    for group, state, month, _, _, over, count, mass_g, _ in _silent(question):
        if over and state == "RETIRED":
            shown = month if question.by == "month" else group
            rows.append((shown, "retired", SOURCE_NEEDED, count, mass_g))
    in_month = func.substr(_vehicle.since, 1, 7)
    query = select(_vehicle.actor, in_month, func.count()).where(
        _vehicle.answer.is_(None), *question.in_days(_vehicle.since), *question.of_operators(_vehicle.actor)
    )
    for actor, month, count in question.rows(query.group_by(_vehicle.actor, in_month)):
        shown = month if question.by == "month" else _group(question, actor)
        rows.append((shown, "missing", "MIIT Order 73, 车电一体报废", count, 0))
    for row in _item_sums(question, SHORTFALL):
        rows.append((row[0], "shortfall", "Conservation rule 4", row[1], int(row[3] or 0) - int(row[2] or 0)))
    return [(group, case, count, mass, source) for group, case, source, count, mass in merged(rows, lambda r: r[:3], 2)]


def _silent(question: Question) -> list[Row]:
    """The batteries not heard of; each month by itself where months are asked for."""
    return orphans(replace(question, by="total") if question.by == "month" else question)


def _item_sums(question: Question, name: str) -> list[Row]:
    """Of a list, by group: how many, what was weighed and what there was to weigh."""
    group = _sum.month if question.by == "month" else _sum.operator
    query = (
        select(group, total(_sum["count"]), total(_sum.amount_g), total(_sum.expected_g))
        .where(_sum.list == name, *question.in_period(_sum.month), *question.of_operators(_sum.operator))
        .group_by(group)
    )
    rows = [tuple(row) for row in question.rows(query)]
    return merged(rows, lambda row: (row[0] if question.by == "month" else _group(question, str(row[0])),), 3)


def _group(question: Question, operator: str) -> str:
    if question.by == "district":
        return question.district_of(operator)
    return operator if question.by == "operator" else ""
