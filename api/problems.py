"""Errors as RFC 9457 problems: one shape for every refusal, whoever found the reason.

    {"type": "https://.../problems/refused", "title": "...", "status": 422, "detail": "...", "instance": "/v1/events",
     "code": "refused", "trace_id": "...",
     "errors": [{"pointer": "/body/mass_g", "code": "...", "message": "...", "message_zh": "...", "source": "..."}]}

`title` and `detail` follow Accept-Language (English or Chinese), `errors` carry both. A conflict adds `index` and
`current`; a battery that is not known adds `absence`, what proves it. The detail of an error that is not in the table
is withheld: it is logged, once, under the trace id.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Any

import orjson
from flask import Flask, Response, request
from marshmallow import ValidationError
from werkzeug.exceptions import HTTPException

from api import json
from api.edge import current_edge
from api.problem_table import BY_STATUS, PROBLEMS, WITHHELD, ProblemKind, slug_of
from api.tracing import logged_path, trace_id
from ledger.entry import format_time
from service.domain.errors import InvalidCode
from service.errors import Absence, ConflictError, FaultyError, UnknownBatteryError
from service.limits.errors import LimitReachedError
from service.people.tries import TooManyTriesError

CONTENT_TYPE = "application/problem+json"
RETRY_AFTER = "1"
REALM = 'Bearer realm="PackTrail"'
MAX_ERRORS = 100
"""Of those told at once: who sends 100,000 wrong members does not get an answer as long."""
_ALWAYS_JSON = ("/v1/", "/log/", "/livez", "/readyz", "/metrics", "/epcis/", "/witness/")

Errors = tuple[Mapping[str, str], ...]


@dataclass(frozen=True, slots=True)
class Problem:
    """A problem, told in `lang` (en or zh)."""

    kind: ProblemKind
    detail: str
    lang: str = "en"
    errors: Errors = ()
    extra: Mapping[str, object] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def title(self) -> str:
        return self.kind.title_zh if self.lang == "zh" else self.kind.title_en

    @property
    def advice(self) -> str:
        return self.kind.advice_zh if self.lang == "zh" else self.kind.advice_en

    def members(self) -> dict[str, object]:
        """The JSON object."""
        base = current_edge().register.settings.base_url
        members: dict[str, object] = {
            "type": f"{base}/problems/{self.kind.slug}",
            "title": self.title,
            "status": self.kind.status,
            "detail": self.detail,
            "instance": request.path,
            "code": self.kind.slug,
            "trace_id": trace_id(),
        }
        if self.errors:
            members["errors"] = self.errors
        members.update(self.extra)
        return members


def install(app: Flask) -> None:
    """Make every error of the application a problem."""
    app.register_error_handler(HTTPException, answer_error)
    app.register_error_handler(Exception, answer_error)


def answer_error(error: Exception) -> Response:
    """The answer to an error that left a view, or that kept a request from reaching one."""
    problem = problem_of(error)
    if problem.kind.slug in WITHHELD:
        current_edge().logger.error("failed", trace_id=trace_id(), path=logged_path(), exc_info=error)
    return answer_problem(problem)


def answer_problem(problem: Problem) -> Response:
    """A problem as JSON, or as a page where a person asks and the pages have said how."""
    page = current_edge().error_page
    if page is not None and _is_for_a_person():
        response = page(problem)
    else:
        response = Response(orjson.dumps(problem.members()), content_type=CONTENT_TYPE)
    response.status_code = problem.kind.status
    response.headers.update(problem.headers)
    response.headers["Content-Language"] = problem.lang
    response.headers["Cache-Control"] = "no-store"
    response.vary.update(("Accept", "Accept-Language"))
    return response


def problem_of(error: Exception) -> Problem:
    """What to tell about an error."""
    if isinstance(error, HTTPException):
        return _of_http(error)
    slug = slug_of(error)
    kind, lang = PROBLEMS[slug], language()
    if slug in WITHHELD:
        return Problem(kind, kind.advice_zh if lang == "zh" else kind.advice_en, lang, headers=_headers(kind))
    problem = Problem(kind, str(error), lang, headers=_headers(kind))
    if isinstance(error, TooManyTriesError | LimitReachedError):
        problem = replace(problem, headers={"Retry-After": str(error.seconds)})
    if isinstance(error, UnknownBatteryError) and error.absence is not None:
        return replace(problem, extra={"absence": absence_members(error.absence)})
    if isinstance(error, FaultyError):
        return _of_faults(problem, error)
    if isinstance(error, ValidationError):
        return replace(problem, detail=kind.advice_zh if lang == "zh" else kind.advice_en, errors=_flat(error))
    if isinstance(error, InvalidCode):
        fault = {"pointer": "", "code": "code", "message": str(error), "message_zh": error.reason_zh}
        extra = {} if error.position is None else {"position": error.position + 1}
        return replace(problem, detail=error.reason_zh if lang == "zh" else str(error), errors=(fault,), extra=extra)
    return problem


def absence_members(absence: Absence) -> dict[str, object]:
    """The member `absence` of a problem; `evidence` is where the proof is to be had."""
    address = f"{current_edge().register.settings.base_url}/v1/batteries/{absence.code}/evidence"
    return {"size": absence.size, "at": format_time(absence.at), "later": absence.later, "evidence": address}


def language() -> str:
    """`zh` or `en`, by Accept-Language."""
    return request.accept_languages.best_match(("en", "zh"), default="en")


def moved(problem: Problem, move: Callable[[str], str]) -> Problem:
    """The problem with its pointers moved: from the part where the fault was found to the body that was sent."""
    errors = tuple({**error, "pointer": move(error["pointer"])} for error in problem.errors)
    return replace(problem, errors=errors)


def _of_faults(problem: Problem, error: FaultyError) -> Problem:
    errors = tuple(
        {
            "pointer": fault.pointer,
            "code": fault.code,
            "message": fault.message_en,
            "message_zh": fault.message_zh,
        }
        | ({"source": fault.source} if fault.source else {})
        for fault in error.faults[:MAX_ERRORS]
    )
    detail = str(error)
    if problem.lang == "zh" and error.faults:
        detail = "；".join(fault.message_zh for fault in error.faults)
    extra: dict[str, object] = {}
    if isinstance(error, ConflictError):
        given = {"index": error.index, "current": error.current}
        extra = {name: value for name, value in given.items() if value is not None}
    return replace(problem, detail=detail, errors=errors, extra=extra)


def _of_http(error: HTTPException) -> Problem:
    status = error.code or 500
    slug = BY_STATUS.get(status, "malformed" if status < 500 else "internal")
    kind, lang = PROBLEMS[slug], language()
    told = error.description if status in (400, 415) and lang == "en" else None
    headers = {name: value for name, value in error.get_headers() if name == "Allow"}
    advice = kind.advice_zh if lang == "zh" else kind.advice_en
    return Problem(kind, told or advice, lang, headers=headers | _headers(kind))


def _headers(kind: ProblemKind) -> dict[str, str]:
    if kind.status == 401:
        return {"WWW-Authenticate": REALM}
    return {"Retry-After": RETRY_AFTER} if kind.status == 503 else {}


def _flat(error: ValidationError) -> Errors:
    messages = error.normalized_messages()  # type: ignore[no-untyped-call]
    return tuple(
        {"pointer": pointer, "code": "form", "message": message, "message_zh": "格式不正确"}
        for pointer, message in islice(_walk("", messages), MAX_ERRORS)
    )


def _walk(pointer: str, messages: Any) -> Iterator[tuple[str, str]]:
    if isinstance(messages, dict):
        for name, below in messages.items():
            step = str(name).replace("~", "~0").replace("/", "~1")
            yield from _walk(pointer if name == "_schema" else f"{pointer}/{step}", below)
    else:
        for message in messages:
            yield pointer, str(message)


def _is_for_a_person() -> bool:
    if request.path.startswith(_ALWAYS_JSON):
        return False
    return request.accept_mimetypes.best_match(("application/json", "text/html"), default=json.JSON) == "text/html"
