"""The sweep over all cores and the plain audit: one verdict, whatever was done to a register."""

import json
import random
import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ledger.__main__ import load_verifiers
from ledger.errors import MalformedError
from ledger.export import checkpoint_path, read_export
from ledger.notes.checkpoint import sign_checkpoint
from ledger.signing.keys import read_head
from ledger.verification.audit import Audit, Report
from ledger.verification.findings import Anchor
from ledger.verification.source import ExportSource
from ledger.verification.stretch import UnsoundError
from ledger.verification.verified import State, StateError, StateFile, format_state, parse_state
from ledger.verification.verifying import Wishes, sweep, verify_register
from tests.benchmarks.exported import write_cheap_export
from tests.benchmarks.material import ORIGIN as BENCH
from tests.ledger.conftest import Exported
from tests.ledger.verification.test_audit import checkpoint_of, edited, rechained, set_body

ALONE = Wishes(workers=1)
FAST = replace(ALONE, signatures=False)


def write(folder: Path, entries: Sequence[bytes], note: bytes) -> Path:
    file = folder / "register.ndjson"
    file.write_bytes(b"".join(entry + b"\n" for entry in entries))
    checkpoint_path(file).write_bytes(note)
    return file


def verify(exported: Exported, file: Path, wishes: Wishes) -> Report:
    def entries() -> Any:
        with file.open("rb") as stream:
            yield from read_export(stream)

    return verify_register(ExportSource(file), entries, checkpoint_path(file).read_bytes(), exported.verifiers, wishes)


def sweeps(exported: Exported, file: Path, wishes: Wishes) -> Report | None:
    """What the sweep alone says: None where it leaves the verdict to the plain audit."""
    try:
        return sweep(ExportSource(file), checkpoint_path(file).read_bytes(), exported.verifiers, wishes)[0]
    except UnsoundError:
        return None


def plain(file: Path, *, signatures: bool) -> Report:
    audit = Audit(signatures=signatures)
    with file.open("rb") as stream:
        audit.run(read_export(stream))
    return audit.finish(read_head(checkpoint_path(file).read_bytes()))


@pytest.mark.parametrize("signatures", [True, False], ids=["signatures", "chains only"])
@pytest.mark.parametrize("workers", [1, 2])
def test_an_intact_register_is_swept_without_the_plain_audit_and_reported_alike(
    exported: Exported, signatures: bool, workers: int
) -> None:
    report = sweeps(exported, exported.file, Wishes(signatures=signatures, workers=workers))
    assert report == plain(exported.file, signatures=signatures)
    assert report.ok


# --- no mutation divides the two

Change = Callable[[list[bytes], random.Random], object]


def flip(entries: list[bytes], chance: random.Random) -> None:
    at = chance.randrange(len(entries))
    place = chance.randrange(len(entries[at]))
    changed = entries[at][place] ^ 1 << chance.randrange(8)
    entries[at] = entries[at][:place] + bytes([changed]) + entries[at][place + 1 :]


def edit_log_part(entries: list[bytes], chance: random.Random) -> None:
    at = chance.randrange(1, len(entries))
    document = json.loads(entries[at])
    part = chance.choice(["at", "prev", "chain"])
    value = {"at": "2020-01-01T00:00:00.000Z", "prev": "", "chain": [["001PE12ABCDEFGG2T9999999", 1, ""]]}[part]
    document["log"][part] = value
    entries[at] = json.dumps(document, separators=(",", ":"), sort_keys=True, ensure_ascii=False).encode()


def edit_and_rechain(entries: list[bytes], chance: random.Random) -> None:
    at = chance.randrange(1, len(entries))
    entries[at] = edited(entries[at], set_body)
    entries[:] = rechained(entries, at)


def drop_and_rechain(entries: list[bytes], chance: random.Random) -> None:
    at = chance.randrange(1, len(entries))
    entries[:] = rechained([*entries[:at], *entries[at + 1 :], entries[-1]], at)


def swap(entries: list[bytes], chance: random.Random) -> None:
    one, other = chance.sample(range(len(entries)), 2)
    entries[one], entries[other] = entries[other], entries[one]


CLASSES: dict[str, Change] = {
    "bit flip": flip,
    "deleted": lambda entries, chance: entries.pop(chance.randrange(len(entries))),
    "inserted": lambda entries, chance: entries.insert(chance.randrange(len(entries)), chance.choice(entries)),
    "duplicated": lambda entries, chance: entries.insert(at := chance.randrange(len(entries)), entries[at]),
    "reordered": swap,
    "truncated": lambda entries, chance: entries.__delitem__(slice(-chance.randrange(1, 300), None)),
    "log part edited": edit_log_part,
    "edited and chained anew": edit_and_rechain,
    "dropped and chained anew": drop_and_rechain,
    "rubbish": lambda entries, chance: entries.__setitem__(chance.randrange(len(entries)), b"{}"),
    "emptied": lambda entries, chance: entries.__setitem__(chance.randrange(len(entries)), b""),
}


