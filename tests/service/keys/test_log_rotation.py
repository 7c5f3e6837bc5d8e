"""The log's own keys: announced, signing side by side, retired; and its entries alone tell which are in force."""

from pathlib import Path

import pytest

from ledger.__main__ import older_checkpoint
from ledger.bundle import parse_bundle, verify_bundle
from ledger.errors import SignatureError
from ledger.notes.checkpoint import open_checkpoint
from ledger.notes.note import parse_vkey, split_note
from ledger.receipt import verify_receipt
from ledger.signing.keyring import KeyRing
from ledger.verification.audit import Audit
from ledger.verification.verifying import Wishes
from service.errors import ConflictError, NotFoundError, SettingsError
from service.evidence import evidence_bundle
from service.keys.log_rotation import add_log_key, make_log_key, retire_log_key
from service.keys.logkeys import read_signing_keys
from service.recording.rebuilding import rebuild
from service.verification.register import verify_database
from service.work import Register
from tests.service.town import ORIGIN, Town, pack

FRESH = 800_000


def signers_of(note: bytes) -> list[str]:
    return [each.key_id.hex() for each in split_note(note)[1]]


def ids(vkeys: tuple[str, ...] | list[str]) -> list[str]:
    return [vkey.split("+")[1] for vkey in vkeys]


def note(town: Town) -> bytes:
    with town.register.read() as reader:
        return reader.checkpoint()


def ring(town: Town) -> KeyRing:
    """As a verifier of an export reads it."""
    audit = Audit()
    audit.run(town.entries())
    return audit.keyring


def test_old_and_new_keys_sign_from_the_announcement_on_and_then_the_new_ones_alone(town: Town) -> None:
    old = [signer.vkey for signer in town.register.signers]
    before = note(town)
    recorded, new = add_log_key(town.recorder)
    assert signers_of(before) == ids(old)
    assert signers_of(recorded.receipt.checkpoint) == ids([*old, *new])
    town.must(town.tell("cq-cells", "register", pack(FRESH)))
    assert signers_of(note(town)) == ids([*old, *new])
    for vkey in old:
        retire_log_key(town.recorder, vkey.split("+")[1])
    assert signers_of(note(town)) == ids(list(new))
    town.must(town.tell("cq-cells", "register", pack(FRESH + 1)))
    assert [signer.vkey for signer in read_signing_keys(town.settings)] == list(new)


def test_whoever_knows_a_key_in_force_verifies_and_learns_the_others(town: Town) -> None:
    old = [parse_vkey(signer.vkey) for signer in town.register.signers]
    both, added = add_log_key(town.recorder)
    new = [parse_vkey(vkey) for vkey in added]
    for trusted in (old, new, [*old, *new], old[:1], new[1:]):
        assert ring(town).open_checkpoint(both.receipt.checkpoint, trusted).size == both.index + 1
        verify_receipt(both.receipt, both.entry, trusted, origin=ORIGIN, require_all=True)
    for each in old:
        last, _ = retire_log_key(town.recorder, each.key_id.hex())
    read = ring(town)
    assert read.open_checkpoint(last.receipt.checkpoint, new).size == last.index + 1
    assert read.open_checkpoint(both.receipt.checkpoint).size == both.index + 1
    with pytest.raises(SignatureError, match="not one of the log's"):
        read.open_checkpoint(last.receipt.checkpoint, old)


def test_a_checkpoint_from_before_a_rotation_is_held_to_the_keys_of_its_own_size(town: Town, tmp_path: Path) -> None:
    """Whoever kept it needs today's keys alone; one that the retired keys did not sign proves nothing."""
    before = note(town)
    old = [signer.vkey.split("+")[1] for signer in town.register.signers]
    _, new = add_log_key(town.recorder)
    for key_id in old:
        retire_log_key(town.recorder, key_id)
    town.close()
    forged = b"".join(before.splitlines(keepends=True)[:-1])
    for kept, wrong in ((before, False), (forged, True)):
        (tmp_path / "older").write_bytes(kept)
        wishes = Wishes(workers=1, anchors=(older_checkpoint(tmp_path / "older"),))
        report = verify_database(town.settings.database_url, [parse_vkey(vkey) for vkey in new], wishes=wishes)
        assert report.ok != wrong, report.failures
        assert not wrong or "the older checkpoint of size" in report.failures[0].what


