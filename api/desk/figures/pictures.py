"""Which picture a figure's table makes. None where it has no rows, or where a table says it better.

A picture shows at most MOST bars, those that matter most first; the table beside it has them all, and the page says so.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple, TypeVar

from markupsafe import Markup

from api.charts.bars import Bullet, Pair, Stack, draw_bullets, draw_pairs, draw_stacks
from api.charts.canvas import TONES, Frame
from api.charts.columns import Multiple, draw_columns, draw_histogram
from api.charts.dots import Dots, draw_dots
from api.charts.matrix import Axis, draw_matrix
from api.charts.steps import Band, Curve, draw_areas, draw_curves
from api.desk.figures.cards import Record, records, total
from api.desk.figures.words import Speaker
from service.domain.recovery.verdicts import Outcome
from service.domain.states import OpState
from service.figures.shapes import Filter, Table

MOST = 30
T = TypeVar("T")


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


def picture(table: Table, speaker: Speaker, asked: Filter) -> Picture | None:
    """The picture of a table, if it has one. asked: what the table was narrowed down by."""
    draw, rows = _PICTURES.get(table.figure.slug), records(table)
    sheet = _Sheet(table, speaker, from_the_first=(asked.since, asked.operator, asked.district) == (None, None, None))
    svg = draw(sheet, rows) if draw is not None and rows else None
    return None if svg is None else Picture(svg, sheet.cut_at)


class _Sheet:
    """A table with how its cells are said. from_the_first: it has every move of the packs that it is about, up to its
    last month."""

    def __init__(self, table: Table, speaker: Speaker, *, from_the_first: bool) -> None:
        self.from_the_first = from_the_first
        self.say = speaker.say
        self.by = table.by
        self.cut_at: int | None = None
        self._speaker = speaker
        self._columns = {column.key: column for column in table.columns}
        title, slug = speaker.say(table.figure.title_key), table.figure.slug
        self.frame = Frame(f"chart-{slug}", title, speaker.say("fig.chart_desc", title=title, count=table.count))

    def most(self, rows: Sequence[T], most: int = MOST) -> Sequence[T]:
        """As many as a picture takes."""
        self.cut_at = most if len(rows) > most else None
        return rows[:most]

    def words(self, row: Record, key: str) -> str:
        return self._speaker.said(row[key], self._columns[key])

    def named(self, row: Record, *keys: str) -> str:
        """The words of several cells, those that are empty left out."""
        return Markup(" · ").join(self.words(row, key) for key in keys if row[key] or key == "operator")

    def heading(self, key: str) -> str:
        return self.say(f"figures.column.{key}")

    def number(self, value: int, unit: str) -> str:
        return self._speaker.number(value, unit)

    def state(self, value: str) -> str:
        return self._speaker.cell(value, "state")


def _share(value: float) -> str:
    return f"{value / 10_000:g}%"


def _kilograms(value: float) -> str:
    return f"{value / 1_000:,g} kg"


def _known(row: Record, key: str) -> float | None:
    value = row[key]
    return None if value is None else float(value)


def _targets(sheet: _Sheet, rows: Sequence[Record]) -> Markup | None:
    """Rates against the targets in force; the missed ones first."""
    judged = [row for row in rows if row["in_force"] and row["target_ppm"] is not None]
    judged.sort(key=lambda row: row["outcome"] != Outcome.FAIL.value)
    if not judged:
        return None
    bars = [
        Bullet(
            sheet.words(row, "operator"),
            _known(row, "rate_ppm"),
            sheet.words(row, "rate_ppm"),
            _known(row, "target_ppm"),
            sheet.say("fig.below" if row["at_most"] else "fig.at_least", target=sheet.words(row, "target_ppm")),
            row["outcome"] == Outcome.FAIL.value,
            sheet.named(row, "measure", "stage", *(["month"] if sheet.by == "month" else [])),
        )
        for row in sheet.most(judged)
    ]
    return draw_bullets(sheet.frame, bars, number=_share)


def _flows(sheet: _Sheet, rows: Sequence[Record]) -> Markup | None:
    moved = [row for row in rows if row["flow"] == "moved" and row["level"] == "P"]
    if not moved:
        return None
    return _stock_by_month(sheet, moved) if sheet.by == "month" and sheet.from_the_first else _moved(sheet, moved)


def _months(rows: Sequence[Record]) -> list[str]:
    """From the first month of the rows to the last, those without a row too: a month is as wide as any other."""
    named = [str(row["group"]) for row in rows]
    first, last = (int(each[:4]) * 12 + int(each[5:]) - 1 for each in (min(named), max(named)))
    return [f"{month // 12:04d}-{month % 12 + 1:02d}" for month in range(first, last + 1)]


def _moved(sheet: _Sheet, rows: Sequence[Record]) -> Markup:
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


def _stock_by_month(sheet: _Sheet, rows: Sequence[Record]) -> Markup:
    """How many packs are in which phase at the end of each month: all that ever came into it less all that left it."""
    months = _months(rows)
    bands = []
    for phase, states in PHASES.items():
        values, held = [], 0
        for month in months:
            held += sum(total(rows, "count", group=month, after=state.value) for state in states)
            held -= sum(total(rows, "count", group=month, before=state.value) for state in states)
            values.append(float(max(0, held)))
        bands.append(Band(sheet.say(f"fig.phase.{phase}"), tuple(values)))
    return draw_areas(sheet.frame, bands, months)


def _delays(sheet: _Sheet, rows: Sequence[Record]) -> Markup:
    """How long it takes to record, the slowest first."""
    slowest = sheet.most(sorted(rows, key=lambda row: -(_known(row, "p95_days") or 0)))
    dots = [
        Dots(
            sheet.say("fig.with_n", name=sheet.words(row, "group"), n=sheet.words(row, "answered")),
            _known(row, "median_days"),
            _known(row, "p95_days"),
            sheet.say("fig.no_data")
            if row["median_days"] is None
            else f"{sheet.words(row, 'median_days')} · {sheet.words(row, 'p95_days')}",
            bool(row["overdue"]),
        )
        for row in slowest
    ]
    words = (sheet.heading("median_days"), sheet.heading("p95_days"), "")
    return draw_dots(sheet.frame, dots, words, target=None)


def _silence(sheet: _Sheet, rows: Sequence[Record]) -> Markup | None:
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


def _counts(key: str, *names: str) -> Callable[[_Sheet, Sequence[Record]], Markup | None]:
    """One bar for each row with these names, the longest first."""

    def draw(sheet: _Sheet, rows: Sequence[Record]) -> Markup | None:
        sums: dict[str, int] = {}
        for row in rows:
            label = sheet.named(row, *names) or sheet.words(row, names[0])
            sums[label] = sums.get(label, 0) + int(row[key] or 0)
        bars = [Stack(label, (float(n),), f"{n:,d}") for label, n in sorted(sums.items(), key=lambda each: -each[1])]
        return draw_stacks(sheet.frame, sheet.most(bars), (sheet.heading(key),)) if any(sums.values()) else None

    return draw


def _by_month(key: str) -> Callable[[_Sheet, Sequence[Record]], Markup | None]:
    """Columns by month where the table has months, else one bar for each group."""

    def draw(sheet: _Sheet, rows: Sequence[Record]) -> Markup | None:
        if sheet.by != "month":
            return _counts(key, "group")(sheet, rows)
        months = _months(rows)
        values = tuple(float(total(rows, key, group=month)) for month in months)
        shown = f"{int(sum(values)):,d}"
        return draw_columns(sheet.frame, [Multiple(sheet.heading(key), values, shown)], months)

    return draw


def _against(
    value: str, limit: str, *names: str, is_limit: bool = False
) -> Callable[[_Sheet, Sequence[Record]], Markup]:
    """Masses against what is allowed or wanted."""

    def draw(sheet: _Sheet, rows: Sequence[Record]) -> Markup:
        bars = [
            Bullet(
                sheet.named(row, *names),
                _known(row, value),
                sheet.words(row, value),
                _known(row, limit),
                "" if row[limit] is None else Markup("{}: {}").format(sheet.heading(limit), sheet.words(row, limit)),
                is_limit and bool(row["over"]),
            )
            for row in sheet.most(rows)
        ]
        return draw_bullets(sheet.frame, bars, number=_kilograms)

    return draw


def _lots(sheet: _Sheet, rows: Sequence[Record]) -> Markup:
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
    return draw_pairs(sheet.frame, pairs, (sheet.heading("given_g"), sheet.heading("taken_g")), number=_kilograms)


def _health(sheet: _Sheet, rows: Sequence[Record]) -> Markup | None:
    """How many measurements lie in each band of the state of health."""
    bands: dict[int, int] = {}
    for row in rows:
        if row["band_ppm"] is not None:
            bands[int(row["band_ppm"])] = bands.get(int(row["band_ppm"]), 0) + int(row["measurements"] or 0)
    if not bands:
        return None
    bins = [(_share(band), float(bands[band])) for band in sorted(bands)]
    return draw_histogram(sheet.frame, bins, (sheet.heading("measurements"), sheet.heading("band_ppm")))


_PICTURES: Mapping[str, Callable[[_Sheet, Sequence[Record]], Markup | None]] = {
    "recovery-rate": _targets,
    "recycling-efficiency": _targets,
    "flows": _flows,
    "overdue": _delays,
    "orphans": _silence,
    "double-registration": _by_month("pairs"),
    "copied-labels": _counts("open", "group"),
    "unlicensed": _by_month("events"),
    "illegal-flow": _counts("count", "case", "group"),
    "recycler-capacity": _against("treated_g", "capacity_g", "group", "year", is_limit=True),
    "black-mass": _lots,
    "recycled-content": _against("recovered_g", "needed_g", "material", "since"),
    "state-of-health": _health,
    "coverage": _against("treated_g", "national_g", "year", "jurisdiction"),
    "active-outlets": _counts("active", "district"),
}
