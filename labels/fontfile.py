"""Font files cut down to the letters that labels use, kept for as long as the process lives.

The whole Chinese font takes a quarter of a second to read and to cut down. Labels of one maker need the same letters
day after day: a file with those is made once, and read in a fraction of that time.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Lock

from labels.font import FACES, Face, font_path

MOST_FILES = 64
_ASCII = frozenset(map(chr, range(0x20, 0x7F)))


@dataclass
class _Shelf:
    """Files in a folder that is removed with the shelf, or with the process."""

    folder: TemporaryDirectory[str] = field(default_factory=lambda: TemporaryDirectory(prefix="packtrail-fonts-"))
    files: dict[tuple[Face, frozenset[str]], Path] = field(default_factory=dict)


_lock = Lock()
_shelves: list[_Shelf] = []
"""The one that is being filled, and the one before it, whose files somebody may still be reading."""


def font_file(face: Face, letters: frozenset[str]) -> Path:
    """A file with these letters, and all of ASCII: codes and dates differ from label to label, but in these only."""
    key = (face, letters - _ASCII)
    with _lock:
        if not _shelves or len(_shelves[0].files) >= MOST_FILES:
            _shelves[:] = [_Shelf(), *_shelves[:1]]
        shelf = _shelves[0]
        if key not in shelf.files:
            path = Path(shelf.folder.name) / f"{face}-{len(shelf.files)}{Path(FACES[face].file).suffix}"
            _cut(face, _ASCII | letters, path)
            shelf.files[key] = path
        return shelf.files[key]


def _cut(face: Face, letters: frozenset[str], path: Path) -> None:
    from fontTools import subset  # type: ignore[import-untyped]  # takes as long to load as all of the service

    options = subset.Options(notdef_outline=True, recommended_glyphs=True, layout_features=[])
    options.drop_tables += ["meta"]
    font = subset.load_font(str(font_path(face)), options)
    cutter = subset.Subsetter(options)
    cutter.populate(text="".join(sorted(letters)))
    cutter.subset(font)
    subset.save_font(font, str(path), options)
