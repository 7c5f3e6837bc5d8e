"""The modules, checked against a second encoder (segno) and a reader (zxing-cpp)."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

import pytest
import segno
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from zxingcpp import read_barcodes

from labels.errors import LabelError
from labels.link import battery_link, digital_link, shortest
from labels.qr import QrMatrix, matrix

GOLDEN = "72b22a0719feac7d623bbed57616ee1c0ef0cec86718433f07865792c40d5be6"
CAPITALS = "HTTPS://ID.EXAMPLE.CN/B/04QPB76836300JGC40000903"


def as_image(modules: QrMatrix, dots: int = 4) -> Image.Image:
    image = Image.new("L", (modules.size + 8, modules.size + 8), 255)
    for y, row in enumerate(modules.rows):
        for x, dark in enumerate(row):
            if dark:
                image.putpixel((x + 4, y + 4), 0)
    return image.resize((image.width * dots, image.height * dots), Image.Resampling.NEAREST)


@pytest.mark.parametrize("ecc", ["L", "M", "Q", "H"])
@pytest.mark.parametrize("mask", range(8))
def test_a_second_encoder_sets_the_same_modules(ecc: str, mask: int) -> None:
    ours = matrix(CAPITALS, ecc, mask)  # type: ignore[arg-type]
    theirs = segno.make(CAPITALS, error=ecc, mask=mask, boost_error=False, micro=False)
    assert ours.version == theirs.version
    assert ours.rows == tuple(bytes(row) for row in theirs.matrix)


def test_without_a_mask_the_code_still_says_the_same(decode: Callable[[Image.Image], list[str]]) -> None:
    assert decode(as_image(matrix(CAPITALS, "Q"))) == [CAPITALS]
    assert matrix(CAPITALS, "Q") in [matrix(CAPITALS, "Q", mask) for mask in range(8)]


def test_capitals_give_alphanumeric_mode_and_a_smaller_code() -> None:
    link = battery_link("https://id.example.cn", "04QPB76836300JGC40000903")
    small, large = matrix(shortest(link), "H"), matrix(link, "H")
    assert small.mode == "alphanumeric"
    assert large.mode.startswith("byte")
    assert small.version < large.version


def test_the_segments_are_cut_where_that_saves_bits() -> None:
    link = "https://id.example.cn/register/b/04QPB76836300JGC40000903"
    assert matrix(link, "Q").mode == "byte+alphanumeric"
    assert matrix("1" * 30, "Q").mode == "numeric"


def test_the_same_text_gives_the_same_modules_for_ever() -> None:
    assert hashlib.sha256(b"".join(matrix(CAPITALS, "Q", 0).rows)).hexdigest() == GOLDEN
    assert matrix(CAPITALS, "Q").rows == matrix(CAPITALS, "Q").rows


def test_the_dark_runs_are_the_dark_modules() -> None:
    modules = matrix(CAPITALS, "Q", 2)
    rows = [bytearray(modules.size) for _ in range(modules.size)]
    for y, (start, end) in modules.dark_runs():
        assert not any(rows[y][max(start - 1, 0) : end + 1])
        rows[y][start:end] = b"\x01" * (end - start)
    assert tuple(map(bytes, rows)) == modules.rows


@pytest.mark.parametrize(
    ("text", "ecc", "mask"),
    [
        ("", "M", None),
        ("A", "X", None),
        ("A", "M", 8),
        ("A", "M", -1),
        ("A", "M", "0"),
        ("a" * 3000, "M", None),
        ("\ud800", "M", None),
        (None, "M", None),
        ("a" * 1664, "Q", 0),
        ("A", None, None),
    ],
)
def test_what_no_code_can_hold_is_refused(text: str, ecc: str, mask: int | None) -> None:
    with pytest.raises(LabelError):
        matrix(text, ecc, mask)  # type: ignore[arg-type]


def test_the_largest_code_is_still_made() -> None:
    assert matrix("a" * 1663, "Q", 0).version == 40


hosts = st.from_regex(r"[a-z][a-z0-9]{0,8}(-[a-z0-9]{1,6})?(\.[a-z]{2,8}){1,3}", fullmatch=True)
codes = st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", min_size=19, max_size=24)


@settings(max_examples=25, deadline=None)
@given(host=hosts, code=codes, port=st.sampled_from(["", ":8443"]), mask=st.integers(0, 7))
def test_any_host_and_any_code_come_back_out_of_the_code(host: str, code: str, port: str, mask: int) -> None:
    link = battery_link(f"https://{host}{port}", code)
    modules = matrix(shortest(link), "Q", mask)
    assert "byte" not in modules.mode
    (found,) = read_barcodes(as_image(modules))
    assert found.text == f"HTTPS://{host.upper()}{port}/B/{code}"
    assert found.text.lower() == link.lower()


def test_a_digital_link_comes_back_out_of_the_code(decode: Callable[[Image.Image], list[str]]) -> None:
    link = shortest(digital_link("https://id.example.cn", "09521234543213", "36300JGC40000903"))
    modules = matrix(link, "Q")
    assert modules.mode == "alphanumeric"
    assert decode(as_image(modules)) == [link]
