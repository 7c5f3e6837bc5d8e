"""What every store of the log does: in memory, on SQLite, on PostgreSQL. One suite, compared with an oracle."""

import json
import subprocess
import sys
import threading
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from hashlib import sha256

import pytest
from sqlalchemy import Engine
from sqlalchemy.exc import IntegrityError

from ledger.entry import parse_event
from ledger.epoch import is_map_due, look_up
from ledger.log import Log, Submission, batch_receipts, tile_reader
from ledger.map import Commitment, MapTree, Row, key_of, verify_lookup
from ledger.notes.checkpoint import open_checkpoint
from ledger.notes.note import Ed25519Signer, parse_vkey
from ledger.proof import tree_root
from ledger.receipt import verify_receipt
from ledger.store import Batch, Head, LogState, Reader, Store
from ledger.tile import TILE_WIDTH, Tile, tiles_for
from ledger.tree import hash_leaf
from ledger.verification.audit import Audit
from service.db.store import SqlStore
from tests.ledger import oracle as merkle
from tests.needs import ROOT
from tests.service.db.appender import SEED, SHARED
from tests.service.db.oracle import ORIGIN, Expected, submission

SIGNER = Ed25519Signer(ORIGIN, SEED)
VERIFIERS = [parse_vkey(SIGNER.vkey)]
LOG = Log(ORIGIN, [SIGNER])
NOW = datetime(2026, 5, 1, 12, 30, 1, 123456, tzinfo=UTC)
SMALL = (1, 2, 3, 254, 255, 256, 257, 511, 512, 513, 1000)
LARGE = (65_535, 65_536, 65_537)


def items(start: int, end: int) -> list[Submission]:
    """Events `start` to `end`: about no battery, one, two; 97 and 101 batteries take turns."""
    return [submission(n, (f"B{n % 97:02d}", f"C{n % 101:03d}")[: n % 3]) for n in range(start, end)]


def append(store: Store, submissions: Sequence[Submission], at: datetime = NOW) -> Batch:
    with store.append() as tx:
        return LOG.append(tx, submissions, at)


@cache
def expected(*sizes: int) -> tuple[Expected, tuple[list[Submission], ...]]:
    """The log that grows to each of `sizes` in one batch, and the batches."""
    log, batches = Expected(), []
    for before, size in zip((0, *sizes), sizes, strict=False):
        batches.append(items(before, size))
        log.append(batches[-1], NOW)
    return log, tuple(batches)


