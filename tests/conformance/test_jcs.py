"""RFC 8785 by its author's own documents: ours are the same bytes, or the document is outside our narrower profile.

Four of the six hold what the profile leaves out. Each is refused for that, and nothing else: with the offending parts
replaced by their stand-ins of the profile, the bytes are again what the reference implementation gives.
"""

import json
from pathlib import Path
from typing import Any

import pytest
import rfc8785

from ledger.canonical import decode, encode
from ledger.errors import MalformedError
from tests.needs import SHARED_DATA, missing

JCS = SHARED_DATA / "log" / "jcs"
OUTSIDE = {
    "arrays": "NoneType has no canonical form",
    "french": "object key",
    "structures": "object key",
    "unicode": "object key",
    "values": "has no canonical form",
    "weird": "object key",
}
"""Why each document is outside. All of them are: keys with blanks and accents, null, fractions."""


def document(name: str, folder: str) -> bytes:
    file = JCS / folder / (f"{name}.json" if folder != "outhex" else f"{name}.txt")
    if not file.is_file():
        missing(f"shared/data/log/jcs/{folder}/{file.name}")
    return file.read_bytes()


def inside(value: Any, keys: dict[str, str]) -> Any:
    """The value brought into the profile: keys renamed in order, null and fractions written as text, text composed."""
    import unicodedata

    match value:
        case dict():
            return {keys[key]: inside(each, keys) for key, each in value.items()}
        case list():
            return [inside(each, keys) for each in value]
        case str():
            return unicodedata.normalize("NFC", value)
        case None | float():
            return str(value)
    return value


def keys_of(value: Any) -> set[str]:
    if isinstance(value, dict):
        return set(value).union(*map(keys_of, value.values()))
    return set().union(*map(keys_of, value)) if isinstance(value, list) else set()


def test_every_document_is_accounted_for() -> None:
    if not JCS.is_dir():
        missing("shared/data/log/jcs")
    for folder in ("input", "output", "outhex"):
        assert {path.stem for path in (JCS / folder).iterdir()} == set(OUTSIDE)


@pytest.mark.parametrize("name", OUTSIDE)
def test_the_expected_output_is_refused_for_what_the_profile_leaves_out(name: str) -> None:
    expected = document(name, "output")
    assert bytes.fromhex("".join(document(name, "outhex").decode().split())) == expected
    for read in (decode, lambda data: encode(json.loads(data))):
        with pytest.raises(MalformedError, match=OUTSIDE[name]):
            read(expected)


@pytest.mark.parametrize("name", OUTSIDE)
def test_the_reference_gives_the_expected_output_so_that_it_may_judge_us(name: str) -> None:
    assert rfc8785.dumps(json.loads(document(name, "input"))) == document(name, "output")


@pytest.mark.parametrize("name", OUTSIDE)
def test_brought_into_the_profile_each_document_gives_the_bytes_of_the_reference(name: str) -> None:
    value = json.loads(document(name, "input"))
    renamed = {
        key: f"k{number}" for number, key in enumerate(sorted(keys_of(value), key=lambda k: k.encode("utf-16-be")))
    }
    ours = inside(value, renamed)
    assert encode(ours) == rfc8785.dumps(ours)
    assert decode(encode(ours)) == ours


@pytest.mark.parametrize("name", OUTSIDE)
def test_every_part_of_a_document_that_is_inside_is_byte_identical(name: str) -> None:
    """Strings, arrays and numbers of the documents, one by one, where the profile admits them."""
    admitted = 0
    for part in parts(json.loads(document(name, "input"))):
        try:
            data = encode(part)
        except MalformedError:
            continue
        admitted += 1
        assert data == rfc8785.dumps(part)
        assert data in document(name, "output")
    assert admitted or name == "unicode"


def parts(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return [value, *(part for each in value.values() for part in parts(each))]
    return [value, *(part for each in value for part in parts(each))] if isinstance(value, list) else [value]


def test_the_documents_stand_beside_the_project() -> None:
    assert Path("shared", "data") == Path(*SHARED_DATA.parts[-2:])
