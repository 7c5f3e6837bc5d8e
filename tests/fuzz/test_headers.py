"""No header and no cursor, however mangled, brings an answer that is an error of ours."""

from collections.abc import Iterator
from urllib.parse import quote_from_bytes

import pytest
from flask import Flask
from hypothesis import given

from service.work import Register
from tests.api.conftest import founded_town
from tests.api.town import AUTHORITY, Town
from tests.applications import app_on
from tests.fuzz.mangling import bounded, mangled
from tests.service.domain.story import PACK

__all__ = ["founded_town"]

PAGES = ("/", f"/b/{PACK}", f"/v1/batteries/{PACK}", "/v1/openapi.json", "/log/checkpoint", "/static/packtrail.css")
SEEDS = {
    "Accept": (b"text/html,application/ld+json;q=0.9,*/*;q=0.1", b"application/linkset+json"),
    "Accept-Language": (b"zh-CN,zh;q=0.9,en;q=0.8", b"en-GB"),
    "Authorization": (b"Bearer pt_abcdefghijkl_" + b"A" * 43, b"Basic YTpi"),
    "Content-Encoding": (b"identity", b"gzip"),
    "Content-Type": (b"application/json; charset=utf-8", b"multipart/form-data; boundary=x"),
    "Cookie": (b"a=b; __Host-packtrail=" + b"A" * 43, b'a="b\\"c"'),
    "If-Modified-Since": (b"Sun, 22 Nov 2026 01:02:03 GMT",),
    "If-None-Match": (b'"0123456789abcdef"', b'W/"x", *'),
    "Origin": (b"https://id.example.cn", b"null"),
    "Range": (b"bytes=0-10,20-", b"bytes=-5"),
    "traceparent": (b"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",),
    "X-Forwarded-For": (b"203.0.113.7, 10.0.0.1", b"[2001:db8::1]:80"),
}
CURSORS = {
    "/v1/dppsByProductIds?cursor=": (b"YWZ0ZXIgMTA=",),
    "/v1/missing-batteries?after=": (b"12~001PE12ABCDEFGG2T0000001",),
    "/v1/duties/late?after=": (b"2026-03-01~12~001PE12ABCDEFGG2T0000001~cn73-scrap",),
    "/epcis/events?nextPageToken=": (b"eyJhIjoxfQ==",),
    "/v1/access-log?after=": (b"12",),
}


@pytest.fixture(scope="module")
def served(founded_town: Town, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Flask, Town]]:
    town = founded_town.copied(tmp_path_factory.mktemp("headers") / "register")
    register = Register(town.settings)
    yield app_on(register), town
    register.close()


@pytest.mark.parametrize("name", SEEDS)
def test_no_header_brings_an_answer_that_is_an_error_of_ours(served: tuple[Flask, Town], name: str) -> None:
    app, _ = served
    client = app.test_client()

    @bounded(8)
    @given(mangled(SEEDS[name]))
    def check(value: bytes) -> None:
        # A header with a line break does not reach an application; the rest comes as Latin-1.
        text = value.replace(b"\r", b"").replace(b"\n", b"").decode("latin-1")
        for path in PAGES:
            answer = client.get(path, headers={name: text})
            answer.close()
            assert answer.status_code < 500, path

    check()


@pytest.mark.parametrize("path", CURSORS)
def test_no_cursor_brings_an_answer_that_is_an_error_of_ours(served: tuple[Flask, Town], path: str) -> None:
    app, town = served
    client = app.test_client()
    method = "POST" if "ProductIds" in path else "GET"
    body = {"productIds": [PACK]} if method == "POST" else None

    @bounded(20)
    @given(mangled(CURSORS[path]))
    def check(value: bytes) -> None:
        answer = client.open(path + quote_from_bytes(value), method=method, json=body, headers=town.bearer(AUTHORITY))
        assert answer.status_code < 500

    check()
