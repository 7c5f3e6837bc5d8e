"""Checking a document: whether a file is, byte for byte, one that stands in this register. The file is not kept."""

from __future__ import annotations

from hashlib import sha256

from flask import request
from flask.typing import ResponseReturnValue

from api.auth import PUBLIC, caller_by_key, present_registry
from api.document_gate import MODEL
from api.edge import current_register
from api.pages.answers import answer_plain, visit_of_request
from api.pages.rendering import Place, render
from api.problems import problem_of
from api.routes import Routes, Terms
from ledger.entry import parse_time
from service.documents.checking import find_same
from service.errors import Fault, RefusedError

routes = Routes("document", described=False, identify=caller_by_key)

PATH = "/check-document"
_SPARE = 16 * 1024
_NOTHING = Fault("/document", "missing", "choose the file to check", "请选择要核对的文件")


@routes.get(PATH, Terms(PUBLIC, "The form to check a document"))
def show_form() -> ResponseReturnValue:
    return _page()


@routes.post(PATH, Terms(PUBLIC, "Whether a file is a public document of this register"))
def check() -> ResponseReturnValue:
    request.max_content_length = current_register().settings.documents.bytes + _SPARE
    sent = request.files.get("document")
    data = sent.read() if sent is not None else b""
    return _page(data) if data else _page(error=RefusedError([_NOTHING]))


def _page(data: bytes | None = None, *, error: RefusedError | None = None) -> ResponseReturnValue:
    register = current_register()
    visit = visit_of_request(register)
    problem = None if error is None else problem_of(error)
    found = find_same(register, data) if data is not None else []
    page = render(
        "document.html",
        visit,
        Place(PATH),
        problem=problem,
        digest=sha256(data).hexdigest() if data is not None else None,
        found=[(each, parse_time(each.added_at), each.subject.removeprefix(MODEL)) for each in found],
        operators=present_registry().operators,
        most_mb=register.settings.documents.bytes // 1024 // 1024,
    )
    return answer_plain(page, visit, status=problem.kind.status if problem else 200, kept=False)
