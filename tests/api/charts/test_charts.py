"""Charts put each value where it belongs, begin at 0, and say in words what they draw."""

import re
from itertools import combinations, pairwise
from pathlib import Path
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

import pytest
from markupsafe import Markup

from api.charts.balances import Balance, draw_balances
from api.charts.bars import RIGHT, Bullet, Pair, Stack, draw_bullets, draw_pairs, draw_stacks
from api.charts.canvas import TONES, WIDEST, Frame, shorten
from api.charts.columns import Multiple, draw_columns, draw_histogram
from api.charts.dots import Dots, Strip, draw_dots, draw_strips
from api.charts.matrix import Axis, draw_matrix
from api.charts.scale import Scale, ticks
from api.charts.steps import Band, Curve, draw_areas, draw_curves
from api.charts.strip import Cell, Found, draw_strip
from tests.needs import ROOT

FRAME = Frame("f", "Recovery <of> nickel", "By recycler & year")


def read(svg: Markup) -> Element:
    return ElementTree.fromstring(svg)


def marks(svg: Markup, tag: str, kind: str = "") -> list[Element]:
    """The marks of a picture, without those of its patterns."""
    root = read(svg)
    return [each for each in root if each.tag == tag and kind in ("", *(each.get("class") or "").split())]


def painted(svg: Markup, tone: int) -> list[Element]:
    """The bars of a tone, its square in the legend left out."""
    fill = f"url(#f-tone-{tone})"
    return [each for each in marks(svg, "rect") if each.get("fill") == fill and "%" in each.get("x", "")]


def share(element: Element, name: str) -> float:
    text = element.get(name, "")
    assert text.endswith("%")
    return float(text[:-1])


def words(svg: Markup) -> list[str]:
    return [each.text or "" for each in read(svg).iter("text")]


@pytest.mark.parametrize(
    ("most", "steps"),
    [
        (0, [0, 1]),
        (1, [0, 0.25, 0.5, 0.75, 1]),
        (0.98, [0, 0.25, 0.5, 0.75, 1]),
        (7, [0, 2, 4, 6, 8]),
        (100, [0, 25, 50, 75, 100]),
        (1234, [0, 500, 1000, 1500]),
        (0.003, [0, 0.001, 0.002, 0.003]),
    ],
)
def test_a_scale_has_round_steps_from_0_to_the_first_that_is_not_below_its_highest_value(
    most: float, steps: list[float]
) -> None:
    assert ticks(most) == pytest.approx(steps)


def test_a_value_beyond_its_scale_ends_at_its_edge() -> None:
    scale = Scale(100, 10, 90)
    assert [scale.at(value) for value in (-5, 0, 50, 100, 400)] == [10, 10, 50, 90, 90]
    assert Scale(100, 200, 0).length(25) == 50


def test_a_picture_has_a_title_and_a_description_and_what_it_is_told_is_never_markup() -> None:
    svg = draw_bullets(FRAME, [Bullet("<b>A & B</b>", 1.0, "1 <", 2.0, "> 2")])
    root = read(svg)
    assert root.get("role") == "img"
    named = {each.get("id"): each.text for each in root if each.tag in ("title", "desc")}
    assert [named[id_] for id_ in (root.get("aria-labelledby") or "").split()] == [FRAME.title, FRAME.summary]
    assert {"<b>A & B</b>", "1 <", "> 2"} <= set(words(svg))
    assert "style=" not in svg and "<script" not in svg


