"""A checkpoint that somebody holds against the register: the same, older, newer, contradictory, or worth nothing."""

from collections.abc import Sequence

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete

from ledger.log import tile_reader
from ledger.notes.checkpoint import Checkpoint, sign_checkpoint
from ledger.notes.note import Ed25519Signer, Signer
from ledger.proof import tree_root, verify_consistency
from ledger.signing.keys import read_head
from ledger.tile import TileCache
from service.db import tables
from service.errors import RefusedError
from service.verification.held import Relation, compare_held
from service.work import Register
from tests.service.town import ORIGIN, Town


def note_of(register: Register) -> bytes:
    with register.read() as reader:
        return reader.checkpoint()


def signed(register: Register, size: int, root: bytes, signers: Sequence[Signer] | None = None) -> bytes:
    return sign_checkpoint(Checkpoint(ORIGIN, size, root), signers or register.signers)


def root_at(register: Register, size: int) -> bytes:
    with register.read() as reader:
        return tree_root(size, tile_reader(reader, reader.size()).nodes)


def test_a_checkpoint_stands_to_the_newest_as_it_is(either_town: Town) -> None:
    register = either_town.register
    newest = note_of(register)
    assert compare_held(register, newest).relation is Relation.SAME
    size = read_head(newest).size
    for older in (0, 1, 255, 256, 257, size - 1):
        found = compare_held(register, signed(register, older, root_at(register, older)))
        assert found.relation is Relation.OLDER
        verify_consistency(older, size, found.held.root, found.present.root, found.proof)
    newer = compare_held(register, signed(register, size + 1, b"n" * 32))
    assert (newer.relation, newer.held.size, newer.present.size) == (Relation.NEWER, size + 1, size)
    for other in (0, 1, 256, size):
        found = compare_held(register, signed(register, other, b"x" * 32))
        assert found.relation is Relation.CONTRADICTORY
        assert found.root == root_at(register, other) != found.held.root


def test_what_the_log_did_not_sign_is_refused_in_both_languages(town: Town) -> None:
    register = town.register
    good = note_of(register)
    stranger = Ed25519Signer(ORIGIN, b"s" * 32)
    other = Ed25519Signer("other.example/log", b"o" * 32)
    elsewhere = sign_checkpoint(Checkpoint(other.name, 3, b"r" * 32), [other])
    for note, words in (
        (b"", "no checkpoint"),
        (b"\xff" + good, "no checkpoint"),
        (good.partition(b"\n\n")[0] + b"\n", "no checkpoint"),
        (b"x" * 1_000_001, "no checkpoint"),
        (good.replace(b"\n%d\n" % read_head(good).size, b"\n1\n", 1), "signed it"),
        (signed(register, 5, b"r" * 32, [stranger]), "signed it"),
        (elsewhere, "another log"),
    ):
        with pytest.raises(RefusedError) as refused:
            compare_held(register, note)
        [fault] = refused.value.faults
        assert words in fault.message_en and "检查点" in fault.message_zh


def test_a_register_that_does_not_fit_its_own_checkpoint_judges_nobody(town: Town) -> None:
    register = town.register
    held = signed(register, 300, root_at(register, 300))
    with register.write_beside() as connection:
        for name in connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'trigger'").scalars().all():
            connection.exec_driver_sql(f'DROP TRIGGER "{name}"')
        connection.execute(delete(tables.tile).where(tables.tile.c.level == 0, tables.tile.c.idx == 1))
    register.tiles = TileCache()  # the process remembers nothing of it
    assert compare_held(register, held).relation is Relation.DAMAGED


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None)
@given(note=st.binary(max_size=300), at=st.integers(0, 10_000), letter=st.integers(0, 255))
def test_any_bytes_are_compared_or_refused(town: Town, note: bytes, at: int, letter: int) -> None:
    good = bytearray(note_of(town.register))
    good[at % len(good)] = letter
    for each in (note, bytes(good)):
        try:
            assert compare_held(town.register, each).relation is Relation.SAME
        except RefusedError:
            continue
