"""A picture that somebody sent, open for as long as it is worked on.

One picture at a time in each process: unpacked, a picture of a few kilobytes may need hundreds of megabytes.
"""

import io
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

from PIL import Image

from service.imports.errors import FileRefusedError

_one = threading.Lock()


@contextmanager
def open_picture(data: bytes, formats: tuple[str, ...], *, pixels: int) -> Iterator[Image.Image]:
    """The picture, of one of these formats of Pillow, not unpacked yet.

    Raises FileRefusedError for one of another format, with more than so many pixels or that moves, and for whatever the
    decoder meets while it is open.
    """
    try:
        with _one, warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(data), formats=formats) as picture:
                _check(picture, pixels)
                yield picture
    except FileRefusedError:
        raise
    except (Image.DecompressionBombWarning, Image.DecompressionBombError):
        raise _too_large(pixels) from None
    except Exception as error:  # whatever the decoder meets in a file that was made to break it
        en = f"the picture cannot be read ({type(error).__name__}): send a JPEG, PNG or WebP"
        raise FileRefusedError("picture", en, "无法读取图片，请使用JPEG、PNG或WebP") from None


def _check(picture: Image.Image, pixels: int) -> None:
    if picture.width * picture.height > pixels:
        raise _too_large(pixels)
    if getattr(picture, "n_frames", 1) > 1 and picture.format != "MPO":  # phones put more behind the photo itself
        raise FileRefusedError("moving", "a moving picture: send one frame of it", "动态图片，请提交其中一帧")


def _too_large(pixels: int) -> FileRefusedError:
    return FileRefusedError("pixels", f"the picture has more than {pixels:,} pixels", f"图片超过{pixels:,}像素")
