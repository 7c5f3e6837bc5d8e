"""Appending, without a database: what an entry gets from the log, and what a batch tells of it."""

from datetime import UTC, datetime, timedelta

import pytest

from ledger.entry import MAX_SUBJECTS, build_event, parse_entry
from ledger.errors import MalformedError
from ledger.log import LOG_PART_BYTES, Log, Submission, batch_receipts, check_event_size, moment_of_receipt, tile_reader
from ledger.memory import MemoryStore
from ledger.notes.checkpoint import Checkpoint, open_checkpoint
from ledger.notes.cosignature import MLDSA44Signer
from ledger.notes.note import Ed25519Signer, parse_vkey
from ledger.proof import prove_inclusion, verify_inclusion
from ledger.receipt import verify_receipt
from ledger.signing.jws import Ed25519EventSigner, sign_event
from ledger.store import Batch, LogState
from ledger.tile import Tile
from ledger.tree import CompactRange, hash_leaf
from tests.ledger.golden import MAKER, MODULE, ORIGIN, PACK, members

SIGNERS = [Ed25519Signer(ORIGIN, b"e" * 32), MLDSA44Signer(ORIGIN, b"q" * 32)]
VERIFIERS = [parse_vkey(signer.vkey) for signer in SIGNERS]
LOG = Log(ORIGIN, SIGNERS)
NOW = datetime(2026, 5, 1, 12, 31, tzinfo=UTC)


def submission(number: int, *subjects: str, **changes: object) -> Submission:
    event = build_event(members(number, subjects=list(subjects), **changes))
    return Submission(event, sign_event(event.data, MAKER))


def append(store: MemoryStore, *items: Submission, at: datetime = NOW) -> Batch:
    with store.append() as tx:
        return LOG.append(tx, items, at)


def test_entries_continue_each_other_and_each_battery_s_own() -> None:
    store = MemoryStore()
    first = append(store, submission(1, PACK), submission(2, MODULE), submission(3, PACK, MODULE))
    second = append(store, submission(4), submission(5, MODULE))
    entries = [parse_entry(entry) for entry in (*first.entries, *second.entries)]
    leaves = [hash_leaf(entry) for entry in (*first.entries, *second.entries)]
    assert [entry.previous for entry in entries] == [b"", *leaves[:-1]]
    assert [[tuple(link) for link in entry.chain] for entry in entries] == [
        [(PACK, 1, b"")],
        [(MODULE, 1, b"")],
        [(PACK, 2, leaves[0]), (MODULE, 2, leaves[1])],
        [],
        [(MODULE, 3, leaves[2])],
    ]
    assert second.leaf_hashes == tuple(leaves[3:])
    assert [(step.subject, step.index, step.position) for step in second.steps] == [(MODULE, 4, 0)]
    assert second.steps[0].before == first.heads[MODULE]


def test_every_key_of_the_log_signs_the_checkpoint() -> None:
    batch = append(MemoryStore(), submission(1, PACK))
    signed = open_checkpoint(batch.state.checkpoint, VERIFIERS, origin=ORIGIN, require_all=True)
    assert signed == Checkpoint(ORIGIN, 1, hash_leaf(batch.entries[0]))


def test_the_time_of_receipt_is_cut_to_milliseconds_and_never_runs_back() -> None:
    store = MemoryStore()
    times = []
    for number, at in enumerate(
        [NOW, NOW + timedelta(microseconds=999), NOW - timedelta(days=9), NOW + timedelta(days=1)]
    ):
        times.append(parse_entry(append(store, submission(number), at=at).entries[0]).at)
    assert times == [NOW, NOW, NOW, NOW + timedelta(days=1)]
    with store.read() as reader:
        state = reader.state()
    assert moment_of_receipt(state, NOW) == NOW + timedelta(days=1)
    assert moment_of_receipt(LogState(), NOW + timedelta(microseconds=1)) == NOW


def test_nothing_is_not_appended() -> None:
    with pytest.raises(ValueError, match="nothing"):
        append(MemoryStore())


def test_an_event_of_the_greatest_size_and_with_the_most_subjects_still_fits() -> None:
    """The room kept for the log's part is enough in the worst case: 64 long codes, long key id, large numbers."""
    signer = Ed25519EventSigner("a" * 40 + "/" + "k" * 40, b"x" * 32, custodial=True)
    subjects = [f"{n:064d}" for n in range(MAX_SUBJECTS)]
    event = build_event(members(1, actor="a" * 40, subjects=subjects, body={"note": ""}))
    room = 60_000 - LOG_PART_BYTES - len(event.data)
    store = MemoryStore()
    for number in range(2):  # the second time every link has a hash
        event = build_event(members(number, actor="a" * 40, subjects=subjects, body={"note": "x" * room}))
        check_event_size(event)
        entry = append(store, Submission(event, sign_event(event.data, signer))).entries[0]
        parse_entry(entry)
    assert 60_000 - len(entry) > 64 * 9  # sequence numbers of ten digits would fit too
    with pytest.raises(MalformedError, match="at most 51000"):
        check_event_size(build_event(members(1, body={"note": "x" * 51_000})))


@pytest.mark.parametrize("sizes", [(1,), (255, 1, 1), (256, 256), (300, 700, 24), (1, 2, 3, 4, 5)])
def test_receipts_of_a_batch_need_no_store(sizes: tuple[int, ...]) -> None:
    store, tree, number = MemoryStore(), CompactRange(), 0
    for size in sizes:
        batch = append(store, *(submission(number + n) for n in range(size)))
        number += size
        tree.extend(batch.leaf_hashes)
        receipt = batch_receipts(batch).receipt
        for offset in {0, size // 3, size - 1}:
            index = batch.first + offset
            signed = verify_receipt(receipt(index), batch.entries[offset], VERIFIERS, origin=ORIGIN, require_all=True)
            assert (signed.size, signed.root) == (number, tree.root())


def test_any_entry_is_proven_from_the_tiles_of_the_store() -> None:
    store = MemoryStore()
    batch = append(store, *(submission(n) for n in range(600)))
    signed = open_checkpoint(batch.state.checkpoint, VERIFIERS, origin=ORIGIN)
    with store.read() as reader:
        nodes = tile_reader(reader, 600).nodes
        for index in (0, 255, 256, 511, 512, 599):
            proof = prove_inclusion(index, 600, nodes)
            verify_inclusion(index, 600, batch.leaf_hashes[index], proof, signed.root)


def test_a_store_that_lacks_a_tile_says_which() -> None:
    store = MemoryStore()
    append(store, *(submission(n) for n in range(300)))
    with store.read() as reader, pytest.raises(MalformedError, match="lacks tile 0/1"):
        tile_reader(reader, 600).nodes([(0, 300)])


def test_a_batch_holds_every_tile_that_changed() -> None:
    store = MemoryStore()
    append(store, *(submission(n) for n in range(250)))
    batch = append(store, *(submission(n) for n in range(250, 600)))
    assert sorted(batch.tiles) == [(0, 0), (0, 1), (0, 2), (1, 0)]
    assert [len(batch.tiles[key]) // 32 for key in sorted(batch.tiles)] == [256, 256, 88, 2]
    assert sorted(batch.state.edge) == [0, 1]
    with store.read() as reader:
        assert reader.tile(Tile(0, 2, 88)) == batch.tiles[0, 2]