@pytest.mark.parametrize("kind", CLASSES)
def test_no_mutation_passes_the_sweep(exported: Exported, tmp_path: Path, kind: str) -> None:
    chance = random.Random(f"sweep {kind}")
    for _ in range(4):
        entries = list(exported.entries)
        CLASSES[kind](entries, chance)
        if entries == exported.entries:
            continue
        file = write(tmp_path, entries, exported.note)
        assert sweeps(exported, file, FAST) is None
        assert not plain(file, signatures=False).ok


@pytest.mark.parametrize("kind", CLASSES)
def test_where_the_log_signs_the_fraud_both_still_say_the_same(exported: Exported, tmp_path: Path, kind: str) -> None:
    """The checkpoint is made over the changed entries, so that the tree itself gives nothing away."""
    chance = random.Random(f"signed {kind}")
    for turn in range(3):
        entries = list(exported.entries)
        CLASSES[kind](entries, chance)
        signed = checkpoint_of(entries)
        file = write(tmp_path, entries, sign_checkpoint(signed, exported.signers))
        signatures = turn == 0
        swept = sweeps(exported, file, replace(ALONE, signatures=signatures))
        exact = plain(file, signatures=signatures)
        assert (swept is not None) == exact.ok, exact.failures[:1]
        assert swept is None or swept == exact


# --- one register, many cores


