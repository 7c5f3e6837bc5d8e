"""The lines that more than one arrangement puts: the maker's names, and the host that the code leads to."""

from __future__ import annotations

from labels.font import FACES, text_width
from labels.frame import Frame
from labels.layout import HAN_TOP, SMALLEST, Page, fits_whole
from labels.text import LabelText

LEADING = 1.45
VERIFY = "查验 Verify at"
_CAP = FACES["sans"].cap


def put_maker(page: Page, frame: Frame, text: LabelText) -> None:
    """The name level with the top of the symbol, in the size of the body where the title's would cut it."""
    row, name, width = frame.template, text.maker_zh or text.maker_en, frame.column_width_mm
    size = row.title_mm if fits_whole(name, row.title_mm, width) else row.body_mm
    rise = _CAP if name.isascii() else HAN_TOP
    page.put(name, size, frame.column_mm, row.margin_mm + rise * size, room_mm=width)


def second_name(text: LabelText, size_mm: float, room_mm: float) -> str:
    """The maker's English name where the Chinese one stands above it and the whole of it fits."""
    return text.maker_en if text.maker_zh and fits_whole(text.maker_en, size_mm, room_mm) else ""


def put_host_under_symbol(page: Page, frame: Frame, text: LabelText) -> bool:
    """Whether the host found room there, whole and clear of the quiet zone."""
    size = frame.template.note_mm
    room = frame.bottom_mm - frame.under_symbol_mm
    if room < _CAP * size or not fits_whole(text.host, size, frame.dark_mm):
        return False
    above = frame.bottom_mm - 1.35 * size
    if above - HAN_TOP * size >= frame.under_symbol_mm:
        page.put(VERIFY, size, frame.template.margin_mm, above, room_mm=frame.dark_mm)
    page.put(text.host, size, frame.template.margin_mm, frame.bottom_mm, room_mm=frame.dark_mm)
    return True


def host_lines(frame: Frame, host: str, size_mm: float, room_mm: float) -> tuple[str, ...]:
    """The host with its caption, alone, or broken at a dot: the first that stands whole.

    Raises FitError where none does: a host cut short serves the forger.
    """
    for words in (f"{VERIFY} {host}", host):
        if fits_whole(words, size_mm, room_mm):
            return (words,)
    labels = host.split(".")
    for cut in range(len(labels) - 1, 0, -1):
        halves = (".".join(labels[:cut]) + ".", ".".join(labels[cut:]))
        if all(fits_whole(half, size_mm, room_mm) for half in halves):
            return halves
    raise frame.misfit("the host", (text_width("sans", host, size_mm * SMALLEST) - room_mm, 0.0))
