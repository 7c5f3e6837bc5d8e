"""The audit of a register: no false alarm, and for each kind of tampering the right entry named."""

import json
import random
from collections.abc import Callable, Sequence
from typing import Any

import pytest

from ledger import canonical
from ledger.entry import build_event, format_hash, parse_entry
from ledger.log import Log, Submission
from ledger.map import Commitment
from ledger.notes.checkpoint import Checkpoint
from ledger.signing.jws import Ed25519EventSigner, EventSigner, sign_event
from ledger.signing.keyring import key_body
from ledger.tree import CompactRange, hash_leaf
from ledger.verification.audit import MAX_FAILURES, Anchor, Audit, Report
from tests.ledger.conftest import Exported
from tests.ledger.golden import AUTHORITY, event
from tests.ledger.golden import ORIGIN as GOLDEN
from tests.ledger.test_bundle import SIGNER, story, submit
from tests.ledger.test_log import NOW
from tests.service.town import ORIGIN, WORKSHOP, WORKSHOP_OLD

BOTH = pytest.mark.parametrize("signatures", [True, False], ids=["signatures", "chains only"])


def audit(entries: Sequence[bytes], signed: Checkpoint, *, signatures: bool = True) -> Report:
    run = Audit(signatures=signatures)
    run.run(entries)
    return run.finish(signed)


def checkpoint_of(entries: Sequence[bytes], origin: str = ORIGIN) -> Checkpoint:
    """What the log would sign for these entries, if it went along with the fraud."""
    tree = CompactRange()
    tree.extend([hash_leaf(entry) for entry in entries])
    return Checkpoint(origin, len(entries), tree.root())


def edited(entry: bytes, change: Callable[[dict[str, Any]], None]) -> bytes:
    document = json.loads(entry)
    change(document)
    return canonical.encode(document)


def set_body(document: dict[str, Any]) -> None:
    document["event"]["body"]["mass_g"] = 1


def rechained(entries: Sequence[bytes], start: int) -> list[bytes]:
    """The entries with all chains computed anew from `start` on: what an insider with the database can do."""
    heads: dict[str, tuple[int, str]] = {}
    previous, made = "", list[bytes]()
    for index, entry in enumerate(entries):
        document = json.loads(entry)
        if index >= start:
            document["log"]["prev"] = previous
            chain = []
            for subject in document["event"]["subjects"]:
                seq, before = heads.get(subject, (0, ""))
                chain.append([subject, seq + 1, before])
            document["log"]["chain"] = chain
            entry = canonical.encode(document)
        previous = format_hash(hash_leaf(entry))
        for subject, seq, _ in document["log"]["chain"]:
            heads[subject] = (seq, previous)
        made.append(entry)
    return made


# --- no false alarm


@BOTH
@pytest.mark.parametrize("block", [1024, 333])
def test_an_intact_register_holds(exported: Exported, signatures: bool, block: int) -> None:
    run = Audit(signatures=signatures)
    for start in range(0, len(exported.entries), block):
        leaves = run.feed(exported.entries[start : start + block])
        assert leaves == [hash_leaf(entry) for entry in exported.entries[start : start + block]]
    report = run.finish(exported.signed)
    assert report.failures == ()
    assert report.ok
    assert (report.size, report.root) == (exported.signed.size, exported.signed.root)
    assert report.checked["entries"] == report.size
    assert report.checked["signatures"] == (report.size if signatures else 0)
    assert report.checked["batteries"] == 394
    assert report.checked["battery_links"] == sum(len(parse_entry(entry).chain) for entry in exported.entries)


def test_rechaining_an_intact_register_changes_nothing_so_that_these_tests_mean_something(exported: Exported) -> None:
    assert rechained(exported.entries, 0) == exported.entries


def test_a_log_without_entries_holds() -> None:
    assert audit([], checkpoint_of([])).ok


def test_the_reader_is_told_how_far_the_audit_is(exported: Exported) -> None:
    told: list[int] = []
    Audit(signatures=False).run(exported.entries, tick=told.append)
    assert told == [1024, len(exported.entries)]


