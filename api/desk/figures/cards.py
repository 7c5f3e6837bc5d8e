"""The one or two numbers that stand for a figure on the dashboard, each with where its rows are."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from service.domain.recovery.verdicts import Outcome
from service.figures.chains import FAILED
from service.figures.shapes import Cell, Table


@dataclass(frozen=True, slots=True)
class Headline:
    """phrase: a text that says what `value` counts. list: the rows that it counts; empty: the table itself does.

    unit: as of a column. bad: somebody has to look into it. value: None where it is not known.
    """

    phrase: str
    value: Cell
    unit: str = "count"
    list: str = ""
    bad: bool = False


GROUPS: Mapping[str, tuple[str, ...]] = {
    "recovery": (
        "recovery-rate",
        "recycling-efficiency",
        "recycler-capacity",
        "black-mass",
        "recycled-content",
        "coverage",
    ),
    "duties": ("overdue", "unlicensed", "active-outlets"),
    "stops": ("flows", "orphans", "illegal-flow", "state-of-health"),
    "register": ("double-registration", "copied-labels", "chain-integrity"),
}
"""The figures as they stand together on the dashboard."""
BY: Mapping[str, str] = {"overdue": "duty", "double-registration": "month", "unlicensed": "district"}
"""How a figure is grouped for its card, where the usual way has a row for each organisation."""


Record = Mapping[str, Cell]
"""A row of a table by the keys of its columns."""


def records(table: Table) -> list[Record]:
    """The rows of a table."""
    keys = [column.key for column in table.columns]
    return [dict(zip(keys, row, strict=True)) for row in table.rows]


def total(rows: Sequence[Record], key: str, **only: Cell) -> int:
    """The sum of a measure over the rows that have these cells."""
    return sum(int(row[key] or 0) for row in rows if all(row[name] == cell for name, cell in only.items()))


def headlines(table: Table) -> list[Headline]:
    """What the card of this figure says."""
    return _CARDS[table.figure.slug](records(table))


def _targets(rows: Sequence[Record]) -> list[Headline]:
    judged = [row for row in rows if row["in_force"] and row["target_ppm"] is not None]
    missed = sum(1 for row in judged if row["outcome"] == Outcome.FAIL.value)
    impossible = total(rows, "impossible")
    found = [_alarm("fig.card.missed", missed), Headline("fig.card.judged", len(judged))]
    return [_alarm("fig.card.impossible", impossible), *found] if impossible else found


def _flows(rows: Sequence[Record]) -> list[Headline]:
    made = total(rows, "count", flow="moved", before="", level="P")
    in_use = total(rows, "count", flow="stock", after="IN_USE", level="P")
    return [Headline("fig.card.made", made), Headline("fig.card.in_use", in_use)]


def _overdue(rows: Sequence[Record]) -> list[Headline]:
    late = total(rows, "overdue") + total(rows, "late")
    return [_alarm("fig.card.late", late, "late"), Headline("fig.card.overdue", total(rows, "overdue"))]


def _illegal(rows: Sequence[Record]) -> list[Headline]:
    return [
        _alarm(f"fig.card.{case}", total(rows, "count", case=case), case)
        for case in ("retired", "missing", "shortfall")
    ]


def _capacity(rows: Sequence[Record]) -> list[Headline]:
    return [
        _alarm("fig.card.over_capacity", total(rows, "over")),
        Headline("fig.card.treated", _sum(rows, "treated_g"), "g"),
    ]


def _black_mass(rows: Sequence[Record]) -> list[Headline]:
    given, taken = _sum(rows, "given_g"), _sum(rows, "taken_g")
    return [Headline("fig.card.given", given, "g"), Headline("fig.card.taken", taken, "g")]


def _content(rows: Sequence[Record]) -> list[Headline]:
    short = [row for row in rows if row["covered_ppm"] is not None and int(row["covered_ppm"]) < 1_000_000]
    return [Headline("fig.card.short_materials", len(short)), Headline("fig.card.materials", len(rows))]


def _integrity(rows: Sequence[Record]) -> list[Headline]:
    failed = sum(1 for row in rows if row["outcome"] == FAILED)
    return [_alarm("fig.card.failed_checks", failed), Headline("fig.card.checks", len(rows))]


def _coverage(rows: Sequence[Record]) -> list[Headline]:
    newest = max(rows, key=lambda row: str(row["year"]), default=None)
    return [Headline("fig.card.coverage", newest["share_ppm"] if newest else None, "ppm")]


def _outlets(rows: Sequence[Record]) -> list[Headline]:
    return [Headline("fig.card.covered", total(rows, "covered")), Headline("fig.card.districts", len(rows))]


def _one(phrase: str, key: str, list_: str, **only: Cell) -> Callable[[Sequence[Record]], list[Headline]]:
    """A card with one number to look into."""
    return lambda rows: [_alarm(phrase, total(rows, key, **only), list_)]


def _alarm(phrase: str, value: int, list_: str = "") -> Headline:
    return Headline(phrase, value, list=list_, bad=value > 0)


def _sum(rows: Sequence[Record], key: str) -> int | None:
    """The sum of what is known; None where nothing is."""
    known = [int(row[key] or 0) for row in rows if row[key] is not None]
    return sum(known) if known else None


_CARDS: Mapping[str, Callable[[Sequence[Record]], list[Headline]]] = {
    "recovery-rate": _targets,
    "recycling-efficiency": _targets,
    "flows": _flows,
    "overdue": _overdue,
    "orphans": _one("fig.card.orphans", "count", "orphans", over=1),
    "double-registration": _one("fig.card.near", "pairs", "near"),
    "copied-labels": _one("fig.card.copies", "open", "copies"),
    "unlicensed": _one("fig.card.unlicensed", "events", "unlicensed"),
    "illegal-flow": _illegal,
    "recycler-capacity": _capacity,
    "black-mass": _black_mass,
    "recycled-content": _content,
    "chain-integrity": _integrity,
    "state-of-health": lambda rows: [Headline("fig.card.measurements", total(rows, "measurements"))],
    "coverage": _coverage,
    "active-outlets": _outlets,
}
