"""What leaves the register: evidence, exports and histories that whoever receives them can check alone."""

from dataclasses import replace
from pathlib import Path

import pytest

from ledger.bundle import parse_bundle, verify_bundle
from ledger.errors import LedgerError
from ledger.export import read_export
from ledger.notes.checkpoint import open_checkpoint
from ledger.receipt import verify_receipt
from ledger.verification.audit import Audit
from service.access import Caller
from service.errors import Absence, NotFoundError, UnknownBatteryError
from service.evidence import absence_bundle, evidence_bundle
from service.exporting import export_register
from service.history import battery_history, battery_now, may_read_all
from service.recording.mapping import commit_map
from tests.service.town import ORIGIN, WORKSHOP, Town, module, pack

ASSEMBLED = pack(9_000_000)


@pytest.mark.parametrize("code", [pack(1), pack(120), module(1), ASSEMBLED])
def test_the_evidence_of_a_battery_is_checked_with_the_log_s_keys_alone(either_town: Town, code: str) -> None:
    town = either_town
    bundle = parse_bundle(evidence_bundle(town.register, code))
    held = verify_bundle(bundle, town.register.verifiers, origin=ORIGIN, require_all=True)
    assert held.checkpoint.size == town.size()
    with town.register.read() as reader:
        assert [each.index for each in bundle.entries] == reader.history(code)
    assert bundle.keys[0].index == 0


def test_evidence_stays_whole_when_keys_change_afterwards(town: Town) -> None:
    before = evidence_bundle(town.register, pack(2))
    town.must(town.tell("cq-city", "revoke_key", kid="cq-cells/custody-1", reason="lost"))
    town.must(town.tell("cq-city", "revoke_key", kid=WORKSHOP.header.kid, reason="lost"))
    for data in (before, evidence_bundle(town.register, pack(2))):
        verify_bundle(parse_bundle(data), town.register.verifiers, origin=ORIGIN)


def test_before_the_first_map_there_is_no_evidence_of_what_is_not_registered(town: Town) -> None:
    for asked in (evidence_bundle, absence_bundle, battery_history):
        with pytest.raises(NotFoundError) as refusal:
            asked(town.register, pack(999_999))
        assert getattr(refusal.value, "absence", None) is None


def test_that_nothing_is_recorded_is_proven_as_of_the_newest_map(either_town: Town) -> None:
    """And of what came after the map nothing is said, but how much that is."""
    town, absent = either_town, pack(999_999)
    mapped = town.size()
    assert commit_map(town.register)
    town.must(town.tell("cq-cells", "register", pack(970_000)))
    bundle = parse_bundle(absence_bundle(town.register, absent))
    held = verify_bundle(bundle, town.register.verifiers, origin=ORIGIN, require_all=True)
    assert (bundle.subject, bundle.entries) == (absent, ())
    assert held.complete is not None
    assert (held.complete.size, held.checkpoint.size) == (mapped, mapped + 2)
    with pytest.raises(UnknownBatteryError) as refusal:
        battery_history(town.register, absent)
    assert refusal.value.absence == Absence(absent, mapped, held.complete.at, later=1)
    for known in (pack(1), pack(970_000)):
        with pytest.raises(NotFoundError):
            absence_bundle(town.register, known)
    later = parse_bundle(evidence_bundle(town.register, pack(970_000)))
    assert verify_bundle(later, town.register.verifiers, origin=ORIGIN).complete == held.complete
    assert len(later.entries) == 1


def test_proof_of_absence_does_not_serve_for_a_battery_that_is_there(town: Town) -> None:
    assert commit_map(town.register)
    bundle = parse_bundle(absence_bundle(town.register, pack(999_999)))
    with pytest.raises(LedgerError):
        verify_bundle(replace(bundle, subject=pack(1)), town.register.verifiers, origin=ORIGIN)


def test_an_export_is_every_entry_and_the_checkpoint_over_them(either_town: Town, tmp_path: Path) -> None:
    town, file = either_town, tmp_path / "out.ndjson"
    count = export_register(town.register, file)
    audit = Audit()
    with file.open("rb") as stream:
        audit.run(read_export(stream))
    note = (tmp_path / "out.ndjson.checkpoint").read_bytes()
    report = audit.finish(open_checkpoint(note, town.register.verifiers, origin=ORIGIN, require_all=True))
    assert (report.failures, report.size, count) == ((), town.size(), town.size())
    assert sorted(path.name for path in tmp_path.glob("out*")) == ["out.ndjson", "out.ndjson.checkpoint"]


def test_an_export_may_be_written_while_the_register_grows(either_town: Town, tmp_path: Path) -> None:
    town, size = either_town, either_town.size()
    with town.register.read() as reader:
        assert reader.size() == size
        entries = reader.entries(0, 2**40)
        first = next(entries)
        town.must(town.tell("cq-cells", "register", pack(970_000)))
        assert len([first, *entries]) == size
    assert export_register(town.register, tmp_path / "out") == size + 1


def test_a_history_comes_with_a_proof_of_each_step(either_town: Town) -> None:
    town = either_town
    history = battery_history(town.register, pack(1))
    assert [step.kind for step in history.steps] == [
        "register",
        "install",
        "sell",
        "report_soh",
        "report_soh",
        "report_soh",
    ]
    assert [step.seq for step in history.steps] == list(range(1, 7))
    for step in history.steps:
        signed = verify_receipt(step.receipt, step.entry, town.register.verifiers, origin=ORIGIN)
        assert signed.size == history.now.size
    assert [step.kind for step in history.public_steps()] == ["register", "install", "sell"]
    assert history.now == battery_now(town.register, pack(1))
    assert history.now.model is not None
    assert history.now.maker is not None
    assert (history.now.state.count, history.count) == (6, 6)


def test_a_long_history_is_shown_in_part_and_says_so(town: Town) -> None:
    history = battery_history(town.register, pack(1), limit=2)
    assert (len(history.steps), history.count) == (2, 6)


def test_who_took_part_reads_all_and_nobody_else(town: Town) -> None:
    history = battery_history(town.register, pack(1))
    with town.register.read() as reader:
        registry = town.register.current_registry(reader.connection)

    def reads(operator: str, *scopes: str) -> bool:
        return may_read_all(Caller(operator, frozenset(scopes), "id"), history, registry)

    assert [reads(operator, "read") for operator in ("cq-cells", "cq-motors", "cq-lab", "cq-city")] == [True] * 4
    assert [reads(operator, "read") for operator in ("cq-swap", "cq-outlet", "nobody")] == [False] * 3
    assert not reads("cq-cells", "record")
    assert not may_read_all(None, history, registry)
