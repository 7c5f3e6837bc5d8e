"""Recording: what was answered is in the register, once, provable offline; what was refused left no trace."""

import base64
import json
import threading
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from hashlib import sha256
from typing import Any

import pytest
from sqlalchemy.exc import IntegrityError

from ledger.entry import format_time, parse_entry
from ledger.notes.checkpoint import open_checkpoint
from ledger.receipt import format_receipt, parse_receipt, verify_receipt
from ledger.signing.jws import Ed25519EventSigner
from ledger.signing.keyring import key_body
from ledger.tree import hash_leaf
from ledger.verification.audit import Audit
from service import operators
from service.access import make_api_key
from service.db import engine as engines
from service.db import store as stores
from service.errors import BusyError, ConflictError, NotPermittedError, RefusedError, ServiceError
from service.pin import read_pin
from service.private.commitments import commit
from service.private.values import find, find_rows
from service.recording.admission import Admitted
from service.recording.recorder import Outcome, Recorded, SparedError
from service.settings import Settings
from service.verification.register import verify_database
from tests.service.domain.story import PACK_MODEL
from tests.service.town import LAB, START, WORKSHOP, WORKSHOP_OLD, StillClock, Town, new_id, pack, vin

FRESH = 500_000
"""Pack numbers from here on are in no shared register."""


def proves(town: Town, recorded: Recorded) -> None:
    """The receipt, as it leaves the house, proves the entry to anyone who has the log's keys."""
    receipt = parse_receipt(format_receipt(recorded.receipt))
    assert receipt.index == recorded.index
    signed = verify_receipt(
        receipt, recorded.entry, town.register.verifiers, origin=town.register.log.origin, require_all=True
    )
    assert recorded.index < signed.size
    assert recorded.leaf_hash == hash_leaf(recorded.entry)


def is_intact(town: Town) -> None:
    report = verify_database(town.settings.database_url, town.register.verifiers, vault=town.register.vault)
    assert report.failures == ()
    assert report.size == town.size()


def at_once(works: Sequence[Callable[[], None]]) -> None:
    """Run each in a thread of its own, all at once; raise what any of them raised."""
    failures: list[BaseException] = []
    start = threading.Barrier(len(works))

    def run(work: Callable[[], None]) -> None:
        start.wait()
        try:
            work()
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=run, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]


# --- group commit


def test_sixteen_threads_get_every_event_recorded_once_with_a_receipt(either_town: Town) -> None:
    town, before = either_town, either_town.size()
    answers: dict[int, list[Outcome]] = {}

    def work(thread: int) -> Callable[[], None]:
        def run() -> None:
            for turn in range(4):
                number = FRESH + thread * 100 + turn * 10
                batch = [town.tell("cq-cells", "register", pack(number + n)) for n in range(1 + turn % 2)]
                answers[number] = town.recorder.record(batch)

        return run

    at_once([work(thread) for thread in range(16)])
    recorded = [outcome for outcomes in answers.values() for outcome in outcomes]
    assert len(recorded) == 16 * 6
    for outcome in recorded:
        assert isinstance(outcome, Recorded)
        assert not outcome.replayed
        proves(town, outcome)
    assert sorted(each.index for each in recorded if isinstance(each, Recorded)) == list(range(before, before + 96))
    entries = town.entries()
    for number, outcomes in answers.items():
        for n, outcome in enumerate(outcomes):
            assert isinstance(outcome, Recorded)
            assert entries[outcome.index] == outcome.entry
            assert parse_entry(outcome.entry).event.subjects == (pack(number + n),)
    is_intact(town)


