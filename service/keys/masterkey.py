"""The master key: 32 bytes in base64, from PACKTRAIL_MASTER_KEY or from a file that only its owner can read.

While it is being replaced, the new one stands beside the old one as `<file>.next`. Whichever opens the database is in
force: the database says, in one transaction, when that changes. So a replacement that breaks off anywhere leaves an
installation that starts.
"""

import os
from base64 import b64decode, b64encode
from binascii import Error
from pathlib import Path
from tempfile import mkstemp

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from service.errors import SettingsError
from service.failpoints import reach
from service.settings import Settings

VARIABLE = "PACKTRAIL_MASTER_KEY"


def write_secret(file: Path, text: str) -> None:
    """Create a file that only its owner can read, on the disk when this returns. FileExistsError if there is one."""
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor, name = mkstemp(prefix=f".{file.name}.", dir=file.parent)  # for its owner only
    try:
        with os.fdopen(descriptor, "w") as stream:
            reach("secret-created")
            stream.write(text)
            stream.flush()
            os.fsync(stream.fileno())
        os.link(name, file)  # whole or not at all; refuses to replace one
    finally:
        Path(name).unlink()
    sync_folder(file.parent)


def replace_secret(file: Path, text: str) -> None:
    """Replace the content of `file` in one step: after a crash it is the old or the new one, whole."""
    fresh = file.with_name(file.name + ".new")
    fresh.unlink(missing_ok=True)
    write_secret(fresh, text)
    fresh.replace(file)
    sync_folder(file.parent)


def sync_folder(folder: Path) -> None:
    """Make names that were made or moved in `folder` outlast a crash."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def make_master_key(file: Path) -> None:
    """Create a master key."""
    write_secret(file, b64encode(AESGCM.generate_key(256)).decode() + "\n")


def read_master_key(file: Path) -> bytes:
    """The master key in `file`. Raises SettingsError."""
    try:
        return _parse(file.read_bytes(), str(file))
    except FileNotFoundError:
        raise SettingsError(f"no master key at {file}: run packtrail init, or restore it") from None


def read_master_keys(settings: Settings) -> list[bytes]:
    """The master key of this installation and, after it, one that may be about to replace it. Raises SettingsError."""
    if settings.master_key is not None:
        return [_parse(settings.master_key.encode(), VARIABLE)]
    following = next_file(settings.master_key_file)
    return [read_master_key(settings.master_key_file), *([read_master_key(following)] if following.exists() else [])]


def has_master_key(settings: Settings) -> bool:
    """Whether there is one, in the environment or in its file."""
    return settings.master_key is not None or settings.master_key_file.exists()


def next_file(file: Path) -> Path:
    """Where the key stands that is about to replace the one in `file`."""
    return file.with_name(file.name + ".next")


def _parse(text: bytes, place: str) -> bytes:
    try:
        key = b64decode(text.strip(), validate=True)
    except Error:
        key = b""
    if len(key) != 32:
        raise SettingsError(f"{place} does not hold a master key of 32 bytes in base64")
    return key
