"""What a document is, by its bytes: one of four types, or it is refused. What its name says is not looked at.

A file that is two things at once has its second one inside or behind the first. Of a PDF the first bytes must be its
header and the last its end, and it is only ever handed out as a download; pictures are drawn anew.
"""

from enum import StrEnum

from service.imports.errors import FileRefusedError


class MediaType(StrEnum):
    PDF = "application/pdf"
    PNG = "image/png"
    JPEG = "image/jpeg"
    WEBP = "image/webp"

    @property
    def is_image(self) -> bool:
        return self is not MediaType.PDF

    @property
    def suffix(self) -> str:
        """Of a file of this type."""
        return self.value.rpartition("/")[2]


_END = b"%%EOF"
_SPACE = b" \t\r\n\x00"


def sniff_media_type(data: bytes) -> MediaType:
    """The type. Raises FileRefusedError for anything else."""
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return MediaType.PNG
    if data.startswith(b"\xff\xd8\xff"):
        return MediaType.JPEG
    if data.startswith(b"RIFF") and data[8:12] == b"WEBP":
        return MediaType.WEBP
    if data.startswith((b"%PDF-1.", b"%PDF-2.")) and data[-64:].rstrip(_SPACE).endswith(_END):
        return MediaType.PDF
    raise FileRefusedError("type", "not a whole PDF, PNG, JPEG or WebP", "不是完整的PDF、PNG、JPEG或WebP文件")
