"""The text of a checkpoint: what a log says about itself before anyone signs it.

    <origin>
    <size>
    <base64 of the root>
    [extension lines, none of them empty]

Every line ends with a newline. The text stands apart from its signatures because a cosignature is made over the
tree head in it, not over the text.

Source: C2SP tlog-checkpoint.
"""

import re
from dataclasses import dataclass

from ledger.errors import MalformedError
from ledger.strict import MAX_SIZE, format_base64, parse_base64, parse_decimal
from ledger.tree import HASH_SIZE

_LINE = re.compile(r"[^\x00-\x1f\ud800-\udfff]+")


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The claim that the log named `origin` holds `size` entries under `root`. Not signed: see `checkpoint`."""

    origin: str
    size: int
    root: bytes
    extensions: tuple[str, ...] = ()


def format_checkpoint(checkpoint: Checkpoint) -> bytes:
    """MalformedError for a value that could not be read back."""
    lines = [checkpoint.origin, str(checkpoint.size), format_base64(checkpoint.root), *checkpoint.extensions]
    if not (0 <= checkpoint.size <= MAX_SIZE and len(checkpoint.root) == HASH_SIZE and all(map(is_line, lines))):
        raise MalformedError("not a checkpoint")
    return ("\n".join(lines) + "\n").encode()


def parse_checkpoint(text: bytes) -> Checkpoint:
    try:
        lines = text.decode().split("\n")
    except UnicodeDecodeError:
        raise MalformedError("checkpoint is not UTF-8") from None
    if len(lines) < 4 or lines.pop() or not all(map(is_line, lines)):
        raise MalformedError("not a checkpoint")
    origin, size, root, *extensions = lines
    checkpoint = Checkpoint(origin, parse_decimal(size), parse_base64(root), tuple(extensions))
    if len(checkpoint.root) != HASH_SIZE:
        raise MalformedError("root is not 32 bytes")
    return checkpoint


def is_line(text: str) -> bool:
    """Whether `text` can stand as a line of a note: not empty, no control character, encodable."""
    return _LINE.fullmatch(text) is not None
