"""Where things stand: nothing overlaps, nothing leaves the label, nothing touches the quiet zone."""

from __future__ import annotations

from dataclasses import fields, replace
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from labels.errors import FitError
from labels.font import ELLIPSIS, FACES
from labels.label import draw_label, draw_label_for_head
from labels.layout import Drawing, Shape, TextRun
from labels.link import battery_link
from labels.template import DOTS_PER_MM, TEMPLATES, Template, find_template
from labels.text import LabelText

Box = tuple[float, float, float, float]
EVERY = pytest.mark.parametrize("template", TEMPLATES.values(), ids=TEMPLATES)
WORDED = {name: row for name, row in TEMPLATES.items() if row.symbology == "qr"}
EVERY_WORDED = pytest.mark.parametrize("template", WORDED.values(), ids=WORDED)


def box_of(run: TextRun) -> Box:
    """Left, top, right, bottom of the letters: from the baseline to the height of a capital."""
    return run.x_mm, run.baseline_mm - FACES[run.face].cap * run.size_mm, run.x_mm + run.width_mm, run.baseline_mm


def overlap(one: Box, other: Box) -> bool:
    return (
        one[0] < other[2] - 1e-6 and other[0] < one[2] - 1e-6 and one[1] < other[3] - 1e-6 and other[1] < one[3] - 1e-6
    )


def box_of_shape(shape: Shape) -> Box:
    across, down = zip(*shape.corners_mm, strict=True)
    return min(across), min(down), max(across), max(down)


def check_sound(drawing: Drawing, template: Template) -> None:
    margin, quiet = template.margin_mm, drawing.matrix.quiet * drawing.module_mm
    side = drawing.matrix.size * drawing.module_mm
    assert drawing.corner_mm - quiet >= -1e-6
    assert drawing.corner_mm + side + quiet <= drawing.height_mm + 1e-6
    zone = (
        drawing.corner_mm - quiet,
        drawing.corner_mm - quiet,
        drawing.corner_mm + side + quiet,
        drawing.corner_mm + side + quiet,
    )
    boxes = [box_of(run) for run in drawing.runs]
    boxes += [(bar.x_mm, bar.y_mm, bar.x_mm + bar.width_mm, bar.y_mm + bar.height_mm) for bar in drawing.bars]
    for box in boxes:
        assert not overlap(box, zone)
        assert box[0] >= margin - 1e-6
        assert box[1] >= margin - 1e-6
        assert box[2] <= drawing.width_mm - margin + 1e-6
        assert box[3] <= drawing.height_mm - margin + 1e-6
    for one, other in combinations(boxes, 2):
        assert not overlap(one, other)
    for shape in map(box_of_shape, drawing.shapes):
        assert not overlap(shape, zone)
        assert shape[0] >= margin - 1e-6
        assert shape[1] >= margin - 1e-6
        assert shape[2] <= drawing.width_mm - margin + 1e-6
        assert shape[3] <= drawing.height_mm - margin + 1e-6
        assert not any(overlap(shape, box) for box in boxes)


def code_of(drawing: Drawing) -> str:
    return "".join(run.text for run in drawing.runs if run.face == "mono")


def words_of(drawing: Drawing) -> list[str]:
    return [run.text for run in drawing.runs if run.face == "sans"]


words = st.text(st.sampled_from("iW漢电 ·,あé⸺\U0001f50b"), max_size=70)
hosts = st.sampled_from(
    ["a.cn", "id.example.cn", "register.battery.chongqing.gov.cn", "battery-passport.example-maker.com"]
)


@settings(max_examples=100, deadline=None)
@given(
    code=st.text("0123456789ABCDEFGHJKLMNPQRSTUVWXYZ", min_size=1, max_size=24),
    host=hosts,
    lines=st.lists(words, min_size=7, max_size=7),
    name=st.sampled_from(sorted(TEMPLATES)),
)
def test_whatever_the_words_nothing_overlaps_and_code_and_host_stand_whole(
    code: str, host: str, lines: list[str], name: str
) -> None:
    names = [field.name for field in fields(LabelText) if field.name not in ("code", "host")]
    text = LabelText(code=code, host=host, **dict(zip(names, lines, strict=True)))
    template = TEMPLATES[name]
    try:
        drawing = draw_label(battery_link(f"https://{host}", code), text, template, mask=0)
    except FitError as error:
        assert template.symbology == "datamatrix"
        assert len(code) + len(host) > 40, error
        return
    check_sound(drawing, template)
    assert code_of(drawing) == ("" if template.arrangement == "bare" else code)
    assert template.symbology == "datamatrix" or host in "".join(words_of(drawing))


@EVERY
def test_a_usual_label_is_sound_at_every_resolution(template: Template, text: LabelText, link: str) -> None:
    for dpi in DOTS_PER_MM:
        check_sound(draw_label_for_head(link, text, template, dpi), template)


