"""Codes in photos: of a real label, as phones take them; and files that are made to do harm."""

import io
import struct
import zlib

import pytest
from PIL import Image

from labels.datamatrix import data_matrix
from service.errors import RefusedError
from service.pictures.codes import MOST_BYTES, read_codes
from tests.service.pictures.photographs import label, link_of, photo_of

OTHER = "001ME12ABCDEFGG2R0000031"


def test_the_label_is_read_large_small_turned_and_blurred() -> None:
    large = label().resize((1000, 1000))
    assert read_codes(photo_of(large, turn=33, blur=3)) == (link_of(),)
    assert read_codes(photo_of(label(), blur=1)) == (link_of(),)
    assert read_codes(photo_of(large, size=(1200, 1600))) == (link_of(),)


def test_several_codes_are_all_told_and_none_is_told_as_none() -> None:
    modules = data_matrix(OTHER)
    small = Image.frombytes(
        "L", (modules.size, modules.size), bytes(0 if dark else 255 for row in modules.rows for dark in row)
    )
    wide = Image.new("L", (modules.size + 4, modules.size + 4), 255)
    wide.paste(small, (2, 2))
    wide = wide.resize((600, 600), Image.Resampling.NEAREST)
    assert set(read_codes(photo_of(label().resize((900, 900)), wide))) == {link_of(), OTHER}
    assert read_codes(photo_of()) == ()


def bomb() -> bytes:
    """A PNG of a few hundred bytes that says it has 2,500,000,000 pixels."""
    head = struct.pack(">IIBBBBB", 50_000, 50_000, 1, 0, 0, 0, 0)

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", zlib.compress(b"\0" * 10_000))
        + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize(
    ("data", "code"),
    [(b"", "picture"), (b"\0" * (MOST_BYTES + 1), "size"), (b"GIF89a" + b"\0" * 100, "picture"), (bomb(), "pixels")],
    ids=["nothing", "too large", "another format", "a bomb"],
)
def test_what_is_no_photo_or_too_much_is_refused_in_both_languages(data: bytes, code: str) -> None:
    with pytest.raises(RefusedError) as refused:
        read_codes(data)
    [fault] = refused.value.faults
    assert fault.code == code and fault.message_en and fault.message_zh


def test_more_pixels_than_a_phone_takes_are_refused() -> None:
    sent = io.BytesIO()
    Image.new("1", (8000, 6000)).save(sent, "PNG")
    with pytest.raises(RefusedError, match="more than 40,000,000 pixels"):
        read_codes(sent.getvalue())
