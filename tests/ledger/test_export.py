"""Exports: entries as lines, byte for byte, and their checkpoint beside them."""

import io
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from ledger.canonical import MAX_BYTES
from ledger.export import checkpoint_path, read_export, write_export
from ledger.tree import hash_leaf
from tests.ledger.conftest import Exported
from tests.ledger.golden import entry


@given(st.lists(st.binary(max_size=40).map(lambda data: data.replace(b"\n", b""))))
def test_what_is_written_is_read_again(entries: list[bytes]) -> None:
    file = io.BytesIO()
    assert write_export(file, entries) == len(entries)
    file.seek(0)
    assert list(read_export(file)) == entries


def test_an_entry_is_a_line_as_it_was_hashed(exported: Exported) -> None:
    with exported.file.open("rb") as file:
        assert [hash_leaf(line) for line in read_export(file)] == [hash_leaf(each) for each in exported.entries]
    assert exported.file.read_bytes().count(b"\n") == exported.signed.size


def test_no_entry_can_hold_a_line_feed(exported: Exported) -> None:
    assert b"\n" not in entry()
    assert not [each for each in exported.entries if b"\n" in each or b"\r" in each]


def test_a_last_line_without_an_end_is_read_too() -> None:
    assert list(read_export(io.BytesIO(b"a\nb"))) == [b"a", b"b"]


def test_an_endless_line_comes_in_pieces_and_never_whole() -> None:
    pieces = list(read_export(io.BytesIO(b"x" * (5 * MAX_BYTES) + b"\nok\n")))
    assert max(map(len, pieces)) == MAX_BYTES + 2
    assert pieces[-1] == b"ok"
    longest = b"x" * MAX_BYTES
    assert list(read_export(io.BytesIO(longest + b"\n" + longest + b"\n"))) == [longest, longest]


def test_the_checkpoint_stands_beside_the_file() -> None:
    assert checkpoint_path(Path("/a/b.ndjson")) == Path("/a/b.ndjson.checkpoint")
    assert checkpoint_path(Path("b")) == Path("b.checkpoint")
