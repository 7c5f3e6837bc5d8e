"""Entries that are lost for ever: how that is found out, and how to go on without signing a second history."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from ledger.bundle import parse_bundle, verify_bundle
from ledger.entry import build_event, format_time
from ledger.errors import LedgerError, MalformedError, RollbackError, SignatureError
from ledger.notes.checkpoint import Checkpoint, sign_checkpoint
from ledger.notes.cosignature import Ed25519Cosigner
from ledger.notes.note import Ed25519Signer
from ledger.receipt import verify_receipt
from ledger.signing.jws import sign_event
from ledger.signing.keyring import KeyRing
from ledger.verification.audit import Audit
from service import operators
from service.db import tables
from service.errors import ConflictError, RefusedError
from service.evidence import evidence_bundle
from service.keys.epochs import begin_epoch, read_lost
from service.pin import find_pin
from service.recording.rebuilding import rebuild
from service.settings import Settings
from service.verification.restoring import Verdict, check_standing
from service.witnessing.head import WitnessedHead, write_head
from service.witnessing.roll import add_witness
from service.work import Register
from tests.service.town import ORIGIN, WORKSHOP, StillClock, Town, committed, pack, usual_body

FRESH = 800_000
SECOND = f"{ORIGIN}/e2"
LOST = 5


class Loss(NamedTuple):
    """A register whose database is an old copy: `kept` entries are left of `size`; `note` is the last checkpoint."""

    settings: Settings
    clock: StillClock
    kept: int
    size: int
    note: bytes
    earlier: bytes


@pytest.fixture
def loss(town: Town) -> Iterator[Loss]:
    """Five entries more were recorded than the copy holds."""
    kept, database = town.size(), town.settings.data / "register.db"
    town.close()
    shutil.copy(database, town.settings.data / "copy")
    again = Town(town.settings, town.clock)
    recorded = [again.must(again.tell("cq-cells", "register", pack(FRESH + n)))[0] for n in range(LOST)]
    size = again.size()
    again.close()
    for suffix in ("-wal", "-shm"):
        Path(f"{database}{suffix}").unlink(missing_ok=True)
    (town.settings.data / "copy").replace(database)
    notes = [each.receipt.checkpoint for each in recorded]
    yield Loss(town.settings, town.clock, kept, size, notes[-1], notes[0])


def as_it_is(loss: Loss) -> Register:
    register = Register(loss.settings, clock=loss.clock, pinned=False)
    with register.read() as reader:
        register.current_registry(reader.connection)
    return register


def go_on(loss: Loss, note: bytes | None = None) -> Town:
    register = as_it_is(loss)
    begin_epoch(register, note or loss.note, "disk burnt")
    register.close()
    return Town(loss.settings, loss.clock)


def ring(entries: list[bytes]) -> KeyRing:
    audit = Audit()
    audit.run(entries)
    assert not audit.failures
    return audit.keyring


# --- finding out


def test_an_old_copy_is_refused_and_told_to_be_behind(loss: Loss) -> None:
    with pytest.raises(RollbackError, match=r"old copy.*restore-check"):
        Register(loss.settings)
    register = as_it_is(loss)
    standing = check_standing(register, [("theirs", loss.note), ("earlier", loss.earlier)])
    register.close()
    assert [(each.source, each.verdict, each.missing) for each in standing.findings] == [
        ("pin", Verdict.BEHIND, LOST),
        ("theirs", Verdict.BEHIND, LOST),
        ("earlier", Verdict.BEHIND, 1),
    ]
    assert not standing.ok and standing.missing == LOST and standing.size == loss.kept


def test_a_copy_is_refused_although_its_pin_was_restored_with_it_if_somebody_kept_a_checkpoint(loss: Loss) -> None:
    loss.settings.pin_file.unlink()
    register = as_it_is(loss)
    assert check_standing(register).ok
    assert not check_standing(register, [("receipt", loss.note)]).ok
    register.close()


def test_the_newest_database_is_fine(town: Town) -> None:
    [recorded] = town.must(town.tell("cq-cells", "register", pack(FRESH)))
    town.must(town.tell("cq-cells", "register", pack(FRESH + 1)))
    standing = check_standing(town.register, [("receipt", recorded.receipt.checkpoint)])
    assert standing.ok and [each.verdict for each in standing.findings] == [Verdict.FINE, Verdict.FINE]


def test_another_history_under_the_same_origin_is_told_to_be_a_fork(loss: Loss, tmp_path: Path) -> None:
    """The copy goes on as if nothing had been lost, because somebody deleted the pin."""
    loss.settings.pin_file.unlink()
    town = Town(loss.settings, loss.clock)
    for number in range(LOST + 2):
        town.must(town.tell("cq-cells", "register", pack(FRESH + 100 + number)))
    standing = check_standing(town.register, [("receipt", loss.note)])
    [pin, receipt] = standing.findings
    assert (pin.verdict, receipt.verdict) == (Verdict.FINE, Verdict.FORKED)
    assert standing.is_forked and not standing.ok and receipt.note == loss.note
    assert ring(town.entries()).open_checkpoint(standing.checkpoint).size == town.size()
    town.close()


@pytest.mark.parametrize("note", [b"", b"no checkpoint", b"x\n1\nAAAA\n\n"])
def test_what_is_no_checkpoint_is_not_compared(town: Town, note: bytes) -> None:
    with pytest.raises(MalformedError):
        check_standing(town.register, [("file", note)])


def test_a_checkpoint_that_the_log_did_not_sign_says_nothing(town: Town) -> None:
    forged = sign_checkpoint(Checkpoint(ORIGIN, 10**6, bytes(32)), [Ed25519Signer(ORIGIN, b"f" * 32)])
    with pytest.raises(SignatureError):
        check_standing(town.register, [("file", forged)])


def test_a_damaged_pin_is_told(town: Town) -> None:
    town.settings.pin_file.write_bytes(b"")
    [finding] = check_standing(town.register).findings
    assert finding.verdict is Verdict.BEHIND and "damaged" in finding.told


# --- going on


def test_a_new_epoch_keeps_the_entries_and_goes_on_under_another_name(loss: Loss) -> None:
    old = [signer.vkey for signer in as_it_is(loss).signers]
    town = go_on(loss)
    [recorded] = town.must(town.tell("cq-cells", "register", pack(FRESH + 50)))
    assert recorded.index == loss.kept + 1
    assert town.register.origin == SECOND and not set(old) & {signer.vkey for signer in town.register.signers}
    verify_receipt(recorded.receipt, recorded.entry, town.register.verifiers, origin=SECOND, require_all=True)
    read = ring(town.entries())
    assert [(each.number, each.start, each.lost) for each in read.epochs] == [(1, 0, 0), (2, loss.kept, LOST)]
    assert read.epochs[-1].lost_checkpoint == loss.note
    assert read.open_checkpoint(recorded.receipt.checkpoint, town.register.verifiers).origin == SECOND
    pin = find_pin(loss.settings.pin_file)
    assert pin is not None and pin.place == (2, loss.kept + 2)
    town.close()


def test_evidence_of_batteries_from_before_and_after_holds_under_the_new_keys(loss: Loss) -> None:
    town = go_on(loss)
    town.must(town.tell("cq-cells", "register", pack(FRESH + 50)))
    for number in (1, FRESH + 50):
        bundle = parse_bundle(evidence_bundle(town.register, pack(number)))
        verify_bundle(bundle, town.register.verifiers, origin=SECOND, require_all=True)
    town.close()


def test_operators_sign_for_the_new_origin(loss: Loss) -> None:
    town = go_on(loss)
    with pytest.raises(RefusedError, match=SECOND):
        town.sign(WORKSHOP, "report_soh", pack(1), full_cycles=900)
    members, private = committed(town.members("cq-repair", "report_soh", pack(1), full_cycles=900, log=SECOND))
    jws = sign_event(build_event(members).data, WORKSHOP)
    town.must(operators.desk(town.register).admit_signed(members, jws, private))
    town.close()


def test_an_event_admitted_before_the_epoch_is_not_recorded_after_it(loss: Loss) -> None:
    register = as_it_is(loss)
    given = {"type": "register", "subjects": [pack(FRESH + 60)], "occurred_at": format_time(loss.clock.now)}
    event = operators.CustodialEvent(given | {"body": usual_body("register", {})}, {})
    stale = operators.admit_custodial(register, "cq-cells", event)
    assert stale.submission.event.log == ORIGIN
    town = go_on(loss)
    [outcome] = town.recorder.record([stale])
    assert isinstance(outcome, RefusedError)
    town.close()
    register.close()


def test_after_it_the_old_heads_are_known_to_be_lost_and_a_later_copy_is_still_refused(loss: Loss) -> None:
    town = go_on(loss)
    standing = check_standing(town.register, [("theirs", loss.note), ("earlier", loss.earlier)])
    assert standing.ok
    assert [each.verdict for each in standing.findings] == [Verdict.FINE, Verdict.TOLD, Verdict.TOLD]
    town.close()
    database = loss.settings.data / "register.db"
    shutil.copy(database, loss.settings.data / "copy")
    again = Town(loss.settings, loss.clock)
    again.must(again.tell("cq-cells", "register", pack(FRESH + 51)))
    again.close()
    for suffix in ("-wal", "-shm"):
        Path(f"{database}{suffix}").unlink(missing_ok=True)
    (loss.settings.data / "copy").replace(database)
    with pytest.raises(RollbackError, match="old copy"):
        Town(loss.settings, loss.clock)


def test_a_rebuild_derives_the_epoch_again(loss: Loss) -> None:
    go_on(loss).close()
    repairing = Register(loss.settings, clock=loss.clock, pinned=False)
    rebuild(repairing)
    repairing.close()
    town = Town(loss.settings, loss.clock)
    assert town.register.origin == SECOND and town.register.registry.epoch == 2
    town.must(town.tell("cq-cells", "register", pack(FRESH + 52)))
    town.close()


def test_a_second_loss_makes_a_third_epoch(loss: Loss) -> None:
    town = go_on(loss)
    town.close()
    database = loss.settings.data / "register.db"
    shutil.copy(database, loss.settings.data / "copy")
    again = Town(loss.settings, loss.clock)
    [recorded] = again.must(again.tell("cq-cells", "register", pack(FRESH + 53)))
    again.close()
    for suffix in ("-wal", "-shm"):
        Path(f"{database}{suffix}").unlink(missing_ok=True)
    (loss.settings.data / "copy").replace(database)
    town = go_on(loss, recorded.receipt.checkpoint)
    assert town.register.origin == f"{ORIGIN}/e3"
    town.must(town.tell("cq-cells", "register", pack(FRESH + 54)))
    assert [each.lost for each in ring(town.entries()).epochs] == [0, LOST, 1]
    town.close()


def test_the_pin_itself_tells_of_the_loss_where_nobody_kept_a_checkpoint(loss: Loss) -> None:
    register = as_it_is(loss)
    note = read_lost(register, loss.settings.pin_file)
    batch, registry = begin_epoch(register, note, "disk burnt")
    assert registry.ring.epochs[-1].lost == LOST and batch.first == loss.kept
    register.close()


def test_a_crash_between_commit_and_pin_leaves_a_register_that_opens(loss: Loss) -> None:
    pin = loss.settings.pin_file.read_bytes()
    go_on(loss).close()
    loss.settings.pin_file.write_bytes(pin)
    town = Town(loss.settings, loss.clock)
    found = find_pin(loss.settings.pin_file)
    assert found is not None and found.place == (2, loss.kept + 1)
    town.must(town.tell("cq-cells", "register", pack(FRESH + 55)))
    town.close()


def test_keys_that_a_broken_off_attempt_made_are_taken_up_again(loss: Loss) -> None:
    with pytest.raises(LedgerError):
        register = as_it_is(loss)
        begin_epoch(register, loss.note, "\ud800")
    made = [line for line in loss.settings.log_key_file.read_text().split() if "/e2+" in line]
    assert len(made) == 2
    go_on(loss).close()
    assert [line for line in loss.settings.log_key_file.read_text().split() if "/e2+" in line] == made


@pytest.mark.parametrize("kind", ["earlier", "forged", "other log", "nothing lost"])
def test_an_epoch_is_begun_for_a_proven_loss_only(loss: Loss, kind: str) -> None:
    register = as_it_is(loss)
    with register.read() as reader:
        present = reader.checkpoint()
    stranger = Ed25519Signer("other.test/log", b"f" * 32)
    note = {
        "earlier": loss.earlier,
        "forged": sign_checkpoint(Checkpoint(ORIGIN, loss.size, bytes(32)), [Ed25519Signer(ORIGIN, b"f" * 32)]),
        "other log": sign_checkpoint(Checkpoint(stranger.name, loss.size, bytes(32)), [stranger]),
        "nothing lost": present,
    }[kind]
    error = SignatureError if kind == "forged" else ConflictError
    with pytest.raises(error):
        begin_epoch(register, note, "none")
    with register.read() as reader:
        assert (reader.size(), reader.checkpoint()) == (loss.kept, present)
    register.close()


def test_witnesses_and_either_database_go_along(either_town: Town) -> None:
    """What witnesses hold of the old origin holds nothing against the new one."""
    town, cosigner = either_town, Ed25519Cosigner("witness.test/w", b"w" * 32, timestamp=1)
    size = town.size()
    lost = sign_checkpoint(Checkpoint(ORIGIN, size + 3, b"\7" * 32), town.register.signers)
    with town.register.write_beside() as connection:
        add_witness(connection, "city", cosigner.vkey, "http://127.0.0.1:9/none", at="2026-05-01T00:00:00.000Z")
        connection.execute(tables.witness.update().values(size=size + 3))
        write_head(connection, WitnessedHead(size + 3, lost, "", ("city",), "2026-05-01T00:00:00.000Z"))
    town.register.pin(lost)
    standing = check_standing(town.register)
    assert [(each.source, each.verdict) for each in standing.findings] == [
        ("pin", Verdict.BEHIND),
        ("witness city", Verdict.SILENT),
    ]
    with pytest.raises(RollbackError, match="city"):
        town.must(town.tell("cq-cells", "register", pack(FRESH + 70)))
    begin_epoch(town.register, lost, "disk burnt")
    [recorded] = town.must(town.tell("cq-cells", "register", pack(FRESH + 70)))
    assert recorded.index == size + 1
    with town.register.read() as reader:
        assert reader.served() == recorded.receipt.checkpoint
