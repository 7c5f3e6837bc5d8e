"""Rotation, disputes, the log's own keys, epochs: what entries may say of them, and what they then mean."""

import pickle
from typing import Any

import pytest

from ledger.errors import AuthorityError, LedgerError, MalformedError, SignatureError
from ledger.map import COMMIT_MAP
from ledger.notes.checkpoint import Checkpoint, sign_checkpoint
from ledger.notes.cosignature import MLDSA44Signer
from ledger.notes.note import Ed25519Signer, Signer, parse_vkey
from ledger.signing.jws import Ed25519EventSigner, EventSigner
from ledger.signing.keyring import KEY_KINDS, MAY_SIGN, WITHOUT_SUBJECTS, KeyRing
from ledger.signing.keys import parse_rotation, rotation_body
from ledger.strict import format_base64
from tests.ledger.golden import AUTHORITY, LOG_KEY, MAKER, MAKER_NEXT, ORIGIN, OTHER, PACK, Card, event
from tests.ledger.signing.test_keyring import CARD, Log, opened

NEW = Ed25519Signer(ORIGIN, b"N" * 32)
QUANTUM = MLDSA44Signer(ORIGIN, b"Q" * 32)
SECOND = f"{ORIGIN}/e2"
SECOND_KEY = Ed25519Signer(SECOND, b"2" * 32)
AUTHORITY_NEXT = Ed25519EventSigner("authority/k2", b"A" * 32)


def rotation(new: Any, replaces: str, *, origin: str = ORIGIN) -> dict[str, Any]:
    return dict(rotation_body(new, new.public_key, replaces=replaces, origin=origin))


def refuse(log: Log, signer: EventSigner, kind: str, body: dict[str, Any], /, **more: Any) -> LedgerError:
    """The entry is refused, and leaves no trace."""
    before = pickle.dumps(vars(log.ring))
    with pytest.raises(LedgerError) as caught:
        log.add(signer, kind, body, **more)
    assert pickle.dumps(vars(log.ring)) == before
    return caught.value


# --- rotation


@pytest.mark.parametrize("new", [MAKER_NEXT, CARD], ids=["Ed25519", "P-256"])
def test_the_old_key_hands_over_to_the_new_one_in_one_entry(new: Any) -> None:
    log = opened()
    log.add(MAKER, "register", {})
    at = log.add(MAKER, "rotate_key", rotation(new, "maker/k1"))
    assert [log.may_sign(MAKER, at + n) for n in (-1, 0, 1)] == [True, False, False]
    assert [log.may_sign(new, at + n) for n in (0, 1, 99)] == [False, True, True]


def test_a_ring_that_read_on_still_accepts_the_entry_by_which_a_key_ended_itself() -> None:
    """So a verifier may read all key entries first and check the others in any order."""
    log = opened()
    turn = event(MAKER, "rotate_key", rotation(MAKER_NEXT, "maker/k1"))
    log.check(MAKER, turn, log.size)
    log.ring.apply(log.size, turn)
    log.check(MAKER, turn, log.size)
    with pytest.raises(AuthorityError, match="not valid"):
        log.check(MAKER, event(MAKER, "revoke_key", {"kid": "maker/k2", "reason": "x"}), log.size)


@pytest.mark.parametrize("signer", [AUTHORITY, OTHER, MAKER_NEXT])
def test_nobody_but_the_replaced_key_rotates_it(signer: Ed25519EventSigner) -> None:
    log = opened()
    log.register(AUTHORITY, OTHER)
    refuse(log, signer, "rotate_key", rotation(Ed25519EventSigner("maker/k3", b"3" * 32), "maker/k1"))


@pytest.mark.parametrize(
    "bend",
    [
        lambda body: body | {"possession": rotation(OTHER, "maker/k1")["possession"]},
        lambda body: body | {"possession": rotation(MAKER_NEXT, "maker/k1", origin="other.test/log")["possession"]},
        lambda body: body | {"custody": "service"},
        lambda body: body | {"public_key": rotation(OTHER, "maker/k1")["public_key"]},
    ],
    ids=["by another key", "for another log", "other custody", "other key"],
)
def test_a_new_key_proves_that_its_owner_has_it(bend: Any) -> None:
    error = refuse(opened(), MAKER, "rotate_key", bend(rotation(MAKER_NEXT, "maker/k1")))
    assert isinstance(error, SignatureError)


