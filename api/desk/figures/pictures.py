"""Which pictures a figure's table makes. None where it has no rows, or where a table says it better.

A picture shows at most MOST bars, those that matter most first; the table beside it has them all, and the page says so.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from markupsafe import Markup

from api.charts.bars import Bullet, Pair, Stack, draw_bullets, draw_pairs, draw_stacks
from api.charts.canvas import TONES
from api.charts.columns import Multiple, draw_columns, draw_histogram
from api.charts.dots import Dots, draw_dots
from api.charts.matrix import Axis, draw_matrix
from api.charts.steps import Band, Curve, draw_areas, draw_curves
from api.desk.figures.cards import Record, records, total
from api.desk.figures.further import (
    Draw,
    by_month,
    draw_borders,
    draw_days,
    draw_distances,
    draw_masses,
)
from api.desk.figures.sheet import Context, Sheet, kilograms, known, months_of, share
from api.desk.figures.words import Speaker
from service.domain.duties.clocks import Clock
from service.domain.recovery.verdicts import Outcome
from service.domain.states import OpState
from service.figures.shapes import Table

PHASES: Mapping[str, tuple[OpState, ...]] = {
    "made": (OpState.REGISTERED, OpState.ASSEMBLED, OpState.INSTALLED),
    "used": (OpState.IN_USE, OpState.IN_SWAP_POOL, OpState.UNDER_SERVICE),
    "waiting": (OpState.REMOVED, OpState.RETIRED, OpState.COLLECTED, OpState.TESTED),
    "parts": (OpState.DISMANTLED, OpState.CONSUMED),
    "recycled": (OpState.RECYCLED,),
    "gone": (OpState.EXPORTED, OpState.LOST, OpState.VOIDED),
}
"""States that stand together in an area: more bands than there are tones could not be told apart."""


class Picture(NamedTuple):
    """most: how many of the rows it shows, where it shows less than the table; else None."""

    svg: Markup
    most: int | None


def pictures(table: Table, speaker: Speaker, context: Context) -> list[Picture]:
    """The pictures of a table; none where it has no rows, or where the table says it better."""
    rows, found = records(table), list[Picture]()
    for number, draw in enumerate(_PICTURES.get(table.figure.slug, ()) if rows else ()):
        sheet = Sheet(table, speaker, context, number)
        svg = draw(sheet, rows)
        if svg is not None:
            found.append(Picture(svg, sheet.cut_at))
    return found


def _targets(sheet: Sheet, rows: Sequence[Record]) -> Markup | None:
    """Rates against the targets in force; the missed ones first."""
    judged = [row for row in rows if row["in_force"] and row["target_ppm"] is not None]
    judged.sort(key=lambda row: row["outcome"] != Outcome.FAIL.value)
    if not judged:
        return None
    bars = [
        Bullet(
            sheet.words(row, "operator"),
            known(row, "rate_ppm"),
            sheet.words(row, "rate_ppm"),
            known(row, "target_ppm"),
            sheet.say("fig.below" if row["at_most"] else "fig.target_at_least", target=sheet.words(row, "target_ppm")),
            row["outcome"] == Outcome.FAIL.value,
            sheet.named(row, "measure", "stage", *sheet.when),
        )
        for row in sheet.most(judged)
    ]
    return draw_bullets(sheet.frame, bars, number=share)


def _flows(sheet: Sheet, rows: Sequence[Record]) -> Markup | None:
    moved = [row for row in rows if row["flow"] == "moved" and row["level"] == "P"]
    if not moved:
        return None
    return _stock_by_month(sheet, moved) if sheet.by == "month" and sheet.from_the_first else _moved(sheet, moved)


def _moved(sheet: Sheet, rows: Sequence[Record]) -> Markup:
    """From which state to which, in packs."""
    cells: dict[tuple[str, str], float] = {}
    for row in rows:
        pair = (str(row["before"]), str(row["after"]))
        cells[pair] = cells.get(pair, 0) + int(row["count"] or 0)
    order = ["", *OpState]
    before = [(key, sheet.state(key)) for key in order if any(pair[0] == key for pair in cells)]
    after = [(key, sheet.state(key)) for key in order if any(pair[1] == key for pair in cells)]
    title = sheet.say("fig.matrix_title")
    return draw_matrix(title, Axis(sheet.say("fig.before"), before), Axis(sheet.say("fig.after"), after), cells)


def _stock_by_month(sheet: Sheet, rows: Sequence[Record]) -> Markup:
    """How many packs are in which phase at the end of each month: all that ever came into it less all that left it."""
    months = months_of(rows)
    bands = []
    for phase, states in PHASES.items():
        values, held = [], 0
        for month in months:
            held += sum(total(rows, "count", group=month, after=state.value) for state in states)
            held -= sum(total(rows, "count", group=month, before=state.value) for state in states)
            values.append(float(max(0, held)))
        bands.append(Band(sheet.say(f"fig.phase.{phase}"), tuple(values)))
    return draw_areas(sheet.frame, bands, months)


def _delays(sheet: Sheet, rows: Sequence[Record]) -> Markup:
    """How long it takes to record, the slowest first."""
    slowest = sheet.most(sorted(rows, key=lambda row: -(known(row, "p95_days") or 0)))
    dots = [
        Dots(
            sheet.say("fig.with_n", name=sheet.words(row, "group"), n=sheet.words(row, "answered")),
            known(row, "median_days"),
            known(row, "p95_days"),
            sheet.say("fig.no_data")
            if row["median_days"] is None
            else f"{sheet.words(row, 'median_days')} · {sheet.words(row, 'p95_days')}",
            bool(row["overdue"]),
            _limit(sheet, row),
        )
        for row in slowest
    ]
    words = (sheet.heading("median_days"), sheet.heading("p95_days"), sheet.say("fig.last_day"))
    return draw_dots(sheet.frame, dots, words, target=None)


def _limit(sheet: Sheet, row: Record) -> float | None:
    """The days of the duty that a row is about, where these are days of the calendar, as those of the dots are."""
    rule = sheet.limits.get(str(row["group"])) if sheet.by == "duty" else None
    return float(rule.days) if rule is not None and rule.days is not None and rule.clock is Clock.CALENDAR else None


def _silence(sheet: Sheet, rows: Sequence[Record]) -> Markup | None:
    """Of the batteries in each state, the share that has been silent for longer than so many months."""
    curves = list[tuple[int, Curve]]()
    for state in OpState:
        ages: dict[int, int] = {}
        for row in rows:
            if row["state"] == state.value:
                ages[int(row["months"] or 0)] = ages.get(int(row["months"] or 0), 0) + int(row["count"] or 0)
        everybody = left = sum(ages.values())
        if not everybody:
            continue
        falls = []
        for age in sorted(ages):
            left -= ages[age]
            falls.append((float(age + 1), left / everybody))
        until = max(falls[-1][0], 1.0)
        limit = next(row for row in rows if row["state"] == state.value)["limit_months"]
        n = f"{everybody:,d}"
        shown = sheet.say("fig.n", n=n) if limit is None else sheet.say("fig.limit_n", limit=limit, n=n)
        curves.append((everybody, Curve(sheet.state(state.value), tuple(falls), until, shown)))
    words = (sheet.say("fig.share_silent"), sheet.say("fig.months"))
    drawn = sheet.most([curve for _, curve in sorted(curves, key=lambda each: -each[0])], TONES)
    return draw_curves(sheet.frame, drawn, words) if drawn else None


def _counts(key: str, *names: str) -> Draw:
    """One bar for each row with these names, the longest first."""

    def draw(sheet: Sheet, rows: Sequence[Record]) -> Markup | None:
        sums: dict[str, int] = {}
        for row in rows:
            label = sheet.named(row, *names) or sheet.words(row, names[0])
            sums[label] = sums.get(label, 0) + int(row[key] or 0)
        bars = [Stack(label, (float(n),), f"{n:,d}") for label, n in sorted(sums.items(), key=lambda each: -each[1])]
        return draw_stacks(sheet.frame, sheet.most(bars), (sheet.heading(key),)) if any(sums.values()) else None

    return draw


def _by_month(key: str) -> Draw:
    """Columns by month where the table has months, else one bar for each group."""

    def draw(sheet: Sheet, rows: Sequence[Record]) -> Markup | None:
        if sheet.by != "month":
            return _counts(key, "group")(sheet, rows)
        months = months_of(rows)
        values = tuple(float(total(rows, key, group=month)) for month in months)
        shown = f"{int(sum(values)):,d}"
        return draw_columns(sheet.frame, [Multiple(sheet.heading(key), values, shown)], months)

    return draw


def _by_kind(key: str, kind: str, *names: str) -> Draw:
    """Small multiples by month where the table has months, else one bar for each row of these names."""
    columns, bars = by_month(key, kind), _counts(key, *names)
    return lambda sheet, rows: columns(sheet, rows) if sheet.by == "month" else bars(sheet, rows)


def _copies(sheet: Sheet, rows: Sequence[Record]) -> Markup | None:
    return draw_distances(sheet, rows) if sheet.by == "distance" else _by_month("open")(sheet, rows)


def _against(value: str, limit: str, *names: str, is_limit: bool = False) -> Draw:
    """Masses against what is allowed or wanted."""

    def draw(sheet: Sheet, rows: Sequence[Record]) -> Markup:
        bars = [
            Bullet(
                sheet.named(row, *names),
                known(row, value),
                sheet.words(row, value),
                known(row, limit),
                "" if row[limit] is None else Markup("{}: {}").format(sheet.heading(limit), sheet.words(row, limit)),
                is_limit and bool(row["over"]),
            )
            for row in sheet.most(rows)
        ]
        return draw_bullets(sheet.frame, bars, number=kilograms)

    return draw


def _lots(sheet: Sheet, rows: Sequence[Record]) -> Markup:
    """Of each giver's product, what was given and what of it was taken in by somebody."""
    found: dict[tuple[str, str], list[int]] = {}
    for row in rows:
        sums = found.setdefault((sheet.words(row, "giver"), sheet.words(row, "product")), [0, 0])
        sums[0] += int(row["given_g"] or 0)
        sums[1] += int(row["taken_g"] or 0)
    pairs = [
        Pair(giver, (float(given), float(taken)), (sheet.number(given, "g"), sheet.number(taken, "g")), note=product)
        for (giver, product), (given, taken) in sheet.most(list(found.items()))
    ]
    return draw_pairs(sheet.frame, pairs, (sheet.heading("given_g"), sheet.heading("taken_g")), number=kilograms)


