"""The two typefaces of a label, and how wide their letters are.

Noto Sans SC carries Chinese and English; IBM Plex Mono sets the battery code, because its 0 and O, and its 1, I and
l, cannot be taken for each other. Both are under the SIL Open Font License 1.1 and come as packages; nothing of them
is kept in this repository. Only the letters used are embedded in a PDF.

Widths are sums of the letters' own widths, without kerning: so SVG, PNG and PDF agree on where a line ends.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Literal

from PIL import ImageFont

from labels.errors import FontError

Face = Literal["sans", "mono"]

# What a typesetter puts where a letter is missing: U+3013, the geta mark.
MISSING = "〓"
ELLIPSIS = "…"

_UNITS = 1000
# Letters on the longest line of the largest label, with much to spare.
_LONGEST = 1000
# The middle dot is an em wide here and brings its own air.
_DOT = re.compile(" ?· ?")


@dataclass(frozen=True, slots=True)
class FaceSource:
    """`cap` is the height of a capital in ems; `fallbacks` is what a viewer of the SVG may take instead, best first."""

    package: str
    file: str
    cap: float
    weight: int
    fallbacks: str


FACES: dict[Face, FaceSource] = {
    "sans": FaceSource(
        package="pylopdf_fonts_zh_cn",
        file="NotoSansSC-Regular.otf",
        cap=0.733,
        weight=400,
        fallbacks="'Noto Sans SC','Noto Sans CJK SC','Source Han Sans SC','PingFang SC','Microsoft YaHei',sans-serif",
    ),
    "mono": FaceSource(
        package="fontpkg_ibm_plex_mono",
        file="files/IBMPlexMono-Medium.ttf",
        cap=0.698,
        weight=500,
        fallbacks="'IBM Plex Mono','JetBrains Mono','Cascadia Mono',Consolas,'DejaVu Sans Mono',monospace",
    ),
}


@cache
def font_path(face: Face) -> Path:
    source = FACES[face]
    try:
        path = Path(str(files(source.package).joinpath(source.file)))
    except ModuleNotFoundError as error:
        raise FontError(f"the font package {source.package.replace('_', '-')} is not installed") from error
    if not path.is_file():
        raise FontError(f"{source.package.replace('_', '-')} holds no {source.file}")
    return path


@lru_cache(maxsize=64)
def pixel_font(face: Face, pixels: float) -> ImageFont.FreeTypeFont:
    """The face at a size in pixels per em, without shaping: the result must not depend on an optional library."""
    return ImageFont.truetype(str(font_path(face)), pixels, layout_engine=ImageFont.Layout.BASIC)


@lru_cache(maxsize=2048)
def text_width(face: Face, text: str, size_mm: float) -> float:
    return sum(_advance(face, letter) for letter in text) * size_mm


def shorten(face: Face, text: str, size_mm: float, room_mm: float) -> str:
    """The text, or as much of its beginning as fits with an ellipsis; "" where not even one letter fits beside it."""
    room = room_mm / size_mm + 1e-9
    left = room - _advance(face, ELLIPSIS)
    used, kept = 0.0, 0
    for place, letter in enumerate(text):
        used += _advance(face, letter)
        if used <= left:
            kept = place + 1
        elif used > room:
            return text[:kept].rstrip() + ELLIPSIS if kept else ""
    return text


@lru_cache(maxsize=2048)
def drawable(face: Face, text: str) -> str:
    """The text in the letters the face has, and the geta mark for whatever is missing.

    It is composed (NFC), and blanks are joined to one, or to none beside a middle dot.
    Of a very long text only the beginning is kept, more than any label holds.
    Combining marks that composition leaves over are replaced too: they pile up without limit and leave the label.
    """
    composed = _DOT.sub("·", " ".join(unicodedata.normalize("NFC", text[:_LONGEST]).split()))
    return "".join(letter if _has(face, letter) else MISSING for letter in composed)


@lru_cache(maxsize=8192)
def _advance(face: Face, letter: str) -> float:
    return pixel_font(face, _UNITS).getlength(letter) / _UNITS


@lru_cache(maxsize=8192)
def _has(face: Face, letter: str) -> bool:
    if letter == " ":
        return True
    if unicodedata.category(letter)[0] in "MCZ":
        return False
    font = pixel_font(face, 64)
    return bytes(font.getmask(letter)) != bytes(font.getmask("\U0010ffff"))