@pytest.mark.parametrize(
    "change",
    [
        {"possession": None}, {"possession": ""}, {"possession": "AAAA"}, {"possession": "A" * 88}, {"more": 1},
        {"replaces": 5}, {"replaces": "maker/k2"}, {"replaces": "other/k1"}, {"alg": "none"},
        {"public_key": "AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="},
        {"public_key": "7f////////////////////////////////////////8="},
    ],
)  # fmt: skip
def test_a_malformed_rotation_is_none(change: dict[str, Any]) -> None:
    refuse(opened(), MAKER, "rotate_key", rotation(MAKER_NEXT, "maker/k1") | change)


def test_a_possession_is_a_signature_of_64_bytes() -> None:
    body = rotation(MAKER_NEXT, "maker/k1")
    assert len(parse_rotation(body, origin=ORIGIN, since=1).possession) == 64
    for size in (63, 65):
        with pytest.raises(MalformedError, match="64 bytes"):
            parse_rotation(body | {"possession": format_base64(bytes(size))}, origin=ORIGIN, since=1)


def test_a_rotation_names_a_new_key_and_a_valid_old_one() -> None:
    log = opened()
    log.register(MAKER, MAKER_NEXT)
    assert "used before" in str(refuse(log, MAKER, "rotate_key", rotation(MAKER_NEXT, "maker/k1")))
    foreign = Ed25519EventSigner("other/k9", b"9" * 32)
    refuse(log, MAKER, "rotate_key", rotation(foreign, "maker/k1"))


def test_a_key_of_small_order_is_not_rotated_to() -> None:
    body = rotation(MAKER_NEXT, "maker/k1") | {"public_key": "AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="}
    with pytest.raises(MalformedError, match="acceptable"):
        opened().add(MAKER, "rotate_key", body)


# --- the authority


def test_the_authority_does_not_end_its_last_key_but_rotates_it() -> None:
    log = opened()
    assert "last key" in str(refuse(log, AUTHORITY, "revoke_key", {"kid": "authority/k1", "reason": "x"}))
    log.add(AUTHORITY, "rotate_key", rotation(AUTHORITY_NEXT, "authority/k1"))
    assert "last key" in str(refuse(log, AUTHORITY_NEXT, "revoke_key", {"kid": "authority/k2", "reason": "x"}))
    third = Ed25519EventSigner("authority/k3", b"T" * 32)
    log.register(AUTHORITY_NEXT, third)
    log.revoke(AUTHORITY_NEXT, "authority/k2")
    assert log.may_sign(third, log.size) and not log.may_sign(AUTHORITY_NEXT, log.size)


def test_what_is_for_the_authority_is_for_nobody_else() -> None:
    log = opened()
    for kind in (COMMIT_MAP, "announce_log_keys", "new_epoch"):
        assert "only the authority" in str(refuse(log, MAKER, kind, {"log_keys": [NEW.vkey]}))
    log.add(AUTHORITY, COMMIT_MAP, {})


def test_entries_about_keys_and_maps_name_no_batteries() -> None:
    assert KEY_KINDS < WITHOUT_SUBJECTS and MAY_SIGN.keys() < WITHOUT_SUBJECTS
    body = {"kid": "maker/k1", "reason": "x"}
    assert "no subjects" in str(refuse(opened(), AUTHORITY, "revoke_key", body, subjects=[PACK]))


# --- disputes


def disputed(log: Log, by: EventSigner, **change: Any) -> Any:
    return log.add(by, "dispute_key", {"kid": "maker/k1", "from": 1, "to": 3, "reason": "stolen"} | change)


def test_a_dispute_marks_what_a_key_signed_and_takes_nothing_back() -> None:
    log = opened()
    log.add(MAKER, "register", {})
    log.register(MAKER, MAKER_NEXT)
    log.revoke(AUTHORITY, "maker/k1")
    disputed(log, MAKER_NEXT)
    ring = log.ring
    assert [ring.is_disputed(index, "maker/k1") for index in range(5)] == [False, True, True, False, False]
    assert not ring.is_disputed(2, "maker/k2")
    assert log.may_sign(MAKER, 2)


def test_the_authority_disputes_for_an_operator_that_lost_its_only_key() -> None:
    log = opened()
    log.add(MAKER, "register", {})
    disputed(log, AUTHORITY)
    assert [(each.kid, each.index) for each in log.ring.disputes] == [("maker/k1", 3)]