def _health(sheet: Sheet, rows: Sequence[Record]) -> Markup | None:
    """How many measurements lie in each band of the state of health."""
    bands: dict[int, int] = {}
    for row in rows:
        if row["band_ppm"] is not None:
            bands[int(row["band_ppm"])] = bands.get(int(row["band_ppm"]), 0) + int(row["measurements"] or 0)
    if not bands:
        return None
    bins = [(share(band), float(bands[band])) for band in sorted(bands)]
    return draw_histogram(sheet.frame, bins, (sheet.heading("measurements"), sheet.heading("band_ppm")))


_PICTURES: Mapping[str, Sequence[Draw]] = {
    "recovery-rate": (_targets,),
    "recycling-efficiency": (_targets, draw_masses),
    "flows": (_flows, draw_borders),
    "overdue": (_delays,),
    "orphans": (_silence,),
    "double-registration": (_by_month("pairs"),),
    "copied-labels": (_copies,),
    "unlicensed": (_by_kind("events", "kind", "group"),),
    "illegal-flow": (_by_kind("count", "case", "case", "group"),),
    "recycler-capacity": (_against("treated_g", "capacity_g", "group", "year", is_limit=True),),
    "black-mass": (_lots,),
    "recycled-content": (_against("recovered_g", "needed_g", "material", "since"),),
    "chain-integrity": (draw_days,),
    "state-of-health": (_health,),
    "coverage": (_against("treated_g", "national_g", "year", "jurisdiction"),),
    "active-outlets": (_counts("active", "district"),),
}