def test_the_future_is_that_of_the_newest_entry_even_where_the_clock_was_put_back(town: Town) -> None:
    soon = town.clock.now + timedelta(minutes=5)
    ahead = {"occurred_at": format_time(soon + timedelta(milliseconds=1))}
    told = town.tell("cq-cells", "register", pack(FRESH), occurred_at=format_time(soon))
    fresh = Ed25519EventSigner("cq-repair/bench-3", b"3" * 32)
    key = town.sign(WORKSHOP, "register_key", **key_body(fresh.header, fresh.public_key), **ahead)
    for early in (town.tell("cq-cells", "register", pack(FRESH), **ahead), key):
        [refused] = town.recorder.record([early])
        assert isinstance(refused, RefusedError)
        assert [(each.pointer, each.code) for each in refused.faults] == [("/occurred_at", "in-the-future")]
    [recorded] = town.must(told)
    town.clock.now -= timedelta(hours=1)
    [again] = town.must(told)
    assert (again.index, again.replayed) == (recorded.index, True)
    [other] = town.must(town.tell("cq-cells", "register", pack(FRESH + 1), occurred_at=format_time(soon)))
    assert other.index == recorded.index + 1
    is_intact(town)


def test_waiting_jobs_share_one_commit(town: Town) -> None:
    """While the log is held by another process, everything queues; afterwards few checkpoints cover it all."""
    jobs = [[town.tell("cq-cells", "register", pack(FRESH + n))] for n in range(12)]
    outcomes: list[Recorded] = []

    def work(job: list[Admitted]) -> Callable[[], None]:
        return lambda: outcomes.extend(town.must(*job))

    release = threading.Event()
    held = threading.Event()

    def hold() -> None:
        with town.register.store.append():
            held.set()
            release.wait(5)

    holder = threading.Thread(target=hold)
    holder.start()
    held.wait()
    timer = threading.Timer(0.4, release.set)
    timer.start()
    at_once([work(job) for job in jobs])
    holder.join()
    sizes = {
        open_checkpoint(each.receipt.checkpoint, town.register.verifiers, origin=town.register.log.origin).size
        for each in outcomes
    }
    assert len(outcomes) == 12
    assert len(sizes) <= 3
    for each in outcomes:
        proves(town, each)


def test_a_refused_event_does_not_fail_its_neighbours(either_town: Town) -> None:
    town, before = either_town, either_town.size()
    good = [town.tell("cq-cells", "register", pack(FRESH + n)) for n in range(3)]
    known = town.tell("cq-cells", "register", pack(1))
    not_allowed = town.tell("cq-motors", "register", pack(FRESH + 7))
    unknown_model = town.tell("cq-cells", "register", pack(FRESH + 8), model_id="NO-SUCH")
    outcomes = town.recorder.record([good[0], known, good[1], not_allowed, unknown_model, good[2]])
    assert [type(outcome) for outcome in outcomes] == [
        Recorded, ConflictError, Recorded, NotPermittedError, RefusedError, Recorded,
    ]  # fmt: skip
    indexes = [outcome.index for outcome in outcomes if isinstance(outcome, Recorded)]
    assert indexes == [before, before + 1, before + 2]
    assert town.size() == before + 3
    is_intact(town)


