"""What a file is, by its first bytes, and in which encoding its text stands, by reading all of it once.

UTF-8 and GB18030 cannot be told apart by a sample: what is valid UTF-8 to the last byte is taken for that, else what is
valid GB18030. A file that is neither was put together of both, or is something else.
"""

import codecs
from enum import StrEnum
from typing import BinaryIO

from service.imports.errors import FileRefusedError

PIECE = 1024 * 1024


class Form(StrEnum):
    CSV = "csv"
    XLSX = "xlsx"
    NDJSON = "ndjson"


class Encoding(StrEnum):
    UTF_8 = "utf-8"
    GB18030 = "gb18030"


_OTHERS = (
    (b"\xd0\xcf\x11\xe0", "an old or protected workbook: save it as .xlsx", "旧版或加密的Excel文件，请另存为.xlsx"),
    (b"\xff\xfe", "text in UTF-16: save it as CSV UTF-8", "UTF-16文本，请另存为UTF-8编码的CSV"),
    (b"\xfe\xff", "text in UTF-16: save it as CSV UTF-8", "UTF-16文本，请另存为UTF-8编码的CSV"),
    (b"%PDF", "a PDF: send the table it was made from", "PDF文件，请提交原始表格"),
    (b"\x1f\x8b", "packed with gzip: send it as it is", "gzip压缩文件，请直接提交原文件"),
)  # fmt: skip


def sniff_form(stream: BinaryIO) -> Form:
    """What the file is. Raises FileRefusedError for what is no table."""
    stream.seek(0)
    start = stream.read(4096)
    for magic, en, zh in _OTHERS:
        if start.startswith(magic):
            raise FileRefusedError("form", f"this is {en}", zh)
    if start.startswith(b"PK"):
        return Form.XLSX
    text = start.removeprefix(codecs.BOM_UTF8).lstrip()
    if not text:
        raise FileRefusedError("empty", "the file is empty", "文件为空")
    return Form.NDJSON if text.startswith(b"{") else Form.CSV


def sniff_encoding(stream: BinaryIO) -> Encoding:
    """The encoding of a text. Raises FileRefusedError, with the line, where it is in neither."""
    places = {}
    for encoding in Encoding:
        place = _first_wrong(stream, encoding)
        if place is None:
            return encoding
        places[encoding] = place
    line = places[Encoding.UTF_8]
    en = f"line {line} is not UTF-8, and the file is not GB18030 as a whole: save all of it as UTF-8"
    raise FileRefusedError("encoding", en, f"第{line}行不是UTF-8，且整个文件也不是GB18030，请统一另存为UTF-8")


def _first_wrong(stream: BinaryIO, encoding: Encoding) -> int | None:
    """The number of the first line that is not in this encoding; None where all are."""
    stream.seek(0)
    decoder, lines = codecs.getincrementaldecoder(encoding.value)("strict"), 1
    while True:
        piece = stream.read(PIECE)
        try:
            decoder.decode(piece, final=not piece)
        except UnicodeDecodeError as error:
            held = error.object[: error.start]
            return lines + held.count(b"\n")
        if not piece:
            return None
        lines += piece.count(b"\n")
