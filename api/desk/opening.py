"""What the pages for people share: how their routes find the person, how a page is made and how a form is answered.

A module of this folder makes its routes with `desk_routes`, answers GET with `show("desk/x.html", ...)` and POST with
`go(...)`, a redirect to a fixed place of ours, or with the page again. Templates extend `desk/base.html`; each form
with method post begins with `{{ csrf_field() }}`. An error of the service that a person can mend is shown on the page
by `show(..., problem=problem_of(error))`; what is not caught becomes the usual page for problems.
"""

import secrets
from collections.abc import Callable, Mapping
from dataclasses import replace
from urllib.parse import urlencode

from flask import Response, g, redirect, request
from markupsafe import Markup, escape

from api.auth import present_caller, present_registry
from api.csrf import FIELD, token_for
from api.desk.ending import present_ending
from api.desk.navigation import Entry, entries_for
from api.edge import current_register
from api.naming import operator_name
from api.pages.answers import visit_of_request
from api.pages.rendering import Place, Visit, render
from api.problems import Problem
from api.routes import Identify, Routes
from api.session_cookie import form_token, session_token, set_form
from api.sessions import person_signed_in, present_session
from api.target import require_own_host
from service.access import Caller


def desk_routes(name: str, *, identify: Identify = person_signed_in) -> Routes:
    """Routes of pages for people who are signed in completely, unless `identify` says otherwise (see api.sessions)."""

    def identify_at_home() -> Caller | None:
        require_own_host()
        return identify()

    return Routes(name, described=False, identify=identify_at_home)


def show(
    template: str,
    *,
    status: int = 200,
    problem: Problem | None = None,
    kept: Mapping[str, str] | None = None,
    **values: object,
) -> Response:
    """A page for the present request. `problem`: what kept the form that was sent from being carried out.

    `kept`: what of the address's query stays when the language is switched.
    """
    visit = visit_of_request(current_register())
    cookie = _cookie()
    html = render(
        template,
        visit,
        Place(request.path, tuple((kept or {}).items())),
        csrf_field=_field(cookie),
        csrf_token=token_for(cookie),
        organisation=_organisation(visit),
        entries=_entries(),
        ending=present_ending(visit.say),
        problem=None if problem is None else replace(problem, lang=visit.language),
        **values,
    )
    response = Response(
        html, status if problem is None else problem.kind.status, content_type="text/html; charset=utf-8"
    )
    if problem is not None:
        response.headers.update(problem.headers)
    if g.get("new_form_token") is not None:
        set_form(response, cookie)
    response.headers["Content-Language"] = "zh-Hans" if visit.language == "zh" else "en"
    return response


def go(path: str) -> Response:
    """See other: `path`, which is one of ours and never from the request, in the language that the person chose."""
    language = request.args.get("lang")
    query = f"?{urlencode({'lang': language})}" if language in ("zh", "en") else ""
    return redirect(f"{path}{query}", 303)  # type: ignore[return-value]


def field(name: str, *, most: int = 500) -> str:
    """A field of the form that was sent, without blanks around it and NUL in it, at most so long (one letter more tells
    that it is longer); "" where it is missing."""
    return request.form.get(name, "")[: most + 1].replace("\0", "").strip()


def asked_place(*, digits: int) -> int:
    """From which place of a list on, counted from 0, the query `from` asks for; 0 where it is no number.

    So many digits are looked at.
    """
    text = request.args.get("from", "")[:digits]
    return int(text) if text.isascii() and text.isdigit() else 0


def person_caller() -> Caller:
    """Who is signed in."""
    caller = present_caller()
    assert caller is not None and caller.person is not None, "the routes of this page let nobody else in"
    return caller


def _cookie() -> str:
    """The cookie that forms of this answer are bound to; a new one where the browser has none."""
    token = session_token() if present_session() is not None else form_token()
    if token is None:
        token = g.new_form_token = secrets.token_urlsafe(32)
    return token


def _field(cookie: str) -> Callable[[], Markup]:
    return lambda: Markup(f'<input type="hidden" name="{FIELD}" value="{escape(token_for(cookie))}">')


def _organisation(visit: Visit) -> str | None:
    session = present_session()
    if session is None:
        return None
    return operator_name(session.operator, present_registry(), visit.say)


def _entries() -> list[list[Entry]]:
    session = present_session()
    if session is None or not session.is_full:
        return []
    return entries_for(session, present_registry().roles_of(session.operator))
