"""The package of an XLSX file (ISO/IEC 29500): a ZIP archive of XML parts, opened so that nothing in it can do harm.

Parts are read as a stream and counted: one that unpacks to too much ends the reading, whatever the archive says of its
size. A document type definition is refused, so that there are no entities. Nothing outside the archive is ever opened,
and a workbook with macros is refused.
"""

import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, BinaryIO
from xml.parsers import expat

from service.imports.errors import FileRefusedError
from service.imports.limits import Limits

MOST_PARTS = 2_000
PIECE = 64 * 1024
DAMAGE = (
    *(zipfile.BadZipFile, zlib.error, struct.error, EOFError, OSError),
    *(LookupError, ValueError, RuntimeError, OverflowError),  # NotImplementedError is a RuntimeError
)
"""What the archive's reader raises for one that is damaged, or written on purpose to break it."""
PACKINGS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
SMALL = 1024 * 1024
"""A part that unpacks to no more is let be, however well it was packed."""


@dataclass
class Handlers:
    """What is called with the local name and the attributes of an element, at its end, and with its text."""

    start: Callable[[str, dict[str, str]], None]
    end: Callable[[str], None]
    text: Callable[[str], None] | None = None


@dataclass
class Package:
    """An open archive. `unpacked`: bytes read of its parts so far."""

    archive: zipfile.ZipFile
    limits: Limits
    unpacked: int = field(default=0)

    def has(self, name: str) -> bool:
        return name in self.archive.NameToInfo

    def walk(self, name: str, handlers: Handlers) -> Iterator[None]:
        """Read a part, calling the handlers; gives control back after each piece. Raises FileRefusedError."""
        try:
            parser = _parser(handlers)
            with self.archive.open(name) as stream:
                for piece in self._pieces(name, stream):
                    parser.Parse(piece, False)
                    yield
            parser.Parse(b"", True)
        except expat.ExpatError as error:
            raise _broken(f"{name} is not well-formed XML ({error})") from None
        except DAMAGE as error:
            raise _broken(f"{name} cannot be unpacked ({error})") from None
        yield

    def read(self, name: str, handlers: Handlers) -> None:
        """Read a part to its end."""
        for _ in self.walk(name, handlers):
            pass

    def _pieces(self, name: str, stream: Any) -> Iterator[bytes]:
        packed, count = max(1, self.archive.NameToInfo[name].compress_size), 0
        while piece := stream.read(PIECE):
            count += len(piece)
            self.unpacked += len(piece)
            if count > SMALL and count > packed * self.limits.ratio:
                en = f"a part of it unpacks to more than {self.limits.ratio} times its size"
                raise FileRefusedError("bomb", en, f"压缩包内文件解压后超过其大小的{self.limits.ratio}倍")
            if self.unpacked > self.limits.unpacked:
                en = f"it unpacks to more than {self.limits.unpacked:,} bytes"
                raise FileRefusedError("bomb", en, f"解压后超过{self.limits.unpacked:,}字节")
            yield piece


def open_package(stream: BinaryIO, limits: Limits) -> Package:
    """The archive in `stream`. Raises FileRefusedError for what is no workbook, or one with macros."""
    try:
        archive = zipfile.ZipFile(stream)
    except DAMAGE as error:
        raise _broken(str(error)) from None
    names = archive.NameToInfo
    if len(names) > MOST_PARTS:
        raise _broken(f"it has more than {MOST_PARTS} parts")
    if any(part.compress_type not in PACKINGS for part in names.values()):
        raise _broken("a part is packed in a way that workbooks do not use")
    if "xl/workbook.xml" not in names:
        raise FileRefusedError("form", "the archive holds no Excel workbook", "压缩包中没有Excel工作簿")
    if any(name.lower().endswith("vbaproject.bin") for name in names):
        en = "the workbook has macros: save it as .xlsx without them"
        raise FileRefusedError("macros", en, "工作簿含有宏，请另存为不含宏的.xlsx")
    return Package(archive, limits)


def _parser(handlers: Handlers) -> Any:
    parser = expat.ParserCreate(namespace_separator="}")
    parser.buffer_text = True
    parser.StartElementHandler = lambda name, attributes: handlers.start(name.rpartition("}")[2], attributes)
    parser.EndElementHandler = lambda name: handlers.end(name.rpartition("}")[2])
    if handlers.text:
        parser.CharacterDataHandler = handlers.text
    parser.StartDoctypeDeclHandler = _refuse_doctype
    return parser


def _refuse_doctype(*_: object) -> None:
    raise FileRefusedError("doctype", "its XML declares a document type", "其XML含有文档类型声明")


def _broken(why: str) -> FileRefusedError:
    return FileRefusedError("xlsx", f"not a readable XLSX file: {why}", "XLSX文件已损坏或无法读取")
