"""A witness as one process has it: what it answers, what it keeps, and that nothing comes between."""

import asyncio
import stat
import threading
from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import text as sql
from sqlalchemy.exc import IntegrityError

from ledger.errors import MalformedError
from ledger.notes.checkpoint import open_checkpoint, parse_checkpoint
from ledger.notes.cosignature import cosignature_time
from ledger.notes.note import Ed25519Signer, format_note, parse_vkey, sign_text, split_note, verify_signatures
from ledger.notes.vkey import format_vkey
from ledger.notes.witness import Verdict, origin_hash
from service.errors import SettingsError
from service.witness.cosigning import Answer, Case, Witness
from service.witness.counter import Counter
from service.witness.keys import open_keys
from service.witness.logs import add_log
from service.witness.store import WitnessStore
from tests.service.witness.logs import GrowingLog

NAME = "witness.test/w1"
NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
LOG = GrowingLog("log.test", 60, mldsa=True)
OTHER = GrowingLog("log.test", 60, branch=1, forked=5)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "witness"


@pytest.fixture
def store(data: Path) -> Iterator[WitnessStore]:
    opened = WitnessStore(data)
    add_log(opened, LOG.vkeys)
    yield opened
    opened.close()


@pytest.fixture
def witness(data: Path, store: WitnessStore) -> Witness:
    return Witness(store, open_keys(data, name=NAME), clock=lambda: NOW)


def verdict(witness: Witness, body: bytes) -> Verdict:
    return witness.add_checkpoint(body).verdict


def test_a_checkpoint_that_extends_the_last_is_cosigned_with_both_keys_at_that_time(witness: Witness) -> None:
    assert verdict(witness, LOG.step(0, 3)) is Verdict.COSIGN
    answer = witness.add_checkpoint(LOG.step(3, 9))
    text, _ = split_note(LOG.note(9))
    checked = verify_signatures(text, answer.cosignatures, map(parse_vkey, witness.vkeys))
    assert len(checked.verified) == 2
    assert {cosignature_time(made.signature) for made in answer.cosignatures} == {int(NOW.timestamp())}


def test_what_does_not_extend_it_is_not(witness: Witness) -> None:
    assert verdict(witness, LOG.step(0, 9)) is Verdict.COSIGN
    assert verdict(witness, OTHER.step(9, 12)) is Verdict.INCONSISTENT
    assert verdict(witness, OTHER.step(9, 9)) is Verdict.INCONSISTENT
    assert witness.add_checkpoint(LOG.step(3, 12)) == Answer(Verdict.CONFLICT, 9)
    assert witness.add_checkpoint(LOG.step(0, 5)) == Answer(Verdict.CONFLICT, 9)
    assert verdict(witness, LOG.step(9, 9)) is Verdict.COSIGN


def test_nobody_but_a_known_log_is_cosigned(witness: Witness) -> None:
    stranger = GrowingLog("stranger.test", 3)
    assert verdict(witness, stranger.step(0, 3)) is Verdict.UNKNOWN_LOG
    stranger.signers = [Ed25519Signer("log.test", b"x" * 32)]
    stranger.origin = "log.test"
    assert verdict(witness, stranger.step(0, 3)) is Verdict.NOT_SIGNED


def test_the_newest_checkpoint_is_shown_with_the_logs_signatures_and_all_cosignatures(
    data: Path, store: WitnessStore, witness: Witness
) -> None:
    hashed = origin_hash(LOG.origin)
    assert witness.newest(hashed) is None
    witness.add_checkpoint(LOG.step(0, 3))
    witness.add_checkpoint(LOG.step(3, 9))
    for each in (witness, Witness(store, open_keys(data))):  # the second one must sign anew
        note = each.newest(hashed)
        assert note is not None
        keys = [parse_vkey(vkey) for vkey in (*LOG.vkeys, *witness.vkeys)]
        assert open_checkpoint(note, keys, origin=LOG.origin, require_all=True) == LOG.head(9)
        assert len(split_note(note)[1]) == 4


def test_signatures_nobody_checked_are_not_shown(witness: Witness) -> None:
    garbage = sign_text(split_note(LOG.note(3))[0], [Ed25519Signer("garbage", b"g" * 32)])
    text, signatures = split_note(LOG.note(3))
    body = b"old 0\n\n" + format_note(text, [*garbage, *signatures])
    assert verdict(witness, body) is Verdict.COSIGN
    assert b"garbage" not in (witness.newest(origin_hash(LOG.origin)) or b"garbage")


def test_the_database_itself_refuses_to_go_back(store: WitnessStore, witness: Witness) -> None:
    witness.add_checkpoint(LOG.step(0, 9))
    for change in ("UPDATE newest SET size = 8", "UPDATE newest SET root = x'00'", "DELETE FROM newest"):
        with pytest.raises(IntegrityError), store.write() as connection:
            connection.execute(sql(change))


