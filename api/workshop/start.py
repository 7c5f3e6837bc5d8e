"""The start of the workshop: scan, photograph or type a code; and what scripts need of the session."""

from typing import Any

from flask import request
from flask.typing import ResponseReturnValue

from api import json
from api.auth import RECORDER
from api.csrf import token_for
from api.desk.opening import desk_routes, field, go, person_caller
from api.edge import current_register
from api.problems import problem_of
from api.routes import Terms
from api.session_cookie import session_token
from api.workshop.opening import MOST_TYPED, PATH, lead_to, show_choice, show_phone
from service.errors import Fault, RefusedError
from service.pictures.codes import MOST_BYTES, read_codes
from service.workshop.own_work import day_of

routes = desk_routes("workshop")


@routes.get(PATH, Terms(RECORDER, "The workshop: scan, photograph or type a code"))
def show_start() -> ResponseReturnValue:
    return _page()


@routes.get(f"{PATH}/find", Terms(RECORDER, "Back to the start: a name is not told in an address"))
def show_find() -> ResponseReturnValue:
    return go(PATH)


@routes.get(f"{PATH}/photo", Terms(RECORDER, "Back to the start, where photos are sent from"))
def show_photo() -> ResponseReturnValue:
    return go(PATH)


@routes.post(f"{PATH}/find", Terms(RECORDER, "The battery that somebody typed, pasted or scanned"))
def find() -> ResponseReturnValue:
    text = field("code", most=MOST_TYPED)
    if not text:
        return _page(error=RefusedError([Fault("/code", "missing", "type or scan a code", "请输入或扫描编码")]))
    return lead_to(text)


@routes.post(f"{PATH}/photo", Terms(RECORDER, "The battery whose code is in a photo"))
def read_photo() -> ResponseReturnValue:
    file = request.files.get("photo")
    try:
        data = file.read(MOST_BYTES + 1) if file is not None else b""
        if not data:
            raise RefusedError([Fault("/photo", "missing", "choose or take a photo", "请拍照或选择照片")])
        found = read_codes(data)
    except RefusedError as error:
        return _page(error=error)
    if not found:
        return _page(nothing_found=True)
    return lead_to(found[0]) if len(found) == 1 else show_choice([text[:MOST_TYPED] for text in found])


@routes.get(f"{PATH}/token", Terms(RECORDER, "For scripts: who is signed in, and the token that requests carry"))
def show_token() -> ResponseReturnValue:
    caller = person_caller()
    return json.answer(
        {"csrf": token_for(session_token() or ""), "organisation": caller.operator, "person": caller.person}
    )


def _page(*, error: RefusedError | None = None, **values: Any) -> ResponseReturnValue:
    register = current_register()
    with register.read() as reader:
        today = day_of(reader, person_caller().operator, register.clock())
    return show_phone(
        "w/start.html",
        status=422 if values.get("nothing_found") else 200,
        problem=None if error is None else problem_of(error),
        today=today,
        nothing_found=values.get("nothing_found", False),
        most_mb=MOST_BYTES // (1024 * 1024),
    )
