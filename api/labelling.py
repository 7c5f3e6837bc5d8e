"""The label of a battery, and files of many: what its record gives to print, and the drawing of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from labels.collection import Mark, mark_for_cylinder, mark_for_side
from labels.errors import LabelError
from labels.label import draw_label, draw_label_for_head, draw_pdf, draw_png, draw_svg, draw_zpl
from labels.layout import Drawing
from labels.link import battery_link, hosts_of
from labels.sheet import MOST_LABELS, SHEET_MASK, lay_out, lay_out_roll, most_on
from labels.template import find_template
from labels.text import LabelText
from service.domain.gbt34014 import CHEMISTRIES, parse_code
from service.domain.units import format_quantity
from service.domain.words import Level, Material
from service.history import BatteryNow

CONTENT_TYPES = {
    "svg": "image/svg+xml",
    "png": "image/png",
    "pdf": "application/pdf",
    "zpl": "text/plain; charset=utf-8",
}
ROLL = "roll"
PAGES = (ROLL, "A4", "Letter")
TEMPLATE_OF = {Level.PACK: "P1", Level.MODULE: "M1", Level.CELL: "C1"}
_PNG_DPI, _ZPL_DPI = 300, 203
_LEAD_SHARE_PPM = 40
"""Above 0.004 % of lead its symbol is due. Source: Regulation (EU) 2023/1542, Art. 13(5)."""


@dataclass(frozen=True, slots=True)
class Look:
    """How labels are to look. `template`: None for that of the battery's level. `page`: of a PDF, one of PAGES.

    `side_mm` or `cylinder_mm`, where given, ask for the symbol for separate collection: width and height of the
    battery's largest side, or diameter and length of a cell. `metals`: chemical symbols, beside that of lead, which
    the model tells.
    """

    form: str = "svg"
    template: str | None = None
    dpi: int | None = None
    page: str = ROLL
    side_mm: tuple[float, float] | None = None
    cylinder_mm: tuple[float, float] | None = None
    metals: tuple[str, ...] = ()


def draw_battery_label(now: BatteryNow, base_url: str, look: Look) -> bytes:
    """One label. Raises LabelError."""
    return draw_labels([now], base_url, look)


def draw_labels(batteries: Sequence[BatteryNow], base_url: str, look: Look, *, copies: int = 1) -> bytes:
    """A file with the labels of all, one after the other. Raises LabelError, which may say in a note which is wrong."""
    if look.form in ("svg", "png") and len(batteries) * copies > 1:
        raise LabelError(f"a file of the format {look.form} holds one label: several come as pdf or zpl")
    if len(batteries) * copies > MOST_LABELS:
        raise LabelError(f"at most {MOST_LABELS} labels in one file")
    template = find_template(template_of(batteries, look))
    mask = None if len(batteries) == 1 else SHEET_MASK
    drawings = [_draw(now, base_url, look, template.name, mask) for now in batteries]
    several = [drawing for drawing in drawings for _ in range(copies)]
    match look.form:
        case "png":
            return draw_png(drawings[0], look.dpi or _PNG_DPI)
        case "zpl":
            return b"".join(draw_zpl(drawing, look.dpi or _ZPL_DPI) for drawing in several)
        case "pdf" if look.page == ROLL and len(several) == 1:
            return draw_pdf(drawings[0])
        case "pdf" if look.page == ROLL:
            return lay_out_roll(several, template)
        case "pdf":
            columns, rows = most_on(look.page, template)
            return lay_out(several, columns=columns, rows=rows, page=look.page, template=template)
        case _:
            return draw_svg(drawings[0])


def template_of(batteries: Sequence[BatteryNow], look: Look) -> str:
    """The name of the template: that which was asked for, or that of the one level of the batteries."""
    levels = {now.state.level for now in batteries}
    if look.template is None and len(levels) > 1:
        raise LabelError("packs, modules and cells have different labels: name a template, or print them apart")
    return look.template or TEMPLATE_OF[next(iter(levels))]


def label_text(now: BatteryNow, host: str) -> LabelText:
    """What is printed beside the QR code: public facts only."""
    state = now.state
    chemistry = CHEMISTRIES[parse_code(now.code).chemistry]
    enrolment = now.maker.enrolment if now.maker else None
    rating = [(state.capacity_mah, "capacity_mah"), (state.mass_g, "mass_g")]
    if now.model:
        rating.insert(0, (now.model.body.voltage_mv, "voltage_mv"))
    return LabelText(
        code=now.code,
        host=host,
        maker_zh=enrolment.name if enrolment else "",
        maker_en=(enrolment.name_en or "") if enrolment else "",
        model=now.model.body.name if now.model else "",
        chemistry_zh=chemistry.zh,
        chemistry_en=chemistry.en,
        rating=" · ".join(format_quantity(value, name, "en") for value, name in rating),
        made_on=state.made_on.isoformat(),
    )


def look_of(members: Mapping[str, object]) -> Look:
    """From a request's members, which a schema has checked."""
    return Look(**{name: members[name] for name in Look.__slots__ if name in members})  # type: ignore[arg-type]


def _draw(now: BatteryNow, base_url: str, look: Look, template: str, mask: int | None) -> Drawing:
    link = battery_link(base_url, now.code)
    row, mark = find_template(template), _mark_of(now, look)
    try:
        text = label_text(now, hosts_of(link)[1])
        if look.form in ("png", "zpl"):
            dpi = look.dpi or (_PNG_DPI if look.form == "png" else _ZPL_DPI)
            return draw_label_for_head(link, text, row, dpi, mask=mask, mark=mark)
        return draw_label(link, text, row, mask=mask, mark=mark)
    except LabelError as error:
        error.add_note(now.code)
        raise


def _mark_of(now: BatteryNow, look: Look) -> Mark | None:
    if look.side_mm is None and look.cylinder_mm is None:
        return None
    metals = {*look.metals, *(("Pb",) if _has_lead(now) else ())}
    wanted = tuple(metal for metal in ("Cd", "Pb") if metal in metals)
    if look.cylinder_mm is not None:
        return mark_for_cylinder(*look.cylinder_mm, wanted)
    assert look.side_mm is not None
    return mark_for_side(*look.side_mm, wanted)


def _has_lead(now: BatteryNow) -> bool:
    if now.model is None:
        return False
    body = now.model.body
    return body.composition_g.get(Material.LEAD, 0) * 1_000_000 > _LEAD_SHARE_PPM * body.mass_g
