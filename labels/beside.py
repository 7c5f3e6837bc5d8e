"""The arrangements of smaller labels.

- "beside": the code ends the column at the right of the symbol, as deep as the host under it.
- "under": the code stands under the symbol, and nothing else does.
- "bare": the symbol alone.
"""

from __future__ import annotations

from math import floor

from labels.frame import Frame
from labels.layout import HAN_TOP, Page, code_height, code_width, groups_per_line
from labels.lines import LEADING, host_lines, put_host_under_symbol, put_maker, second_name
from labels.text import LabelText


def arrange_beside(page: Page, frame: Frame, text: LabelText) -> None:
    """Raises FitError."""
    row, x, width = frame.template, frame.column_mm, frame.column_width_mm
    narrowest = code_width(row.code_mm, min(2, len(text.groups)))
    frame.check_symbol(floor_mm=row.height_mm, beside_mm=narrowest)
    full = frame.right_mm - x
    code_top = page.put_code(text.groups, row.code_mm, x, room_mm=full, bottom_mm=frame.bottom_mm)
    frame.put_mark(page, floor_mm=code_top - 0.6 * row.body_mm, beside_mm=narrowest)
    lines = _lines(text, second_name(text, row.body_mm, width))
    pitch = LEADING * row.body_mm
    y = row.margin_mm + HAN_TOP * row.title_mm
    slots = floor((code_top - 0.6 * row.body_mm - y) / pitch + 1e-9)
    host = () if put_host_under_symbol(page, frame, text) else host_lines(frame, text.host, row.body_mm, width)
    if slots < len(host):
        raise frame.misfit("the maker above the code and the host", (0.0, pitch * (len(host) - slots)))
    lines = [*lines[: slots - len(host)], *((line,) for line in host)]
    put_maker(page, frame, text)
    for line in lines:
        y += pitch
        page.put_row(line, row.body_mm, x, y, room_mm=width)


def arrange_under(page: Page, frame: Frame, text: LabelText) -> None:
    """Raises FitError."""
    row = frame.template
    width = frame.right_mm - row.margin_mm
    per_line = groups_per_line(row.code_mm, len(text.groups), width)
    if per_line < 1:
        raise frame.misfit("the code", (code_width(row.code_mm, 1) - width, 0.0))
    frame.check_symbol(floor_mm=frame.bottom_mm - code_height(row.code_mm, len(text.groups), per_line))
    page.put_code(text.groups, row.code_mm, row.margin_mm, room_mm=width, bottom_mm=frame.bottom_mm)


def arrange_bare(frame: Frame) -> None:
    """Raises FitError."""
    frame.check_symbol(floor_mm=frame.template.height_mm)


def _lines(text: LabelText, second_name: str) -> list[tuple[str, ...]]:
    """The particulars without captions, most wanted first."""
    lines = (
        (second_name,),
        (text.model, f"{text.chemistry_zh} {text.chemistry_en}".strip()),
        (text.rating,),
        (f"制造 Made {text.made_on}" if text.made_on else "",),
    )
    return [line for line in lines if any(line)]