def test_a_name_that_is_too_long_for_a_phone_ends_in_an_ellipsis() -> None:
    assert shorten("x" * WIDEST) == "x" * WIDEST and shorten("电" * (WIDEST // 2)) == "电" * (WIDEST // 2)
    assert shorten("x" * (WIDEST + 1)) == "x" * (WIDEST - 1) + "…"
    assert shorten(Markup("others&#39; lots")) == "others' lots"
    assert shorten("电" * WIDEST).endswith("…") and len(shorten("电" * WIDEST)) == WIDEST // 2


def test_a_bullet_is_as_long_as_its_value_and_its_tick_stands_at_the_target() -> None:
    rows = [
        Bullet("Ni", 0.5, "50 %", 0.98, "at least 98 %", missed=True),
        Bullet("Li", 1.0, "100 %"),
        Bullet("Co", None, "no data", 0.98, "at least 98 %"),
    ]
    svg = draw_bullets(FRAME, rows)
    [missed], [met] = marks(svg, "rect", "missed"), painted(svg, 0)
    assert (share(missed, "x"), share(missed, "width")) == (0, RIGHT / 2)
    assert share(met, "width") == RIGHT
    assert [share(each, "x1") for each in marks(svg, "line", "target")] == pytest.approx([RIGHT * 0.98] * 2)
    assert "no data" in words(svg) and len(marks(svg, "rect", "track")) == 3  # the unknown has no bar, not one of 0


def test_pairs_share_one_scale() -> None:
    first = Pair("A", (100, 75), ("100", "75"), "25 % short", off=True)
    svg = draw_pairs(FRAME, [first, Pair("B", (10, None), ("10", "?"))], ("in", "out"))
    assert [share(each, "width") for each in painted(svg, 0)] == [RIGHT, RIGHT / 10]
    assert [share(each, "width") for each in painted(svg, 1)] == [RIGHT * 0.75]
    assert [each.text for each in marks(svg, "text", "missed")] == ["25 % short"]


def test_the_parts_of_a_stack_follow_each_other_without_a_gap() -> None:
    svg = draw_stacks(FRAME, [Stack("A", (10, 20, 70), "100"), Stack("B", (0, 50, 0), "50")], ("x", "y", "z"))
    [a0, b0], [a1, b1], [a2, _] = painted(svg, 0), painted(svg, 1), painted(svg, 2)
    assert share(a0, "x") + share(a0, "width") == share(a1, "x")
    assert share(a1, "x") + share(a1, "width") == pytest.approx(share(a2, "x"))
    assert share(a2, "x") + share(a2, "width") == pytest.approx(RIGHT)
    assert (share(b0, "width"), share(b1, "x"), share(b1, "width")) == (0, 0, RIGHT / 2)


def test_dots_stand_at_the_median_and_at_the_slow_end_and_the_target_runs_down_all_rows() -> None:
    rows = [Dots("A", 10, 40, "10 · 40", missed=True), Dots("B", 0, 0, "0 · 0"), Dots("C", None, None, "no data")]
    svg = draw_dots(FRAME, rows, ("median", "P95", "limit"), target=20)
    full = [each for each in marks(svg, "circle", "dot") if "%" in each.get("cx", "")]
    rings = [each for each in marks(svg, "circle", "ring") if "%" in each.get("cx", "")]
    assert [share(each, "cx") for each in full] == [2 + 68 / 4, 2]
    assert [share(each, "cx") for each in rings] == [70, 2]
    limit = marks(svg, "line", "target")[-1]
    assert share(limit, "x1") == share(limit, "x2") == 2 + 68 / 2
    assert float(limit.get("y2", "0")) - float(limit.get("y1", "0")) >= 3 * 40


def test_a_row_of_dots_may_have_a_limit_of_its_own() -> None:
    rows = [Dots("A", 5, 10, "5 · 10", target=20), Dots("B", 1, 2, "1 · 2")]
    svg = draw_dots(FRAME, rows, ("median", "P95", "limit"), target=None)
    limits = [each for each in marks(svg, "line", "target") if share(each, "x1") != 50]
    assert [share(each, "x1") for each in limits] == [70] and "limit" in words(svg)
    assert "limit" not in words(draw_dots(FRAME, rows[1:], ("median", "P95", "limit"), target=None))


def test_a_strip_plot_has_a_dot_for_each_value_on_one_scale() -> None:
    svg = draw_strips(FRAME, [Strip("A", (50, 100)), Strip("B", (25,))], "g")
    assert [share(each, "cx") for each in marks(svg, "circle", "ring")] == [50, 98, 26]
    assert {"A", "B", "g", "100"} <= set(words(svg))


def test_days_of_a_strip_are_told_by_height_too_and_their_counts_in_words() -> None:
    kinds = [Found.OK, Found.FAILED, Found.NOTHING, Found.OK]
    svg = draw_strip(FRAME, [Cell(f"d{n}", kind) for n, kind in enumerate(kinds)], [(Found.OK, "2 sound")])
    cells = marks(svg, "rect")
    assert [share(each, "x") for each in cells] == [0, 25, 50, 75]
    heights = [float(each.get("height", "")) for each in cells]
    assert heights[1] > heights[0] == heights[3] > heights[2] > 0
    feet = {float(each.get("y", "")) + float(each.get("height", "")) for each in cells}
    assert len(feet) == 1 and {"d0", "d3", "2 sound"} <= set(words(svg))


def test_a_difference_lies_in_the_band_or_beside_it() -> None:
    rows = [
        Balance("A", (100, 99), ("100", "99"), -0.01, "-1%"),
        Balance("B", (100, 112), ("100", "112"), 0.12, "+12%", off=True),
    ]
    svg = draw_balances(FRAME, rows, ("in", "out", "band"), tolerance=0.02)
    bands = [each for each in marks(svg, "rect", "band") if "%" in each.get("x", "")]
    inside, outside = (share(each, "cx") for each in marks(svg, "circle", "dot") if "%" in each.get("cx", ""))
    for band in bands:
        edges = share(band, "x"), share(band, "x") + share(band, "width")
        assert edges[0] < inside < RIGHT / 2 < edges[1] < outside <= RIGHT
    assert len(bands) == 2 and len(marks(svg, "circle", "missed")) == 1
    assert [share(each, "width") for each in painted(svg, 0)] == pytest.approx([RIGHT * 2 / 3] * 2, abs=0.001)


def test_small_multiples_share_one_scale_and_an_unknown_month_has_no_column() -> None:
    svg = draw_columns(FRAME, [Multiple("A", (4, None, 2)), Multiple("B", (1, 0, 0))], ["01", "02", "03"])
    heights = [float(each.get("height", "")) for each in painted(svg, 0)]
    assert heights == [72, 36, 18, 0, 0]
    assert words(svg).count("–") == 1


def test_the_columns_of_a_histogram_stand_on_0_side_by_side() -> None:
    svg = draw_histogram(FRAME, [("50", 10), ("60", 40), ("70", 0)], ("packs", "SoH"))
    bars = painted(svg, 0)
    bottoms = {float(each.get("y", "")) + float(each.get("height", "")) for each in bars}
    assert len(bottoms) == 1 and [float(each.get("height", "")) for each in bars] == [40, 160, 0]
    assert [share(each, "x") for each in bars] == pytest.approx([12, 12 + 88 / 3, 12 + 176 / 3], abs=0.001)


def test_the_bands_of_an_area_lie_on_each_other() -> None:
    svg = draw_areas(FRAME, [Band("a", (1, 2)), Band("b", (3, 2))], ["2026-01", "2026-02"])
    lower, upper = painted(svg, 0), painted(svg, 1)
    assert [float(each.get("height", "")) for each in (*lower, *upper)] == [50, 100, 150, 100]
    feet = [float(each.get("y", "")) + float(each.get("height", "")) for each in upper]
    assert feet == [float(each.get("y", "")) for each in lower]


def test_a_survival_curve_falls_in_steps_and_ends_at_its_last_share() -> None:
    svg = draw_curves(FRAME, [Curve("2021", ((10, 0.75), (20, 0.5)), 40, "50 %")], ("share", "months"))
    drawn = [each for each in marks(svg, "line", "curve") if "%" in each.get("x1", "")]
    corners = [(share(e, "x1"), e.get("y1"), share(e, "x2"), e.get("y2")) for e in drawn]
    assert [(x1, x2) for x1, _, x2, _ in corners] == [(12, 34), (34, 34), (34, 56), (56, 56), (56, 100)]
    assert all(before[2:] == after[:2] for before, after in pairwise(corners))
    heights = [float(each.get("y1", "")) for each in (drawn[0], drawn[2], drawn[4])]
    assert heights[1] - heights[0] == heights[2] - heights[1] == 50


def test_a_matrix_leaves_a_pair_empty_that_never_was_and_shades_by_size() -> None:
    axis = Axis("from", [("a", "A"), ("b", "<B>")])
    table = ElementTree.fromstring(draw_matrix("flows", axis, axis, {("a", "b"): 100, ("b", "b"): 0}))
    cells = [(each.text, each.get("class")) for each in table.iter("td")]
    assert cells == [(None, None), ("100", "shade-3"), (None, None), ("0", "shade-0")]


CSS = (ROOT / Path("api/static/figures/figures.css")).read_text()
PAPER = {"light": "#ffffff", "dark": "#1a211f"}


def tones(scheme: str) -> list[tuple[float, float, float]]:
    found = re.findall(r"--tone-\d: (#[0-9a-f]{6});", CSS)
    assert len(found) == 2 * TONES
    return [linear(each) for each in (found[:TONES] if scheme == "light" else found[TONES:])]


def linear(colour: str) -> tuple[float, float, float]:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return red, green, blue


def luminance(colour: tuple[float, float, float]) -> float:
    return 0.2126 * colour[0] + 0.7152 * colour[1] + 0.0722 * colour[2]


@pytest.mark.parametrize("scheme", PAPER)
def test_each_tone_stands_out_from_the_paper_and_neighbours_differ_by_pattern(scheme: str) -> None:
    paper = luminance(linear(PAPER[scheme]))
    for tone in tones(scheme):
        high, low = max(luminance(tone), paper), min(luminance(tone), paper)
        assert (high + 0.05) / (low + 0.05) >= 3, "WCAG 2.2, 1.4.11"
    svg = draw_stacks(FRAME, [Stack("A", (1.0,) * TONES, "6")], tuple("abcdef"))
    hatches = [each.find("path") for each in read(svg).iter("pattern")]
    drawn = ["" if each is None else each.get("d") for each in hatches]
    assert len(set(drawn)) == TONES and all(a != b for a, b in combinations(drawn, 2))
