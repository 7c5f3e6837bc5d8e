"""Pictures drawn anew from their pixels: nothing else of a file is kept, no place, time, camera or preview."""

import io

from PIL import Image, ImageOps

from service.documents.sniffing import MediaType
from service.pictures.opening import open_picture

_FORMATS = {MediaType.PNG: "PNG", MediaType.JPEG: "JPEG", MediaType.WEBP: "WEBP"}
_OPTIONS: dict[MediaType, dict[str, int | bool]] = {
    MediaType.PNG: {"compress_level": 6},
    MediaType.JPEG: {"quality": 90},
    MediaType.WEBP: {"quality": 90, "method": 2},
}


def redraw(data: bytes, kind: MediaType, *, pixels: int) -> bytes:
    """The picture in the same format, turned upright. Raises FileRefusedError, also for more than so many pixels."""
    with open_picture(data, (_FORMATS[kind],), pixels=pixels) as picture:
        return _drawn(picture, kind)


def shrink(data: bytes, kind: MediaType, *, pixels: int, longest: int) -> bytes:
    """The picture as a JPEG whose longer side has at most so many pixels. Raises FileRefusedError as `redraw` does."""
    with open_picture(data, (_FORMATS[kind],), pixels=pixels) as picture:
        picture.thumbnail((longest, longest))
        return _drawn(picture, MediaType.JPEG)


def _drawn(picture: Image.Image, kind: MediaType) -> bytes:
    upright = ImageOps.exif_transpose(picture)
    with_alpha = upright.has_transparency_data and kind is not MediaType.JPEG
    grey = upright.mode in ("1", "L", "I;16", "I")
    plain = upright.convert("RGBA" if with_alpha else "L" if grey else "RGB")
    fresh = Image.frombytes(plain.mode, plain.size, plain.tobytes())
    drawn = io.BytesIO()
    fresh.save(drawn, _FORMATS[kind], **_OPTIONS[kind])
    return drawn.getvalue()
