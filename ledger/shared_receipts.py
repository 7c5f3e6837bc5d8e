"""Receipts of many entries under one checkpoint: what their paths share is read, and written as text, once.

Two neighbours share all of their paths but one hash, so a receipt costs a look at two nodes instead of at log2(size).
"""

from ledger.proof import HashReader, cover
from ledger.receipt import HEADER, Receipt
from ledger.strict import format_base64
from ledger.tree import fold

Path = tuple[tuple[bytes, ...], str]
"""The hashes from a node up to the root, leaf side first, and the same as lines of base64."""


class SharedReceipts:
    """Receipts by index, of one tree. Grows with the receipts asked for."""

    def __init__(self, size: int, read: HashReader, checkpoint: bytes) -> None:
        """`read` gives the hashes of the tree of `size` leaves that `checkpoint` signs."""
        self._size = size
        self._read = read
        self._checkpoint = checkpoint
        self._tail = f"\n{checkpoint.decode()}"
        self._paths: dict[tuple[int, int], Path] = {}

    def receipt(self, index: int) -> Receipt:
        """The receipt of an entry in the tree."""
        return Receipt(index, self._path(0, index)[0], self._checkpoint)

    def text(self, index: int) -> str:
        """The same as `ledger.receipt.format_receipt` writes it."""
        return f"{HEADER}\nindex {index}\n{self._path(0, index)[1]}{self._tail}"

    def _path(self, level: int, index: int) -> Path:
        if not (self._size - 1) >> level:
            return (), ""
        above = self._paths.get((level + 1, index >> 1))
        if above is None:
            above = self._paths[level + 1, index >> 1] = self._path(level + 1, index >> 1)
        start = (index ^ 1) << level
        if start >= self._size:  # the last node of its level has no sibling
            return above
        sibling = fold(self._read(cover(start, min(start + (1 << level), self._size))))
        return (sibling, *above[0]), f"{format_base64(sibling)}\n{above[1]}"
