"""Pictures drawn anew from their pixels, so that nothing else of the file is kept: no place, time, camera or preview.

One picture at a time in each process: unpacked, a picture of a few kilobytes may need hundreds of megabytes.
"""

import io
import threading
import warnings
from collections.abc import Callable

from PIL import Image, ImageOps

from service.documents.sniffing import MediaType
from service.imports.errors import FileRefusedError

_FORMATS = {MediaType.PNG: "PNG", MediaType.JPEG: "JPEG", MediaType.WEBP: "WEBP"}
_OPTIONS: dict[MediaType, dict[str, int | bool]] = {
    MediaType.PNG: {"compress_level": 6},
    MediaType.JPEG: {"quality": 90},
    MediaType.WEBP: {"quality": 90, "method": 2},
}
_one = threading.Lock()


def redraw(data: bytes, kind: MediaType, *, pixels: int) -> bytes:
    """The picture in the same format, turned upright. Raises FileRefusedError, also for more than so many pixels."""
    return _open(data, kind, pixels, lambda picture: _drawn(picture, kind))


def shrink(data: bytes, kind: MediaType, *, pixels: int, longest: int) -> bytes:
    """The picture as a JPEG whose longer side has at most so many pixels. Raises FileRefusedError as `redraw` does."""

    def draw(picture: Image.Image) -> bytes:
        picture.thumbnail((longest, longest))
        return _drawn(picture, MediaType.JPEG)

    return _open(data, kind, pixels, draw)


def _open(data: bytes, kind: MediaType, pixels: int, draw: Callable[[Image.Image], bytes]) -> bytes:
    try:
        with _one, warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(data), formats=[_FORMATS[kind]]) as picture:
                _check(picture, pixels)
                return draw(picture)
    except FileRefusedError:
        raise
    except Image.DecompressionBombError:
        raise _too_large(pixels) from None
    except Exception as error:  # whatever the decoder meets in a file that was made to break it
        raise FileRefusedError(
            "picture", f"the picture cannot be read: {type(error).__name__}", "无法读取图片"
        ) from None


def _drawn(picture: Image.Image, kind: MediaType) -> bytes:
    upright = ImageOps.exif_transpose(picture)
    with_alpha = upright.has_transparency_data and kind is not MediaType.JPEG
    grey = upright.mode in ("1", "L", "I;16", "I")
    plain = upright.convert("RGBA" if with_alpha else "L" if grey else "RGB")
    fresh = Image.frombytes(plain.mode, plain.size, plain.tobytes())
    drawn = io.BytesIO()
    fresh.save(drawn, _FORMATS[kind], **_OPTIONS[kind])
    return drawn.getvalue()


def _check(picture: Image.Image, pixels: int) -> None:
    if picture.width * picture.height > pixels:
        raise _too_large(pixels)
    if getattr(picture, "n_frames", 1) > 1:
        raise FileRefusedError("moving", "a moving picture: send one frame of it", "动态图片，请提交其中一帧")


def _too_large(pixels: int) -> FileRefusedError:
    return FileRefusedError("pixels", f"the picture has more than {pixels:,} pixels", f"图片超过{pixels:,}像素")
