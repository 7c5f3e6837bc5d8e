"""Documents in the data folder: sealed like imported files, named by the SHA-256 of what they hold.

    documents/ab/cdef...   62 more digits

A name that somebody gave a document never becomes part of a path.
"""

import os
import shutil
from hashlib import sha256
from pathlib import Path

from service.errors import NotFoundError, SettingsError
from service.imports.sealed_file import SealingWriter, open_sealed
from service.keys.vault import Vault
from service.settings import Settings

FOLDER = "documents"


def file_of(settings: Settings, digest: bytes) -> Path:
    """Where a document is."""
    name = digest.hex()
    return settings.data / FOLDER / name[:2] / name[2:]


def store(settings: Settings, vault: Vault, data: bytes) -> bytes:
    """Keep it; gives its SHA-256. It is on the disk when this returns."""
    digest = sha256(data).digest()
    file = file_of(settings, digest)
    if file.exists():
        return digest
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    beside = settings.data / FOLDER / f"new-{os.urandom(8).hex()}"
    beside.mkdir(mode=0o700)
    try:
        writer = SealingWriter(beside / file.name, vault)  # its key follows from the name, which stays
        try:
            writer.write(data)
            writer.finish()
        finally:
            writer.close()
        (beside / file.name).replace(file)
    finally:
        shutil.rmtree(beside)
    for folder in (file.parent, file.parent.parent):
        _sync(folder)
    return digest


def load(settings: Settings, vault: Vault, digest: bytes) -> bytes:
    """What is kept under this digest. Raises NotFoundError, SettingsError where it is not what its name says."""
    file = file_of(settings, digest)
    try:
        with open_sealed(file, vault) as stream:
            data = stream.read()
    except FileNotFoundError:
        raise NotFoundError("this document is not kept on this host") from None
    if sha256(data).digest() != digest:
        raise SettingsError(f"{file} is not as it was written")
    return data


def remove(settings: Settings, digest: bytes) -> None:
    """Let it go."""
    file_of(settings, digest).unlink(missing_ok=True)


def _sync(folder: Path) -> None:
    place = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(place)
    finally:
        os.close(place)