# --- one entry edited

PLACES = [0, 1, 40, 255, 256, 700, 1022, 1023, 1024, 1025, 1900]


@pytest.mark.parametrize("at", [*PLACES, -2, -1])
def test_an_edited_body_is_named_by_its_signature(exported: Exported, at: int) -> None:
    entries = list(exported.entries)
    entries[at] = edited(entries[at], set_body)
    assert audit(entries, exported.signed).failures[0].index == at % len(entries)


@pytest.mark.parametrize("at", [*PLACES, -3, -1])
def test_an_edited_body_is_named_by_the_chains_alone(exported: Exported, at: int) -> None:
    entries = list(exported.entries)
    entries[at] = edited(entries[at], set_body)
    failures = audit(entries, exported.signed, signatures=False).failures
    assert failures[0].index == at % len(entries)
    assert {failure.index for failure in failures} <= {at % len(entries), None}


@BOTH
@pytest.mark.parametrize("at", [5, 700, 1023, 1024, -1])
@pytest.mark.parametrize("part", ["at", "prev", "chain hash", "chain number", "signature"])
def test_an_edit_of_the_log_s_part_is_named(exported: Exported, at: int, part: str, signatures: bool) -> None:
    def change(document: dict[str, Any]) -> None:
        log = document["log"]
        if part == "at":
            log["at"] = log["at"][:-2] + ("1Z" if log["at"][-2] != "1" else "2Z")
        elif part == "prev":
            log["prev"] = format_hash(b"\7" * 32)
        elif part == "signature":
            jws = document["jws"]
            document["jws"] = jws[:-20] + ("A" if jws[-20] != "A" else "B") + jws[-19:]
        elif log["chain"]:
            place = 1 if part == "chain number" else 2
            log["chain"][0][place] = 7 if place == 1 else format_hash(b"\7" * 32)

    entries = list(exported.entries)
    at %= len(entries)
    if at == 5 and part.startswith("chain"):
        at = next(index for index, entry in enumerate(entries) if b'"chain":[[' in entry)
    entries[at] = edited(entries[at], change)
    assert entries[at] != exported.entries[at]
    failures = audit(entries, exported.signed, signatures=signatures).failures
    assert failures[0].index == at


@BOTH
@pytest.mark.parametrize("data", [b"", b"{}", b"\xff" * 300, b"[" * 5000, b'{"event":{}}', b'x,"log":{"at":5}'])
def test_rubbish_in_the_place_of_an_entry_is_named(exported: Exported, data: bytes, signatures: bool) -> None:
    entries = list(exported.entries)
    entries[700] = data
    assert audit(entries, exported.signed, signatures=signatures).failures[0].index == 700


@pytest.mark.parametrize(
    "log",
    ['[]', '"x"', "5", "null", '{"at":1,"chain":[],"prev":""}', '{"at":"","chain":5,"prev":""}',
     '{"at":"","chain":[[[],1,""]],"prev":""}', '{"at":"","chain":[[1]],"prev":""}', '{"at":"","chain":null,"prev":[]}',
     '{"at":{},"chain":{"a":1},"prev":{}}', '{"at":"z","chain":"abc","prev":""}'],
)  # fmt: skip
def test_no_shape_of_the_log_s_part_stops_the_audit(exported: Exported, log: str) -> None:
    entries = list(exported.entries)
    entries[700] = b'{"event":{},"jws":"","log":{"at":' + log.encode() + b"}}"
    entries[701] = b'{"event":{},"jws":"","log":' + log.encode() + b"}"
    for signatures in (True, False):
        report = audit(entries, exported.signed, signatures=signatures)
        assert 700 in {failure.index for failure in report.failures}


# --- entries taken out, put in, moved


@BOTH
@pytest.mark.parametrize("at", [0, 1, 300, 1023, 1024, 1800])
def test_where_an_entry_is_missing_the_next_is_named(exported: Exported, at: int, signatures: bool) -> None:
    entries = [*exported.entries[:at], *exported.entries[at + 1 :]]
    report = audit(entries, exported.signed, signatures=signatures)
    assert report.failures[0].index == at
    if at:  # without the first entry no key is known: a hundred failures before the last
        assert f"signs {len(entries) + 1} entries, here are {len(entries)}" in report.failures[-1].what


