"""Which key may sign what at which index: rotation, revocation, and everything that nobody may do."""

from typing import Any

import pytest

from ledger.entry import Event
from ledger.errors import AuthorityError, LedgerError, MalformedError, SignatureError
from ledger.signing.jws import EDDSA, ES256, Ed25519EventSigner, EventSigner, Header, parse_jws, sign_event
from ledger.signing.keyring import KeyRing, key_body, parse_key
from tests.ledger.golden import AUTHORITY, MAKER, MAKER_NEXT, ORIGIN, OTHER, Card, event, opening

CARD = Card("maker/card-1", 0xCAFE)


class Log:
    """A key ring that is fed as a verifier feeds it: each event is checked, then applied."""

    def __init__(self) -> None:
        self.ring = KeyRing()
        self.size = 0

    def add(self, signer: EventSigner, type_: str, body: dict[str, Any], **more: Any) -> int:
        index = self.size
        said = event(signer, type_, body, **more)
        self.check(signer, said, index)
        self.ring.apply(index, said)
        self.size += 1
        return index

    def check(self, signer: EventSigner, said: Event, index: int) -> None:
        self.ring.check(index, said, parse_jws(sign_event(said.data, signer)))

    def may_sign(self, signer: EventSigner, index: int) -> bool:
        try:
            self.check(signer, event(signer, "register", {}), index)
        except AuthorityError:
            return False
        return True

    def register(self, by: EventSigner, new: Any, **changes: Any) -> int:
        return self.add(by, "register_key", key_body(new.header, new.public_key) | changes)

    def revoke(self, by: EventSigner, kid: str) -> int:
        return self.add(by, "revoke_key", {"kid": kid, "reason": "test"})


def opened() -> Log:
    """A log with the authority's key at 0 and the maker's first at 1."""
    log = Log()
    log.add(AUTHORITY, "open_log", opening())
    log.register(AUTHORITY, MAKER)
    return log


def test_the_first_entry_names_the_authority_and_its_key() -> None:
    ring = opened().ring
    assert (ring.authority, ring.origin) == ("authority", ORIGIN)
    assert ring.keys["authority/k1"].since == 0
    ring.check_origin(ORIGIN)
    with pytest.raises(AuthorityError, match=r"golden\.test/log"):
        ring.check_origin("another.test/log")


def test_a_key_is_valid_from_the_entry_after_its_registration() -> None:
    log = opened()
    at = log.register(AUTHORITY, OTHER)
    assert [log.may_sign(OTHER, index) for index in (at - 1, at, at + 1, at + 99)] == [False, False, True, True]


def test_a_key_ends_at_the_entry_that_revokes_it() -> None:
    log = opened()
    log.add(MAKER, "register", {})
    at = log.revoke(AUTHORITY, "maker/k1")
    assert [log.may_sign(MAKER, index) for index in (at - 1, at, at + 1)] == [True, False, False]


def test_an_operator_replaces_its_key_itself() -> None:
    log = opened()
    log.register(MAKER, MAKER_NEXT)
    log.revoke(MAKER_NEXT, "maker/k1")
    assert not log.may_sign(MAKER, log.size)
    assert log.may_sign(MAKER_NEXT, log.size)


def test_a_key_may_sign_its_own_revocation_and_nothing_after() -> None:
    log = opened()
    log.revoke(MAKER, "maker/k1")
    with pytest.raises(AuthorityError, match="not valid"):
        log.revoke(MAKER, "maker/k1")


def test_a_smart_card_is_registered_and_signs() -> None:
    log = opened()
    log.register(MAKER, CARD)
    assert log.may_sign(CARD, log.size)


@pytest.mark.parametrize("act", ["register", "revoke"])
def test_nobody_but_its_owner_and_the_authority_touches_a_key(act: str) -> None:
    log = opened()
    log.register(AUTHORITY, OTHER)
    with pytest.raises(AuthorityError, match="may not register, revoke or dispute"):
        log.register(OTHER, MAKER_NEXT) if act == "register" else log.revoke(OTHER, "maker/k1")
    assert log.may_sign(MAKER, log.size)
    assert "maker/k2" not in log.ring.keys


def test_a_key_id_is_used_once_for_ever() -> None:
    log = opened()
    for _ in range(2):
        with pytest.raises(AuthorityError, match="used before"):
            log.register(AUTHORITY, Ed25519EventSigner("maker/k1", b"z" * 32))
        if log.may_sign(MAKER, log.size):
            log.revoke(AUTHORITY, "maker/k1")
    assert not log.may_sign(MAKER, log.size)


@pytest.mark.parametrize("kid", ["maker/unknown", "maker/k1"])
def test_only_a_valid_key_can_be_revoked(kid: str) -> None:
    log = opened()
    log.revoke(AUTHORITY, "maker/k1")
    with pytest.raises(AuthorityError, match="only a valid key"):
        log.revoke(AUTHORITY, kid)


