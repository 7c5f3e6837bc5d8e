"""The symbol for separate collection: as large as the law asks, or refused."""

from __future__ import annotations

from collections.abc import Callable
from math import pi, sqrt

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from labels.collection import LARGEST_MM, METALS, SMALLEST_MM, Mark, mark_for_cylinder, mark_for_side
from labels.errors import FitError, LabelError
from labels.font import FACES, text_width
from labels.label import TEMPLATES, LabelText, draw_label, render_pdf, render_png, render_svg, render_zpl
from labels.layout import Drawing

lengths = st.floats(1, 3000)


def box_of(drawing: Drawing) -> tuple[float, float, float, float]:
    points = [point for shape in drawing.shapes for point in shape.corners_mm]
    across, down = zip(*points, strict=True)
    return min(across), min(down), max(across), max(down)


@given(lengths, lengths)
def test_it_covers_three_hundredths_of_the_largest_side_or_is_the_largest_there_is(width: float, height: float) -> None:
    needed = 0.03 * width * height
    if sqrt(needed) < SMALLEST_MM:
        with pytest.raises(FitError, match=r"less than 4\.7 mm: it goes on the packaging, 10 x 10 mm"):
            mark_for_side(width, height)
        return
    side = mark_for_side(width, height).side_mm
    assert side == LARGEST_MM or needed - 1e-6 <= side**2 <= needed * 1.01
    assert side <= LARGEST_MM


@given(lengths, lengths)
def test_on_a_cylinder_it_covers_half_as_much_of_the_whole_surface(diameter: float, length: float) -> None:
    needed = 0.015 * (pi * diameter * length + 2 * pi * diameter**2 / 4)
    if sqrt(needed) < SMALLEST_MM:
        with pytest.raises(FitError, match="packaging"):
            mark_for_cylinder(diameter, length)
        return
    side = mark_for_cylinder(diameter, length).side_mm
    assert side == LARGEST_MM or needed - 1e-6 <= side**2 <= needed * 1.01


@pytest.mark.parametrize("metals", [("Cd",), ("Pb",), ("Cd", "Pb")])
def test_a_chemical_symbol_covers_a_quarter_of_it_beneath(metals: tuple[str, ...], text: LabelText, link: str) -> None:
    mark = Mark(20.0, metals)
    drawing = draw_label(link, text, TEMPLATES["P0"], mark=mark)
    bottom = box_of(drawing)[3]
    runs = [run for run in drawing.runs if run.text in METALS]
    assert [run.text for run in runs] == list(metals)
    for run in runs:
        height = FACES["sans"].cap * run.size_mm
        assert text_width("sans", run.text, run.size_mm) * height >= 0.25 * 20**2 - 1e-6
        assert run.baseline_mm - height >= bottom - 1e-6


def test_on_a_label_it_is_exactly_as_large_as_it_was_computed(text: LabelText, link: str) -> None:
    drawing = draw_label(link, text, TEMPLATES["P0"], mark=mark_for_side(2000, 1200))
    left, top, right, bottom = box_of(drawing)
    assert right - left == pytest.approx(50)
    assert bottom - top == pytest.approx(50)


@pytest.mark.parametrize("name", [name for name in TEMPLATES if name != "P0"])
def test_a_label_too_small_for_it_is_refused_with_the_sizes(name: str, text: LabelText, link: str) -> None:
    with pytest.raises(FitError, match="symbol for separate collection") as caught:
        draw_label(link, text, TEMPLATES[name], mark=Mark(120.0))
    assert name in str(caught.value)


@pytest.mark.parametrize("metals", [("Hg",), ("Pb", "Pb"), ("<script>",)])
def test_only_cadmium_and_lead_have_a_symbol(metals: tuple[str, ...]) -> None:
    with pytest.raises(LabelError, match="Cd and Pb"):
        Mark(10, metals)


@pytest.mark.parametrize("side", [0, -1, float("nan"), float("inf"), 10_001])
def test_a_battery_has_a_possible_size(side: float) -> None:
    with pytest.raises(LabelError, match="long"):
        mark_for_side(side, 100)
    with pytest.raises(LabelError, match="long"):
        mark_for_cylinder(100, side)


def test_every_format_shows_it_and_the_code_still_reads(
    text: LabelText,
    link: str,
    decode: Callable[[Image.Image], list[str]],
    open_png: Callable[[bytes], Image.Image],
    render_page: Callable[[bytes], Image.Image],
) -> None:
    mark, template = Mark(30.0, ("Pb",)), TEMPLATES["P0"]
    dots = 300 / 25.4
    place = (150 - 6 - 30, 6, 150 - 6, 6 + 30)
    box = tuple(round(length * dots) for length in place)
    for image in (
        open_png(render_png(link, text, template, 300, mark=mark)),
        render_page(render_pdf(link, text, template, mark=mark)),
    ):
        assert decode(image) == [link.upper()]
        ink = image.convert("L").crop(box).point(lambda value: 255 if value < 128 else 0)  # type: ignore[arg-type]
        assert 0.12 < sum(ink.histogram()[255:]) / (ink.width * ink.height) < 0.45
        bounds = ink.getbbox()
        assert bounds is not None
        assert [round(edge / dots) for edge in bounds] == [0, 0, 30, 30]
    assert render_svg(link, text, template, mark=mark).count(b"<path") == 2
    assert render_zpl(link, text, template, 203, mark=mark).count(b"^XA") == 1
