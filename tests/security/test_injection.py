"""Texts that mean something else further on: to SQL, to a log, to a header, to a redirect."""

import re
from collections.abc import Iterator
from itertools import cycle, islice
from typing import Any
from urllib.parse import quote

import orjson
import pytest
from flask import Flask
from flask.testing import FlaskClient
from marshmallow import Schema

from api.routes import Declaration, declarations
from service.work import Register
from tests.api.town import AUTHORITY, Town
from tests.fuzz.mangling import TIMES
from tests.security.test_headers import ask, plain
from tests.service.domain.story import PACK

SQL = (
    "'", '"', "' OR '1'='1", "'; DROP TABLE entry; --", "1; SELECT pg_sleep(3)", "') UNION SELECT 1,2,3 --", "%", "_",
    "%25", "\\", "a' || 'b", "1) OR (1=1", "NULL", "0x27", "ASC; --", "(CASE WHEN 1=1 THEN 1 ELSE 2 END)", "$1",
    ":name", "?", "%s",     "1' AND randomblob(200000000) --", "\u02bc OR 1=1", "中' --",
)  # fmt: skip
"""S-20. The last but one quote is a letter that some drivers fold to an apostrophe."""
ELSEWHERE = (
    "//evil.example", "/\\evil.example", "/\t/evil.example", "/%09/evil.example", "%01//evil.example",
    "https:evil.example",    "/%5Cevil.example", "https://id.example.cn@evil.example", "///evil.example",
    "http://evil.example", "/.evil.example",
    ".evil.example",
)  # fmt: skip
"""S-26: what a browser may take for another site."""
FORGED = {
    "Host": "evil.example",
    "X-Forwarded-Host": "evil.example",
    "X-Forwarded-Proto": "http",
    "X-Forwarded-Prefix": "/evil",
    "X-Original-URL": "/v1/operators",
    "X-Rewrite-URL": "/v1/operators",
    "Forwarded": "host=evil.example;proto=http",
}


def parameters(app: Flask) -> Iterator[tuple[Declaration, str]]:
    """Every parameter of every query that reads."""
    for each in declarations(app):
        query = each.terms.query
        if isinstance(query, Schema) and each.method == "GET":
            yield from ((each, name) for name in query.fields)


def asked(client: FlaskClient, route: Declaration, query: str, headers: dict[str, str]) -> Any:
    changed = Declaration(route.method, f"{route.rule}?{query}", route.terms, route.tag, route.described)
    return ask(client, changed, headers)


def size(register: Register) -> int:
    with register.read() as reader:
        return reader.size()


def test_no_parameter_of_a_query_reaches_the_language_of_the_database(
    app: Flask, town: Town, register: Register
) -> None:
    """Each answers as to any other value that it does not know. `make security` tries every text on each of them."""
    client, before, wrong = plain(app), size(register), list[str]()
    tried = list(parameters(app))
    texts = cycle(SQL)
    for route, name in tried:
        for text in islice(texts, len(SQL) if TIMES > 1 else 3):
            answer = asked(client, route, f"{name}={quote(text, safe='')}", town.bearer(AUTHORITY))
            if answer.status_code >= 500 or (answer.status_code == 200 and b"sqlite" in answer.data.lower()):
                wrong.append(f"{route.rule}?{name}={text}: {answer.status_code}")
    assert wrong == []
    assert len(tried) >= 30
    assert size(register) == before


def test_no_part_of_a_path_reaches_it_either(app: Flask, town: Town) -> None:
    client, wrong = plain(app), list[str]()
    for route in declarations(app):
        texts = SQL[:: 1 if TIMES > 1 else 4] if "<" in route.rule and route.method == "GET" else ()
        for text in texts:
            path = re.sub("<[^>]+>", quote(text, safe="").replace("\\", "%5C"), route.rule)
            answer = client.get(path, headers=town.bearer(AUTHORITY))
            if answer.status_code >= 500 and answer.status_code != 501:
                wrong.append(f"{path}: {answer.status_code}")
    assert wrong == []


def test_a_wildcard_finds_nothing_that_its_letters_do_not_name(app: Flask, town: Town) -> None:
    client = plain(app)
    for text in ("%", "_", "%25", "00%", f"{PACK[:-1]}_", f"{PACK[:4]}%"):
        answer = client.get(f"/v1/batteries/{quote(text, safe='')}", headers=town.bearer(AUTHORITY))
        assert answer.status_code in (404, 422), text


def test_no_answer_leads_to_another_site(app: Flask) -> None:
    """S-26: the only redirects are to addresses of ours that were written down, never to what the request says."""
    client = plain(app)
    names = ("next", "url", "redirect", "return_to", "target", "linkType", "continue")
    for text in ELSEWHERE:
        written = quote(text, safe="/\\%:@")
        paths = [f"/.{written}", f"/b/{written}", f"/01/{written}", f"/find?code={quote(text)}", f"/{PACK}{written}"]
        paths += [
            f"{page}?{name}={quote(text)}"
            for name in names
            for page in ("/", f"/b/{PACK}", "/login", "/logout", "/account")
        ]
        for path in paths:
            answer = client.get(path, headers={"Accept": "text/html"})
            assert "evil" not in answer.headers.get("Location", ""), path
            assert "Refresh" not in answer.headers


@pytest.mark.parametrize("name", FORGED)
def test_no_header_of_the_request_moves_an_address_in_the_answer(app: Flask, town: Town, name: str) -> None:
    """S-28: every address that is told begins with the one in the settings."""
    client = plain(app)
    for path in (
        "/",
        f"/b/{PACK}",
        f"/b/{PACK}?linkType=linkset",
        f"/v1/batteries/{PACK}",
        "/v1/nothing",
        "/.well-known/gs1resolver",
    ):
        for accept in ("text/html", "application/json"):
            answer = client.get(path, headers=town.bearer(AUTHORITY) | {name: FORGED[name], "Accept": accept})
            told = answer.data.decode() + str(answer.headers)
            assert "evil" not in told, path
            assert answer.status_code != 200 or "/v1/operators" not in answer.headers.get("Content-Location", "")


def test_a_line_of_the_log_stays_one_line_and_holds_no_secret(
    app: Flask, town: Town, capfd: pytest.CaptureFixture[str]
) -> None:
    """S-39: whatever stands in a path, a header or a name, a request is one line of JSON, no field over 1 KB."""
    client = plain(app)
    secret = town.keys[AUTHORITY]
    hostile = ["a%0d%0a%7b%22event%22:%22forged%22%7d", "%1b%5b31m", "x" * 5000, quote("‮\u2028"), "%22%7d%0a%7b"]
    capfd.readouterr()
    for text in hostile:
        headers = {"User-Agent": f"x\x1b[0m{text}", "Authorization": f"Bearer {secret}", "Cookie": f"a={secret}"}
        client.get(f"/b/{text}?q={text}", headers=headers)
        client.get(f"/v1/operators/{text}", headers=headers)
        client.post("/v1/events", data=f'{{"{text}": 1}}', content_type="application/json", headers=headers)
    lines = capfd.readouterr().err.splitlines()  # also at the line breaks of Unicode
    found = [orjson.loads(line) for line in lines]
    assert len(found) == 3 * len(hostile)
    assert {line["event"] for line in found} == {"answered"}
    assert max(len(str(value)) for line in found for value in line.values()) <= 1024
    assert [line for line in lines if secret in line or not line.isascii()] == []