@EVERY
def test_the_code_is_as_high_as_the_template_says(template: Template, text: LabelText, link: str) -> None:
    drawing = draw_label(link, text, template)
    heights = {round(box_of(run)[3] - box_of(run)[1], 6) for run in drawing.runs if run.face == "mono"}
    assert heights == (set() if template.arrangement == "bare" else {template.code_mm})


@EVERY_WORDED
def test_the_usual_words_all_stand_where_there_is_room(template: Template, text: LabelText, link: str) -> None:
    shown = " ".join(words_of(draw_label(link, text, template)))
    assert "重庆示例动力电池有限公司" in shown
    assert "CQ-LFP-60" in shown
    assert "磷酸铁锂 LFP" in shown
    assert ("102.4 V·150 Ah·118 kg" in shown) == (template.name != "M1")
    assert ELLIPSIS not in shown
    assert ("2026-12-04" in shown) == (template.name != "M1")


@EVERY
def test_a_label_of_code_and_host_alone_is_sound(template: Template, text: LabelText, link: str) -> None:
    drawing = draw_label(link, LabelText(code=text.code, host=text.host), template)
    check_sound(drawing, template)
    assert code_of(drawing) == ("" if template.arrangement == "bare" else text.code)


@EVERY_WORDED
def test_ten_thousand_letters_end_in_an_ellipsis(template: Template, text: LabelText, link: str) -> None:
    drawing = draw_label(link, replace(text, maker_zh="很" * 10_000, model="W" * 10_000), template)
    check_sound(drawing, template)
    assert sum(word.endswith(ELLIPSIS) for word in words_of(drawing)) == 2


def test_the_second_name_is_left_out_rather_than_cut(text: LabelText, link: str) -> None:
    shown = words_of(draw_label(link, replace(text, maker_en="Chongqing " * 9), TEMPLATES["P1"]))
    assert not any("Chongqing" in word for word in shown)


def test_an_english_name_alone_takes_the_place_of_the_title(text: LabelText, link: str) -> None:
    first = draw_label(link, replace(text, maker_zh="", maker_en="Example Battery"), TEMPLATES["P1"]).runs
    title = max(first, key=lambda run: run.size_mm if run.face == "sans" else 0)
    assert title.text == "Example Battery"


def test_a_code_too_large_for_its_template_says_what_would_hold_it(text: LabelText) -> None:
    link = battery_link("https://id.example.cn/" + "long-path/" * 8, text.code)
    with pytest.raises(FitError, match=r"QR code, .* mm square .* does not fit label M1 \(50 x 25 mm\)") as caught:
        draw_label(link, text, TEMPLATES["M1"])
    width, height = caught.value.needed_mm
    assert (width, height) > (50, 25)
    larger = replace(TEMPLATES["M1"], width_mm=width, height_mm=height)
    check_sound(draw_label(link, text, larger), larger)


def test_a_line_that_fills_the_column_leaves_the_next_text_out(text: LabelText, link: str) -> None:
    drawing = draw_label(link, replace(text, model="W" * 18, chemistry_zh="", chemistry_en=""), TEMPLATES["M1"])
    check_sound(drawing, TEMPLATES["M1"])
    drawing = draw_label(link, replace(text, model="W" * 18), TEMPLATES["M1"])
    check_sound(drawing, TEMPLATES["M1"])
    assert not any("磷" in words for words in words_of(drawing))


def test_a_code_of_more_lines_than_the_label_holds_is_refused(text: LabelText) -> None:
    host = "battery-passport.example-maker.com"
    for code in (text.code + "1", text.code * 2):
        link, words = battery_link(f"https://{host}", code), replace(text, host=host, code=code)
        with pytest.raises(FitError, match="does not fit label M1") as caught:
            draw_label(link, words, TEMPLATES["M1"])
        width, height = caught.value.needed_mm
        larger = replace(TEMPLATES["M1"], width_mm=width, height_mm=height)
        check_sound(draw_label(link, words, larger), larger)


def test_a_host_that_cannot_stand_whole_is_refused_and_not_cut(text: LabelText) -> None:
    host = "a" * 63 + ".example.cn"
    link = battery_link(f"https://{host}", text.code)
    with pytest.raises(FitError, match="the host does not fit label P2"):
        draw_label(link, replace(text, host=host), TEMPLATES["P2"])


def test_a_long_host_is_broken_at_a_dot(text: LabelText) -> None:
    host = "battery-passport.chongqing-example-power.example.com"
    link = battery_link(f"https://{host}", text.code)
    drawing = draw_label(link, replace(text, host=host), TEMPLATES["P2"])
    check_sound(drawing, TEMPLATES["P2"])
    first, second = words_of(drawing)[-2:]
    assert first + second == host
    assert first.endswith(".")


def test_an_unknown_template_names_the_known_ones() -> None:
    with pytest.raises(ValueError, match="P0, P1, P2, M1, M2, C1, A5, S24"):
        find_template("X9")
