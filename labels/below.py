"""The arrangement "below": the code crosses the whole label under a hairline; captions stand before the particulars."""

from __future__ import annotations

from labels.font import FACES, text_width
from labels.frame import Frame
from labels.layout import HAN_TOP, SMALLEST, Bar, Page, code_height, fits_whole, groups_per_line
from labels.lines import LEADING, VERIFY, put_maker, second_name
from labels.text import LabelText

_CAP = FACES["sans"].cap
_HAIRLINE_MM = 0.25
_NARROWEST = 0.3
_CODE_CAPTION = "电池编码 Battery code"
_SCAN = ("扫码查验", "Scan to verify")


def arrange_below(page: Page, frame: Frame, text: LabelText) -> None:
    """Raises FitError."""
    row, left = frame.template, frame.template.margin_mm
    width = frame.right_mm - left
    per_line = groups_per_line(row.code_mm, len(text.groups), width)
    foot = code_height(row.code_mm, len(text.groups), max(per_line, 1))
    note_line = frame.bottom_mm - foot - 1.1 * row.note_mm
    hairline = note_line - (_CAP + 1.1) * row.note_mm
    frame.check_symbol(floor_mm=hairline, beside_mm=row.width_mm * _NARROWEST)
    frame.put_mark(page, floor_mm=hairline - 0.4 * row.note_mm, beside_mm=row.width_mm * _NARROWEST)
    page.put_code(text.groups, row.code_mm, left, room_mm=width, bottom_mm=frame.bottom_mm)
    page.put(_CODE_CAPTION, row.note_mm, left, note_line, room_mm=width / 2)
    _put_host_at_right(page, frame, text, note_line)
    page.bars.append(Bar(left, hairline, width, _HAIRLINE_MM))
    _put_scan_caption(page, frame, floor_mm=hairline)
    _put_particulars(page, frame, text, floor_mm=hairline)


def _put_host_at_right(page: Page, frame: Frame, text: LabelText, baseline_mm: float) -> None:
    size = frame.template.note_mm
    room = frame.right_mm - frame.template.margin_mm - text_width("sans", _CODE_CAPTION, size) - 2 * size
    words = next((words for words in (f"{VERIFY} {text.host}", text.host) if fits_whole(words, size, room)), "")
    if not words:
        raise frame.misfit("the host", (text_width("sans", text.host, size * SMALLEST) - room, 0.0))
    used = min(text_width("sans", words, size), room)
    page.put(words, size, frame.right_mm - used, baseline_mm, room_mm=used)


def _put_scan_caption(page: Page, frame: Frame, *, floor_mm: float) -> None:
    size = frame.template.note_mm
    baseline = frame.under_symbol_mm + HAN_TOP * size
    for words in _SCAN:
        if baseline + 0.4 * size <= floor_mm:
            page.put(words, size, frame.template.margin_mm, baseline, room_mm=frame.dark_mm)
        baseline += 1.35 * size


def _put_particulars(page: Page, frame: Frame, text: LabelText, *, floor_mm: float) -> None:
    """The maker's name in both languages, then one captioned row for each particular."""
    row, x, width = frame.template, frame.column_mm, frame.column_width_mm
    y = row.margin_mm + HAN_TOP * row.title_mm
    put_maker(page, frame, text)
    if second_name(text, row.body_mm, width):
        y += LEADING * row.body_mm
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
