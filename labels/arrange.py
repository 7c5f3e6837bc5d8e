"""Where everything on a label stands.

A symbol alone stands in the middle. Otherwise its dark modules begin at the margin, so that their left edge is the left
edge of everything below them and their top is the top of the first line. Their quiet zone reaches into the margin;
nothing else does.

The maker, the code and the host always stand on a label with a QR code. Of the other lines those that find no room are
left out, last first; the maker's second name is left out where it would have to be cut. The symbol for separate
collection stands at the upper right.
"""

from __future__ import annotations

from dataclasses import fields
from functools import lru_cache
from operator import attrgetter
from typing import NamedTuple

from labels.below import arrange_below
from labels.beside import arrange_bare, arrange_beside, arrange_under
from labels.collection import Mark
from labels.errors import FitError
from labels.frame import Frame
from labels.layout import Drawing, Page, TextRun
from labels.modules import Modules
from labels.template import Template
from labels.text import LabelText

_WORDS = tuple(field.name for field in fields(LabelText) if field.name != "code")
_words_of = attrgetter(*_WORDS)


class _Job(NamedTuple):
    """Everything about a label but which modules are dark and which letters its code has: a sheet has few of these."""

    size: int
    quiet: int
    module_mm: float
    words: tuple[str, ...]
    letters: int
    template: Template
    mark: Mark | None


def compose(
    matrix: Modules, text: LabelText, template: Template, *, module_mm: float | None = None, mark: Mark | None = None
) -> Drawing:
    """`module_mm` stands in for the template's where a printer's dots ask for it. Raises FitError."""
    module = template.module_mm if module_mm is None else module_mm
    page = _page(_Job(matrix.size, matrix.quiet, module, _words_of(text), len(text.code), template, mark))
    groups = iter(text.groups)
    bare = template.arrangement == "bare"
    return Drawing(
        width_mm=template.width_mm,
        height_mm=template.height_mm,
        corner_mm=(template.width_mm - matrix.size * module) / 2 if bare else template.margin_mm,
        module_mm=module,
        matrix=matrix,
        runs=tuple(_with(run, next(groups)) if run.face == "mono" else run for run in page.runs),
        bars=tuple(page.bars),
        shapes=tuple(page.shapes),
        title=" ".join(filter(None, (text.maker_zh or text.maker_en, text.code))),
        description=" ".join(
            filter(None, (text.model, text.chemistry_zh, text.chemistry_en, text.rating, text.made_on, text.host))
        ),
    )


@lru_cache(maxsize=128)
def _page(job: _Job) -> Page:
    """The page with a code of zeros, which is as wide as any: its letters all have one width."""
    text = LabelText(code="0" * job.letters, **dict(zip(_WORDS, job.words, strict=True)))
    module, row, page = job.module_mm, job.template, Page()
    frame = Frame(row, job.size * module, job.quiet * module, module, job.mark)
    if job.mark and row.symbology == "datamatrix":
        raise FitError(f"label {row.name} has no room for the symbol for separate collection", (0.0, 0.0))
    match row.arrangement:
        case "below":
            arrange_below(page, frame, text)
        case "beside":
            arrange_beside(page, frame, text)
        case "under":
            arrange_under(page, frame, text)
        case "bare":
            arrange_bare(frame)
    return page


def _with(run: TextRun, group: str) -> TextRun:
    """`dataclasses.replace` takes five times as long."""
    return TextRun(run.x_mm, run.baseline_mm, run.size_mm, run.face, group, run.width_mm)
