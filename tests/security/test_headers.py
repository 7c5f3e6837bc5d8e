"""S-56, S-57: every answer of every route carries the headers that keep a browser safe, and says how it may be kept.

What is expected stands here once more, written out: a header that is dropped or weakened in the code is noticed.
"""

import re
from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from api.routes import Declaration, declarations
from tests.api.test_routes import PATHS
from tests.api.town import AUTHORITY, Town

POLICY = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self' data:",
    "font-src": "'self'",
    "connect-src": "'self'",
    "manifest-src": "'self'",
    "form-action": "'self'",
    "base-uri": "'none'",
    "frame-ancestors": "'none'",
    "require-trusted-types-for": "'script'",
    "trusted-types": "'none'",
}
OTHERWISE = {"/docs": POLICY | {"trusted-types": "default dompurify"}}
"""By rule. Swagger UI writes HTML: `static/docs.js` lets plain words through and nothing else."""
SCANNER = {"/", "/w", "/w/batch"}
"""Pages with a camera, whose decoder is WebAssembly."""
FIXED = {
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Referrer-Policy": "no-referrer",
    "Strict-Transport-Security": "max-age=63072000",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
CACHED = re.compile(r"no-store|no-cache|(private|public), (no-store|no-cache|max-age=[0-9]+)(, immutable)?")
TELLING = ("Server", "X-Powered-By", "Via", "Access-Control-Allow-Credentials")
OPEN = ("/", "/b/", "/B/", "/01/", "/414/", "/417/", "/8004/", "/find", "/.well-known/gs1resolver")
"""What is printed on labels may be read by pages of others, as GS1 wants of a resolver: nothing there needs a key."""
NOT_OFFERED = {"/epcis/queries/<query_name>/subscriptions"}
"""Of the standard, answered with a reason and kept out of the description."""


def plain(app: Flask) -> FlaskClient:
    return FlaskClient(app, app.response_class)


def ask(client: FlaskClient, route: Declaration, headers: dict[str, str]) -> TestResponse:
    path = route.rule
    for placeholder, value in PATHS.items():
        path = path.replace(placeholder, value)
    return client.open(re.sub("<[^>]+>", "x", path), method=route.method, headers=headers)


def wrong_headers(rule: str, answer: TestResponse) -> Iterator[str]:
    """What is not as it should be."""
    devices = FIXED["Permissions-Policy"].replace("camera=()", "camera=(self)" if rule in SCANNER else "camera=()")
    for name, value in (FIXED | {"Permissions-Policy": devices}).items():
        if answer.headers.get(name) != value:
            yield f"{name}: {answer.headers.get(name)}"
    told = answer.headers.get("Content-Security-Policy", "")
    policy = {name: rest for name, _, rest in (each.strip().partition(" ") for each in told.split(";"))}
    expected = OTHERWISE.get(rule, POLICY)
    if rule in SCANNER:
        expected = expected | {"script-src": "'self' 'wasm-unsafe-eval'"}
    if rule == "/w" or rule.startswith("/w/"):
        expected = expected | {"trusted-types": "packtrail-worker"}
    looser = {name for name, value in policy.items() if value != expected.get(name)}
    if "sandbox" not in policy and (looser or policy.keys() != POLICY.keys()):
        yield f"Content-Security-Policy: {told}"
    if not CACHED.fullmatch(answer.headers.get("Cache-Control", "")):
        yield f"Cache-Control: {answer.headers.get('Cache-Control')}"
    yield from (f"{name} is told" for name in TELLING if name in answer.headers)
    if "Access-Control-Allow-Origin" in answer.headers and not (rule == "/" or rule.startswith(OPEN[1:])):
        yield "open to other origins"


@pytest.mark.parametrize("caller", ["nobody", AUTHORITY])
@pytest.mark.parametrize("accept", ["application/json", "text/html"])
def test_every_answer_of_every_route_carries_them(app: Flask, town: Town, caller: str, accept: str) -> None:
    client = plain(app)
    headers = {"Accept": accept} | ({} if caller == "nobody" else town.bearer(caller))
    wrong = []
    for each in declarations(app):
        answer = ask(client, each, headers)
        wrong += [
            f"{each.method} {each.rule} {answer.status_code}: {what}" for what in wrong_headers(each.rule, answer)
        ]
    assert wrong == []


@pytest.mark.parametrize(
    "path", ["/", "/static/packtrail.css", "/nothing/here", "/v1/nothing", "/%00", "/docs/docs.js"]
)
@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS", "POST", "TRACE"])
def test_so_does_what_is_no_route(app: Flask, path: str, method: str) -> None:
    assert list(wrong_headers(path, plain(app).open(path, method=method))) == []


def test_what_is_shown_to_one_caller_is_never_kept_for_others(app: Flask, town: Town) -> None:
    """Where an answer may be kept by caches between, it is the same without a key, or it varies by it."""
    client, shared = plain(app), []
    for each in declarations(app):
        if each.method == "GET":
            answer = ask(client, each, town.bearer(AUTHORITY))
            public = ask(client, each, {})
            is_same = answer.data == public.data and answer.status_code == public.status_code
            if (
                answer.headers["Cache-Control"].startswith("public")
                and not is_same
                and "Authorization" not in answer.vary
            ):
                shared.append(each.rule)
    assert shared == []


def test_a_browser_that_asks_for_another_origin_is_told_nothing(app: Flask, town: Town) -> None:
    asked = {"Origin": "https://evil.example", "Access-Control-Request-Method": "POST"}
    answer = plain(app).options("/v1/events", headers=town.bearer(AUTHORITY) | asked)
    assert [name for name in answer.headers if name[0].lower().startswith("access-control")] == []


def test_every_route_is_described_or_is_a_page(app: Flask) -> None:
    """No route is left over from an earlier version, and none can be reached that nobody has written down."""
    rules = {rule.rule for rule in app.url_map.iter_rules()} - {"/static/<path:filename>"}
    assert rules == {each.rule for each in declarations(app)}
    hidden = {each.rule for each in declarations(app) if not each.described}
    programs = ("/v1", "/log/", "/epcis", "/livez", "/readyz", "/metrics", "/witness")
    assert {rule for rule in hidden if rule.startswith(programs)} == NOT_OFFERED
