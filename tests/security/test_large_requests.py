"""S-16, S-40: requests that are made to cost much, and a server that was left open for debugging."""

import time
from pathlib import Path

import pytest
from flask import Flask

from api.server import Place, serve
from service.errors import SettingsError
from tests.api.town import MAKER, Town, settings_in
from tests.security.test_headers import plain

PARTS = "multipart/form-data; boundary=x"
MEMBERS = b",".join(b'"%d":1' % n for n in range(100_000))
PART = b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n'
FORM = "application/x-www-form-urlencoded"
JSON = "application/json"
COSTLY = {
    "a million form fields": ("POST", "/v1/events", FORM, b"a=1&" * 1_000_000),
    "a million form fields to a page": ("POST", "/login", FORM, b"a=1&" * 1_000_000),
    "a hundred thousand parts": ("POST", "/v1/events", PARTS, PART * 100_000),
    "a hundred thousand parts to a page": ("POST", "/login", PARTS, PART * 100_000),
    "a hundred thousand parameters": ("GET", "/v1/operators?" + "a=1&" * 100_000, JSON, b""),
    "twenty thousand names": ("GET", "/v1/duties?" + "&".join(f"a{n}=1" for n in range(20_000)), JSON, b""),
    "a hundred thousand members": ("POST", "/v1/events", JSON, b"{" + MEMBERS + b"}"),
    "one number of a million digits": ("POST", "/v1/events", JSON, b'{"type":' + b"9" * 1_000_000 + b"}"),
    "a search of a megabyte": ("GET", "/find?code=" + "A" * 1_000_000, JSON, b""),
    "ten thousand slashes": ("GET", "/b" + "/x" * 10_000, JSON, b""),
    "a token of 100 KB": ("GET", "/v1/operators", JSON, b""),
    "ten thousand tags of content": ("GET", "/v1/openapi.json", JSON, b""),
    "ten thousand ranges": ("GET", "/static/packtrail.css", JSON, b""),
}  # fmt: skip
HEADERS = {
    "a token of 100 KB": {"Authorization": "Bearer " + "A" * 100_000},
    "ten thousand tags of content": {"If-None-Match": ", ".join(f'"{n}"' for n in range(10_000))},
    "ten thousand ranges": {"Range": "bytes=" + ",".join(f"{n}-{n}" for n in range(10_000))},
}


@pytest.mark.parametrize("name", COSTLY)
def test_what_is_made_to_cost_much_is_answered_within_a_second(app: Flask, town: Town, name: str) -> None:
    method, path, content, body = COSTLY[name]
    client = plain(app)
    headers = town.bearer(MAKER) | {"Accept-Language": "zh," * 3000, "Accept": "text/html;q=0.1," * 2000}
    headers |= HEADERS.get(name, {})
    client.get("/livez").close()  # what is made at the first request is not this one's cost
    took = []
    for _ in range(2):
        began = time.thread_time()
        answer = client.open(path, method=method, data=body, content_type=content, headers=headers)
        took.append(time.thread_time() - began)
        answer.close()
    assert answer.status_code < 500
    assert min(took) < 1


def test_nothing_is_served_with_a_debugger(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, app: Flask) -> None:
    monkeypatch.setenv("FLASK_DEBUG", "1")
    with pytest.raises(SettingsError, match="FLASK_DEBUG"):
        serve(settings_in(tmp_path), Place())
    client = plain(app)
    assert client.get("/console").status_code == 404
    assert client.get("/?__debugger__=yes&cmd=resource&f=style.css").headers["Content-Type"].startswith("text/html")