def test_a_removed_log_is_unknown_but_what_was_cosigned_for_it_is_not_forgotten(
    data: Path, store: WitnessStore, witness: Witness
) -> None:
    witness.add_checkpoint(LOG.step(0, 9))
    assert store.remove_keys(LOG.origin) == 2
    again = Witness(store, open_keys(data))
    assert verdict(again, LOG.step(9, 10)) is Verdict.UNKNOWN_LOG
    add_log(store, LOG.vkeys)
    assert again.add_checkpoint(LOG.step(0, 10)) == Answer(Verdict.CONFLICT, 9)


def test_keys_of_a_log_are_added_under_its_own_name_or_a_given_one(store: WitnessStore) -> None:
    key = Ed25519Signer("sum.test", b"s" * 32).vkey
    assert add_log(store, [key]) == "sum.test"
    assert add_log(store, [key], origin="go.sum database tree") == "go.sum database tree"
    for wrong in ([key, *LOG.vkeys], [format_vkey("w", 4, bytes(32))], ["nonsense"]):
        with pytest.raises(MalformedError):
            add_log(store, wrong)
    assert [origin for origin, _, _ in store.logs()] == ["go.sum database tree", "log.test", "sum.test"]


def test_keys_are_made_once_and_read_by_their_owner_alone(data: Path) -> None:
    with pytest.raises(SettingsError, match="--name"):
        open_keys(data)
    made = open_keys(data, name=NAME)
    assert [key.vkey for key in open_keys(data)] == [key.vkey for key in made]
    assert stat.S_IMODE((data / "keys" / "witness").stat().st_mode) == 0o600
    assert stat.S_IMODE((data / "keys").stat().st_mode) == 0o700
    with pytest.raises(SettingsError, match="not of another"):
        open_keys(data, name="another")
    (data / "keys" / "witness").write_text("PRIVATE+KEY+nonsense\n")
    with pytest.raises(SettingsError):
        open_keys(data)
    with pytest.raises(SettingsError):
        open_keys(data.parent / "other", name="a name")


def test_of_two_histories_told_by_many_threads_at_once_only_one_is_ever_cosigned(data: Path) -> None:
    """Each thread is a witness of its own on the same database, as processes are."""
    histories = (LOG, OTHER)
    roots: dict[int, set[bytes]] = defaultdict(set)
    guard = threading.Lock()
    keys = open_keys(data, name=NAME)[:1]
    first = WitnessStore(data)
    add_log(first, LOG.vkeys)

    def push(log: GrowingLog) -> None:
        witness, size = Witness(WitnessStore(data), keys), 0
        for _ in range(60):
            answer = witness.add_checkpoint(log.step(size, min(size + 1, 59)))
            if answer.verdict is Verdict.CONFLICT:
                size = answer.size
            elif answer.verdict is Verdict.COSIGN:
                size = answer.size
                with guard:
                    roots[size].add(log.head(size).root)

    threads = [threading.Thread(target=push, args=(histories[number % 2],)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert max(roots) > 8
    assert [size for size, found in roots.items() if len(found) != 1] == []
    newest = first.newest(origin_hash(LOG.origin))
    assert newest is not None
    assert newest.kept.size == max(roots)
    assert {parse_checkpoint(split_note(newest.note)[0]).root} == roots[max(roots)]


class CountingWitness(Witness):
    groups: list[int]

    def decide(self, cases: Sequence[Case]) -> None:
        self.groups.append(len(cases))
        super().decide(cases)


def test_requests_that_come_together_are_decided_in_their_order_in_one_transaction(
    data: Path, store: WitnessStore
) -> None:
    witness = CountingWitness(store, open_keys(data, name=NAME))
    witness.groups = []

    async def together() -> list[Answer | BaseException]:
        counter = Counter(witness)
        steps = [LOG.step(0, 1), *(LOG.step(size, size + 1) for size in range(1, 20)), OTHER.step(20, 30)]
        return await asyncio.gather(*map(counter.add_checkpoint, steps), return_exceptions=True)

    answers = asyncio.run(together())
    verdicts = [answer.verdict for answer in answers if isinstance(answer, Answer)]
    assert verdicts == [Verdict.COSIGN] * 20 + [Verdict.INCONSISTENT]
    assert witness.groups == [21]


def test_a_transaction_that_fails_answers_nobody_and_keeps_nothing(witness: Witness, store: WitnessStore) -> None:
    async def with_full_disk() -> list[Answer | BaseException]:
        counter = Counter(witness)
        with store.write() as connection:
            connection.exec_driver_sql(
                "CREATE TRIGGER full BEFORE INSERT ON newest BEGIN SELECT RAISE(ABORT, 'full'); END"
            )
        failed = await asyncio.gather(
            *map(counter.add_checkpoint, [LOG.step(0, 1), LOG.step(1, 2)]), return_exceptions=True
        )
        with store.write() as connection:
            connection.exec_driver_sql("DROP TRIGGER full")
        return [*failed, await counter.add_checkpoint(LOG.step(0, 2))]

    *failed, later = asyncio.run(with_full_disk())
    assert all(isinstance(each, IntegrityError) for each in failed)
    assert isinstance(later, Answer)
    assert later.verdict is Verdict.COSIGN