@BOTH
@pytest.mark.parametrize("at", [1, 300, 1024])
def test_where_a_stretch_is_missing_the_next_is_named(exported: Exported, at: int, signatures: bool) -> None:
    entries = [*exported.entries[:at], *exported.entries[at + 400 :]]
    assert audit(entries, exported.signed, signatures=signatures).failures[0].index == at


@BOTH
@pytest.mark.parametrize("at", [1, 300, 1024])
@pytest.mark.parametrize("source", ["the one before", "one from elsewhere"])
def test_an_inserted_entry_is_named(exported: Exported, at: int, source: str, signatures: bool) -> None:
    extra = exported.entries[at - 1 if source == "the one before" else 1500]
    entries = [*exported.entries[:at], extra, *exported.entries[at:]]
    assert audit(entries, exported.signed, signatures=signatures).failures[0].index == at


@BOTH
@pytest.mark.parametrize("at", [1, 300, 1022, 1023])
def test_swapped_neighbours_are_named(exported: Exported, at: int, signatures: bool) -> None:
    entries = list(exported.entries)
    entries[at], entries[at + 1] = entries[at + 1], entries[at]
    assert audit(entries, exported.signed, signatures=signatures).failures[0].index == at


@BOTH
def test_entries_swapped_over_a_distance_are_both_named(exported: Exported, signatures: bool) -> None:
    entries = list(exported.entries)
    entries[300], entries[1500] = entries[1500], entries[300]
    named = {failure.index for failure in audit(entries, exported.signed, signatures=signatures).failures}
    assert min(index for index in named if index is not None) == 300
    assert 1500 in named


@BOTH
@pytest.mark.parametrize("lost", [1, 30, 1000])
def test_a_truncated_register_does_not_hold(exported: Exported, lost: int, signatures: bool) -> None:
    report = audit(exported.entries[:-lost], exported.signed, signatures=signatures)
    assert [failure.index for failure in report.failures] == [None]
    assert f"here are {len(exported.entries) - lost}" in report.failures[0].what


@BOTH
def test_a_register_longer_than_its_checkpoint_does_not_hold(exported: Exported, signatures: bool) -> None:
    older = checkpoint_of(exported.entries[:-1])
    assert not audit(exported.entries, older, signatures=signatures).ok


# --- whole stretches made anew


@BOTH
@pytest.mark.parametrize("at", [100, 1024, -5])
def test_a_suffix_chained_anew_is_betrayed_by_the_checkpoint(exported: Exported, at: int, signatures: bool) -> None:
    """An event is dropped and everything after it chained again: only the signed root tells, and it does."""
    at %= len(exported.entries)
    entries = rechained([*exported.entries[:at], *exported.entries[at + 1 :], exported.entries[-1]], at)
    report = audit(entries, exported.signed, signatures=False)
    assert not report.ok
    assert "root that the checkpoint signs" in report.failures[-1].what
    if signatures:
        assert not audit(entries, exported.signed).ok


def test_where_the_tree_was_last_right_is_told_and_where_nobody_knows_is_not(exported: Exported) -> None:
    entries = rechained([*exported.entries[:100], *exported.entries[101:], exported.entries[-1]], 100)
    last = len(entries) - 1
    unknown = audit(entries, exported.signed, signatures=False).failures[-1]
    assert (unknown.index, "after entry" in unknown.what) == (last, False)
    anchor = Anchor(50, checkpoint_of(exported.entries[:50]).root, "an older checkpoint signs")
    known = Audit(signatures=False, anchors=(anchor,))
    known.run(entries)
    assert "made anew after entry 49" in known.finish(exported.signed).failures[-1].what


def test_an_edited_body_chained_anew_is_named_by_its_signature(exported: Exported) -> None:
    entries = list(exported.entries)
    entries[700] = edited(entries[700], set_body)
    entries = rechained(entries, 700)
    assert audit(entries, exported.signed).failures[0].index == 700


