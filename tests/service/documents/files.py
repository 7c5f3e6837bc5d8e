"""Documents to send in: honest ones, and such as pretend to be something else."""

import io
import struct
import zlib

from PIL import Image

PDF = b"%PDF-1.7\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
PLACE = "31.2304N-121.4737E"
PREVIEW = b"PREVIEW-WITH-PLATE"


def picture(form: str = "JPEG", *, size: tuple[int, int] = (40, 30), mode: str = "RGB") -> bytes:
    """A picture with everything in it that says where, when and by whom it was taken."""
    made = Image.new(mode, size, 120 if mode == "L" else (200, 30, 30, 128)[: len(mode)])
    exif = Image.Exif()
    exif[0x010E] = f"taken at {PLACE}"
    exif[0x013B] = "Wang Xiaoming"
    exif[0x0112] = 6
    exif.get_ifd(0x8825)[1] = "N"
    out = io.BytesIO()
    options = {"exif": exif.tobytes()} | ({"xmp": PLACE.encode()} if form in ("WEBP", "JPEG") else {})
    made.save(out, form, icc_profile=PREVIEW, **options)  # type: ignore[arg-type]
    data = out.getvalue()
    return data if form != "JPEG" else data[:2] + b"\xff\xfe" + struct.pack(">H", 2 + len(PREVIEW)) + PREVIEW + data[2:]


def with_trailer(data: bytes) -> bytes:
    """A file with another one behind it."""
    return data + b"<html><script>alert(1)</script></html>PK\x03\x04" + PREVIEW


def bomb(pixels: int) -> bytes:
    """A small PNG that says it is very large, and is."""
    side = int(pixels**0.5) + 1
    head = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    rows = zlib.compress(bytes((1 + (side + 7) // 8) * side), 9)
    chunks = ((b"IHDR", head), (b"IDAT", rows), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data)) for name, data in chunks
    )


def moving() -> bytes:
    """A picture of two frames."""
    out = io.BytesIO()
    frames = [Image.new("RGB", (8, 8), shade) for shade in ("red", "blue")]
    frames[0].save(out, "WEBP", save_all=True, append_images=frames[1:], duration=100)
    return out.getvalue()


def with_depth() -> bytes:
    """A photo as phones save it: a JPEG with a second picture behind the first."""
    out = io.BytesIO()
    Image.new("RGB", (40, 30), "red").save(out, "MPO", save_all=True, append_images=[Image.new("RGB", (8, 8), "blue")])
    return out.getvalue()
