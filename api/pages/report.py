"""Reporting a problem: a form that asks for no name, and the page on which a report's reference tells how it stands."""

from __future__ import annotations

import re
from urllib.parse import urlencode

from flask import Response, redirect, request
from flask.typing import ResponseReturnValue

from api.auth import PUBLIC, caller_by_key
from api.edge import current_register
from api.pages.answers import answer_plain, visit_of_request
from api.pages.rendering import Place, render
from api.problems import problem_of
from api.routes import Routes, Terms
from service.domain.reported import Reason
from service.errors import BusyError, Fault, FaultyError, NotFoundError, RefusedError
from service.reported.noting import LONGEST_CODE, LONGEST_WORDS, Problem, note_problem
from service.reported.photos import MOST_BYTES
from service.reported.reading import find_report

routes = Routes("report", described=False, identify=caller_by_key)

PATH = "/report"
_SPARE = 64 * 1024
"""What the texts of the form may have, and what stands around them."""
_REFERENCE = re.compile(r"R-[2-9A-Z]{4}-[2-9A-Z]{4}", re.ASCII)
_LANGUAGES = ("zh", "en")


@routes.get(PATH, Terms(PUBLIC, "The form to report a problem"))
def show_form() -> ResponseReturnValue:
    return _form(code=request.args.get("code", "")[:LONGEST_CODE])


@routes.post(PATH, Terms(PUBLIC, "Report a problem"))
def report() -> ResponseReturnValue:
    request.max_content_length = MOST_BYTES + _SPARE
    try:
        reference = note_problem(current_register(), _read())
    except (FaultyError, BusyError) as error:
        return _form(code=_field("code"), error=error)
    language = request.args.get("lang")
    query = f"?{urlencode({'lang': language})}" if language in _LANGUAGES else ""
    return redirect(f"{PATH}/{reference}{query}", 303)


@routes.get(f"{PATH}/<reference>", Terms(PUBLIC, "How a report stands, for whoever has its reference"))
def show_report(reference: str) -> ResponseReturnValue:
    register = current_register()
    if _REFERENCE.fullmatch(reference) is None:
        raise NotFoundError("there is no report with this reference")
    with register.read() as reader:
        found = find_report(reader.connection, reference)
    visit = visit_of_request(register)
    page = render("reported.html", visit, Place(f"{PATH}/{reference}"), report=found)
    return answer_plain(page, visit, kept=False)


def _read() -> Problem:
    try:
        reason = Reason(_field("reason"))
    except ValueError:
        raise RefusedError([Fault("/reason", "choice", "choose what is wrong", "请选择问题类型")]) from None
    sent = request.files.get("photo")
    photo = sent.read() if sent is not None and sent.filename else None
    return Problem(_field("code"), reason, _field("words"), photo)


def _field(name: str) -> str:
    """One letter more than is allowed is kept, so that what is too long is told and not cut."""
    return request.form.get(name, "").strip()[: LONGEST_WORDS + 1]


def _form(*, code: str, error: Exception | None = None) -> Response:
    register = current_register()
    visit = visit_of_request(register)
    problem = None if error is None else problem_of(error)
    page = render(
        "report.html",
        visit,
        Place(PATH, (("code", code),) if code else ()),
        code=code,
        reasons=list(Reason),
        chosen=request.form.get("reason", ""),
        words=_field("words"),
        problem=problem,
        wrong={each["pointer"][1:] for each in problem.errors} if problem else set(),
        most=LONGEST_WORDS,
        most_mb=MOST_BYTES // 1024 // 1024,
    )
    return answer_plain(page, visit, status=problem.kind.status if problem else 200, kept=False)
