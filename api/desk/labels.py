"""Labels for people: which batteries, how they look in millimetres, the file to print, and the log of prints."""

from dataclasses import replace
from typing import Any

from flask import Response, request
from flask.typing import ResponseReturnValue

from api.auth import READER, RECORDER
from api.desk.opening import desk_routes, field, person_caller, show
from api.edge import current_register
from api.labelling import CONTENT_TYPES, PAGES, Look, draw_battery_label, template_of
from api.printing import Order, print_labels
from api.problems import problem_of
from api.routes import Terms
from labels.collection import METALS
from labels.errors import LabelError
from labels.template import DOTS_PER_MM, TEMPLATES
from service.domain.errors import InvalidCode
from service.domain.words import LabelForm, ReprintReason, VoidingReason
from service.errors import Fault, FaultyError, NotFoundError, RefusedError
from service.labelling import MOST, PRINT, Line, batteries_now, print_log
from service.lookup import resolve_battery

routes = desk_routes("labels desk")

PATH = "/desk/labels"
PAGE_WORDS = dict(zip(PAGES, ("labels.page_roll", "labels.page_a4", "labels.page_letter"), strict=True))
SIDE, CYLINDER = ("side_width", "side_height"), ("cylinder_diameter", "cylinder_length")
"""Fields of the form, in millimetres. A symbol for separate collection is drawn where one of the pairs is given."""
_CODE_LENGTH, _MOST_COPIES = 25, 100


@routes.get(PATH, Terms(READER, "Labels: choose, look, print; and the log of prints"))
def show_labels() -> ResponseReturnValue:
    return _page(dict(request.args))


@routes.get(f"{PATH}/preview", Terms(READER, "One label as it will be, in millimetres"))
def show_preview() -> ResponseReturnValue:
    register = current_register()
    asked = dict(request.args)
    [now] = batteries_now(register, [resolve_battery(register, asked.get("code", "")[:300])])
    response = Response(draw_battery_label(now, register.settings.base_url, _look(asked, "svg")))
    response.content_type = CONTENT_TYPES["svg"]
    response.headers["Cache-Control"] = "private, no-store"
    return response


@routes.post(PATH, Terms(RECORDER, "Look at labels, or print them"))
def print_or_look() -> ResponseReturnValue:
    typed = {name: field(name, most=MOST * _CODE_LENGTH) for name in request.form if name != "csrf_token"}
    try:
        order = _order(typed)
        if typed.get("act") != "print":
            return _page(typed, shown=_looked_at(order))
        made = print_labels(order, operator=person_caller().operator)
    except (FaultyError, NotFoundError, InvalidCode, LabelError) as error:
        return _page(typed, error=error)
    response = Response(made.data, content_type=made.content_type)
    response.headers["Content-Disposition"] = f'attachment; filename="{made.name}"'
    response.headers["Cache-Control"] = "private, no-store"
    return response


def _order(typed: dict[str, str]) -> Order:
    codes = tuple(typed.get("batteries", "").upper().replace(",", " ").replace("，", " ").split())
    if not codes:
        raise _refused("batteries", "name at least one battery", "请至少填写一个电池编码")
    reason = typed.get("reprint_reason") or None
    if reason is not None and reason not in list(ReprintReason):
        raise _refused("reprint_reason", "choose a reason from the list", "请从列表中选择原因")
    form = typed.get("format", "pdf")
    if form not in CONTENT_TYPES:
        raise _refused("format", "choose a format from the list", "请从列表中选择格式")
    copies = _number(typed, "copies", 1, _MOST_COPIES) or 1
    return Order(codes, _look(typed, form), copies, reason)


def _look(typed: dict[str, str], form: str) -> Look:
    template, page = typed.get("template") or None, typed.get("page") or PAGES[0]
    if (template is not None and template not in TEMPLATES) or page not in PAGES:
        raise _refused("template", "choose a template and a page from the lists", "请从列表中选择模板和页面")
    dpi = _number(typed, "dpi", min(DOTS_PER_MM), max(DOTS_PER_MM))
    if dpi is not None and dpi not in DOTS_PER_MM:
        raise _refused("dpi", "choose a resolution from the list", "请从列表中选择分辨率")
    side = _lengths(typed, SIDE, "give both lengths of the largest side", "请填写最大面的宽和高")
    cylinder = _lengths(typed, CYLINDER, "give the diameter and the length of the cell", "请填写单体的直径和长度")
    if side and cylinder:
        raise _refused(CYLINDER[0], "a battery is flat or a cylinder, not both", "请只填写最大面或圆柱形单体之一")
    return Look(form, template, dpi, page, side, cylinder, tuple(each for each in METALS if typed.get(each)))


def _lengths(typed: dict[str, str], names: tuple[str, str], en: str, zh: str) -> tuple[float, float] | None:
    """Both lengths in millimetres, or neither."""
    first, second = (_number(typed, name, 1, 10_000) for name in names)
    if first is None and second is None:
        return None
    if first is None or second is None:
        raise _refused(names[0], en, zh)
    return float(first), float(second)


def _number(typed: dict[str, str], name: str, least: int, most: int) -> int | None:
    text = typed.get(name, "")
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) < 6 and least <= int(text) <= most):
        raise _refused(name, f"a whole number from {least} to {most}", f"请填写{least}至{most}的整数")
    return int(text)


def _looked_at(order: Order) -> dict[str, Any]:
    """The first label of an order, and how many there will be. Raises what would keep it from being drawn."""
    register, look = current_register(), order.look
    batteries = batteries_now(register, order.codes)
    template = TEMPLATES[template_of(batteries, look)]
    shown = replace(look, form="svg", template=template.name)
    draw_battery_label(batteries[0], register.settings.base_url, shown)
    query = {"code": order.codes[0], "template": template.name}
    for names, lengths in ((SIDE, look.side_mm), (CYLINDER, look.cylinder_mm)):
        query |= {name: f"{length:g}" for name, length in zip(names, lengths or (), strict=False)}
    query |= dict.fromkeys(look.metals, "1")
    return {"query": query, "template": template, "count": len(order.codes) * order.copies}


def _page(
    typed: dict[str, str], *, shown: dict[str, Any] | None = None, error: Exception | None = None
) -> ResponseReturnValue:
    caller = person_caller()
    page = print_log(current_register(), caller.operator, before=request.args.get("before"))
    return show(
        "desk/labels.html",
        problem=None if error is None else problem_of(error),
        typed=typed,
        shown=shown,
        may_print="record" in caller.scopes,
        templates=list(TEMPLATES.values()),
        forms=list(LabelForm),
        pages=PAGE_WORDS,
        heads=list(DOTS_PER_MM),
        reasons=list(ReprintReason),
        metals=METALS,
        lines=[_told(line) for line in page.lines],
        older=page.older,
    )


def _told(line: Line) -> dict[str, Any]:
    body = line.body
    reason = body.get("reprint_reason") if line.kind == PRINT else body["voiding_reason"]
    words = (ReprintReason if line.kind == PRINT else VoidingReason)(reason) if reason else None
    return {
        "at": line.occurred_at,
        "index": line.index,
        "is_print": line.kind == PRINT,
        "template": body.get("template", ""),
        "count": body["copies"] * len(line.codes),
        "first": line.codes[0],
        "others": len(line.codes) - 1,
        "reason": words,
    }


def _refused(name: str, en: str, zh: str) -> RefusedError:
    return RefusedError([Fault(f"/{name}", "field", en, zh)])
