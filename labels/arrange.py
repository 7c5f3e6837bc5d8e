"""Where everything on a label stands.

The dark modules of the QR code begin at the margin, so that their left edge is the left edge of everything below them
and their top is the top of the first line. Its quiet zone of four modules reaches into the margin; nothing else does.

- "below": the code crosses the whole label under a hairline; captions stand before the particulars.
- "beside": the code ends the column at the right of the QR code, as deep as the host under it.

The maker, the code and the host always stand. Of the other lines those that find no room are left out, last first;
the maker's second name is left out where it would have to be cut.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, floor

from labels.errors import FitError
from labels.font import FACES, text_width
from labels.layout import HAN_TOP, SMALLEST, Bar, Drawing, Page, code_height, code_width, fits_whole, groups_per_line
from labels.qr import QUIET_ZONE, QrMatrix
from labels.template import Template
from labels.text import LabelText

_CAP = FACES["sans"].cap
_HAIRLINE_MM = 0.25
_LEADING = 1.45
_TOLERANCE_MM = 0.001
_CODE_CAPTION = "电池编码 Battery code"
_VERIFY = "查验 Verify at"
_SCAN = ("扫码查验", "Scan to verify")


@dataclass(frozen=True, slots=True)
class _Frame:
    """The QR code on its template. `dark_mm` is the side without quiet zone; the column is the room at its right."""

    template: Template
    dark_mm: float
    quiet_mm: float

    @property
    def column_mm(self) -> float:
        return self.template.margin_mm + self.dark_mm + max(self.quiet_mm, self.template.margin_mm)

    @property
    def column_width_mm(self) -> float:
        return self.right_mm - self.column_mm

    @property
    def right_mm(self) -> float:
        return self.template.width_mm - self.template.margin_mm

    @property
    def bottom_mm(self) -> float:
        return self.template.height_mm - self.template.margin_mm

    @property
    def under_qr_mm(self) -> float:
        return self.template.margin_mm + self.dark_mm + self.quiet_mm


def compose(matrix: QrMatrix, text: LabelText, template: Template, module_mm: float | None = None) -> Drawing:
    """`module_mm` stands in for the template's where a printer's dots ask for it. Raises FitError."""
    module = template.module_mm if module_mm is None else module_mm
    frame = _Frame(template, matrix.size * module, QUIET_ZONE * module)
    page = Page()
    if template.arrangement == "below":
        _below(page, frame, text)
    else:
        _beside(page, frame, text)
    return Drawing(
        width_mm=template.width_mm,
        height_mm=template.height_mm,
        qr_mm=template.margin_mm,
        module_mm=module,
        matrix=matrix,
        runs=tuple(page.runs),
        bars=tuple(page.bars),
        title=" ".join(filter(None, (text.maker_zh or text.maker_en, text.code))),
        description=" ".join(
            filter(None, (text.model, text.chemistry_zh, text.chemistry_en, text.rating, text.made_on, text.host))
        ),
    )


def _below(page: Page, frame: _Frame, text: LabelText) -> None:
    row, left = frame.template, frame.template.margin_mm
    width = frame.right_mm - left
    per_line = groups_per_line(row.code_mm, len(text.groups), width)
    foot = code_height(row.code_mm, len(text.groups), max(per_line, 1))
    note_line = frame.bottom_mm - foot - 1.1 * row.note_mm
    hairline = note_line - (_CAP + 1.1) * row.note_mm
    _check_fits(frame, floor_mm=hairline, beside_mm=row.width_mm * 0.3)
    page.put_code(text.groups, row.code_mm, left, room_mm=width, bottom_mm=frame.bottom_mm)
    page.put(_CODE_CAPTION, row.note_mm, left, note_line, room_mm=width / 2)
    _put_host_at_right(page, frame, text, note_line)
    page.bars.append(Bar(left, hairline, width, _HAIRLINE_MM))
    _put_scan_caption(page, frame, floor_mm=hairline)
    _put_particulars(page, frame, text, floor_mm=hairline)


def _put_host_at_right(page: Page, frame: _Frame, text: LabelText, baseline_mm: float) -> None:
    size = frame.template.note_mm
    room = frame.right_mm - frame.template.margin_mm - text_width("sans", _CODE_CAPTION, size) - 2 * size
    words = next((words for words in (f"{_VERIFY} {text.host}", text.host) if fits_whole(words, size, room)), "")
    if not words:
        raise _misfit(frame, "the host", (text_width("sans", text.host, size * SMALLEST) - room, 0.0))
    used = min(text_width("sans", words, size), room)
    page.put(words, size, frame.right_mm - used, baseline_mm, room_mm=used)


def _put_scan_caption(page: Page, frame: _Frame, *, floor_mm: float) -> None:
    size = frame.template.note_mm
    baseline = frame.under_qr_mm + HAN_TOP * size
    for words in _SCAN:
        if baseline + 0.4 * size <= floor_mm:
            page.put(words, size, frame.template.margin_mm, baseline, room_mm=frame.dark_mm)
        baseline += 1.35 * size


def _put_particulars(page: Page, frame: _Frame, text: LabelText, *, floor_mm: float) -> None:
    """The maker's name in both languages, then one captioned row for each particular."""
    row, x, width = frame.template, frame.column_mm, frame.column_width_mm
    y = row.margin_mm + HAN_TOP * row.title_mm
    _put_maker(page, frame, text)
    if _second_name(text, row.body_mm, width):
        y += _LEADING * row.body_mm
        page.put(text.maker_en, row.body_mm, x, y, room_mm=width)
    rows = [
        ("型号 Model", text.model),
        ("化学 Chemistry", f"{text.chemistry_zh} {text.chemistry_en}".strip()),
        ("额定 Rating", text.rating),
        ("制造 Made", text.made_on),
    ]
    indent = max(text_width("sans", caption, row.note_mm) for caption, _ in rows) + row.note_mm
    y += 0.9 * row.body_mm
    pitch = 2.1 * row.body_mm
    for caption, value in rows:
        if value and y + pitch + 0.4 * row.body_mm <= floor_mm:
            y += pitch
            page.put(caption, row.note_mm, x, y, room_mm=indent)
            page.put(value, row.body_mm, x + indent, y, room_mm=width - indent)


