"""A label, or a QR code alone, as SVG in millimetres.

The dark modules are one path, so that no viewer shows seams between them. Text is text: it can be selected, searched
and read aloud, and `textLength` holds it to its place where the viewer lacks our typefaces. There is no style sheet,
script, link or outside reference: the image may stand in a page under the strictest content policy.
"""

from __future__ import annotations

from xml.sax.saxutils import escape

from labels.font import FACES
from labels.layout import Bar, Drawing, Shape, TextRun
from labels.modules import Modules
from labels.qr import QUIET_ZONE, Ecc, matrix


def draw_svg(drawing: Drawing) -> bytes:
    qr = _qr_path(
        drawing.matrix, f"translate({_mm(drawing.corner_mm)} {_mm(drawing.corner_mm)}) scale({_mm(drawing.module_mm)})"
    )
    marks = [qr, *map(_bar, drawing.bars), *_shapes(drawing.shapes), *map(_text, drawing.runs)]
    return _document((drawing.width_mm, drawing.height_mm), drawing.title, drawing.description, marks)


def qr_svg(link: str, *, x_mm: float = 0.5, ecc: Ecc = "Q", mask: int | None = None) -> bytes:
    """The QR code alone, with its quiet zone."""
    modules = matrix(link, ecc, mask)
    side = (modules.size + 2 * QUIET_ZONE) * x_mm
    quiet = _mm(QUIET_ZONE * x_mm)
    path = _qr_path(modules, f"translate({quiet} {quiet}) scale({_mm(x_mm)})")
    return _document((side, side), "QR", link, [path])


def _document(size_mm: tuple[float, float], title: str, description: str, marks: list[str]) -> bytes:
    width, height = map(_mm, size_mm)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}mm" height="{height}mm" viewBox="0 0 {width} {height}"'
        ' role="img" lang="zh-CN">',
        f"<title>{escape(title)}</title>",
        f"<desc>{escape(description)}</desc>",
        f'<rect width="{width}" height="{height}" fill="#fff"/>',
        *marks,
        "</svg>\n",
    ]
    return "\n".join(parts).encode("utf-8")


def _qr_path(modules: Modules, transform: str) -> str:
    steps = "".join(f"M{start} {y}h{end - start}v1h{start - end}z" for y, (start, end) in modules.dark_runs())
    return f'<path transform="{transform}" fill="#000" shape-rendering="crispEdges" d="{steps}"/>'


def _bar(bar: Bar) -> str:
    x, y, width, height = map(_mm, (bar.x_mm, bar.y_mm, bar.width_mm, bar.height_mm))
    return f'<rect x="{x}" y="{y}" width="{width}" height="{height}" fill="#000"/>'


def _shapes(shapes: tuple[Shape, ...]) -> list[str]:
    """All in one path, each polygon by itself filled."""
    steps = "".join("M" + "L".join(f"{_mm(x)} {_mm(y)}" for x, y in shape.corners_mm) + "z" for shape in shapes)
    return [f'<path fill="#000" d="{steps}"/>'] if steps else []


def _text(run: TextRun) -> str:
    x, y, size, width = map(_mm, (run.x_mm, run.baseline_mm, run.size_mm, run.width_mm))
    face = FACES[run.face]
    return (
        f'<text x="{x}" y="{y}" font-size="{size}" font-family="{face.fallbacks}" font-weight="{face.weight}"'
        f' fill="#000" textLength="{width}" lengthAdjust="spacingAndGlyphs">{escape(run.text)}</text>'
    )


def _mm(value: float) -> str:
    """A length to the micrometre, without idle zeros."""
    return f"{value:.3f}".rstrip("0").rstrip(".")