# --- a log that goes along with the fraud


def forged(entries: Sequence[bytes], at: int, members: dict[str, Any], signer: EventSigner) -> list[bytes]:
    """The entry at `at` replaced by an event of these members signed by `signer`, everything after chained anew."""
    built = build_event(members)
    document = {"event": members, "jws": sign_event(built.data, signer), "log": json.loads(entries[at])["log"]}
    changed = list(entries)
    changed[at] = canonical.encode(document)
    return rechained(changed, at)


def members_at(exported: Exported, at: int, **changes: Any) -> dict[str, Any]:
    members: dict[str, Any] = json.loads(exported.entries[at])["event"]
    return members | changes


def blamed(entries: Sequence[bytes], origin: str = ORIGIN) -> tuple[int | None, str]:
    """The one entry that an audit against the log's own signature over the fraud finds."""
    report = audit(entries, checkpoint_of(entries, origin))
    assert not report.ok
    return report.failures[0].index, report.failures[0].what


def test_an_event_signed_with_the_wrong_key_is_named_even_if_the_log_signs_it(exported: Exported) -> None:
    thief = Ed25519EventSigner("cq-cells/custody-1", b"t" * 32, custodial=True)
    at = next(n for n, entry in enumerate(exported.entries) if b'"type":"register"' in entry)
    index, what = blamed(forged(exported.entries, at, members_at(exported, at), thief))
    assert (index, "signature" in what) == (at, True)


def test_an_event_of_a_key_that_was_never_registered_is_named(exported: Exported) -> None:
    thief = Ed25519EventSigner("cq-cells/own-key", b"t" * 32)
    at = next(n for n, entry in enumerate(exported.entries) if b'"type":"register"' in entry)
    assert blamed(forged(exported.entries, at, members_at(exported, at), thief)) == (
        at, f"key cq-cells/own-key is not valid at entry {at}",
    )  # fmt: skip


def test_an_event_signed_with_a_revoked_key_is_named(exported: Exported) -> None:
    last = len(exported.entries) - 1
    assert json.loads(exported.entries[last])["event"]["actor"] == "cq-repair"
    index, what = blamed(forged(exported.entries, last, members_at(exported, last), WORKSHOP_OLD))
    assert (index, what) == (last, f"key cq-repair/bench-1 is not valid at entry {last}")
    assert audit(forged(exported.entries, last, members_at(exported, last), WORKSHOP), checkpoint_of(
        forged(exported.entries, last, members_at(exported, last), WORKSHOP))).ok  # fmt: skip


def test_an_event_in_the_name_of_another_operator_is_named(exported: Exported) -> None:
    last = len(exported.entries) - 1
    index, what = blamed(forged(exported.entries, last, members_at(exported, last, actor="cq-lab"), WORKSHOP))
    assert (index, what) == (last, "cq-lab did not sign with a key of its own")


def test_an_event_that_was_signed_for_another_log_is_named(exported: Exported) -> None:
    last = len(exported.entries) - 1
    index, what = blamed(forged(exported.entries, last, members_at(exported, last, log="other.test/log"), WORKSHOP))
    assert (index, what) == (last, "the event was signed for another log")


def test_a_register_transplanted_into_another_log_is_refused(exported: Exported) -> None:
    """All events are genuine, all were signed for the other register; only the checkpoint is the thief's."""
    index, what = blamed(exported.entries, origin="thief.test/log")
    assert index == 0
    assert "thief.test/log" in what


def test_a_key_registered_by_a_stranger_is_named(exported: Exported) -> None:
    thief = Ed25519EventSigner("cq-lab/mine", b"t" * 32)
    last = len(exported.entries) - 1
    said = event(WORKSHOP, "register_key", key_body(thief.header, thief.public_key))
    members = json.loads(said.data) | {"log": ORIGIN}
    index, what = blamed(forged(exported.entries, last, members, WORKSHOP))
    assert (index, what) == (last, "cq-repair may not register, revoke or dispute cq-lab/mine")


