"""Canonical JSON: one value, one sequence of bytes, and every other spelling refused."""

import json
import math
import unicodedata
from typing import Any

import orjson
import pytest
import rfc8785
from hypothesis import example, given
from hypothesis import strategies as st

from ledger.canonical import MAX_BYTES, MAX_DEPTH, MAX_INTEGER, decode, encode, parse_json, require_nfc
from ledger.errors import MalformedError

KEYS = st.from_regex(r"[a-z0-9_]{1,12}", fullmatch=True)
TEXT = st.text(st.characters(exclude_categories=["Cs"])).map(lambda text: unicodedata.normalize("NFC", text))
SCALARS = st.booleans() | st.integers(-MAX_INTEGER, MAX_INTEGER) | TEXT
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63) | st.floats(allow_nan=False, allow_infinity=False) | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
)
VALUES = st.recursive(SCALARS, lambda inner: st.lists(inner, max_size=5) | st.dictionaries(KEYS, inner, max_size=5))


def refused(data: bytes) -> str:
    """The reason for which `decode` refuses."""
    with pytest.raises(MalformedError) as error:
        decode(data)
    return str(error.value)


@given(VALUES)
def test_inside_the_profile_the_bytes_are_those_of_rfc_8785(value: Any) -> None:
    data = encode(value)
    assert data == rfc8785.dumps(value)
    assert decode(data) == value
    assert parse_json(data) == value


@given(st.dictionaries(KEYS, SCALARS, min_size=2, max_size=12))
def test_keys_come_in_one_order_however_the_value_was_made(value: dict[str, Any]) -> None:
    backwards = dict(reversed(value.items()))
    assert encode(backwards) == encode(value)
    assert list(decode(encode(value))) == sorted(value)


@given(VALUES, st.data())
def test_any_other_spelling_of_a_value_is_refused(value: Any, data: st.DataObject) -> None:
    canonical = encode(value)
    other = data.draw(
        st.sampled_from([
            json.dumps(value, sort_keys=True).encode(),
            json.dumps(value, sort_keys=True, indent=1).encode(),
            json.dumps(value, sort_keys=True, separators=(",", ":")).encode(),
            canonical + b"\n",
            b" " + canonical,
        ])
    )  # fmt: skip
    if other != canonical:
        refused(other)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ('{"a":1,"a":1}', "not in canonical form"),
        ('{"a":1,"a":2}', "not in canonical form"),
        ('{"b":1,"a":2}', "not in canonical form"),
        ("-0", "not in canonical form"),
        ('"\\u0041"', "not in canonical form"),
        ('"\\/"', "not in canonical form"),
        ('"\\u000A"', "not in canonical form"),
        ("[1, 2]", "not in canonical form"),
        ("0.0", "float"),
        ("-0.0", "float"),
        ("1e2", "float"),
        ("1.5", "float"),
        ("18446744073709551616", "float"),
        ("null", "NoneType"),
        ('{"a":null}', "NoneType"),
        ("9007199254740992", "beyond"),
        ("-9007199254740992", "beyond"),
        ("NaN", "not JSON"),
        ("Infinity", "not JSON"),
        ("-Infinity", "not JSON"),
        ("01", "not JSON"),
        ("1.", "not JSON"),
        ("+1", "not JSON"),
        ("'a'", "not JSON"),
        ('{"a":1,}', "not JSON"),
        ("// a\n1", "not JSON"),
        ("", "not JSON"),
        ("1 2", "not JSON"),
        ('"\t"', "not JSON"),
        ('"\\ud800"', "not JSON"),
        ('"\\udc00\\ud800"', "not JSON"),
        ('{"A":1}', "object key"),
        ('{"":1}', "object key"),
        ('{"a-b":1}', "object key"),
        ('{"a b":1}', "object key"),
        ('{"é":1}', "object key"),
        ('{"a":{"b.":1}}', "object key"),
        ('{"a":1,"":2}', "object key"),
    ],
)
def test_what_is_outside_is_refused_for_its_reason(text: str, reason: str) -> None:
    assert reason in refused(text.encode())


@pytest.mark.parametrize("data", [b"\xef\xbb\xbf1", b'"\xff"', b'"\xed\xa0\x80"', b'"\xc0\x80"', "1".encode("utf-16")])
def test_only_utf_8_without_a_mark_is_read(data: bytes) -> None:
    assert "not JSON" in refused(data)
    with pytest.raises(MalformedError):
        parse_json(data)


@pytest.mark.parametrize("text", ['"e\u0301"', '["ok","\u1100\u1161"]', '"\u2126"'])
def test_normalization_is_asked_of_who_writes_and_not_of_who_verifies(text: str) -> None:
    data = text.encode()
    assert encode(decode(data)) == data
    with pytest.raises(MalformedError, match="normalization form C"):
        require_nfc(data)
    require_nfc(unicodedata.normalize("NFC", text).encode())


