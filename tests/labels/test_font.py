"""Widths, shortening and missing letters."""

from __future__ import annotations

import pytest
from fpdf import FPDF
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageDraw

from labels import font
from labels.errors import FontError
from labels.font import ELLIPSIS, FACES, MISSING, Face, drawable, font_path, pixel_font, shorten, text_width

LINES = ["重庆示例电池有限公司 Chongqing 0123", "CQ-LFP-60", "102.4 V", "“引号”…"]


@pytest.mark.parametrize("face", FACES)
@pytest.mark.parametrize("line", LINES)
def test_a_line_is_as_long_in_the_pdf_as_we_say(face: Face, line: str) -> None:
    line = drawable(face, line)
    pdf = FPDF(unit="pt")
    pdf.add_font("it", fname=font_path(face), unicode_range=sorted(map(ord, line)))
    pdf.set_font("it", size=100)
    assert text_width(face, line, 100) == pytest.approx(pdf.get_string_width(line), rel=0.005)


def test_the_height_of_capitals_is_that_of_the_drawn_letter() -> None:
    for face, source in FACES.items():
        image = Image.new("L", (1200, 1200), 0)
        ImageDraw.Draw(image).text((100, 1000), "H", fill=255, font=pixel_font(face, 1000), anchor="ls")
        box = image.getbbox()
        assert box is not None
        assert (1000 - box[1]) / 1000 == pytest.approx(source.cap, abs=0.005)
        assert box[3] == 1000


def test_the_code_face_tells_apart_what_people_confuse() -> None:
    masks = [bytes(pixel_font("mono", 40).getmask(letter)) for letter in "0OQ1Il8B5S2Z"]
    assert len(set(masks)) == len(masks)
    assert len({text_width("mono", letter, 1) for letter in "0O1IWM"}) == 1


@given(st.text(st.sampled_from("WiM漢 1…"), max_size=60), st.floats(0.01, 40))
def test_a_shortened_line_fits_and_is_a_beginning(line: str, room: float) -> None:
    short = shorten("sans", line, 1.0, room)
    assert text_width("sans", short, 1.0) <= room + 1e-6
    if short != line:
        assert text_width("sans", line, 1.0) > room
        assert short == "" or (short.endswith(ELLIPSIS) and line.startswith(short[:-1]))


def test_a_shortened_line_keeps_as_much_as_fits() -> None:
    room = text_width("sans", "ABCD" + ELLIPSIS, 1.0)
    assert shorten("sans", "ABCDEFG", 1.0, room) == "ABCD" + ELLIPSIS
    assert shorten("sans", "ABCD", 1.0, text_width("sans", "ABCD", 1.0)) == "ABCD"


def test_letters_the_face_lacks_become_the_geta_mark() -> None:
    assert drawable("sans", "A\U0001f50b电") == f"A{MISSING}电"
    assert drawable("sans", "שלום") == MISSING * 4
    assert drawable("sans", MISSING) == MISSING


def test_piled_up_marks_are_replaced_and_composed_letters_stay() -> None:
    assert drawable("sans", "e\u0301") == "é"
    assert drawable("sans", "Z" + "\u0353" * 5) == "Z" + MISSING * 5


def test_blanks_are_joined_to_one() -> None:
    assert drawable("sans", "  a \u3000 b\u00a0c  ") == "a b c"
    assert drawable("sans", "102.4 V · 150 Ah") == "102.4 V·150 Ah"


def test_a_missing_font_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(FACES, "sans", font.FaceSource("no_such_fonts", "x.otf", 0.7, 400, ""))
    with pytest.raises(FontError, match="no-such-fonts"):
        font_path.__wrapped__("sans")
