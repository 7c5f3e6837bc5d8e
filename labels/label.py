"""One label, ready to print.

    render_svg, render_pdf      sizes as the template says
    render_png, render_zpl      every module a whole number of printer dots

The address is spelled by `link.shortest` before it becomes a QR code, so the caller gives it as people write it.
"""

from __future__ import annotations

from labels.arrange import compose
from labels.errors import FitError, LabelError
from labels.layout import Drawing
from labels.link import shortest
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
    "find_template",
    "render_pdf",
    "render_png",
    "render_svg",
    "render_zpl",
]


def render_svg(link: str, text: LabelText, template: Template) -> bytes:
    return draw_svg(draw_label(link, text, template))


def render_pdf(link: str, text: LabelText, template: Template) -> bytes:
    """One page of exactly the outer size. Cost: a quarter of a second, most of it for cutting the fonts down."""
    return draw_pdf(draw_label(link, text, template))


def render_png(link: str, text: LabelText, template: Template, dpi: int = 300, *, bilevel: bool = False) -> bytes:
    """`dpi` is 203, 300 or 600; `bilevel` gives one bit a pixel, for heads that know no gray."""
    return draw_png(draw_label_for_head(link, text, template, dpi), dpi, bilevel=bilevel)


def render_zpl(link: str, text: LabelText, template: Template, dpi: int = 203) -> bytes:
    return draw_zpl(draw_label_for_head(link, text, template, dpi), dpi)


def draw_label(link: str, text: LabelText, template: Template, *, mask: int | None = None) -> Drawing:
    """Raises FitError where something is too large, TextError where text and address disagree, LinkError."""
    verify_text_matches_link(text, link)
    return compose(matrix(shortest(link), template.ecc, mask), text, template)


def draw_label_for_head(link: str, text: LabelText, template: Template, dpi: int) -> Drawing:
    """The label with its module rounded to whole dots: up or down to the nearest, or down where up no longer fits."""
    verify_text_matches_link(text, link)
    modules = matrix(shortest(link), template.ecc)
    dots = dots_per_module(template.module_mm, dpi)
    scale = dots_per_mm(dpi)
    try:
        return compose(modules, text, template, dots / scale)
    except FitError:
        if dots <= template.module_mm * scale:
            raise
        return compose(modules, text, template, (dots - 1) / scale)
