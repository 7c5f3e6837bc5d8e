"""Consistency between any two sizes: proofs as the standard defines them, and a register that cannot make them."""

import pytest
from sqlalchemy import delete

from ledger.tile import TileCache
from ledger.tree import hash_leaf
from service.db import tables
from service.errors import RefusedError
from service.verification.between import prove_between
from tests.ledger import oracle
from tests.service.town import ORIGIN, Town


def test_the_proofs_are_those_of_the_definition_and_lead_to_what_is_signed(either_town: Town) -> None:
    leaves = tuple(hash_leaf(entry) for entry in either_town.entries())
    size = len(leaves)
    with either_town.register.read() as reader:
        note = reader.checkpoint()
        kept = dict(reader.checkpoints())
    for one, other in ((0, 0), (0, 1), (1, 255), (256, 255), (255, 257), (3, size), (size, size), (size - 1, 7)):
        found = prove_between(either_town.register, one, other)
        old, new = sorted((one, other))
        assert found.is_consistent and found.origin == ORIGIN
        assert (found.old.size, found.new.size, found.newest.size) == (old, new, size)
        assert found.old.root == oracle.mth(leaves[:old]) and found.new.root == oracle.mth(leaves[:new])
        assert found.newest.root == oracle.mth(leaves) and found.newest.note == note
        assert list(found.proof) == (oracle.consistency(old, leaves[:new]) if 0 < old < new else [])
        assert list(found.onward) == (oracle.consistency(new, leaves) if 0 < new < size else [])
        assert found.new.note == (note if new == size else kept.get(new, b""))
    assert any(prove_between(either_town.register, each, size).old.note for each in kept)


def test_a_size_that_the_log_does_not_have_is_refused(town: Town) -> None:
    for one, other in ((0, town.size() + 1), (-1, 2), (2**62, 1)):
        with pytest.raises(RefusedError) as caught:
            prove_between(town.register, one, other)
        assert str(town.size()) in caught.value.faults[0].message_en


def test_a_register_whose_hashes_or_checkpoints_do_not_fit_is_not_consistent(town: Town) -> None:
    register = town.register
    with register.read() as reader:
        small, other = [size for size, _ in reader.checkpoints()][:2]
    assert prove_between(register, small, other).is_consistent
    with register.write_beside() as connection:
        for name in connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'trigger'").scalars().all():
            connection.exec_driver_sql(f'DROP TRIGGER "{name}"')
        column = tables.checkpoint.c
        note = connection.execute(tables.checkpoint.select().where(column.size == other)).one().note
        connection.execute(tables.checkpoint.update().where(column.size == small).values(note=note))
    assert not prove_between(register, small, other).is_consistent
    with register.write_beside() as connection:
        connection.execute(delete(tables.tile).where(tables.tile.c.level == 0, tables.tile.c.idx == 1))
    register.tiles = TileCache()  # the process remembers nothing of it
    assert not prove_between(register, 300, 310).is_consistent