def test_a_key_does_not_dispute_itself_nor_an_operator_another_one() -> None:
    log = opened()
    log.register(AUTHORITY, OTHER)
    body = {"kid": "maker/k1", "from": 0, "to": 1, "reason": "x"}
    assert "its own" in str(refuse(log, MAKER, "dispute_key", body))
    assert "may not" in str(refuse(log, OTHER, "dispute_key", body))
    assert "no key" in str(refuse(log, AUTHORITY, "dispute_key", body | {"kid": "maker/k9"}))


@pytest.mark.parametrize(
    "change",
    [
        {"from": -1}, {"from": 2, "to": 2}, {"to": 4}, {"from": True}, {"to": "3"}, {"reason": ""}, {"reason": None},
        {"kid": None}, {"kid": "maker"}, {"more": 1},
    ],
)  # fmt: skip
def test_a_malformed_dispute_is_none(change: dict[str, Any]) -> None:
    log = opened()
    log.add(MAKER, "register", {})
    refuse(log, AUTHORITY, "dispute_key", {"kid": "maker/k1", "from": 1, "to": 3, "reason": "stolen"} | change)


# --- the log's own keys


def note(size: int, *signers: Signer, origin: str = ORIGIN) -> bytes:
    return sign_checkpoint(Checkpoint(origin, size, bytes(32)), signers)


def announce(log: Log, *signers: Signer) -> int:
    return log.add(AUTHORITY, "announce_log_keys", {"log_keys": [signer.vkey for signer in signers]})


def rotated() -> Log:
    """LOG_KEY from 0, with NEW from size 3, NEW alone from size 4."""
    log = opened()
    announce(log, LOG_KEY, NEW)
    announce(log, NEW)
    return log


@pytest.mark.parametrize(
    ("size", "signers"), [(1, [LOG_KEY]), (2, [LOG_KEY]), (3, [LOG_KEY, NEW]), (4, [NEW]), (900, [NEW])]
)
def test_a_checkpoint_is_signed_by_the_keys_in_force_at_its_size(size: int, signers: list[Signer]) -> None:
    ring = rotated().ring
    assert ring.open_checkpoint(note(size, *signers)).size == size
    assert ring.open_checkpoint(note(size, LOG_KEY, NEW, QUANTUM)).size == size
    for missing in signers:
        others = [each for each in (LOG_KEY, NEW, QUANTUM) if each is not missing]
        with pytest.raises(SignatureError):
            ring.open_checkpoint(note(size, *others))


def test_a_given_key_must_be_in_force() -> None:
    """Or else whoever breaks one of two keys adds an entry that retires the other."""
    ring = rotated().ring
    old, new = parse_vkey(LOG_KEY.vkey), parse_vkey(NEW.vkey)
    both = note(3, LOG_KEY, NEW)
    for trusted in ([old], [new], [old, new]):
        assert ring.open_checkpoint(both, trusted).size == 3
    assert ring.open_checkpoint(note(4, NEW), [new]).size == 4
    for size, trusted in ((4, [old]), (4, [old, new]), (2, [new])):
        with pytest.raises(SignatureError, match="not one of the log's"):
            ring.open_checkpoint(note(size, LOG_KEY, NEW), trusted)


def test_there_is_no_checkpoint_before_the_log_is_opened() -> None:
    for ring, size in ((KeyRing(), 4), (opened().ring, 0)):
        with pytest.raises(SignatureError, match="no log keys"):
            ring.open_checkpoint(note(size, LOG_KEY))


OF_ANOTHER = Ed25519Signer("other.test/log", b"l" * 32)


@pytest.mark.parametrize(
    "log_keys",
    [
        [], None, "", [5], ["x"], [NEW.vkey, NEW.vkey], [OF_ANOTHER.vkey], [NEW.vkey, OF_ANOTHER.vkey], [QUANTUM.vkey],
        [NEW.vkey + "A"], [Ed25519Signer(ORIGIN, bytes([n]) * 32).vkey for n in range(9)],
    ],
)  # fmt: skip
def test_malformed_log_keys_are_none(log_keys: Any) -> None:
    refuse(opened(), AUTHORITY, "announce_log_keys", {"log_keys": log_keys})


# --- epochs