@pytest.mark.parametrize(
    "body",
    [
        {"kid": 5, "reason": "x"}, {"reason": "x"}, {"kid": ["maker/k1"], "reason": "x"}, {"kid": "maker/k1"},
        {"kid": "maker/k1", "reason": ""}, {"kid": "maker/k1", "reason": "x", "more": 1}, {"kid": {}, "reason": "x"},
    ],
)  # fmt: skip
def test_a_malformed_revocation_is_none(body: dict[str, Any]) -> None:
    log = opened()
    with pytest.raises(LedgerError):
        log.add(AUTHORITY, "revoke_key", body)
    assert log.may_sign(MAKER, log.size)


def test_a_log_is_opened_once() -> None:
    log = opened()
    with pytest.raises(AuthorityError, match="opened once"):
        log.add(AUTHORITY, "open_log", opening())
    takeover = event(OTHER, "open_log", opening(OTHER))
    with pytest.raises(AuthorityError, match="opened once"):
        log.ring.apply(log.size, takeover)
    assert log.ring.authority == "authority"


def test_the_first_key_belongs_to_whoever_opens_the_log() -> None:
    said = event(AUTHORITY, "open_log", opening(OTHER))
    for act in (lambda: Log().check(AUTHORITY, said, 0), lambda: KeyRing().apply(0, said)):
        with pytest.raises(AuthorityError, match="belongs to the authority"):
            act()


@pytest.mark.parametrize("body", [{}, {**opening(), "more": 1}])
def test_a_log_is_not_opened_without_a_key(body: dict[str, Any]) -> None:
    with pytest.raises(MalformedError):
        KeyRing().apply(0, event(AUTHORITY, "open_log", body))


def test_nothing_stands_before_the_log_is_opened() -> None:
    with pytest.raises(AuthorityError):
        Log().add(MAKER, "register", {})


def test_an_event_signed_for_another_log_is_refused() -> None:
    with pytest.raises(AuthorityError, match="another log"):
        opened().add(MAKER, "register", {}, log="other.test/log")


def test_an_actor_signs_with_its_own_key() -> None:
    with pytest.raises(AuthorityError, match="key of its own"):
        opened().add(MAKER, "register", {}, actor="authority")


def test_an_unknown_key_is_refused() -> None:
    with pytest.raises(AuthorityError, match="not valid"):
        opened().add(OTHER, "register", {})


def test_a_wrong_signature_is_refused_unless_signatures_are_left_out() -> None:
    log, said = opened(), event(MAKER, "register", {})
    forged = parse_jws(sign_event(said.data, Ed25519EventSigner("maker/k1", b"?" * 32)))
    with pytest.raises(SignatureError):
        log.ring.check(5, said, forged)
    log.ring.check(5, said, forged, signature=False)


def test_a_key_signs_only_with_the_algorithm_and_custody_it_was_registered_with() -> None:
    log = opened()
    for pretender in (
        Ed25519EventSigner("maker/k1", b"m" * 32, custodial=True),
        Card("maker/k1", 0xCAFE),
    ):
        with pytest.raises(AuthorityError, match="another algorithm or custody"):
            log.add(pretender, "register", {})


GOOD = key_body(MAKER.header, MAKER.public_key)


@pytest.mark.parametrize(
    "changes",
    [
        {"kid": "maker"}, {"kid": 5}, {"custody": "nobody"}, {"custody": True}, {"alg": "HS256"}, {"alg": None},
        {"alg": ES256}, {"public_key": ""}, {"public_key": 5}, {"public_key": "AAAA"}, {"more": 1},
        {"public_key": GOOD["public_key"].rstrip("=")}, {"public_key": GOOD["public_key"] + "\n"},
        {"public_key": "AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="}, {"alg": ["EdDSA"]}, {"custody": []},
    ],
)  # fmt: skip
def test_a_malformed_key_is_not_registered(changes: dict[str, Any]) -> None:
    with pytest.raises(MalformedError):
        parse_key(GOOD | changes, since=3)
    log = opened()
    before = dict(log.ring.keys)
    with pytest.raises(LedgerError):
        log.ring.apply(2, event(AUTHORITY, "register_key", GOOD | {"kid": "maker/k9"} | changes))
    assert log.ring.keys == before


def test_a_key_reads_as_it_was_written() -> None:
    for signer in (MAKER, CARD, Ed25519EventSigner("maker/c", b"c" * 32, custodial=True)):
        key = parse_key(key_body(signer.header, signer.public_key), since=7)
        assert (key.header, key.public_key, key.since, key.until) == (signer.header, signer.public_key, 7, None)
    assert parse_key(GOOD, since=0).header == Header(EDDSA, "maker/k1", False)
