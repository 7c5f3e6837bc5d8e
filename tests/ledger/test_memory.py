"""The store in memory by itself. The contract that all stores share is tested in tests/service/db."""

from datetime import UTC, datetime

import pytest

from ledger.log import Log, Submission
from ledger.memory import MemoryStore
from ledger.notes.note import Ed25519Signer
from tests.ledger.golden import ORIGIN, PACK
from tests.service.db.oracle import submission

LOG = Log(ORIGIN, [Ed25519Signer(ORIGIN, b"e" * 32)])
NOW = datetime(2026, 5, 1, tzinfo=UTC)


def item(number: int) -> Submission:
    return submission(number, (PACK,))


def test_two_stores_share_nothing() -> None:
    first, second = MemoryStore(), MemoryStore()
    with first.append() as tx:
        LOG.append(tx, [item(0)], NOW)
    with second.read() as reader:
        assert (reader.size(), reader.history(PACK), list(reader.checkpoints())) == (0, [], [])


def test_the_lock_is_free_again_after_an_error() -> None:
    store = MemoryStore()
    with pytest.raises(ZeroDivisionError), store.append():
        raise ZeroDivisionError
    with store.append() as tx:
        LOG.append(tx, [item(0)], NOW)
    with store.read() as reader:
        assert reader.size() == 1


def test_what_a_reader_was_given_stays_what_it_was() -> None:
    store = MemoryStore()
    with store.append() as tx:
        LOG.append(tx, [item(0)], NOW)
    with store.read() as reader:
        history, heads, entries = reader.history(PACK), reader.heads([PACK]), reader.entries(0, 9)
        with store.append() as tx:
            LOG.append(tx, [item(1)], NOW)
        assert (history, heads) == (reader.history(PACK), reader.heads([PACK]))
        assert len(list(entries)) == 1