def epoch_body(kept: int, **change: Any) -> dict[str, Any]:
    return {
        "epoch": 2,
        "kept": kept,
        "log_keys": [SECOND_KEY.vkey],
        "lost_checkpoint": note(kept + 5, LOG_KEY).decode(),
        "origin": SECOND,
        "previous_origin": ORIGIN,
        "reason": "the disk and its copies burnt",
    } | change


def gone_on() -> Log:
    """An epoch from entry 2 on, after five lost entries."""
    log = opened()
    log.add(AUTHORITY, "new_epoch", epoch_body(2), log=SECOND)
    return log


def test_a_new_epoch_goes_on_under_a_new_origin_with_new_keys() -> None:
    ring = gone_on().ring
    assert [(each.number, each.start, each.origin, each.lost) for each in ring.epochs] == [
        (1, 0, ORIGIN, 0),
        (2, 2, SECOND, 5),
    ]
    assert [ring.origin_at(index) for index in (0, 1, 2, 3)] == [ORIGIN, ORIGIN, SECOND, SECOND]
    assert ring.open_checkpoint(note(2, LOG_KEY)).origin == ORIGIN
    assert ring.open_checkpoint(note(3, SECOND_KEY, origin=SECOND)).origin == SECOND
    for wrong in (note(3, LOG_KEY), note(2, SECOND_KEY, origin=SECOND)):
        with pytest.raises(SignatureError):
            ring.open_checkpoint(wrong)


def test_events_of_the_new_epoch_name_the_new_origin() -> None:
    log = gone_on()
    assert "another log" in str(refuse(log, MAKER, "register", {}))
    log.add(MAKER, "register", {}, log=SECOND)
    turn = rotation(MAKER_NEXT, "maker/k1")
    assert isinstance(refuse(log, MAKER, "rotate_key", turn, log=SECOND), SignatureError)
    log.add(MAKER, "rotate_key", rotation(MAKER_NEXT, "maker/k1", origin=SECOND), log=SECOND)


def test_epochs_follow_each_other() -> None:
    log = gone_on()
    third = Ed25519Signer(f"{ORIGIN}/e3", b"3" * 32)
    body = epoch_body(
        3,
        epoch=3,
        log_keys=[third.vkey],
        origin=third.name,
        previous_origin=SECOND,
        lost_checkpoint=note(9, SECOND_KEY, origin=SECOND).decode(),
    )
    refuse(log, AUTHORITY, "new_epoch", body | {"epoch": 2}, log=third.name)
    refuse(log, AUTHORITY, "new_epoch", body | {"origin": ORIGIN, "log_keys": [LOG_KEY.vkey]}, log=ORIGIN)
    log.add(AUTHORITY, "new_epoch", body, log=third.name)
    assert [each.lost for each in log.ring.epochs] == [0, 5, 6]


FORGED = sign_checkpoint(Checkpoint(ORIGIN, 7, bytes(32)), [NEW]).decode()


@pytest.mark.parametrize(
    "change",
    [
        {"epoch": 3}, {"epoch": True}, {"kept": 1}, {"kept": "2"}, {"log_keys": []}, {"log_keys": [LOG_KEY.vkey]},
        {"lost_checkpoint": note(2, LOG_KEY).decode()}, {"lost_checkpoint": FORGED}, {"lost_checkpoint": "x"},
        {"lost_checkpoint": note(7, LOG_KEY, origin="other.test/log").decode()}, {"origin": ORIGIN}, {"reason": ""},
        {"previous_origin": "other.test/log"}, {"more": 1},
    ],
)  # fmt: skip
def test_an_epoch_that_does_not_fit_is_none(change: dict[str, Any]) -> None:
    refuse(opened(), AUTHORITY, "new_epoch", epoch_body(2) | change, log=SECOND)


def test_the_event_of_a_new_epoch_bears_its_origin() -> None:
    refuse(opened(), AUTHORITY, "new_epoch", epoch_body(2))


def test_a_copy_of_a_ring_goes_its_own_way() -> None:
    log = opened()
    copy = log.ring.copy()
    announce(log, NEW)
    log.register(MAKER, MAKER_NEXT)
    assert len(copy.log_keys) == 1 and "maker/k2" not in copy.keys
    assert pickle.loads(pickle.dumps(log.ring)).keys == log.ring.keys


def test_cards_hand_over_too() -> None:
    log = opened()
    log.register(MAKER, CARD)
    log.add(CARD, "rotate_key", rotation(Card("maker/card-2", 0xBEEF), "maker/card-1"))
    assert not log.may_sign(CARD, log.size)
