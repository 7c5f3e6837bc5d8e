"""Registers that are made once in a process of the tests, and copied for each that wants one of its own."""

import atexit
import shutil
import tempfile
from collections.abc import Callable, Hashable
from pathlib import Path
from typing import Any, TypeVar, cast

Told = TypeVar("Told")

_MADE: dict[Hashable, tuple[Path, Any]] = {}


def copy_into(folder: Path, name: Hashable, make: Callable[[Path], Told]) -> Told:
    """Put a copy of the data folder that `make` fills, and closes, at `folder`; what `make` told of it."""
    if name not in _MADE:
        kept = Path(tempfile.mkdtemp(prefix="packtrail-copies-"))
        atexit.register(shutil.rmtree, kept, ignore_errors=True)
        _MADE[name] = kept / "data", make(kept / "data")
    original, told = _MADE[name]
    shutil.copytree(original, folder, dirs_exist_ok=True)
    return cast(Told, told)
