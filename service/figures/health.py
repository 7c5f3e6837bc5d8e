"""How healthy packs are, by model and age (figure 14): counts in bands, of which small ones are not told."""

from __future__ import annotations

from sqlalchemy import literal, select

from service.db.figure_tables import figure_health
from service.figures.asking import Question, Row, total
from service.figures.parameters import LEAST

_health = figure_health.c
SUPPRESSED = "suppressed"


def state_of_health(question: Question) -> list[Row]:
    """Measurements by model, age in years and band; those of a model and age with too few of them are left out.

    The values are restricted. What leaves are counts of groups in which no single pack can be made out.
    """
    model = _health.model if question.by == "model" else literal("")
    query = select(model, _health.age, _health.band, total(_health["count"])).where(*question.in_period(_health.month))
    if question.filter.model:
        query = query.where(_health.model == question.filter.model)
    grouped = query.group_by(model, _health.age, _health.band).order_by(model, _health.age, _health.band)
    rows: list[Row] = [tuple(row) for row in question.rows(grouped)]
    least = question.parameters.find(LEAST, "measurements", question.today)
    sums: dict[tuple[object, object], int] = {}
    for group, age, _, count in rows:
        sums[group, age] = sums.get((group, age), 0) + int(count or 0)
    kept = [row for row in rows if sums[row[0], row[1]] >= (least.value if least else 0)]
    if len(kept) < len(rows):
        question.notes.append(SUPPRESSED)
    return kept
