"""Photographs of reported problems: small, drawn anew from their pixels, sealed in the data folder.

    reported/R-7K3M-9QXD

A photograph goes when its problem is handled.
"""

from pathlib import Path

from service.documents.sniffing import sniff_media_type
from service.errors import NotFoundError
from service.imports.errors import FileRefusedError
from service.imports.sealed_file import SealingWriter, open_sealed
from service.keys.vault import Vault
from service.pictures.drawing import shrink
from service.settings import Settings

FOLDER = "reported"
MOST_BYTES = 12 * 1024 * 1024
"""What a phone's camera makes."""
LONGEST = 1600
"""Pixels of the longer side of what is kept."""


def small(data: bytes, settings: Settings) -> bytes:
    """The photograph as JPEG with nothing but its pixels. Raises FileRefusedError."""
    if len(data) > MOST_BYTES:
        most = MOST_BYTES // 1024 // 1024
        raise FileRefusedError("too-large", f"the photo is larger than {most} MB", f"照片超过{most} MB")
    kind = sniff_media_type(data)
    if not kind.is_image:
        raise FileRefusedError("type", "a photo is a JPEG, PNG or WebP", "照片须为JPEG、PNG或WebP格式")
    return shrink(data, kind, pixels=settings.documents.pixels, longest=LONGEST)


def store(settings: Settings, vault: Vault, reference: str, data: bytes) -> None:
    """Keep it; it is on the disk when this returns."""
    file = file_of(settings, reference)
    file.parent.mkdir(mode=0o700, exist_ok=True)
    writer = SealingWriter(file, vault)
    try:
        writer.write(data)
        writer.finish()
    finally:
        writer.close()


def load(settings: Settings, vault: Vault, reference: str) -> bytes:
    """Raises NotFoundError."""
    try:
        with open_sealed(file_of(settings, reference), vault) as stream:
            return stream.read()
    except FileNotFoundError:
        raise NotFoundError("this photo is not kept on this host") from None


def remove(settings: Settings, reference: str) -> None:
    """Let it go."""
    file_of(settings, reference).unlink(missing_ok=True)


def file_of(settings: Settings, reference: str) -> Path:
    """Where it is. `reference` was made by this register."""
    return settings.data / FOLDER / reference
