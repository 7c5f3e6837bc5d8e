"""Hostile bodies: each is refused as a problem, and nothing of it is stored."""

import time

import orjson
import pytest

from service.work import Register
from tests.api.checking import CheckedClient, problem
from tests.api.town import AUTHORITY, MAKER, Town, pack, told

GOOD = orjson.dumps(told("register", pack(2)))
JSON = "application/json"
DEEP = b'{"type":' + b"[" * 100_000 + b"]" * 100_000 + b"}"

ATTACKS: dict[str, bytes] = {
    "nothing": b"",
    "blank": b"  ",
    "cut short": GOOD[:-1],
    "trailing garbage": GOOD + b"x",
    "a second value": GOOD + GOOD,
    "a trailing NUL": GOOD + b"\0",
    "a byte order mark": b"\xef\xbb\xbf" + GOOD,
    "UTF-16": GOOD.decode().encode("utf-16"),
    "UTF-32": GOOD.decode().encode("utf-32"),
    "latin-1": GOOD.replace("重".encode(), b"\xe9"),
    "an overlong slash": GOOD.replace(b"register", b"\xc0\xafregister"),
    "a key given twice": GOOD[:-1] + b',"type":"retire"}',
    "a key given twice, once escaped": GOOD[:-1] + b',"t\\u0079pe":"retire"}',
    "a key given twice inside": GOOD.replace(b'"mass_g":300000', b'"mass_g":300000,"mass_g":1'),
    "NaN": GOOD.replace(b"300000", b"NaN"),
    "Infinity": GOOD.replace(b"300000", b"Infinity"),
    "minus Infinity": GOOD.replace(b"300000", b"-Infinity"),
    "1e999": GOOD.replace(b"300000", b"1e999"),
    "-0": GOOD.replace(b"300000", b"-0"),
    "-0.0": GOOD.replace(b"300000", b"-0.0"),
    "a fraction": GOOD.replace(b"300000", b"300000.0"),
    "an exponent": GOOD.replace(b"300000", b"3e5"),
    "a leading zero": GOOD.replace(b"300000", b"0300000"),
    "a number of 5,000 digits": GOOD.replace(b"300000", b"3" * 5000),
    "a number beyond 2**53": GOOD.replace(b"300000", b"9007199254740993"),
    "half a surrogate pair": GOOD.replace("重".encode(), b"\\ud800"),
    "half a surrogate pair in a key": GOOD[:-1] + b',"\\udc00":1}',
    "an escaped NUL": GOOD.replace("重".encode(), b"\\u0000"),
    "a comment": b"/* */" + GOOD,
    "single quotes": GOOD.replace(b'"', b"'"),
    "a trailing comma": GOOD[:-1] + b",}",
    "nesting of 100,000": DEEP,
    "nesting of 100": b'{"type":"register","occurred_at":"x","body":' + b'{"a":' * 100 + b"1" + b"}" * 101,
    "a text that is not NFC": GOOD.replace("重".encode(), b"e\xcc\x81"),
    "200,000 keys": b"{" + b",".join(b'"k%d":1' % n for n in range(200_000)) + b"}",
    "null": b"null",
    "a number": b"1",
    "a text": b'"x"',
}


def stored(register: Register) -> int:
    with register.read() as reader:
        return reader.size()


@pytest.mark.parametrize("path", ["/v1/events", "/v1/events:batch"])
@pytest.mark.parametrize("name", ATTACKS)
def test_a_body_that_is_not_strict_json_is_refused_in_time_and_stores_nothing(
    client: CheckedClient, town: Town, register: Register, name: str, path: str
) -> None:
    size, began = stored(register), time.perf_counter()
    answer = client.post(path, data=ATTACKS[name], content_type=JSON, headers=town.bearer(MAKER))
    assert problem(answer, answer.status_code)["status"] in (400, 413, 422)
    assert time.perf_counter() - began < 2
    assert stored(register) == size


@pytest.mark.parametrize("name", ATTACKS)
def test_a_line_that_is_not_strict_json_is_refused_alone(
    client: CheckedClient, town: Town, register: Register, name: str
) -> None:
    size = stored(register)
    body = ATTACKS[name].replace(b"\n", b" ") + b"\n" + GOOD
    answer = client.post("/v1/events:batch", data=body, content_type="application/x-ndjson", headers=town.bearer(MAKER))
    results = [orjson.loads(line) for line in answer.data.splitlines()]
    assert [row["status"] for row in results][1:] == [201]
    assert results[0]["status"] in (400, 422)
    assert stored(register) == size + 1


@pytest.mark.parametrize("name", ATTACKS)
def test_every_other_body_is_read_as_strictly(client: CheckedClient, town: Town, register: Register, name: str) -> None:
    size = stored(register)
    for path in ("/v1/operators", f"/v1/operators/{MAKER}/keys", f"/v1/operators/{MAKER}/api-keys"):
        answer = client.post(path, data=ATTACKS[name], content_type=JSON, headers=town.bearer(AUTHORITY))
        assert problem(answer, answer.status_code)["status"] in (400, 413, 422)
    assert stored(register) == size


def test_a_body_larger_than_the_limit_is_refused_before_it_is_read(client: CheckedClient, town: Town) -> None:
    body = b'"' + b"x" * (9 * 1024 * 1024) + b'"'
    problem(client.post("/v1/events", data=body, content_type=JSON, headers=town.bearer(MAKER)), 413)


@pytest.mark.parametrize(
    "content",
    [
        None,
        "",
        "text/plain",
        "text/json",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/x-ndjson",
        "application/json; charset=gb18030",
        "application/json; charset=utf-16",
        "application/problem+json",
    ],
)
def test_a_body_must_say_that_it_is_json(
    client: CheckedClient, town: Town, register: Register, content: str | None
) -> None:
    size = stored(register)
    problem(client.post("/v1/events", data=GOOD, content_type=content, headers=town.bearer(MAKER)), 415)
    assert stored(register) == size


@pytest.mark.parametrize("encoding", ["gzip", "br", "deflate", "identity, gzip", "x"])
def test_a_compressed_body_is_refused(client: CheckedClient, town: Town, encoding: str) -> None:
    headers = town.bearer(MAKER) | {"Content-Encoding": encoding}
    problem(client.post("/v1/events", data=GOOD, content_type=JSON, headers=headers), 415)


def test_utf_8_may_be_named(client: CheckedClient, town: Town) -> None:
    content = "application/json; charset=UTF-8"
    assert client.post("/v1/events", data=GOOD, content_type=content, headers=town.bearer(MAKER)).status_code == 201