@pytest.fixture(scope="module")
def grown(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Forty thousand entries of 3,000 batteries, with maps; signed only where the log itself speaks."""
    file = tmp_path_factory.mktemp("grown") / "grown.ndjson"
    write_cheap_export(file, 40_000, batteries=3_000)
    return file


def verify_grown(file: Path, **wishes: Any) -> Report:
    def entries() -> Any:
        with file.open("rb") as stream:
            yield from read_export(stream)

    verifiers = load_verifiers([str(file.parent / "log.vkeys")])
    note = (file.parent / "grown.ndjson.checkpoint").read_bytes()
    return verify_register(ExportSource(file), entries, note, verifiers, Wishes(signatures=False, **wishes))


def test_maps_are_computed_again(grown: Path, tmp_path: Path) -> None:
    assert verify_grown(grown, workers=1).checked["maps"] == 1
    lines = grown.read_bytes().split(b"\n")[:-1]
    at = max(index for index, line in enumerate(lines) if b'"type":"commit_map"' in line)
    audit = Audit(signatures=False)
    audit.run(lines[:at])
    wrong = lines[at].replace(b'"batteries":3000', b'"batteries":3001')
    assert wrong != lines[at]
    audit.feed([wrong])
    report = audit.finish(checkpoint_of([*lines[:at], wrong], BENCH))
    assert [failure.index for failure in report.failures] == [at]
    assert "another map" in report.failures[0].what


def test_two_thousand_entries_to_a_worker_or_all_to_one_make_no_difference(grown: Path) -> None:
    assert verify_grown(grown, workers=3) == verify_grown(grown, workers=1)


def test_an_older_checkpoint_at_any_size_is_held_against_the_entries(grown: Path) -> None:
    lines = grown.read_bytes().split(b"\n")[:-1]
    for size in (1, 255, 2048, 16_385, 39_999, 40_000):
        right = checkpoint_of(lines[:size], BENCH).root
        assert verify_grown(grown, workers=1, anchors=(Anchor(size, right, "it signs"),)).ok
    wrong = verify_grown(grown, workers=1, anchors=(Anchor(255, right, "it signs"), Anchor(50_000, right, "it signs")))
    assert [failure.what for failure in wrong.failures] == [
        "the first 255 entries are not those that it signs",
        "it signs 50000 entries, here are 40000",
    ]


# --- stopped and taken up again


class Interrupting:
    """Interrupts a verification after some chunks of signatures."""

    def __init__(self, *, after: int) -> None:
        self.left = after

    def __call__(self, phase: str, done: int, total: int) -> None:
        self.left -= phase == "signatures"
        if not self.left:
            raise KeyboardInterrupt


def test_an_interrupted_run_taken_up_again_says_what_one_run_says(exported: Exported, tmp_path: Path) -> None:
    """Interrupted at each chunk of signatures, gone on from the state it left."""
    whole = verify(exported, exported.file, ALONE)
    stops, state, report = 0, tmp_path / "state", None
    while report is None:
        with StateFile(state) as kept:
            wishes = replace(ALONE, verified=kept.found, save=kept.save, tick=Interrupting(after=2))
            try:
                report = verify(exported, exported.file, wishes)
            except KeyboardInterrupt:
                stops += 1
    assert stops >= 2
    assert report == whole
    found = parse_state(state.read_bytes())
    assert (found.size, found.root, found.origin) == (whole.size, whole.root, exported.signed.origin)


def test_a_state_that_does_not_fit_is_a_failure_and_one_of_another_log_is_refused(exported: Exported) -> None:
    size = 300
    root = checkpoint_of(exported.entries[:size]).root
    fits = State(exported.signed.origin, size, root)
    assert verify(exported, exported.file, replace(ALONE, verified=fits)).ok
    report = verify(exported, exported.file, replace(ALONE, verified=replace(fits, root=b"\7" * 32)))
    assert [failure.what for failure in report.failures] == [
        f"the first {size} entries are not those that an earlier verification found"
    ]
    longer = replace(fits, size=len(exported.entries) + 1)
    assert "found" in verify(exported, exported.file, replace(ALONE, verified=longer)).failures[0].what
    with pytest.raises(StateError):
        verify(exported, exported.file, replace(ALONE, verified=replace(fits, origin="other.test/log")))


def test_old_entries_changed_after_they_were_verified_do_not_pass(exported: Exported, tmp_path: Path) -> None:
    state = State(exported.signed.origin, len(exported.entries), exported.signed.root)
    entries = list(exported.entries)
    entries[40] = edited(entries[40], set_body)
    file = write(tmp_path, entries, exported.note)
    report = verify(exported, file, replace(ALONE, verified=state))
    assert report.failures[0].index == 40


@pytest.mark.parametrize("before", [0, 1, 300])
def test_a_run_that_goes_on_checks_every_signature_from_where_it_goes_on(
    exported: Exported, tmp_path: Path, before: int
) -> None:
    """The log itself signs the fraud: only the operator's signature speaks against it."""
    at = 400
    entries = list(exported.entries)
    entries[at] = edited(entries[at], set_body)
    entries = rechained(entries, at)
    signed = sign_checkpoint(checkpoint_of(entries), exported.signers)
    size = at - before
    state = State(exported.signed.origin, size, checkpoint_of(entries[:size]).root)
    assert sweeps(exported, write(tmp_path, entries, signed), replace(ALONE, verified=state)) is None


@pytest.mark.parametrize("data", [b"", b"{}", b"[]", b'{"format":"packtrail-verifier-state-v1"}', b"\xff", b"null"])
def test_no_file_is_taken_for_a_state_that_is_none(data: bytes) -> None:
    with pytest.raises(MalformedError):
        parse_state(data)


def test_a_state_is_read_as_it_was_written() -> None:
    state = State("a.test/log", 7, b"\1" * 32)
    assert parse_state(format_state(state)) == state


# --- what is found


def test_an_event_id_recorded_twice_is_named_with_both_entries(exported: Exported, tmp_path: Path) -> None:
    """A log that records an event twice, with right numbers and chains, and signs that."""
    last = exported.entries[-1]
    entries = rechained([*exported.entries, last], len(exported.entries))
    file = write(tmp_path, entries, sign_checkpoint(checkpoint_of(entries), exported.signers))
    report = verify(exported, file, ALONE)
    assert [failure.index for failure in report.failures] == [len(entries) - 1]
    assert f"is recorded as entry {len(entries) - 2} already" in report.failures[0].what
    assert verify(exported, file, FAST).ok


def test_findings_name_the_battery(exported: Exported, tmp_path: Path) -> None:
    entries = list(exported.entries)
    at = next(index for index, entry in enumerate(entries) if b'"type":"sell"' in entry)
    code = json.loads(entries[at])["event"]["subjects"][0]
    entries[at] = edited(entries[at], set_body)
    file = write(tmp_path, entries, exported.note)
    for wishes in (ALONE, FAST):
        first = verify(exported, file, wishes).failures[0]
        assert (first.index, first.battery) == (at, code)


def test_many_findings_do_not_crowd_out_what_the_checkpoint_says(exported: Exported, tmp_path: Path) -> None:
    file = write(tmp_path, exported.entries[1:], exported.note)
    report = verify(exported, file, ALONE)
    assert len(report.failures) == 100
    assert f"signs {len(exported.entries)} entries, here are {len(exported.entries) - 1}" in report.failures[-1].what


def test_a_stretch_made_anew_is_told_apart_from_one_changed_entry(exported: Exported, tmp_path: Path) -> None:
    at = 1500
    entries = rechained([*exported.entries[:at], *exported.entries[at + 1 :], exported.entries[-1]], at)
    file = write(tmp_path, entries, exported.note)
    good = Anchor(1000, checkpoint_of(exported.entries[:1000]).root, "an older checkpoint signs")
    [failure] = verify(exported, file, replace(FAST, anchors=(good,))).failures
    assert "a stretch made anew after entry 999 of which it is the last" in failure.what


def test_threads_in_the_process_do_not_keep_a_verification_from_its_workers(exported: Exported) -> None:
    idle = threading.Event()
    thread = threading.Thread(target=idle.wait)
    thread.start()
    try:
        assert sweeps(exported, exported.file, Wishes(workers=2)) is not None
    finally:
        idle.set()
        thread.join()
