"""Films for a browser's make-believe camera: a printed label, held well or badly."""

import io
from pathlib import Path

from PIL import Image, ImageDraw, ImageFilter

from labels.label import TEMPLATES, render_png
from labels.link import battery_link
from labels.text import LabelText
from tests.pages.life import BASE_URL

_SIZE = (1280, 720)
_WALL = (92, 98, 96)


def film_label(code: str, path: Path, *, badly: bool = False) -> None:
    """A film (MJPEG) of the label of `code`. badly: small, turned, out of focus, in poor light."""
    text = LabelText(code=code, host="id.example.cn", maker_zh="重庆两江电芯有限公司", rating="350 V · 150 Ah · 300 kg")
    label = Image.open(io.BytesIO(render_png(battery_link(BASE_URL, code), text, TEMPLATES["P1"], 203))).convert("RGB")
    label.thumbnail((430, 430) if badly else (900, 600))
    frames = [_frame(label, turned, badly) for turned in ((17, 18.5) if badly else (0,))]
    path.write_bytes(b"".join(frames))


def film_nothing(path: Path) -> None:
    """A film of a wall."""
    path.write_bytes(_jpeg(_wall()))


def _frame(label: Image.Image, turned: float, badly: bool) -> bytes:
    picture = _wall()
    held = label.rotate(turned, expand=True, fillcolor=_WALL, resample=Image.Resampling.BICUBIC)
    picture.paste(held, ((_SIZE[0] - held.width) // 2, (_SIZE[1] - held.height) // 2))
    if badly:
        picture = picture.filter(ImageFilter.GaussianBlur(1.3)).point(lambda value: 40 + value * 110 // 255)
    return _jpeg(picture)


def _wall() -> Image.Image:
    picture = Image.new("RGB", _SIZE, _WALL)
    pen = ImageDraw.Draw(picture)
    for left in range(0, _SIZE[0], 80):
        pen.line((left, 0, left + 30, _SIZE[1]), fill=(80, 86, 84), width=3)
    return picture


def _jpeg(picture: Image.Image) -> bytes:
    file = io.BytesIO()
    picture.save(file, "JPEG", quality=85)
    return file.getvalue()
