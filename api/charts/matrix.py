"""From where to where: a table, since numbers in cells are read more exactly than bands of a flow."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from api.charts.scale import Write, highest, plain

SHADES = 4


@dataclass(frozen=True, slots=True)
class Axis:
    """The names of the rows or columns: what they are, and each key with its words."""

    title: str
    names: Sequence[tuple[str, str]]


def draw_matrix(
    frame_title: str, rows: Axis, columns: Axis, cells: Mapping[tuple[str, str], float], *, number: Write = plain
) -> Markup:
    """A table of `cells` by (row, column). A pair that is not there has an empty cell; darker cells hold more."""
    most = highest(cells.values())
    head = Markup("").join(Markup('<th scope="col">{}</th>').format(name) for _, name in columns.names)
    lines = Markup("").join(
        Markup('<tr><th scope="row">{}</th>{}</tr>').format(
            name, Markup("").join(_cell(cells.get((key, other)), most, number) for other, _ in columns.names)
        )
        for key, name in rows.names
    )
    return Markup(
        '<table class="matrix"><caption>{}</caption><thead><tr><th scope="col">{} → {}</th>{}</tr></thead>'
        "<tbody>{}</tbody></table>"
    ).format(frame_title, rows.title, columns.title, head, lines)


def _cell(value: float | None, most: float, number: Write) -> Markup:
    if value is None:
        return Markup("<td></td>")
    shade = 0 if most <= 0 else min(SHADES - 1, int(value / most * SHADES))
    return Markup('<td class="shade-{}">{}</td>').format(shade, number(value))