def check_tiles(reader: Reader, leaves: merkle.Leaves, *, since: int = 0) -> None:
    """Every tile that changed since the log had `since` entries, in its full width and some smaller; none beyond."""
    size = len(leaves)
    for tile in tiles_for(size, since=since):
        hashes = merkle.tile(tile.level, tile.index, leaves)
        assert len(hashes) == tile.width * 32
        assert reader.tile(tile) == hashes
        for width in {1, tile.width // 2, tile.width - 1} - {0}:
            assert reader.tile(tile._replace(width=width)) == hashes[: width * 32]
        if tile.width < TILE_WIDTH:
            assert reader.tile(tile._replace(width=tile.width + 1)) is None
    for level in range(4):
        beyond = size // 256 ** (level + 1) + 1
        assert reader.tile(Tile(level, beyond, 1)) is None
    assert tree_root(size, tile_reader(reader, size).nodes) == merkle.mth(leaves)


def check_rows(reader: Reader, log: Expected) -> None:
    """Everything but the tiles."""
    size = len(log.entries)
    assert reader.size() == size
    assert list(reader.entries(0, size)) == log.entries
    assert list(reader.entries(size // 2, size + 5)) == log.entries[size // 2 :]
    assert [reader.entry(n) for n in (0, size // 2, size - 1, size)] == [
        log.entries[0], log.entries[size // 2], log.entries[-1], None,
    ]  # fmt: skip
    assert reader.find(list(log.ids)) == log.ids
    subjects = [*log.history, "NOBODY"]
    assert [reader.history(subject) for subject in subjects] == [*log.history.values(), []]
    assert reader.heads(subjects) == {subject: Head(*log.head(subject)) for subject in log.history}
    signed = open_checkpoint(reader.checkpoint(), VERIFIERS, origin=ORIGIN)
    assert (signed.size, signed.root) == (size, merkle.mth(tuple(log.leaves)))


def check_all(store: Store, log: Expected) -> None:
    with store.read() as reader:
        check_rows(reader, log)
        check_tiles(reader, tuple(log.leaves))
        assert [size for size, _ in reader.checkpoints()] == log.kept


def test_the_events_of_these_tests_are_well_formed() -> None:
    for item in items(0, 3):
        assert parse_event(item.event.data) == item.event


def test_an_empty_store_says_that_it_is_empty(store: Store) -> None:
    with store.read() as reader:
        assert (reader.size(), reader.checkpoint(), list(reader.checkpoints())) == (0, b"", [])
        assert (reader.entry(0), list(reader.entries(0, 10)), reader.tile(Tile(0, 0, 1))) == (None, [], None)
        assert (reader.find(["01907c5e-7b1a-7c3d-8e4f-000000000000"]), reader.find([])) == ({}, {})
        assert (reader.history("B00"), reader.heads(["B00"]), reader.heads([])) == ([], {}, {})
    with store.append() as tx:
        assert tx.state() == LogState()


def test_every_row_and_every_tile_is_that_of_the_oracle_at_each_size(store: Store) -> None:
    log = Expected()
    for before, size in zip((0, *SMALL), SMALL, strict=False):
        batch = items(before, size)
        log.append(batch, NOW)
        append(store, batch)
        check_all(store, log)


@pytest.mark.parametrize("store", ["memory", "sqlite"], indirect=True)
def test_the_third_level_of_tiles_begins_at_65536_entries(store: Store) -> None:
    """PostgreSQL is spared the 65,000 rows: it shares the code of the store with SQLite."""
    log, batches = expected(*LARGE)
    for before, size, batch in zip((0, *LARGE), LARGE, batches, strict=False):
        append(store, batch)
        with store.read() as reader:
            check_tiles(reader, tuple(log.leaves[:size]), since=before)
    with store.read() as reader:
        check_rows(reader, log)


def test_reading_past_the_end_or_before_the_start_gives_less_and_no_error(store: Store) -> None:
    append(store, items(0, 5))
    with store.read() as reader:
        everything = list(reader.entries(0, 5))
        assert list(reader.entries(0, 2**62)) == everything
        assert list(reader.entries(-3, 2)) == everything[:2]
        assert list(reader.entries(-3, -1)) == list(reader.entries(4, 2)) == list(reader.entries(9, 2**62)) == []
        assert reader.entry(-1) is None
        assert reader.entry(2**62) is None


def test_a_transaction_sees_what_it_wrote(store: Store) -> None:
    log = Expected()
    with store.append() as tx:
        for before, size in ((0, 200), (200, 300), (300, 301)):
            log.append(items(before, size), NOW)
            LOG.append(tx, items(before, size), NOW)
            check_rows(tx, log)
            check_tiles(tx, tuple(log.leaves))
    check_all(store, log)


def test_an_exception_leaves_no_trace(store: Store) -> None:
    log = Expected()
    log.append(items(0, 300), NOW)
    append(store, items(0, 300))
    with pytest.raises(ZeroDivisionError), store.append() as tx:
        LOG.append(tx, items(300, 600), NOW + timedelta(hours=2))
        raise ZeroDivisionError
    check_all(store, log)
    log.append(items(300, 520), NOW)
    append(store, items(300, 520))
    check_all(store, log)


def test_nobody_sees_what_is_not_committed(store: Store) -> None:
    append(store, items(0, 3))
    with store.append() as tx:
        LOG.append(tx, items(3, 5), NOW)
        with store.read() as reader:
            assert (reader.size(), reader.entry(3), len(list(reader.entries(0, 9)))) == (3, None, 3)
            assert reader.find([items(3, 4)[0].event.id]) == {}


def test_a_batch_must_continue_the_log_where_it_ends(store: Store) -> None:
    batch = append(store, items(0, 3))
    with pytest.raises(ValueError, match="continues"), store.append() as tx:
        tx.write(batch)
    with store.read() as reader:
        assert reader.size() == 3


@pytest.mark.parametrize("twice", ["in one batch", "in two"])
def test_an_event_id_is_recorded_once_for_ever(store: Store, twice: str) -> None:
    log = Expected()
    log.append(items(0, 3), NOW)
    append(store, items(0, 3))
    again = items(1, 2) if twice == "in two" else items(7, 8)
    with pytest.raises((ValueError, IntegrityError)), store.append() as tx:
        LOG.append(tx, again + (again if twice == "in one batch" else []), NOW)
    check_all(store, log)


def test_a_reader_sees_one_moment_while_writers_go_on(store: Store) -> None:
    log = Expected()
    log.append(items(0, 250), NOW)
    append(store, items(0, 250))
    with store.read() as reader:
        assert reader.size() == 250
        append(store, items(250, 400), NOW + timedelta(hours=2))
        check_rows(reader, log)
        assert reader.find([items(300, 301)[0].event.id]) == {}
        assert [size for size, _ in reader.checkpoints()] == log.kept
        check_tiles(reader, tuple(log.leaves))
    with store.read() as reader:
        assert reader.size() == 400


def test_threads_that_append_at_once_make_one_dense_log(store: Store) -> None:
    def work(writer: int) -> None:
        for turn in range(25):
            events = [submission(3 * turn + n, (SHARED, f"OWN{writer}"), writer=writer) for n in range(1 + turn % 3)]
            try:
                append(store, events)
            except Exception as error:
                failures.append(error)
                raise

    failures: list[Exception] = []
    threads = [threading.Thread(target=work, args=(writer,)) for writer in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    check_dense(store, writers=2, each=49)


def test_processes_that_append_at_once_make_one_dense_log(engine: Engine) -> None:
    url = engine.url.render_as_string(hide_password=False)
    command = [sys.executable, "-m", "tests.service.db.appender", url]
    running = [
        subprocess.Popen([*command, str(writer), "20"], cwd=ROOT, stderr=subprocess.PIPE, text=True)
        for writer in range(3)
    ]
    for process in running:
        _, errors = process.communicate(timeout=60)
        assert (process.returncode, errors) == (0, "")
    check_dense(SqlStore(engine), writers=3, each=39)


def check_dense(store: Store, *, writers: int, each: int) -> None:
    """All entries are there once, the chains and the root verify, and each writer's entries are in its order."""
    with store.read() as reader:
        entries = list(reader.entries(0, reader.size()))
        audit = Audit(signatures=False)
        audit.run(entries)
        report = audit.finish(open_checkpoint(reader.checkpoint(), VERIFIERS, origin=ORIGIN))
        assert (report.failures, report.size) == ((), writers * each)
        assert reader.history(SHARED) == list(range(writers * each))
        for writer in range(writers):
            own = reader.history(f"OWN{writer}")
            ids = [entries[index].split(b'"id":"')[1][:36] for index in own]
            assert len(own) == each
            assert ids == sorted(ids)
        check_tiles(reader, tuple(sha256(b"\0" + entry).digest() for entry in entries))


def test_every_receipt_of_a_batch_leads_to_the_signed_root(store: Store) -> None:
    for before, size in zip((0, *SMALL), SMALL, strict=False):
        batch = append(store, items(before, size))
        receipt = batch_receipts(batch).receipt
        for offset in {0, len(batch.entries) // 2, len(batch.entries) - 1}:
            index = batch.first + offset
            signed = verify_receipt(receipt(index), batch.entries[offset], VERIFIERS, origin=ORIGIN)
            assert signed.size == size


def test_a_checkpoint_is_kept_with_the_first_entry_each_full_tile_and_each_hour(store: Store) -> None:
    minutes = 0
    steps = (
        (1, 0),
        (2, 1),
        (3, 58),
        (4, 1),
        (5, 0),
        (255, 1),
        (256, 0),
        (257, 0),
        (258, 59),
        (259, 1),
        (900, 0),
        (901, 0),
    )
    log = Expected()
    before = 0
    for size, wait in steps:
        minutes += wait
        at = NOW + timedelta(minutes=minutes)
        log.append(items(before, size), at)
        append(store, items(before, size), at)
        before = size
    assert log.kept == [1, 4, 256, 259, 900]
    with store.read() as reader:
        kept = list(reader.checkpoints())
    assert [size for size, _ in kept] == log.kept
    for size, note in kept:
        signed = open_checkpoint(bytes(note), VERIFIERS, origin=ORIGIN)
        assert (signed.size, signed.root) == (size, merkle.mth(tuple(log.leaves[:size])))


def test_the_time_of_receipt_never_runs_backwards_even_if_the_clock_does(store: Store) -> None:
    append(store, items(0, 1))
    append(store, items(1, 2), NOW - timedelta(days=1))
    with store.read() as reader:
        first, second = reader.entries(0, 2)
    assert b'"at":"2026-05-01T12:30:01.123Z"' in first
    assert b'"at":"2026-05-01T12:30:01.123Z"' in second


def commit_map(store: Store, number: int) -> Batch:
    """Append a commitment to the map, in form only: nobody checks its signature here."""

    def make(commitment: Commitment, _: datetime) -> Submission:
        made.append(commitment)
        return submission(1_000_000 + number, ())

    made: list[Commitment] = []
    with store.append() as tx:
        batch = LOG.append_map(tx, NOW, make)
    assert made[0].size == batch.first
    return batch


def expected_map(store: Store, size: int) -> MapTree:
    """The map of the first `size` entries, from nothing but these."""
    tree = MapTree()
    with store.read() as reader:
        for data in reader.entries(0, size):
            log = json.loads(data)["log"]
            for subject, seq, _ in log["chain"]:
                tree.set(Row(key_of(subject), seq, hash_leaf(data)))
    return tree


def test_each_map_is_that_of_all_entries_before_it(store: Store) -> None:
    made = []

    def make(commitment: Commitment, _: datetime) -> Submission:
        made.append(commitment)
        return submission(1_000_000 + commitment.size, ())

    for start, end in ((0, 5), (5, 6), (6, 400), (400, 1_000)):
        append(store, items(start, end))
        with store.append() as tx:
            LOG.append_map(tx, NOW, make)
        assert made[-1] == expected_map(store, made[-1].size).commitment(made[-1].size)
    assert made[-1].batteries == 198


def test_the_newest_map_answers_for_every_battery_however_much_came_after_it(store: Store) -> None:
    append(store, items(0, 150))
    with store.read() as reader:
        assert look_up(reader, "B01") is None
    size = commit_map(store, 1).first
    tree = expected_map(store, size)
    commitment = tree.commitment(size)
    append(store, items(150, 700))
    with store.read() as reader:
        known = {subject for item in items(0, 700) for subject in item.event.subjects}
        absent = 0
        for subject in [*sorted(known), "NOBODY"]:
            answer = look_up(reader, subject)
            assert answer is not None
            assert answer.index == size
            row = verify_lookup(commitment, subject, answer.lookup)
            assert row == answer.row
            history = [index for index in reader.history(subject) if index < size]
            assert (row.seq if row else 0) == len(history)
            absent += row is None
    assert 1 < absent < len(known)


def test_a_map_is_due_after_many_entries_or_after_a_while(store: Store) -> None:
    minute = timedelta(seconds=60)
    append(store, items(0, 10))
    with store.read() as reader:
        assert not is_map_due(reader.state(), NOW, minute)
        assert is_map_due(reader.state(), NOW + minute, minute)
    commit_map(store, 1)
    with store.read() as reader:
        assert not is_map_due(reader.state(), NOW + minute, minute)
    append(store, items(10, 11))
    with store.read() as reader:
        assert not is_map_due(reader.state(), NOW + minute - timedelta(milliseconds=1), minute)
        assert is_map_due(reader.state(), NOW + minute, minute)
        full = replace(reader.state(), size=reader.size() + 10_000)
    assert is_map_due(full, NOW, minute)
