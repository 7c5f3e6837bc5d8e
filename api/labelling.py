"""The label of a battery: what its record gives to print, and the drawing of it."""

from labels.label import render_pdf, render_png, render_svg, render_zpl
from labels.link import battery_link, hosts_of
from labels.template import find_template
from labels.text import LabelText
from service.domain.gbt34014 import CHEMISTRIES, parse_code
from service.domain.units import format_quantity
from service.domain.words import Level
from service.history import BatteryNow

CONTENT_TYPES = {
    "svg": "image/svg+xml",
    "png": "image/png",
    "pdf": "application/pdf",
    "zpl": "text/plain; charset=utf-8",
}
_TEMPLATE = {Level.PACK: "P1", Level.MODULE: "M1", Level.CELL: "M1"}
_PNG_DPI, _ZPL_DPI = 300, 203


def draw_battery_label(
    now: BatteryNow, base_url: str, *, form: str = "svg", template: str | None = None, dpi: int | None = None
) -> bytes:
    """The label as svg, png, pdf or zpl, by default in the template of the battery's level. Raises LabelError."""
    link = battery_link(base_url, now.code)
    text = label_text(now, hosts_of(link)[1])
    row = find_template(template or _TEMPLATE[now.state.level])
    match form:
        case "png":
            return render_png(link, text, row, dpi or _PNG_DPI)
        case "pdf":
            return render_pdf(link, text, row)
        case "zpl":
            return render_zpl(link, text, row, dpi or _ZPL_DPI)
        case _:
            return render_svg(link, text, row)


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
