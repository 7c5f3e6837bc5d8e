"""How large documents may be, one and all of an operator's together; see docs/settings.md."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class DocumentLimits:
    """bytes: of one document. quota: of all of one operator's. pixels: of an image."""

    bytes: int = 20 * 1024 * 1024
    quota: int = 5 * 1024 * 1024 * 1024
    pixels: int = 40_000_000


def read_document_limits(environment: Mapping[str, str]) -> DocumentLimits:
    """The limits as the environment has them. Raises ValueError."""
    known = DocumentLimits()
    return DocumentLimits(
        _read(environment, "PACKTRAIL_DOCUMENT_BYTES", known.bytes),
        _read(environment, "PACKTRAIL_DOCUMENT_QUOTA", known.quota),
        _read(environment, "PACKTRAIL_DOCUMENT_PIXELS", known.pixels),
    )


def _read(environment: Mapping[str, str], name: str, default: int) -> int:
    text = environment.get(name) or str(default)
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= 1 << 50:
        raise ValueError(f"{name} is a number, 1 to {1 << 50}")
    return int(text)