def test_a_checkpoint_that_lacks_a_key_in_force_is_refused_by_whoever_has_the_entries(town: Town) -> None:
    """Whoever stole the old keys alone cannot go on with them."""
    old = town.register.signers
    recorded, _ = add_log_key(town.recorder)
    text, signatures = split_note(recorded.receipt.checkpoint)
    stolen = text + b"\n" + b"".join(recorded.receipt.checkpoint.splitlines(keepends=True)[-4:-2])
    assert [each[:2] for each in split_note(stolen)[1]] == [each[:2] for each in signatures[:2]]
    trusted = [parse_vkey(signer.vkey) for signer in old]
    assert open_checkpoint(stolen, trusted, origin=ORIGIN, require_all=True)
    with pytest.raises(SignatureError):
        ring(town).open_checkpoint(stolen, trusted)


def test_the_evidence_of_a_battery_names_the_keys_in_force(town: Town) -> None:
    old = town.register.verifiers
    _, new = add_log_key(town.recorder)
    bundle = parse_bundle(evidence_bundle(town.register, pack(1)))
    for trusted in (old, [parse_vkey(vkey) for vkey in new]):
        verify_bundle(bundle, trusted, origin=ORIGIN, require_all=True)
    without = [each for each in bundle.keys if b'"type":"announce_log_keys"' not in each.entry]
    assert len(without) == len(bundle.keys) - 1
    for each in old:
        retire_log_key(town.recorder, each.key_id.hex())
    bundle = parse_bundle(evidence_bundle(town.register, pack(1)))
    with pytest.raises(SignatureError):
        verify_bundle(bundle, old, origin=ORIGIN, require_all=True)


def test_a_process_that_was_open_before_signs_with_the_new_keys(town: Town) -> None:
    """Its copy of the key file is old; the entries tell it so."""
    other = Town(town.settings, town.clock)
    _, new = add_log_key(town.recorder)
    [recorded] = other.must(other.tell("cq-cells", "register", pack(FRESH)))
    assert set(ids(list(new))) < set(signers_of(recorded.receipt.checkpoint))
    other.close()


def test_a_host_without_the_new_keys_records_nothing_and_says_which_it_lacks(town: Town, tmp_path: Path) -> None:
    before = town.settings.log_key_file.read_bytes()
    _, new = add_log_key(town.recorder)
    town.close()
    whole = town.settings.log_key_file.read_bytes()
    town.settings.log_key_file.write_bytes(before)
    other = Town(town.settings, town.clock)
    with pytest.raises(SettingsError, match=new[0].split("+")[1]):
        other.must(other.tell("cq-cells", "register", pack(FRESH)))
    town.settings.log_key_file.write_bytes(whole)
    other.must(other.tell("cq-cells", "register", pack(FRESH)))
    other.close()


def test_keys_that_were_made_ahead_are_the_ones_announced(town: Town) -> None:
    made = make_log_key(town.recorder)
    assert make_log_key(town.recorder) == made
    assert not set(ids(list(made))) & set(signers_of(note(town)))
    _, announced = add_log_key(town.recorder)
    assert announced == made
    _, more = add_log_key(town.recorder)
    assert not set(more) & set(made)


def test_the_log_is_never_left_without_a_key_that_everybody_can_check(town: Town) -> None:
    ed25519, mldsa = (signer.key_id.hex() for signer in town.register.signers)
    with pytest.raises(ConflictError, match="0x01"):
        retire_log_key(town.recorder, ed25519)
    with pytest.raises(NotFoundError, match="key log list"):
        retire_log_key(town.recorder, "00000000")
    retire_log_key(town.recorder, mldsa)
    with pytest.raises(ConflictError):
        retire_log_key(town.recorder, ed25519)
    assert signers_of(note(town)) == [ed25519]


def test_no_more_than_eight_keys_sign(town: Town) -> None:
    for _ in range(3):
        add_log_key(town.recorder)
    with pytest.raises(ConflictError, match="1 to 8"):
        add_log_key(town.recorder)
    assert len(signers_of(note(town))) == 8


def test_the_key_file_stays_for_its_owner_only(town: Town) -> None:
    add_log_key(town.recorder)
    assert town.settings.log_key_file.stat().st_mode & 0o077 == 0
    assert [file.name for file in town.settings.log_key_file.parent.iterdir() if file.name.startswith("log")] == ["log"]


def test_a_rebuild_holds_the_checkpoint_to_the_keys_in_force(either_town: Town) -> None:
    town = either_town
    old = [signer.key_id.hex() for signer in town.register.signers]
    add_log_key(town.recorder)
    for each in old:
        retire_log_key(town.recorder, each)
    town.close()
    repairing = Register(town.settings, clock=town.clock, pinned=False)
    assert rebuild(repairing) > 600
    repairing.close()
    again = Town(town.settings, town.clock)
    again.must(again.tell("cq-cells", "register", pack(FRESH)))
    again.close()
