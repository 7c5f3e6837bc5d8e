"""The columns of a file as people say what they mean: by the titles of the template in their language."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from flask import request

from api.desk.opening import field
from api.language import Language
from service.domain.units import DISPLAYS
from service.imports.columns import MARK, Column, read_columns
from service.imports.errors import FileRefusedError
from service.imports.jobs import Job
from service.imports.kinds import CONTENTS
from service.imports.rows import Row, cell_text
from service.imports.templates import template_header

_LONGEST = 200
_SHOWN = 40
"""Characters of a value."""


@dataclass(frozen=True, slots=True)
class ShownColumn:
    """name: of the form's field. meaning: as it may be typed; empty where it is left out, or not known yet.

    values: what stands in the column at first.
    """

    name: str
    header: str
    meaning: str
    values: list[str]


def shown_columns(
    job: Job, remembered: Mapping[str, str], rows: Sequence[Row], language: Language
) -> list[ShownColumn]:
    """The columns of a file that was looked at, and what each means, or would mean by what is known."""
    titles = {text: title for title, text in _titles(job.content, language)}
    is_refused = job.error is not None
    shown = []
    for at, (header, text) in enumerate(job.columns):
        if not header.startswith(MARK):
            text = _understood(job.content, header, remembered) if is_refused and not text else text
            values = [cell_text(row.cells[at])[:_SHOWN] for row in rows if at < len(row.cells) and row.cells[at] != ""]
            shown.append(ShownColumn(f"column-{at}", header, titles.get(text, text), values))
    return shown


def known_titles(content: str, language: Language) -> list[str]:
    """What the columns of such a file may be called."""
    return [title for title, _ in _titles(content, language)]


def typed_columns(job: Job) -> dict[str, str] | None:
    """By header what the form says that it means; None where the form is about no columns."""
    typed = {header: field(f"column-{at}", most=_LONGEST) for at, (header, _) in enumerate(job.columns)}
    return typed if any(f"column-{at}" in request.form for at in range(len(job.columns))) else None


def _understood(content: str, header: str, remembered: Mapping[str, str]) -> str:
    try:
        [column] = read_columns(CONTENTS[content], [header], remembered)
    except FileRefusedError:
        return ""
    return column.text


@cache
def _titles(content: str, language: Language) -> tuple[tuple[str, str], ...]:
    """Titles of the template without their stars, in the unit that people read as well; and the path of each."""
    titles = list[str]()
    for title in template_header(content, language):
        titles.append(title.removesuffix(" *"))
        titles += [titles[-1].removesuffix(kept) + read for kept, read in _units(language) if titles[-1].endswith(kept)]
    return tuple((column.header, column.text) for title in titles for column in _read(content, title))


def _read(content: str, title: str) -> tuple[Column, ...]:
    return read_columns(CONTENTS[content], [title], {})


def _units(language: Language) -> list[tuple[str, str]]:
    """How a title ends that names the unit of what is kept, and how one that names the unit that people read."""
    rows = [row for row in DISPLAYS.values() if row.places]
    if language == "zh":
        return [(f"（{row.name_zh}）", f"（{row.zh}）") for row in rows]
    return [(f" [{row.unit}]", f" [{row.en}]") for row in rows]