def test_time_that_runs_backwards_is_named(exported: Exported) -> None:
    def earlier(document: dict[str, Any]) -> None:
        document["log"]["at"] = "2020-01-01T00:00:00.000Z"

    entries = list(exported.entries)
    entries[800] = edited(entries[800], earlier)
    assert blamed(rechained(entries, 800)) == (800, "received before the entry ahead of it")


def test_a_battery_whose_history_was_cut_is_named(exported: Exported) -> None:
    """The log itself leaves out one event of a battery and signs the rest: the battery's own numbers tell."""
    at = next(n for n, entry in enumerate(exported.entries) if b'"type":"sell"' in entry)
    code = json.loads(exported.entries[at])["event"]["subjects"][0]
    entries = [*exported.entries[:at], *exported.entries[at + 1 :]]
    previous = format_hash(hash_leaf(entries[at - 1]))
    for index in range(at, len(entries)):
        document = json.loads(entries[index])
        document["log"]["prev"] = previous
        entries[index] = canonical.encode(document)
        previous = format_hash(hash_leaf(entries[index]))
    report = audit(entries, checkpoint_of(entries), signatures=False)
    assert f"{code} goes from number 2 to 4" in {failure.what for failure in report.failures}


def test_a_battery_s_entry_that_passes_over_its_newest_one_is_named(exported: Exported) -> None:
    """The log forks a battery's life and signs it: number and register chain are right, the hash is another's."""
    at = next(n for n, entry in enumerate(exported.entries) if b'"type":"sell"' in entry)
    entries = list(exported.entries)
    document = json.loads(entries[at])
    [link] = document["log"]["chain"]
    link[2] = format_hash(b"\7" * 32)
    entries[at] = canonical.encode(document)
    for index in range(at + 1, len(entries)):
        document = json.loads(entries[index])
        document["log"]["prev"] = format_hash(hash_leaf(entries[index - 1]))
        entries[index] = canonical.encode(document)
    report = audit(entries, checkpoint_of(entries), signatures=False)
    assert report.failures[0].index == at
    assert report.failures[0].what.startswith(f"does not continue {link[0]} from entry ")


# --- any tampering at all


def test_no_random_tampering_goes_unseen(exported: Exported) -> None:
    chance = random.Random(20260501)
    for _ in range(60):
        entries = list(exported.entries)
        at, to = chance.randrange(len(entries)), chance.randrange(len(entries))
        match chance.randrange(5):
            case 0:
                place = chance.randrange(len(entries[at]))
                entries[at] = entries[at][:place] + bytes([entries[at][place] ^ 1]) + entries[at][place + 1 :]
            case 1:
                del entries[at]
            case 2:
                entries.insert(at, entries[to])
            case 3:
                entries[at] = entries[to] if to != at else b"{}"
            case 4:
                entries.insert(to, entries.pop(at)) if to != at else entries.pop()
        assert not audit(entries, exported.signed, signatures=False).ok


def test_a_wholly_different_register_is_reported_in_bounded_length(exported: Exported) -> None:
    report = audit([b"{}"] * 3000, exported.signed)
    assert len(report.failures) == MAX_FAILURES
    assert report.failures[0].index == 0


@pytest.mark.parametrize("change", [{}, {"root": format_hash(bytes(32))}, {"batteries": 1}, {"size": 7}])
def test_a_map_that_is_not_that_of_the_entries_before_it_is_named(change: dict[str, Any]) -> None:
    """By the authority's own signature: whoever audits computes the map again."""
    store = story()

    def committed(commitment: Commitment, _: object) -> Submission:
        return submit(AUTHORITY, "commit_map", commitment.body() | change, 8)

    with store.append() as tx:
        Log(GOLDEN, [SIGNER]).append_map(tx, NOW, committed)
    with store.read() as reader:
        entries = list(reader.entries(0, reader.size()))
    found = audit(entries, checkpoint_of(entries, GOLDEN)).failures
    assert [each.index for each in found] == ([8] if change else [])