def test_composed_characters_may_be_written_and_escapes_too_where_they_are_needed() -> None:
    for text in ("é", "重庆", "😀", '"\\\b\f\n\r\t\x00\x1f\x7f', "\u2028\u00a0"):
        assert decode(encode(text)) == text
    assert encode("\x00\x1f\x7f\n") == b'"\\u0000\\u001f\x7f\\n"'


@pytest.mark.parametrize(
    "value",
    [1.0, math.nan, math.inf, None, b"bytes", {1: "a"}, {"a": {"b"}}, "\ud800", ["\udfff"], {"a": 2**53}, object()],
)
def test_values_without_a_canonical_form_are_refused(value: object) -> None:
    with pytest.raises(MalformedError):
        encode(value)


@pytest.mark.parametrize("brackets", ["[]", "{}"])
def test_the_depth_ends_at_sixteen_levels(brackets: str) -> None:
    def nested(levels: int, core: str) -> bytes:
        opening, closing = ("[", "]") if brackets == "[]" else ('{"a":', "}")
        return (opening * levels + core + closing * levels).encode()

    assert MAX_DEPTH == 16
    for fits in (nested(15, "1"), nested(15, brackets)):
        assert encode(decode(fits)) == fits
    for deep in (nested(16, "1"), nested(16, brackets), nested(17, "1"), nested(60, "1")):
        assert "nested deeper" in refused(deep)
        with pytest.raises(MalformedError, match="nested deeper"):
            encode(orjson.loads(deep))


def test_the_size_ends_at_sixty_thousand_bytes() -> None:
    fits = "重" * 19_998 + "abcd"
    assert len(encode(fits)) == MAX_BYTES == 60_000
    assert decode(encode(fits)) == fits
    with pytest.raises(MalformedError, match="longer"):
        encode(fits + "e")
    assert "longer" in refused(b'"' + fits.encode() + b'e"')


@pytest.mark.parametrize("levels", [65, 1000, 100_000])
@pytest.mark.parametrize("closed", [True, False])
def test_deep_nesting_ends_in_an_error_and_never_in_a_crash(levels: int, closed: bool) -> None:
    for opening, closing in ((b"[", b"]"), (b'{"a":', b"}")):
        data = opening * levels + (b"1" + closing * levels if closed else b"")
        for read in (parse_json, decode):
            with pytest.raises(MalformedError):
                read(data)


def test_the_depth_of_strict_json_is_what_the_caller_allows() -> None:
    assert parse_json(b"[[1]]", max_depth=3) == [[1]]
    with pytest.raises(MalformedError, match="deeper than 2"):
        parse_json(b"[[1]]", max_depth=2)


@pytest.mark.parametrize("number", [b"1" * 5000, b"-" + b"9" * 5000, b"1e5000", b"0." + b"1" * 5000 + b"e400"])
def test_numbers_beyond_all_bounds_are_refused(number: bytes) -> None:
    for read in (parse_json, decode):
        with pytest.raises(MalformedError):
            read(number)
        with pytest.raises(MalformedError):
            read(b'{"a":[' + number + b"]}")


@pytest.mark.parametrize(
    "text", ['{"a":1,"a":1}', '{"a":1,"b":{"c":1,"c":2}}', '[{"a":1, "\\u0061":2}]', '{"a":0.1,"b":1,"a":0.1}']
)
def test_strict_json_refuses_a_key_that_is_given_twice(text: str) -> None:
    with pytest.raises(MalformedError, match="twice"):
        parse_json(text.encode())


@given(ANYTHING)
def test_strict_json_reads_what_the_standard_library_writes(value: Any) -> None:
    for data in (json.dumps(value).encode(), json.dumps(value, indent=2, ensure_ascii=False).encode()):
        assert parse_json(data) == value


@given(st.binary(max_size=200))
@example(b'{"a":1,"a":1}')
@example(b"\xef\xbb\xbf{}")
@example(b"[" * 150)
def test_any_bytes_give_a_value_or_malformed_error(data: bytes) -> None:
    for read in (parse_json, decode):
        try:
            value = read(data)
        except MalformedError:
            continue
        assert json.loads(data) == value


@given(st.text(st.sampled_from('{}[]":,\\u0aen1-.Ee \n'), max_size=40))
def test_any_text_that_looks_like_json_gives_a_value_or_malformed_error(text: str) -> None:
    for read in (parse_json, decode):
        try:
            value = read(text.encode())
        except MalformedError:
            continue
        assert json.loads(text) == value
        if read is decode:
            assert encode(value) == text.encode()
