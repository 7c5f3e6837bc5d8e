"""Pictures are kept without what they tell of people, and what only pretends to be one is refused."""

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from service.documents.sniffing import MediaType, sniff_media_type
from service.imports.errors import FileRefusedError
from service.pictures.drawing import redraw
from tests.service.documents.files import PDF, PLACE, PREVIEW, bomb, moving, picture, with_depth, with_trailer

PIXELS = 1_000_000
FORMS = {"PNG": MediaType.PNG, "JPEG": MediaType.JPEG, "WEBP": MediaType.WEBP}


@pytest.mark.parametrize("form", FORMS)
def test_nothing_but_the_picture_is_left_of_a_picture(form: str) -> None:
    data = with_trailer(picture(form))
    assert PLACE.encode() in data
    assert sniff_media_type(data) is FORMS[form]
    drawn = redraw(data, FORMS[form], pixels=PIXELS)
    for trace in (PLACE.encode(), b"Wang", PREVIEW, b"<script>", b"Exif", b"PK\x03\x04"):
        assert trace not in drawn
    with Image.open(io.BytesIO(drawn)) as opened:
        assert opened.format == form
        assert opened.size == (30, 40)  # turned upright, as its camera said
        assert dict(opened.getexif()) == {}
        assert "icc_profile" not in opened.info


@pytest.mark.parametrize(("form", "mode"), [("PNG", "L"), ("PNG", "RGBA"), ("WEBP", "RGBA"), ("JPEG", "L")])
def test_grey_and_clear_pictures_stay_what_they_are(form: str, mode: str) -> None:
    drawn = redraw(picture(form, mode=mode), FORMS[form], pixels=PIXELS)
    with Image.open(io.BytesIO(drawn)) as opened:
        assert opened.mode == mode


def test_a_picture_that_unpacks_to_too_much_is_refused_before_it_is_unpacked() -> None:
    data = bomb(400_000_000)
    assert len(data) < 100_000
    with pytest.raises(FileRefusedError, match="more than 1,000,000 pixels"):
        redraw(data, sniff_media_type(data), pixels=PIXELS)
    with pytest.raises(FileRefusedError, match="pixels"):
        redraw(picture("PNG", size=(1000, 1001)), MediaType.PNG, pixels=PIXELS)


def test_a_moving_picture_is_refused() -> None:
    with pytest.raises(FileRefusedError, match="one frame"):
        redraw(moving(), MediaType.WEBP, pixels=PIXELS)


def test_of_a_photo_with_another_behind_it_the_photo_is_kept() -> None:
    data = with_depth()
    drawn = redraw(data, sniff_media_type(data), pixels=PIXELS)
    with Image.open(io.BytesIO(drawn)) as opened:
        assert (opened.format, opened.size, getattr(opened, "n_frames", 1)) == ("JPEG", (40, 30), 1)


@pytest.mark.parametrize("form", FORMS)
def test_half_a_picture_is_refused(form: str) -> None:
    data = picture(form, size=(200, 200))
    with pytest.raises(FileRefusedError, match="cannot be read"):
        redraw(data[: len(data) // 2], FORMS[form], pixels=PIXELS)


@pytest.mark.parametrize(
    "data",
    [
        b"", b"%PDF", PDF[:-8], b"x" + PDF, b"\n" + PDF, PDF + b"<html>" * 20, b"<html>%PDF-1.7 %%EOF",
        b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", b"GIF89a" + PDF, b"MZ" + PDF, b"PK\x03\x04",
        b"\x7fELF", b"RIFF\x00\x00\x00\x00WAVE", b"\x00" * 100, b"II*\x00", b"%!PS-Adobe",
    ],
)  # fmt: skip
def test_what_is_none_of_the_four_types_is_refused(data: bytes) -> None:
    with pytest.raises(FileRefusedError, match="not a whole PDF"):
        sniff_media_type(data)


@given(st.binary(max_size=200), st.sampled_from(sorted(FORMS)))
def test_any_bytes_are_a_picture_or_refused(tail: bytes, form: str) -> None:
    heads = {"PNG": b"\x89PNG\r\n\x1a\n", "JPEG": b"\xff\xd8\xff", "WEBP": b"RIFF\x10\x00\x00\x00WEBP"}
    with pytest.raises(FileRefusedError):
        redraw(heads[form] + tail, FORMS[form], pixels=PIXELS)
