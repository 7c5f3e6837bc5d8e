"""A table on its way to a picture: its cells in words, and how many of its rows a picture takes."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple, TypeVar

from markupsafe import Markup

from api.charts.canvas import Frame
from api.desk.figures.cards import Record
from api.desk.figures.words import Speaker
from service.duties import DutyInForce
from service.figures.shapes import Filter, Table

MOST = 30
T = TypeVar("T")


class Context(NamedTuple):
    """asked: what the table was narrowed down by. limits: the duties in force by their id, where they matter."""

    asked: Filter
    limits: Mapping[str, DutyInForce] = {}


class Sheet:
    """A table with how its cells are said, for the picture `number` of it.

    from_the_first: it has every move of the packs that it is about, up to its last month. when: the column that tells a
    row's time, if any.
    """

    def __init__(self, table: Table, speaker: Speaker, context: Context, number: int = 0) -> None:
        asked = context.asked
        self.from_the_first = (asked.since, asked.operator, asked.district) == (None, None, None)
        self.limits = context.limits
        self.say = speaker.say
        self.by = table.by
        self.when = ("month",) if table.by == "month" else ()
        self.cut_at: int | None = None
        self._speaker = speaker
        self._columns = {column.key: column for column in table.columns}
        title, slug = speaker.say(table.figure.title_key), table.figure.slug
        name = f"{slug}-{number}" if number else slug
        self.frame = Frame(f"chart-{name}", title, speaker.say("fig.chart_desc", title=title, count=table.count))

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


def share(value: float) -> str:
    return f"{value / 10_000:g}%"


def kilograms(value: float) -> str:
    return f"{value / 1_000:,g} kg"


def known(row: Record, key: str) -> float | None:
    """A number of a row; None where it is not known."""
    value = row[key]
    return None if value is None else float(value)


def months_of(rows: Sequence[Record]) -> list[str]:
    """From the first month of the rows to the last, those without a row too: a month is as wide as any other."""
    named = [str(row["group"]) for row in rows]
    first, last = (int(each[:4]) * 12 + int(each[5:]) - 1 for each in (min(named), max(named)))
    return [f"{month // 12:04d}-{month % 12 + 1:02d}" for month in range(first, last + 1)]
