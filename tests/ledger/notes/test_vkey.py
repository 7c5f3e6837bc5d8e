"""Names and text forms of keys."""

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.errors import MalformedError
from ledger.notes.vkey import format_vkey, is_key_name, join_signing_key, key_id, split_signing_key, split_vkey

KEY = bytes(range(32))
names = st.text(min_size=1, max_size=30).filter(is_key_name)


def test_a_key_id_is_the_hash_of_name_kind_and_key() -> None:
    assert key_id("log.example", 1, KEY) == sha256(b"log.example\n\x01" + KEY).digest()[:4]


@pytest.mark.parametrize("name", ["example.com/log", "登记簿", "a", "a-b_c:d"])
def test_names_without_space_and_plus_are_names(name: str) -> None:
    assert is_key_name(name)


@pytest.mark.parametrize(
    "name", ["", "a b", "a+b", "a\nb", "a\tb", "a\u00a0b", "a\u3000b", "a\u2028", "\x00", "\ud800"]
)
def test_other_names_are_refused(name: str) -> None:
    assert not is_key_name(name)
    with pytest.raises(MalformedError):
        key_id(name, 1, KEY)


@given(names, st.integers(0, 255), st.binary(min_size=1, max_size=64))
def test_a_public_key_comes_back(name: str, kind: int, key: bytes) -> None:
    assert split_vkey(format_vkey(name, kind, key)) == (name, kind, key)


@given(names, st.binary(min_size=4, max_size=4), st.integers(0, 255), st.binary(min_size=32, max_size=32))
def test_a_signing_key_comes_back(name: str, identity: bytes, kind: int, seed: bytes) -> None:
    text = join_signing_key(name, identity, kind, seed)
    assert text.startswith("PRIVATE+KEY+")
    assert split_signing_key(text) == (name, identity, kind, seed)


GOOD = format_vkey("log.example", 1, KEY)


@pytest.mark.parametrize("at", range(len(GOOD)))
def test_a_public_key_with_any_character_changed_is_refused(at: int) -> None:
    """The id covers name, kind and key."""
    for other in "aZ0+/= ":
        if other != GOOD[at]:
            with pytest.raises(MalformedError):
                split_vkey(GOOD[:at] + other + GOOD[at + 1 :])


@pytest.mark.parametrize(
    "text",
    [
        "",
        "+",
        "++",
        "log.example",
        GOOD.upper(),
        GOOD + "\n",
        " " + GOOD,
        GOOD.replace("+", "+0", 1),
        "log.example+00000000+",
        "log.example+00000000+AQ==",
        format_vkey("a" * 5000, 1, KEY),
        format_vkey("log.example", 1, b""),
        GOOD + "\ud800",
    ],
)
def test_other_text_is_not_a_public_key(text: str) -> None:
    with pytest.raises(MalformedError):
        split_vkey(text)


def test_a_public_key_is_not_a_signing_key() -> None:
    with pytest.raises(MalformedError):
        split_signing_key(GOOD)


@given(st.text(max_size=60))
def test_any_text_is_a_key_or_refused(text: str) -> None:
    try:
        name, kind, key = split_vkey(text)
    except MalformedError:
        return
    assert format_vkey(name, kind, key) == text
