"""A file on the disk that only this installation can read: restricted values stand in what operators upload.

Blocks of 64 KiB, each with 16 bytes more: AES-256-GCM under a key of the file's own, the block's number being the
nonce. The last block is shorter than the others, if need be empty, so that a file that was cut off is noticed. The key
follows from the installation's blinding secret and the file's name.
"""

import io
import os
from hashlib import sha256
from hmac import digest as hmac_digest
from pathlib import Path
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from service.errors import SettingsError
from service.keys.vault import Vault

BLOCK = 64 * 1024
TAG = 16


class SealingWriter:
    """Writes a new file block by block. `size` and `digest` are of what was written."""

    def __init__(self, file: Path, vault: Vault) -> None:
        """Raises FileExistsError."""
        self._cipher = _cipher(file, vault)
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        self._stream = os.fdopen(descriptor, "wb")
        self._left = b""
        self._number = 0
        self._hash = sha256()
        self.size = 0

    @property
    def digest(self) -> bytes:
        return self._hash.digest()

    def write(self, data: bytes) -> None:
        self.size += len(data)
        self._hash.update(data)
        joined = self._left + data
        whole = len(joined) - len(joined) % BLOCK
        for start in range(0, whole, BLOCK):
            self._seal(joined[start : start + BLOCK])
        self._left = joined[whole:]

    def finish(self) -> None:
        """Write what is left; when this returns the file is on the disk."""
        self._seal(self._left)
        self._stream.flush()
        os.fsync(self._stream.fileno())
        self._stream.close()

    def close(self) -> None:
        """Let go of a file that was not finished."""
        self._stream.close()

    def _seal(self, block: bytes) -> None:
        self._stream.write(self._cipher.encrypt(_nonce(self._number), block, None))
        self._number += 1


class SealedReader(io.RawIOBase):
    """Reads such a file, at any place. Raises SettingsError where it is not as it was written."""

    def __init__(self, file: Path, vault: Vault) -> None:
        super().__init__()
        self._cipher = _cipher(file, vault)
        self._stream = file.open("rb")
        sealed = os.fstat(self._stream.fileno()).st_size
        whole, last = divmod(sealed, BLOCK + TAG)
        if last < TAG:
            self._stream.close()
            raise SettingsError(f"{file} was cut off")
        self.size = whole * BLOCK + last - TAG
        self._name = file
        self._place = 0
        self._known: tuple[int, bytes] = (-1, b"")

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = 0) -> int:
        self._place = max(0, offset + (0, self._place, self.size)[whence])
        return self._place

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        number, start = divmod(self._place, BLOCK)
        part = self._block(number)[start : start + len(buffer)]
        buffer[: len(part)] = part
        self._place += len(part)
        return len(part)

    def close(self) -> None:
        self._stream.close()
        super().close()

    def _block(self, number: int) -> bytes:
        if self._known[0] != number:
            self._stream.seek(number * (BLOCK + TAG))
            sealed = self._stream.read(BLOCK + TAG)
            try:
                block = self._cipher.decrypt(_nonce(number), sealed, None) if sealed else b""
            except InvalidTag:
                raise SettingsError(f"{self._name} is not as it was written") from None
            self._known = (number, block)
        return self._known[1]


def open_sealed(file: Path, vault: Vault) -> BinaryIO:
    """The content of a sealed file, to read at any place."""
    return io.BufferedReader(SealedReader(file, vault), BLOCK)  # type: ignore[arg-type,return-value,unused-ignore]


def _cipher(file: Path, vault: Vault) -> AESGCM:
    return AESGCM(hmac_digest(vault.blinding, b"packtrail import file\n" + file.name.encode(), "sha256"))


def _nonce(number: int) -> bytes:
    return number.to_bytes(12, "big")
