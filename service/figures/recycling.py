"""What recyclers took in, won back and passed on (figures 1, 2, 10, 11, 12 and 15)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date

from sqlalchemy import func, literal, select

from service.db.figure_tables import CUT_MODEL, figure_flow, figure_item_sum, figure_lot
from service.domain.recovery.sums import ELEMENTS, EXCLUDED, Measure
from service.domain.recovery.targets import PPM, RECYCLED_CONTENT
from service.figures.asking import Question, Row, last_day, merged, total
from service.figures.noticing import BATCHES
from service.figures.parameters import CAPACITY, NATIONAL, SOURCE_NEEDED, Parameter
from service.figures.tally import MOVED
from service.recovery import (
    Period,
    RecoveryRow,
    read_recovery,
    read_recovery_by_month,
    read_whole_recovery,
    usual_period,
)

_lot, _sum, _flow = figure_lot.c, figure_item_sum.c, figure_flow.c
UNCOUNTED = frozenset(EXCLUDED.values()) | {Measure.LOSS}
RATES = frozenset(ELEMENTS.values()) | {
    Measure.POWDER, Measure.POWDER_ALUMINIUM, Measure.POWDER_COPPER, Measure.TARGET_MATERIAL,
}  # fmt: skip


def recovery_rate(question: Question) -> list[Row]:
    """Σ output / Σ input of each material, with the targets; more than 1 is impossible."""
    return _rates(question, RATES)


def recycling_efficiency(question: Question) -> list[Row]:
    """Σ output fractions that count / Σ mass in, and beside it the fractions that count for nothing."""
    return _rates(question, UNCOUNTED | {Measure.EFFICIENCY})


def recycler_capacity(question: Question) -> list[Row]:
    """What each recycler treated in a year, and what it may treat."""
    in_year = func.substr(_sum.month, 1, 4)
    query = (
        select(_sum.operator, in_year, total(_sum.amount_g))
        .where(_sum.list == BATCHES, *question.in_period(_sum.month), *question.of_operators(_sum.operator))
        .group_by(_sum.operator, in_year)
        .order_by(_sum.operator, in_year)
    )
    rows: list[Row] = []
    for operator, year, mass_g in question.rows(query):
        row = question.parameters.find(CAPACITY, str(operator), date(int(str(year)), 12, 31))
        capacity = row.value if row else None
        share = int(mass_g or 0) * PPM // capacity if capacity else None
        source = row.source if row else SOURCE_NEEDED
        rows.append((operator, year, mass_g, capacity, share, int(share is not None and share > PPM), source))
    if any(row[3] is None for row in rows):
        question.notes.append("no_capacity")
    if question.by == "district":
        rows = [(question.district_of(str(row[0])), *row[1:]) for row in rows]
    return rows


def black_mass(question: Question) -> list[Row]:
    """What each step gave, and who took it in: an empty taker stands for what was given, whoever takes it."""
    grouped = {"month": _lot.month, "district": _lot.giver}
    month = grouped.get(question.by, literal(""))
    query = select(month, _lot.giver, _lot.product, _lot.taker, total(_lot.given_g), total(_lot.taken_g))
    query = query.where(*question.in_period(_lot.month), *question.of_operators(_lot.giver))
    query = query.group_by(_lot.giver, _lot.product, _lot.taker, *([_lot.month] if question.by == "month" else []))
    rows: list[Row] = [tuple(row) for row in question.rows(query)]
    if question.by == "district":
        rows = [(question.district_of(str(row[0])), *row[1:]) for row in rows]
    return merged(rows, lambda row: row[:4], 2)


def recycled_content(question: Question) -> list[Row]:
    """What was won back in the period, against what Art. 8 will ask for in as many new batteries as were made in it."""
    period = period_of(question)
    recovered = Counter[str]()
    for row in read_whole_recovery(question.register, period):
        recovered[row.key.measure.value] += row.amount.out_mg
    made = _made(question, period)
    models = question.registry.models
    rows: list[Row] = []
    for rule in RECYCLED_CONTENT:
        known = {id_: models[id_].body.composition_g for id_ in made if id_ in models}
        told = {id_: content[rule.material] for id_, content in known.items() if rule.material in content}
        needed = sum(made[id_] * grams for id_, grams in told.items()) * rule.ppm // PPM
        unknown = sum(count for id_, count in made.items() if id_ not in told)
        got = recovered[rule.material.value] // 1_000
        covered = got * PPM // needed if needed else None
        since, batteries = rule.since.isoformat(), sum(made.values())
        rows.append((rule.material.value, since, rule.ppm, needed, got, covered, batteries, unknown, rule.source))
    return sorted(rows, key=lambda row: (str(row[0]), str(row[1])))


def coverage(question: Question) -> list[Row]:
    """What this register saw treated in a year, against the figure for the whole country."""
    year = func.substr(_sum.month, 1, 4)
    query = select(year, total(_sum.amount_g)).where(_sum.list == BATCHES).group_by(year)
    treated = {str(row[0]): int(row[1]) for row in question.rows(query)}
    national: dict[tuple[str, str], Parameter] = {}
    for row in question.parameters.all(NATIONAL):
        if question.filter.jurisdiction in (None, row.of) and row.since is not None:
            national.setdefault((f"{row.since:%Y}", row.of), row)
    rows: list[Row] = []
    for (name, of), row in national.items():
        mass_g = treated.get(name, 0)
        rows.append((name, of, mass_g, row.value, mass_g * PPM // row.value if row.value else None, row.source))
    told = {name for name, _ in national}
    rows += [(name, "", mass_g, None, None, SOURCE_NEEDED) for name, mass_g in treated.items() if name not in told]
    return sorted(rows, key=lambda row: (str(row[0]), str(row[1])))


def _rates(question: Question, measures: frozenset[Measure]) -> list[Row]:
    """By month only of one recycler, or of the register as a whole."""
    period, asked = period_of(question), question.filter
    found: Iterable[tuple[str, RecoveryRow]]
    if question.by == "month":
        found = read_recovery_by_month(question.register, period, operator=asked.operator)
    else:
        shown = f"{period.first}/{period.last}"
        found = ((shown, row) for row in read_recovery(question.register, period, operator=asked.operator))
    rows = list[Row]()
    for shown, row in found:
        about = not asked.district if row.operator is None else question.is_about(row.operator)
        if about and row.key.measure in measures:
            rows += _lines(question, row, shown)
    return rows


def _lines(question: Question, row: RecoveryRow, shown: str) -> Iterator[Row]:
    """A line for each target of the rate, or one without."""
    key, amount, asked = row.key, row.amount, question.filter.jurisdiction
    cells: Row = (
        row.operator or "", shown, key.stage.value, key.family, key.measure.value, amount.in_mg, amount.out_mg,
        amount.passed_mg, amount.unknown_in_g, row.rate_ppm, int(row.impossible),
    )  # fmt: skip
    targets = [each for each in row.verdicts if asked in (None, each.target.jurisdiction)]
    for verdict in targets:
        target = verdict.target
        judged = (int(target.at_most), int(verdict.in_force), verdict.outcome.value, target.source)
        yield (*cells, target.id, target.ppm, *judged)
    if not targets and asked is None:
        yield (*cells, "", None, 0, 0, "", "")


def _made(question: Question, period: Period) -> dict[str, int]:
    """How many packs of each model were registered."""
    query = (
        select(_flow.model, total(_flow["count"]))
        .where(
            _flow.cut == CUT_MODEL, _flow.flow == MOVED, _flow.before == "", _flow.level == "P",
            _flow.month >= period.first, _flow.month <= period.last, _flow.model != "",
        )
        .group_by(_flow.model)
    )  # fmt: skip
    return {str(row[0]): int(row[1]) for row in question.rows(query)}


def period_of(question: Question) -> Period:
    """The months asked for, or the twelve up to now; a side that is not told lies a year from the other."""
    asked, usual = question.filter, usual_period(question.today)
    if asked.since and asked.until:
        return Period(asked.since, asked.until)
    if asked.since:
        return Period(asked.since, max(asked.since, usual.last))
    return usual if not asked.until else usual_period(last_day(asked.until))
