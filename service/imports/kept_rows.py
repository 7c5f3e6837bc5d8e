"""The rows of a file as they were read, once: a file beside it that gives those from any place on.

Reading a workbook costs more than recording its rows. So whoever looks at a file keeps its rows, and whoever records
them, shows them or goes on after a crash reads these. It is made anew from the file where it is missing or damaged.

    16 bytes of salt, frames, the frame of the index, 8 bytes: where that begins

A frame is JSON sealed with AES-256-GCM under a key of this file's own, the nonce being where it begins;
the index names for each frame of rows the place of its first row and where it begins. A row is a list of its number and
its cells: text as text, a number as [digits] or, where it has more than are kept, [digits, null], a date or a moment as
{"d": ...} or {"t": ...}. A row of NDJSON is {"n": number, "t": text}, with its fault as "f" where it cannot be read.
"""

import os
from bisect import bisect_right
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from hmac import digest as hmac_digest
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO, Self

import orjson
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from ledger.canonical import parse_json
from service.errors import Fault, SettingsError
from service.imports.rows import Cell, Number, Row
from service.keys.vault import Vault

FRAME_ROWS = 1_000
FRAME_BYTES = 1 << 20
"""About so much is in a frame at most; one row may be more."""
SALT = 16
PLACE = 8


class NotKeptError(SettingsError):
    """There are no such rows, or they are damaged, and were removed: they have to be read from the file itself."""


class RowsWriter:
    """Writes rows in their order. Nothing stands under the name of the file before `finish`."""

    def __init__(self, file: Path, vault: Vault) -> None:
        self._file, self._beside = file, file.with_name(f"{file.name}.{os.getpid()}.{os.urandom(4).hex()}")
        descriptor = os.open(self._beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        self._stream = os.fdopen(descriptor, "wb")
        salt = os.urandom(SALT)
        self._cipher = _cipher(vault, salt)
        self._stream.write(salt)
        self._index: list[tuple[int, int]] = []
        self._rows: list[bytes] = []
        self._bytes, self._count = 0, 0

    def add(self, row: Row) -> None:
        """Keep a row."""
        data = orjson.dumps(_plain(row))
        self._rows.append(data)
        self._bytes += len(data)
        self._count += 1
        if len(self._rows) >= FRAME_ROWS or self._bytes >= FRAME_BYTES:
            self._close_frame()

    def finish(self) -> None:
        """When this returns the rows are on the disk, in the place of those that were kept before."""
        self._close_frame()
        place = self._stream.tell()
        self._seal(orjson.dumps({"rows": self._count, "frames": self._index}))
        self._stream.write(place.to_bytes(PLACE, "big"))
        self._stream.flush()
        os.fsync(self._stream.fileno())
        self._stream.close()
        self._beside.replace(self._file)

    def close(self) -> None:
        """Let go of what was not finished."""
        self._stream.close()
        self._beside.unlink(missing_ok=True)

    def _close_frame(self) -> None:
        if self._rows:
            self._index.append((self._count - len(self._rows), self._stream.tell()))
            self._seal(b"[%s]" % b",".join(self._rows))
            self._rows, self._bytes = [], 0

    def _seal(self, data: bytes) -> None:
        self._stream.write(self._cipher.encrypt(_nonce(self._stream.tell()), data, None))


class KeptRows:
    """Rows that are kept. Raises NotKeptError here and wherever it reads on."""

    def __init__(self, file: Path, vault: Vault) -> None:
        self._file = file
        try:
            self._stream: BinaryIO = file.open("rb")
        except FileNotFoundError:
            raise NotKeptError(f"{file.name} is not here") from None
        self._cipher = _cipher(vault, self._stream.read(SALT))
        end = self._stream.seek(0, os.SEEK_END) - PLACE
        index_at = int.from_bytes(self._read(end, end + PLACE), "big")
        index = self._open(index_at, end)
        self.count: int = index["rows"]
        self._firsts: list[int] = [first for first, _ in index["frames"]]
        self._begins: list[int] = [*(at for _, at in index["frames"]), index_at]
        self._known: tuple[int, list[Any]] = (-1, [])

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._stream.close()

    def read(self, first: int, count: int) -> list[Row]:
        """At most `count` rows from place `first`, counted from 0, on."""
        return list(islice(self.walk(first), count))

    def walk(self, first: int = 0) -> Iterator[Row]:
        """The rows from place `first`, counted from 0, on."""
        if not 0 <= first < self.count:
            return
        for number in range(bisect_right(self._firsts, first) - 1, len(self._firsts)):
            if self._known[0] != number:
                self._known = (number, self._open(self._begins[number], self._begins[number + 1]))
            rows = self._known[1]
            for told in rows[max(0, first - self._firsts[number]) :]:
                yield _row(told)

    def _open(self, begin: int, end: int) -> Any:
        """What the frame between these places of the file holds."""
        try:
            return orjson.loads(self._cipher.decrypt(_nonce(begin), self._read(begin, end), None))
        except InvalidTag:
            raise self._damaged() from None

    def _read(self, begin: int, end: int) -> bytes:
        if not SALT <= begin < end:
            raise self._damaged()
        self._stream.seek(begin)
        data = self._stream.read(end - begin)
        if len(data) != end - begin:
            raise self._damaged()
        return data

    def _damaged(self) -> NotKeptError:
        self._stream.close()
        self._file.unlink(missing_ok=True)
        return NotKeptError(f"{self._file.name} was damaged: its rows are read from the file itself again")


def _cipher(vault: Vault, salt: bytes) -> AESGCM:
    return AESGCM(hmac_digest(vault.blinding, b"packtrail import rows\n" + salt, "sha256"))


def _nonce(place: int) -> bytes:
    return place.to_bytes(12, "big")


def _plain(row: Row) -> object:
    """A row as JSON has it."""
    if row.cells:
        return [row.number, *map(_plain_cell, row.cells)]
    fault = row.fault
    told = {"n": row.number, "t": row.text}
    return told if fault is None else told | {"f": [fault.pointer, fault.code, fault.message_en, fault.message_zh]}


def _plain_cell(cell: Cell) -> object:
    match cell:
        case str() | bool():
            return cell
        case Number():
            return [cell.text] if cell.exact is not None else [cell.text, None]
        case datetime():
            return {"t": cell.isoformat()}
    return {"d": cell.isoformat()}


def _row(told: Any) -> Row:
    """The inverse of `_plain`."""
    if type(told) is list:
        number, *cells = told
        return Row(number, tuple(cell if type(cell) is str else _cell(cell) for cell in cells))
    number, text = told["n"], told["t"]
    if fault := told.get("f"):
        return Row(number, text=text, fault=Fault(*fault))
    return Row(number, value=parse_json(text.encode()), text=text)


def _cell(told: Any) -> Cell:
    match told:
        case [str() as text]:
            return Number(text, Decimal(text))
        case [str() as text, None]:
            return Number(text, None)
        case {"t": moment}:
            return datetime.fromisoformat(moment)
        case {"d": day}:
            return date.fromisoformat(day)
    return bool(told)
