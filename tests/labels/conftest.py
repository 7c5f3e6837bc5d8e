"""A label that could be on a battery, and the readers that stand for a phone."""

from __future__ import annotations

import io
from collections.abc import Callable

import pypdfium2  # type: ignore[import-untyped]
import pytest
import zxingcpp
from PIL import Image

from labels.label import LabelText
from labels.link import battery_link

CODE = "04QPB76836300JGC40000903"
HOST = "id.example.cn"

Decode = Callable[[Image.Image], list[str]]


@pytest.fixture
def text() -> LabelText:
    return LabelText(
        code=CODE,
        host=HOST,
        maker_zh="重庆示例动力电池有限公司",
        maker_en="Chongqing Example Power Battery Co., Ltd.",
        model="CQ-LFP-60",
        chemistry_zh="磷酸铁锂",
        chemistry_en="LFP",
        rating="102.4 V · 150 Ah · 118 kg",
        made_on="2026-12-04",
    )


@pytest.fixture
def link() -> str:
    return battery_link(f"https://{HOST}", CODE)


@pytest.fixture
def decode() -> Decode:
    """Every QR code in a picture, as text, in reading order."""

    def read(image: Image.Image) -> list[str]:
        found = zxingcpp.read_barcodes(image.convert("L"))
        found.sort(key=lambda code: (code.position.top_left.y // 50, code.position.top_left.x))
        return [code.text for code in found]

    return read


@pytest.fixture
def open_png() -> Callable[[bytes], Image.Image]:
    return lambda data: Image.open(io.BytesIO(data))


@pytest.fixture
def render_page() -> Callable[[bytes, int], Image.Image]:
    """One page of a PDF as a second program draws it, at 300 dpi."""

    def render(data: bytes, page: int = 0) -> Image.Image:
        with pypdfium2.PdfDocument(data) as document:
            image: Image.Image = document[page].render(scale=300 / 72).to_pil()
            return image.convert("L")

    return render
