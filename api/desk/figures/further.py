"""Pictures of what else a table says: masses that balance, borders crossed, distances, days, and trouble by type."""

from collections.abc import Callable, Sequence

from markupsafe import Markup

from api.charts.balances import Balance, draw_balances
from api.charts.canvas import TONES
from api.charts.columns import Multiple, draw_columns, draw_histogram
from api.charts.matrix import Axis, draw_matrix
from api.charts.strip import Cell, Found, draw_strip
from api.desk.figures.cards import Record, total
from api.desk.figures.sheet import Sheet, kilograms, months_of
from service.domain.recovery.sums import Measure, Stage
from service.domain.rules_use import MASS_TOLERANCE_PERCENT
from service.figures.copies import BANDS_KM
from service.figures.tally import SHIPPED

Draw = Callable[[Sheet, Sequence[Record]], Markup | None]
MG = 1_000


def draw_masses(sheet: Sheet, rows: Sequence[Record]) -> Markup | None:
    """Of each recycler and step what went in, and all that came out of it: products, lots passed on, residues, losses.

    Source of the tolerance: conservation rule 4.
    """
    put_in, came_out = dict[tuple[str, str, str], int](), dict[tuple[str, str, str], dict[str, int]]()
    words = dict[tuple[str, str, str], tuple[str, str]]()
    for row in rows:
        if row["stage"] == Stage.CHAIN.value or not row["operator"]:
            continue
        key = (str(row["operator"]), f"{row['stage']} {row['family']}", str(row["month"]))
        words[key] = sheet.words(row, "operator"), sheet.named(row, "stage", "family", *sheet.when)
        out = int(row["out_mg"] or 0)
        if row["measure"] == Measure.EFFICIENCY.value:
            put_in[key] = int(row["in_mg"] or 0)
            out += int(row["passed_mg"] or 0)
        came_out.setdefault(key, {})[str(row["measure"])] = out  # a row for each target, each with the same sums
    found = [(key, put_in[key], sum(came_out[key].values())) for key in sorted(put_in) if put_in[key]]
    tolerance = MASS_TOLERANCE_PERCENT / 100
    drawn = [
        Balance(
            words[key][0],
            (given / MG, got / MG),
            (sheet.number(given, "mg"), sheet.number(got, "mg")),
            got / given - 1,
            f"{(got / given - 1) * 100:+.2f}%",
            abs(got / given - 1) > tolerance,
            words[key][1],
        )
        for key, given, got in sheet.most(sorted(found, key=lambda each: -abs(each[2] / each[1] - 1)))
    ]
    legend = (
        sheet.heading("in_mg"),
        sheet.say("fig.came_out"),
        sheet.say("fig.balance", percent=MASS_TOLERANCE_PERCENT),
    )
    return draw_balances(sheet.frame, drawn, legend, tolerance=tolerance, number=kilograms) if drawn else None


def draw_borders(sheet: Sheet, rows: Sequence[Record]) -> Markup | None:
    """From which country to which, in packs."""
    cells = dict[tuple[str, str], float]()
    for row in rows:
        if row["flow"] == SHIPPED and row["level"] == "P":
            pair = (str(row["before"]), str(row["after"]))
            cells[pair] = cells.get(pair, 0) + int(row["count"] or 0)
    if not cells:
        return None
    places = [[(each, each) for each in sorted({pair[side] for pair in cells})] for side in (0, 1)]
    before, after = Axis(sheet.say("fig.before"), places[0]), Axis(sheet.say("fig.after"), places[1])
    return draw_matrix(sheet.say("fig.borders_title"), before, after, cells)


def draw_distances(sheet: Sheet, rows: Sequence[Record]) -> Markup | None:
    """How many open alerts lie in each band of distances."""
    if all(row["group"] is None for row in rows):
        return None
    bins = [(f"{band:,d}", float(total(rows, "open", group=band))) for band in BANDS_KM]
    words = (sheet.heading("open"), sheet.say("figures.by.distance"))
    return draw_histogram(sheet.frame, bins, words)


def draw_days(sheet: Sheet, rows: Sequence[Record]) -> Markup | None:
    """What the register found when it verified itself, day by day."""
    if sheet.by != "day":
        return None
    cells = [Cell(str(row["at"]), Found(str(row["outcome"]))) for row in rows]
    counts = {found: sum(cell.found is found for cell in cells) for found in Found}
    legend = [(found, sheet.say(f"fig.strip_{found.value}", count=counts[found])) for found in Found]
    return draw_strip(sheet.frame, cells, legend)


def by_month(key: str, kind: str) -> Draw:
    """Small multiples: of each kind how many there were month by month, those with most first, on one scale."""

    def draw(sheet: Sheet, rows: Sequence[Record]) -> Markup | None:
        kinds = {str(row[kind]): sheet.words(row, kind) for row in rows if row[key]}
        if not kinds or not all(row["group"] for row in rows):
            return None
        months = months_of(rows)
        found = [
            Multiple(
                words,
                tuple(float(total(rows, key, group=month, **{kind: each})) for month in months),
                f"{total(rows, key, **{kind: each}):,d}",
            )
            for each, words in kinds.items()
        ]
        found.sort(key=lambda each: -sum(value or 0 for value in each.values))
        return draw_columns(sheet.frame, sheet.most(found, TONES), months)

    return draw
