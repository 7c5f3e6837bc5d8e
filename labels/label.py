"""One label, ready to print.

    render_svg, render_pdf      sizes as the template says
    render_png, render_zpl      every module a whole number of printer dots

The address is spelled by `link.shortest` before it becomes a QR code, so the caller gives it as people write it.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from functools import partial

from labels.arrange import compose
from labels.collection import Mark
from labels.datamatrix import data_matrix
from labels.errors import FitError, LabelError
from labels.layout import Drawing
from labels.link import shortest
from labels.modules import Modules
from labels.pdf import draw_pdf
from labels.png import draw_png
from labels.qr import matrix
from labels.svg import draw_svg
from labels.template import TEMPLATES, Template, dots_per_mm, dots_per_module, find_template
from labels.text import LabelText, verify_text_matches_link
from labels.zpl import draw_zpl

__all__ = [
    "TEMPLATES",
    "FitError",
    "LabelError",
    "LabelText",
    "Template",
    "draw_label",
    "draw_label_for_head",
    "draw_pdf",
    "draw_png",
    "draw_svg",
    "draw_zpl",
    "find_template",
    "render_pdf",
    "render_png",
    "render_svg",
    "render_zpl",
]


def render_svg(link: str, text: LabelText, template: Template, *, mark: Mark | None = None) -> bytes:
    return draw_svg(draw_label(link, text, template, mark=mark))


def render_pdf(link: str, text: LabelText, template: Template, *, mark: Mark | None = None) -> bytes:
    """One page of exactly the outer size. Cost: a quarter of a second, most of it for cutting the fonts down."""
    return draw_pdf(draw_label(link, text, template, mark=mark))


def render_png(
    link: str, text: LabelText, template: Template, dpi: int = 300, *, bilevel: bool = False, mark: Mark | None = None
) -> bytes:
    """`dpi` is 203, 300 or 600; `bilevel` gives one bit a pixel, for heads that know no gray."""
    return draw_png(draw_label_for_head(link, text, template, dpi, mark=mark), dpi, bilevel=bilevel)


def render_zpl(link: str, text: LabelText, template: Template, dpi: int = 203, *, mark: Mark | None = None) -> bytes:
    return draw_zpl(draw_label_for_head(link, text, template, dpi, mark=mark), dpi)


def draw_label(
    link: str, text: LabelText, template: Template, *, mask: int | None = None, mark: Mark | None = None
) -> Drawing:
    """With as much error correction as finds room.

    Raises FitError where something is too large, TextError where text and address disagree, LinkError.
    """
    verify_text_matches_link(text, link)
    return _first_that_fits(_symbols(link, template, mask), (template.module_mm,), text, template, mark)


def draw_label_for_head(
    link: str,
    text: LabelText,
    template: Template,
    dpi: int,
    *,
    mask: int | None = None,
    mark: Mark | None = None,
) -> Drawing:
    """The label with its module rounded to whole dots: up or down to the nearest, or down where up no longer fits."""
    verify_text_matches_link(text, link)
    dots, scale = dots_per_module(template.module_mm, dpi), dots_per_mm(dpi)
    widths = (dots,) if dots <= template.module_mm * scale else (dots, dots - 1)
    sizes = tuple(width / scale for width in widths)
    return _first_that_fits(_symbols(link, template, mask), sizes, text, template, mark)


def _symbols(link: str, template: Template, mask: int | None) -> tuple[Callable[[], Modules], ...]:
    """The ways to write the address, best first, made when they are needed."""
    if template.symbology == "datamatrix":
        return (partial(data_matrix, shortest(link)),)
    address = shortest(link)
    return tuple(partial(matrix, address, ecc, mask, least=least) for ecc, least in template.levels)


def _first_that_fits(
    symbols: tuple[Callable[[], Modules], ...],
    modules_mm: tuple[float, ...],
    text: LabelText,
    template: Template,
    mark: Mark | None,
) -> Drawing:
    """Large modules come before much error correction."""
    *others, last = ((symbol, module) for module in modules_mm for symbol in symbols)
    for symbol, module in others:
        with suppress(FitError):
            return compose(symbol(), text, template, module_mm=module, mark=mark)
    symbol, module = last
    return compose(symbol(), text, template, module_mm=module, mark=mark)
