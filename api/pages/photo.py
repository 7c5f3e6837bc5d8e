"""A photo of a label in place of a camera: the server reads the code in it and leads to what it names."""

from __future__ import annotations

from urllib.parse import urlencode

from flask import Response, redirect, request
from flask.typing import ResponseReturnValue

from api.auth import PUBLIC, caller_by_key
from api.edge import current_register
from api.pages.answers import answer_plain, visit_of_request
from api.pages.home import render_home
from api.problems import problem_of
from api.routes import Routes, Terms
from service.errors import Fault, RefusedError
from service.pictures.codes import MOST_BYTES, read_codes

routes = Routes("photo", described=False, identify=caller_by_key)

PATH = "/find/photo"
_SPARE = 16 * 1024
LONGEST = 300


@routes.post(PATH, Terms(PUBLIC, "The battery whose label is on a photo"))
def search_by_photo() -> ResponseReturnValue:
    request.max_content_length = MOST_BYTES + _SPARE
    try:
        text = _read()
    except RefusedError as error:
        return _again(error)
    language = request.args.get("lang")
    chosen = {"lang": language} if language in ("zh", "en") else {}
    return redirect(f"/find?{urlencode({'code': text} | chosen)}", 303)


def _read() -> str:
    """What stands in the first code of the photo. The photo is not kept."""
    sent = request.files.get("photo")
    codes = read_codes(sent.read()) if sent is not None and sent.filename else ()
    if not codes or len(codes[0]) > LONGEST:
        raise RefusedError([_NOTHING])
    return codes[0]


_NOTHING = Fault(
    "/photo",
    "no-code",
    "no code was found on the photo: take it straight from the front, near and sharp, or type the code",
    "照片中没有找到二维码：请正对标签、靠近并对焦后重拍，或直接输入编码",
)


def _again(error: RefusedError) -> Response:
    register = current_register()
    visit, problem = visit_of_request(register), problem_of(error)
    return answer_plain(render_home(register, visit, problem=problem), visit, status=problem.kind.status, kept=False)