def _beside(page: Page, frame: _Frame, text: LabelText) -> None:
    row, x, width = frame.template, frame.column_mm, frame.column_width_mm
    _check_fits(frame, floor_mm=row.height_mm, beside_mm=code_width(row.code_mm, min(2, len(text.groups))))
    code_top = page.put_code(text.groups, row.code_mm, x, room_mm=width, bottom_mm=frame.bottom_mm)
    lines = _lines(text, _second_name(text, row.body_mm, width))
    pitch = _LEADING * row.body_mm
    y = row.margin_mm + HAN_TOP * row.title_mm
    slots = floor((code_top - 0.6 * row.body_mm - y) / pitch + 1e-9)
    host = () if _put_host_under_qr(page, frame, text) else _host_lines(frame, text.host, row.body_mm, width)
    if slots < len(host):
        raise _misfit(frame, "the maker above the code and the host", (0.0, pitch * (len(host) - slots)))
    lines = [*lines[: slots - len(host)], *((line,) for line in host)]
    _put_maker(page, frame, text)
    for line in lines:
        y += pitch
        page.put_row(line, row.body_mm, x, y, room_mm=width)


def _put_maker(page: Page, frame: _Frame, text: LabelText) -> None:
    """The name level with the top of the QR code, in the size of the body where the title's would cut it."""
    row, name, width = frame.template, text.maker_zh or text.maker_en, frame.column_width_mm
    size = row.title_mm if fits_whole(name, row.title_mm, width) else row.body_mm
    rise = _CAP if name.isascii() else HAN_TOP
    page.put(name, size, frame.column_mm, row.margin_mm + rise * size, room_mm=width)


def _second_name(text: LabelText, size_mm: float, room_mm: float) -> str:
    """The maker's English name where the Chinese one stands above it and the whole of it fits."""
    return text.maker_en if text.maker_zh and fits_whole(text.maker_en, size_mm, room_mm) else ""


def _lines(text: LabelText, second_name: str) -> list[tuple[str, ...]]:
    """The particulars without captions, most wanted first."""
    lines = (
        (second_name,),
        (text.model, f"{text.chemistry_zh} {text.chemistry_en}".strip()),
        (text.rating,),
        (f"制造 Made {text.made_on}" if text.made_on else "",),
    )
    return [line for line in lines if any(line)]


def _put_host_under_qr(page: Page, frame: _Frame, text: LabelText) -> bool:
    """Whether the host found room there, whole and clear of the quiet zone."""
    size = frame.template.note_mm
    room = frame.bottom_mm - frame.under_qr_mm
    if room < _CAP * size or not fits_whole(text.host, size, frame.dark_mm):
        return False
    above = frame.bottom_mm - 1.35 * size
    if above - HAN_TOP * size >= frame.under_qr_mm:
        page.put(_VERIFY, size, frame.template.margin_mm, above, room_mm=frame.dark_mm)
    page.put(text.host, size, frame.template.margin_mm, frame.bottom_mm, room_mm=frame.dark_mm)
    return True


def _check_fits(frame: _Frame, *, floor_mm: float, beside_mm: float) -> None:
    """Raises FitError where the quiet zone passes the floor or the column is narrower than `beside_mm`."""
    too_high = frame.under_qr_mm - floor_mm
    too_wide = beside_mm - frame.column_width_mm
    if too_high > _TOLERANCE_MM or too_wide > _TOLERANCE_MM:
        side = frame.dark_mm + 2 * frame.quiet_mm
        what = (
            f"the QR code, {side:.1f} mm square with its quiet zone at {frame.quiet_mm / QUIET_ZONE:.2f} mm a module,"
        )
        raise _misfit(frame, what, (max(too_wide, 0.0), max(too_high, 0.0)))


def _host_lines(frame: _Frame, host: str, size_mm: float, room_mm: float) -> tuple[str, ...]:
    """The host with its caption, alone, or broken at a dot: the first that stands whole.

    Raises FitError where none does: a host cut short serves the forger.
    """
    for words in (f"{_VERIFY} {host}", host):
        if fits_whole(words, size_mm, room_mm):
            return (words,)
    labels = host.split(".")
    for cut in range(len(labels) - 1, 0, -1):
        halves = (".".join(labels[:cut]) + ".", ".".join(labels[cut:]))
        if all(fits_whole(half, size_mm, room_mm) for half in halves):
            return halves
    raise _misfit(frame, "the host", (text_width("sans", host, size_mm * SMALLEST) - room_mm, 0.0))


def _misfit(frame: _Frame, what: str, missing_mm: tuple[float, float]) -> FitError:
    row = frame.template
    needed = (ceil(row.width_mm + missing_mm[0]), ceil(row.height_mm + missing_mm[1]))
    size = f"{row.width_mm:g} x {row.height_mm:g} mm"
    return FitError(
        f"{what} does not fit label {row.name} ({size}); {needed[0]} x {needed[1]} mm would hold it", needed
    )
