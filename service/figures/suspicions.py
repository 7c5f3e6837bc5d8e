"""What looks wrong: doubled registrations, copied labels, batteries that went astray (figures 6, 7 and 9)."""

from __future__ import annotations

from sqlalchemy import func, select

from service.db.duty_tables import vehicle_case
from service.db.figure_tables import figure_item_sum
from service.db.scan_tables import copy_alert
from service.figures.asking import Question, Row, merged, total
from service.figures.balances import orphans
from service.figures.noticing import NEAR, SHORTFALL
from service.figures.parameters import SOURCE_NEEDED

_sum, _alert, _vehicle = figure_item_sum.c, copy_alert.c, vehicle_case.c


def double_registration(question: Question) -> list[Row]:
    """Pairs of codes of one model and one day that differ in one place. Equal codes the register refuses."""
    return [row[:2] for row in _item_sums(question, NEAR)]


def copied_labels(question: Question) -> list[Row]:
    """Alerts that are open, by the sign that gave them away or by the maker of the battery."""
    group = _alert.maker if question.by == "operator" else _alert.sign
    query = select(group, func.count(), func.coalesce(func.sum(_alert.times), 0), func.max(_alert.raised_at))
    query = query.where(_alert.closed_at.is_(None), *question.of_operators(_alert.maker))
    return [(row[0], int(row[1]), int(row[2]), row[3]) for row in question.rows(query.group_by(group).order_by(group))]


def illegal_flow(question: Question) -> list[Row]:
    """Retired and not collected in time, scrapped without its battery, and masses that fell short between two parties.

    What was retired counts as of now, whatever the period.

    Banned second uses and exports of batteries that must not leave are refused, so there are none to count.
    """
    rows: list[Row] = []
    for group, state, _, _, _, over, count, mass_g, _ in orphans(question):
        if over and state == "RETIRED":
            rows.append((group, "retired", SOURCE_NEEDED, count, mass_g))
    query = select(_vehicle.actor, func.count()).where(
        _vehicle.answer.is_(None), *question.in_days(_vehicle.since), *question.of_operators(_vehicle.actor)
    )
    for actor, count in question.rows(query.group_by(_vehicle.actor)):
        rows.append((_group(question, actor), "missing", "MIIT Order 73, 车电一体报废", count, 0))
    for row in _item_sums(question, SHORTFALL):
        rows.append((row[0], "shortfall", "Conservation rule 4", row[1], int(row[3] or 0) - int(row[2] or 0)))
    return [(group, case, count, mass, source) for group, case, source, count, mass in merged(rows, lambda r: r[:3], 2)]


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