def test_a_refused_event_of_one_thread_does_not_fail_those_of_others(town: Town) -> None:
    results: dict[int, Outcome] = {}

    def work(n: int) -> Callable[[], None]:
        item = town.tell("cq-cells", "register", pack(FRESH + n // 2))  # each pack by two threads

        def run() -> None:
            results[n] = town.recorder.record([item])[0]

        return run

    at_once([work(n) for n in range(16)])
    for pair in range(8):
        both = {type(results[2 * pair]), type(results[2 * pair + 1])}
        assert both == {Recorded, ConflictError}
    is_intact(town)


# --- all or nothing


def test_an_atomic_batch_is_recorded_whole(either_town: Town) -> None:
    town, before = either_town, either_town.size()
    items = [town.tell("cq-cells", "register", pack(FRESH + n), gtin="09521234000013") for n in range(5)]
    assert [each.index for each in town.must(*items, atomic=True)] == list(range(before, before + 5))


def test_an_atomic_batch_with_a_refused_event_leaves_no_trace(either_town: Town) -> None:
    town, before = either_town, either_town.size()
    first, second = (town.tell("cq-cells", "register", pack(FRESH + n), gtin="09521234000013") for n in (1, 2))
    model = town.tell("cq-cells", "publish_model", **PACK_MODEL | {"model_id": "CQ-ATOMIC"})
    wrong = town.tell("cq-cells", "register", pack(1))
    outcomes = town.recorder.record([first, model, wrong, second], atomic=True)
    assert all(isinstance(outcome, ConflictError) for outcome in outcomes)
    assert "all-or-nothing" in str(outcomes[0])
    assert "registered already" in str(outcomes[2])
    assert town.size() == before
    # Nothing of the undone events lingers: the same may be recorded now, identifier, model and all.
    town.must(first, model, second)
    is_intact(town)


def test_an_undone_atomic_batch_does_not_disturb_others_of_its_commit(town: Town) -> None:
    before = town.size()
    bad = [town.tell("cq-cells", "register", pack(FRESH)), town.tell("cq-cells", "register", pack(1))]
    same_pack = town.tell("cq-cells", "register", pack(FRESH), gtin="09521234000013")
    neighbour = town.tell("cq-cells", "register", pack(FRESH + 1))
    results: dict[str, list[Outcome]] = {}
    with town.register.store.append():  # makes the three wait for one commit
        works = [
            threading.Thread(target=lambda: results.update(bad=town.recorder.record(bad, atomic=True))),
            threading.Thread(target=lambda: results.update(same=town.recorder.record([same_pack]))),
            threading.Thread(target=lambda: results.update(next=town.recorder.record([neighbour], atomic=True))),
        ]
        for work in works:
            work.start()
    for work in works:
        work.join()
    assert all(isinstance(each, ConflictError) for each in results["bad"])
    assert [type(each) for each in results["same"] + results["next"]] == [Recorded, Recorded]
    assert town.size() == before + 2
    is_intact(town)


def test_an_atomic_batch_holding_an_id_that_stands_for_something_else_is_refused_whole(either_town: Town) -> None:
    town = either_town
    [recorded] = town.must(town.tell("cq-cells", "register", pack(FRESH)))
    taken = parse_entry(recorded.entry).event.id
    before = town.size()
    items = [
        town.tell("cq-cells", "register", pack(FRESH + 1)),
        town.tell("cq-cells", "register", pack(FRESH + 2), id=taken),
    ]
    outcomes = town.recorder.record(items, atomic=True)
    assert [type(outcome) for outcome in outcomes] == [SparedError, ConflictError]
    assert town.size() == before


def test_an_atomic_batch_may_be_sent_again(town: Town) -> None:
    items = [town.tell("cq-cells", "register", pack(FRESH + n)) for n in range(3)]
    first = town.must(*items, atomic=True)
    second = town.must(*items, atomic=True)
    assert [each.index for each in second] == [each.index for each in first]
    assert all(each.replayed for each in second)


# --- the same event again


def test_the_same_event_again_is_answered_with_a_receipt_and_recorded_once(either_town: Town) -> None:
    town = either_town
    item = town.tell("cq-cells", "register", pack(FRESH))
    [first] = town.must(item)
    [other] = town.must(town.tell("cq-cells", "register", pack(FRESH + 1)))
    [again] = town.must(item)
    assert (again.replayed, again.index, again.entry) == (True, first.index, first.entry)
    assert town.size() == other.index + 1
    proves(town, again)
    assert again.receipt.checkpoint == other.receipt.checkpoint


@pytest.fixture
def installation(either_town: Town) -> Callable[..., Admitted]:
    """One event with an id, told in custody as often as wanted, with other values if wanted."""
    town, id_ = either_town, new_id(either_town.clock.now)
    town.must(town.tell("cq-cells", "register", pack(FRESH), occurred_at="2026-05-02T00:00:00.000Z"))

    def tell(number: int = 4077, **body: Any) -> Admitted:
        occurred_at = "2026-05-02T01:00:00.000Z"
        private = {"vin": vin(number)}
        return town.tell("cq-motors", "install", pack(FRESH), id=id_, occurred_at=occurred_at, private=private, **body)

    return tell


def test_an_event_told_in_custody_again_is_the_same_though_its_salts_are_others(
    either_town: Town, installation: Callable[..., Admitted]
) -> None:
    town = either_town
    first, second = installation(), installation()
    assert first.submission.event.data != second.submission.event.data
    town.clock.move(hours=3)
    [recorded], [replayed] = town.must(first), town.must(second)
    assert (replayed.index, replayed.entry, replayed.replayed) == (recorded.index, recorded.entry, True)
    [again] = town.must(installation(), atomic=True)
    assert (again.index, again.replayed) == (recorded.index, True)
    is_intact(town)


def test_an_event_told_twice_in_one_commit_is_recorded_once(
    either_town: Town, installation: Callable[..., Admitted]
) -> None:
    for atomic in (False, True):
        first, second = either_town.must(installation(), installation(), atomic=atomic)
        assert (first.index, first.entry) == (second.index, second.entry)
    is_intact(either_town)


def test_an_id_with_another_restricted_value_is_another_event(
    either_town: Town, installation: Callable[..., Admitted]
) -> None:
    both = either_town.recorder.record([installation(), installation(78)])
    assert [type(outcome) for outcome in both] == [Recorded, ConflictError]
    for other in (installation(78), installation(odometer_km=13)):
        for atomic in (False, True):
            [outcome] = either_town.recorder.record([other], atomic=atomic)
            assert isinstance(outcome, ConflictError)


def test_an_id_that_stands_for_another_event_is_a_conflict_that_names_the_entry(either_town: Town) -> None:
    town = either_town
    [first] = town.must(town.tell("cq-cells", "register", pack(FRESH)))
    taken = parse_entry(first.entry).event.id
    before = town.size()
    for other in (
        town.tell("cq-cells", "register", pack(FRESH + 1), id=taken),
        town.sign(WORKSHOP, "report_soh", pack(2), full_cycles=900, id=taken),
    ):
        [outcome] = town.recorder.record([other])
        assert isinstance(outcome, ConflictError)
        assert outcome.index == first.index
    assert town.size() == before


def test_the_same_event_twice_in_one_batch_is_recorded_once(either_town: Town) -> None:
    town, before = either_town, either_town.size()
    item = town.tell("cq-cells", "register", pack(FRESH))
    for atomic in (False, True):
        outcomes = town.must(item, item, atomic=atomic)
        assert [each.index for each in outcomes] == [before, before]
        for each in outcomes:
            proves(town, each)
    assert town.size() == before + 1


def test_two_events_of_one_id_in_one_batch_are_a_conflict(either_town: Town) -> None:
    town, before = either_town, either_town.size()
    id_ = new_id(town.clock.now)
    items = [town.tell("cq-cells", "register", pack(FRESH + n), id=id_) for n in range(2)]
    first, second = town.recorder.record(items)
    assert (type(first), type(second)) == (Recorded, ConflictError)
    assert town.size() == before + 1
    id_ = new_id(town.clock.now)
    items = [town.tell("cq-cells", "register", pack(FRESH + n), id=id_) for n in (5, 6)]
    outcomes = town.recorder.record(items, atomic=True)
    assert [type(outcome) for outcome in outcomes] == [SparedError, ConflictError]
    assert town.size() == before + 1


# --- a log that cannot be had


@pytest.fixture
def impatient_town(either_settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Town]:
    """A register whose connections wait 60 ms for the lock."""
    monkeypatch.setattr(engines, "BUSY_MS", 60)
    monkeypatch.setattr(stores, "BUSY_MS", 60)
    town = Town(either_settings, StillClock(START + timedelta(days=1)))
    yield town
    town.close()


def test_a_locked_log_is_busy_and_nothing_is_stored(impatient_town: Town) -> None:
    town, before = impatient_town, impatient_town.size()
    items = [town.tell("cq-cells", "register", pack(FRESH)), town.tell("cq-cells", "register", pack(FRESH + 1))]
    with town.register.store.append(), pytest.raises(BusyError, match="nothing was stored"):
        town.recorder.record(items)
    assert town.size() == before
    assert [each.replayed for each in town.must(*items)] == [False, False]
    is_intact(town)


def test_every_waiting_thread_hears_that_the_log_is_busy(impatient_town: Town) -> None:
    town, before = impatient_town, impatient_town.size()
    items = [town.tell("cq-cells", "register", pack(FRESH + n)) for n in range(4)]
    heard: list[bool] = []

    def work(item: Admitted) -> Callable[[], None]:
        def run() -> None:
            try:
                town.recorder.record([item])
            except BusyError:
                heard.append(True)

        return run

    with town.register.store.append():
        at_once([work(item) for item in items])
    assert heard == [True] * 4
    assert town.size() == before


def test_a_key_whose_registration_met_a_busy_log_can_be_made_again(impatient_town: Town) -> None:
    town = impatient_town
    operators.enrol_operator(
        town.recorder, {"operator_id": "cq-new", "name": "新公司", "roles": ["fleet"], "region": "500112"}
    )
    with pytest.raises(BusyError):
        lose_registration(town)
    recorded = operators.make_custodial_key(town.recorder, "cq-new")
    assert recorded.index == town.size() - 1
    town.must(town.tell("cq-new", "report_soh", pack(3), full_cycles=800))
    is_intact(town)


def lose_registration(town: Town) -> None:
    """A key is made and stored, and then its `register_key` finds the log locked."""
    with town.register.write_beside() as connection:
        town.register.vault.make_key(connection, "cq-new/custody-1")
    with town.register.store.append():
        operators.record_as(town.recorder, "cq-city", "revoke_key", {"kid": LAB.header.kid, "reason": "test"})


def test_a_commit_that_fails_leaves_no_phantom_in_memory(town: Town) -> None:
    """The very last step fails, as on a full disk: neither database nor memory may know the operator and the model."""
    enrolment = {"operator_id": "cq-ghost", "name": "鬼", "roles": ["maker"], "region": "500112"}
    items = [
        town.tell("cq-city", "enrol_operator", **enrolment),
        town.tell("cq-cells", "publish_model", **PACK_MODEL | {"model_id": "CQ-GHOST"}),
    ]
    before = town.size()
    with town.register.write_beside() as connection:
        for statement in FAIL_ON_COMMIT:
            connection.exec_driver_sql(statement)
    with pytest.raises(IntegrityError):
        town.recorder.record(items)
    with town.register.write_beside() as connection:
        connection.exec_driver_sql("DROP TRIGGER fail_on_commit")
    assert town.size() == before
    assert "cq-ghost" not in operators.desk(town.register).registry.operators
    [outcome] = town.recorder.record([town.tell("cq-cells", "register", pack(FRESH), model_id="CQ-GHOST")])
    assert isinstance(outcome, RefusedError)
    town.must(*items)
    is_intact(town)


FAIL_ON_COMMIT = (
    "CREATE TABLE nobody (id INTEGER PRIMARY KEY)",
    "CREATE TABLE pointer (id INTEGER REFERENCES nobody (id) DEFERRABLE INITIALLY DEFERRED)",
    "CREATE TRIGGER fail_on_commit AFTER INSERT ON entry BEGIN INSERT INTO pointer VALUES (1); END",
)


def test_writing_beside_the_log_is_busy_too_while_it_is_locked(impatient_town: Town) -> None:
    """On SQLite there is one writer for all; on PostgreSQL nothing stands in the way."""
    town = impatient_town
    if town.register.store.engine.dialect.name == "postgresql":
        with town.register.store.append():
            operators.desk(town.register)
        return
    with town.register.store.append(), pytest.raises(BusyError), town.register.write_beside() as connection:
        make_api_key(connection, "cq-cells", now=town.clock.now)


# --- restricted values


def test_a_restricted_value_stands_sealed_beside_the_log_and_its_commitment_in_the_entry(either_town: Town) -> None:
    town = either_town
    town.must(town.tell("cq-cells", "register", pack(FRESH)))
    [recorded] = town.must(town.tell("cq-motors", "install", pack(FRESH), private={"vin": vin(4711)}))
    commitment = base64.b64decode(parse_entry(recorded.entry).event.body["vin_commitment"])
    with town.register.read() as reader:
        [row] = find_rows(reader.connection, [commitment])
        private = find(reader.connection, town.register.vault, [commitment])[commitment]
    assert (row.name, row.subject, row.idx) == ("vin", pack(FRESH), recorded.index)
    assert vin(4711).encode() not in bytes(row.sealed)
    assert private.salt not in bytes(row.sealed)
    assert (private.value, len(private.salt)) == (vin(4711), 32)
    assert commitment == sha256(b"commit/v1\n" + private.salt + json.dumps(vin(4711)).encode()).digest()


def test_the_same_vehicle_has_a_different_commitment_each_time(town: Town) -> None:
    town.must(town.tell("cq-cells", "register", pack(FRESH)))
    recorded = town.must(
        *(town.tell("cq-motors", kind, pack(FRESH), private={"vin": vin(4705)}) for kind in ("install", "retire"))
    )
    commitments = {parse_entry(each.entry).event.body["vin_commitment"] for each in recorded}
    assert len(commitments) == 2


def disclosed(number: int, salt: bytes) -> tuple[str, dict[str, dict[str, str]]]:
    """The commitment to a VIN under `salt`, and what its sender discloses to the service."""
    commitment = base64.b64encode(commit(vin(number), salt)).decode()
    return commitment, {"vin": {"value": vin(number), "salt": base64.b64encode(salt).decode()}}


MOTORS = Ed25519EventSigner("cq-motors/own-1", b"m" * 32)


@pytest.fixture
def signing_town(either_town: Town) -> Town:
    """The car maker has a key of its own."""
    operators.register_own_key(either_town.recorder, MOTORS.header.kid, MOTORS.public_key)
    return either_town


def test_a_signed_event_discloses_value_and_salt_to_the_service_only(signing_town: Town) -> None:
    town = signing_town
    commitment, private = disclosed(4712, b"x" * 32)
    town.must(town.tell("cq-cells", "register", pack(FRESH)))
    [recorded] = town.must(town.sign(MOTORS, "install", pack(FRESH), private=private, vin_commitment=commitment))
    assert vin(4712).encode() not in recorded.entry
    assert private["vin"]["salt"].encode() not in recorded.entry
    is_intact(town)


def test_a_salt_is_used_once(signing_town: Town) -> None:
    """Two entries with one commitment would tell everybody that they hold one value."""
    town = signing_town
    commitment, private = disclosed(4713, b"y" * 32)
    town.must(*(town.tell("cq-cells", "register", pack(FRESH + n)) for n in range(3)))
    items = [
        town.sign(MOTORS, "install", pack(FRESH + n), private=private, vin_commitment=commitment) for n in range(3)
    ]
    for outcomes in (town.recorder.record(items[:2])[1:], town.recorder.record(items[2:])):
        assert isinstance(outcomes[0], RefusedError)
        assert outcomes[0].faults[0].pointer == "/private/vin/salt"
    is_intact(town)


def test_a_disclosed_value_that_is_not_the_committed_one_is_refused(signing_town: Town) -> None:
    commitment, _ = disclosed(1, b"x" * 32)
    _, other = disclosed(2, b"x" * 32)
    with pytest.raises(RefusedError) as refused:
        signing_town.sign(MOTORS, "install", pack(1), private=other, vin_commitment=commitment)
    assert refused.value.faults[0].pointer == "/body/vin_commitment"


# --- what changes between admission and commit


def test_a_key_revoked_between_admission_and_commit_signs_nothing_more(either_town: Town) -> None:
    town = either_town
    item = town.sign(LAB, "report_soh", pack(5), full_cycles=800)
    operators.revoke_key(town.recorder, LAB.header.kid, "card lost")
    before = town.size()
    [outcome] = town.recorder.record([item])
    assert isinstance(outcome, NotPermittedError)
    assert LAB.header.kid in str(outcome)
    assert town.size() == before
    with pytest.raises(NotPermittedError):
        town.sign(LAB, "report_soh", pack(5), full_cycles=801)
    is_intact(town)


def test_a_key_revoked_earlier_in_the_same_batch_signs_nothing_more(either_town: Town) -> None:
    town = either_town
    revocation = town.tell("cq-city", "revoke_key", kid=LAB.header.kid, reason="card lost")
    items = [town.sign(LAB, "report_soh", pack(n), full_cycles=800) for n in (5, 6)]
    outcomes = town.recorder.record([items[0], revocation, items[1]])
    assert [type(outcome) for outcome in outcomes] == [Recorded, Recorded, NotPermittedError]
    is_intact(town)


def test_a_revoked_key_was_refused_long_before(town: Town) -> None:
    with pytest.raises(NotPermittedError, match="not valid"):
        town.sign(WORKSHOP_OLD, "report_soh", pack(1), full_cycles=900)


def test_a_model_may_be_published_and_used_in_one_batch(either_town: Town) -> None:
    town = either_town
    items = [
        town.tell("cq-cells", "publish_model", **PACK_MODEL | {"model_id": "CQ-151"}),
        town.tell("cq-cells", "register", pack(FRESH), model_id="CQ-151"),
        town.tell("cq-motors", "install", pack(FRESH), private={"vin": vin(4709)}),
        town.tell("cq-motors", "sell", pack(FRESH)),
    ]
    town.must(*items, atomic=True)
    is_intact(town)


def test_a_model_is_published_once_even_within_one_batch(either_town: Town) -> None:
    town = either_town
    twice = [town.tell("cq-cells", "publish_model", **PACK_MODEL | {"model_id": "CQ-152"}) for _ in range(2)]
    outcomes = town.recorder.record(twice)
    assert [type(outcome) for outcome in outcomes] == [Recorded, ConflictError]
    assert isinstance(town.recorder.record([town.tell("cq-cells", "publish_model")])[0], ConflictError)


def test_the_times_in_entries_are_those_of_the_register_not_of_the_sender(town: Town) -> None:
    [first] = town.must(town.tell("cq-cells", "register", pack(FRESH), occurred_at="2026-04-01T00:00:00.000Z"))
    town.clock.now -= timedelta(hours=5)
    [second] = town.must(town.tell("cq-cells", "register", pack(FRESH + 1), occurred_at="2026-04-01T00:00:00.000Z"))
    assert parse_entry(first.entry).at == parse_entry(second.entry).at == town.clock.now + timedelta(hours=5)


def test_two_processes_share_the_log(town: Town) -> None:
    """A second register on the same database: what one records the other sees, and both keep the chains."""
    other = Town(town.settings, StillClock(town.clock.now))
    town.must(town.tell("cq-cells", "publish_model", **PACK_MODEL | {"model_id": "CQ-153"}))
    other.must(other.tell("cq-cells", "register", pack(FRESH), model_id="CQ-153"))
    operators.enrol_operator(
        other.recorder, {"operator_id": "cq-new", "name": "新公司", "roles": ["fleet"], "region": "500112"}
    )
    operators.make_custodial_key(town.recorder, "cq-new")
    other.must(other.tell("cq-new", "report_soh", pack(7), full_cycles=800))

    def work(which: Town, start: int) -> Callable[[], None]:
        return lambda: [which.must(which.tell("cq-cells", "register", pack(start + n))) for n in range(10)] and None

    at_once([work(town, FRESH + 100), work(other, FRESH + 200)])
    audit = Audit()
    audit.run(town.entries())
    with town.register.read() as reader:
        note = reader.checkpoint()
    signed = open_checkpoint(note, town.register.verifiers, origin=town.register.log.origin)
    assert audit.finish(signed).failures == ()
    other.close()
    is_intact(town)


def test_recording_nothing_answers_nothing(town: Town) -> None:
    before = town.size()
    assert town.recorder.record([]) == []
    assert town.size() == before


def test_the_pin_follows_every_commit(town: Town) -> None:
    town.must(town.tell("cq-cells", "register", pack(FRESH)))
    with town.register.read() as reader:
        note = reader.checkpoint()
    signed = open_checkpoint(note, town.register.verifiers, origin=town.register.log.origin)
    assert read_pin(town.settings.pin_file) == signed


def test_a_refusal_is_an_error_of_the_service(town: Town) -> None:
    outcome = town.recorder.record([town.tell("cq-cells", "register", pack(1))])[0]
    assert isinstance(outcome, ServiceError)
