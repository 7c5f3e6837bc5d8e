"""Photos of labels, as phones take them."""

import io
from random import Random

from PIL import Image, ImageFilter

from labels.link import battery_link
from labels.png import qr_png

CODE = "001PE12ABCDEFGG2T0000001"


def link_of(code: str = CODE) -> str:
    return battery_link("https://id.example.cn", code)


def label(code: str = CODE) -> Image.Image:
    """The QR code of a label, printed at 300 dpi."""
    return Image.open(io.BytesIO(qr_png(link_of(code), dpi=300, x_mm=0.5))).convert("L")


def photo_of(*symbols: Image.Image, size: tuple[int, int] = (2400, 1800), turn: float = 0, blur: float = 0) -> bytes:
    """A photo of a wall of grey noise with these symbols side by side, as a JPEG that says where it was taken."""
    width, height = size[0] // 8, size[1] // 8
    grain = Image.frombytes("L", (width, height), Random(7).randbytes(width * height))
    picture = grain.point(lambda tone: 90 + tone // 4).resize(size)
    for number, symbol in enumerate(symbols):
        turned = symbol.rotate(turn, expand=True, fillcolor=255, resample=Image.Resampling.BICUBIC)
        picture.paste(turned, (100 + 1250 * number, 200))
    if blur:
        picture = picture.filter(ImageFilter.GaussianBlur(blur))
    exif = Image.Exif()
    exif[0x0112] = 6  # "turn me", which nobody heeds
    sent = io.BytesIO()
    picture.save(sent, "JPEG", quality=80, exif=exif)
    return sent.getvalue()
