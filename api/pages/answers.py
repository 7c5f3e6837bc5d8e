"""From a page or a document to an HTTP response: caching, languages, links, and the answer 304."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256

import orjson
from flask import Response, request

from api.language import TAGS, choose_language
from api.pages.negotiation import Form
from api.pages.rendering import Visit, format_moment
from api.pages.unknown import Nowhere, render_unknown
from api.problem_table import PROBLEMS
from api.problems import CONTENT_TYPE, Problem, absence_members
from service.work import Register

FRESH = "public, max-age=60"
"""How long a page may be shown again without asking."""


def visit_of_request(register: Register) -> Visit:
    """The present request, as far as pages depend on it."""
    wanted = request.args.get("lang")
    language = choose_language(wanted, request.headers.get("Accept-Language", ""))
    return Visit(language, wanted == language, register.clock(), register.origin)


def answer_page(html: str, visit: Visit, *, status: int = 200, links: str = "") -> Response:
    """A page. Its tag is weak: it leaves the server's time out of account."""
    timeless = html.replace(format_moment(visit.now), "")
    response = Response(html.encode(), status, content_type="text/html; charset=utf-8")
    return _finish(response, visit, sha256(timeless.encode()).hexdigest(), weak=True, links=links)


def answer_plain(html: str, visit: Visit, *, status: int = 200, kept: bool = True) -> Response:
    """A page that is no battery's: other origins have no use for it. kept: browsers may show it again for a minute."""
    response = answer_page(html, visit, status=status)
    del response.headers["Access-Control-Allow-Origin"], response.headers["Access-Control-Expose-Headers"]
    if not kept:
        response.headers["Cache-Control"] = "no-store"
    return response


def answer_document(
    document: Mapping[str, object], visit: Visit, form: Form, *, status: int = 200, links: str = ""
) -> Response:
    """A JSON document: the same facts give the same bytes."""
    body = orjson.dumps(document)
    response = Response(body, status, content_type=form.value)
    return _finish(response, visit, sha256(body).hexdigest(), weak=False, links=links)


def answer_nowhere(nowhere: Nowhere, visit: Visit, form: Form) -> Response:
    """That a look-up found nothing: a helpful page, or a problem for programs."""
    if form is Form.HTML:
        return answer_page(render_unknown(nowhere, visit), visit, status=nowhere.status)
    kind = PROBLEMS["malformed" if nowhere.wrong_address else "not-found"]
    detail, extra = visit.say.pick(kind.advice_en, kind.advice_zh), dict[str, object]()
    if nowhere.wrong_address:
        detail = visit.say("unknown.lead_address")
    if nowhere.no_link:
        detail = visit.say("unknown.lead_link")
    if nowhere.invalid is not None:
        detail = visit.say.pick(nowhere.invalid.reason_en, nowhere.invalid.reason_zh)
    if nowhere.position is not None:
        extra["position"] = nowhere.position + 1
    if nowhere.absence is not None:
        extra["absence"] = absence_members(nowhere.absence)
    if nowhere.meant:
        extra["meant"] = list(nowhere.meant)
    members = Problem(kind, detail, visit.language, extra=extra).members()
    response = Response(orjson.dumps(members), nowhere.status, content_type=CONTENT_TYPE)
    return _finish(response, visit, "", weak=False, links="")


def _finish(response: Response, visit: Visit, tag: str, *, weak: bool, links: str) -> Response:
    response.headers["Content-Language"] = TAGS[visit.language]
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["Access-Control-Expose-Headers"] = "Link, Content-Location, ETag"
    response.vary.update(("Accept", "Accept-Language"))
    if links:
        response.headers["Link"] = links
    if response.status_code in (200, 410):
        response.headers["Cache-Control"] = FRESH
        response.set_etag(tag[:32], weak=weak)
    if response.status_code == 200:
        response.make_conditional(request)
    return response
