"""Other people's signature vectors: the corner cases of Ed25519 on which libraries disagree, and Wycheproof."""

import json
from base64 import b64encode
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from nacl.exceptions import BadSignatureError
from nacl.signing import VerifyKey

from ledger.errors import LedgerError, MalformedError, SignatureError
from ledger.notes.cosignature import load_mldsa44_key, verify_mldsa44
from ledger.signing.ed25519 import is_acceptable_key, verify_strict
from ledger.signing.jws import EDDSA, Header
from ledger.signing.keys import Key, Rotation, parse_rotation, verify_possession
from tests.conformance import ed25519_rule
from tests.needs import missing

Case = tuple[bytes, bytes, bytes]
"""Public key, signature, message."""


def load(shared_data: Path, name: str) -> Any:
    path = shared_data / "log" / "signatures" / name
    if not path.exists():
        missing(f"shared/data/log/signatures/{name}")
    return json.loads(path.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def corner_cases(shared_data: Path) -> list[Case]:
    """914 cases of C2SP/CCTV, made of points of small order, mixed order and not in canonical form."""
    cases = load(shared_data, "cctv_ed25519vectors.json")
    return [(bytes.fromhex(c["key"]), bytes.fromhex(c["sig"]), c["msg"].encode()) for c in cases]


@pytest.fixture(scope="module")
def wycheproof(shared_data: Path) -> list[tuple[Case, bool]]:
    return [
        ((bytes.fromhex(group["publicKey"]["pk"]), bytes.fromhex(t["sig"]), bytes.fromhex(t["msg"])), expected(t))
        for group in load(shared_data, "ed25519_test.json")["testGroups"]
        for t in group["tests"]
    ]


def expected(test: dict[str, Any]) -> bool:
    assert test["result"] in ("valid", "invalid")
    return bool(test["result"] == "valid")


def ours(case: Case) -> bool:
    try:
        verify_strict(*case)
    except SignatureError:
        return False
    return True


def libsodium(case: Case) -> bool:
    key, signature, message = case
    try:
        VerifyKey(key).verify(message, signature)
    except BadSignatureError:
        return False
    return True


def openssl(case: Case) -> bool:
    key, signature, message = case
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(signature, message)
    except InvalidSignature:
        return False
    return True


def test_our_verdict_on_every_corner_case_is_that_of_libsodium_and_of_the_rule(corner_cases: list[Case]) -> None:
    assert len(corner_cases) == 914
    for number, case in enumerate(corner_cases):
        assert ours(case) == libsodium(case) == ed25519_rule.accepts(*case), f"case {number}"
    assert sum(map(ours, corner_cases)) == 43


def test_openssl_accepts_165_corner_cases_that_the_strict_rule_refuses(corner_cases: list[Case]) -> None:
    """Why entries are not admitted by OpenSSL's verdict. It refuses nothing that the rule accepts."""
    verdicts = Counter((ours(case), openssl(case)) for case in corner_cases)
    assert verdicts == {(True, True): 43, (False, True): 165, (False, False): 706}


def test_with_keys_that_may_be_registered_openssl_and_the_rule_disagree_only_on_small_r(
    corner_cases: list[Case],
) -> None:
    """The test of the key alone removes all but one disagreement; the strict verification removes that one."""
    registered = [case for case in corner_cases if is_acceptable_key(case[0])]
    disagreed = [case for case in registered if ours(case) != openssl(case)]
    assert (len(registered), len(disagreed)) == (28, 1)
    r = ed25519_rule.decode(disagreed[0][1][:32])
    assert r is not None
    assert ed25519_rule.is_small(r)


def test_a_key_is_acceptable_if_it_is_canonical_and_of_prime_order(corner_cases: list[Case]) -> None:
    keys = {key for key, _, _ in corner_cases}
    assert {key for key in keys if is_acceptable_key(key)} == {key for key in keys if ed25519_rule.is_prime_order(key)}
    assert any(map(is_acceptable_key, keys))


def test_a_key_is_rotated_to_only_if_it_may_be_registered_and_by_the_strict_rule(corner_cases: list[Case]) -> None:
    """Both halves of a rotation: the new key itself, and its signature that proves possession."""
    old = {"kid": "maker/k2", "alg": EDDSA, "custody": "operator", "replaces": "maker/k1"}
    for key in {key for key, _, _ in corner_cases}:
        body = old | {"public_key": b64encode(key).decode(), "possession": b64encode(bytes(64)).decode()}
        try:
            parsed: Rotation | None = parse_rotation(body, origin="o", since=0)
        except MalformedError:
            parsed = None
        assert (parsed is not None) == is_acceptable_key(key)
    for key, signature, message in corner_cases:
        rotation = Rotation(Key(Header(EDDSA, "maker/k2", False), key, 0), "maker/k1", signature, message)
        try:
            verify_possession(rotation)
        except SignatureError:
            assert not ours((key, signature, message))
        else:
            assert ours((key, signature, message))


def test_our_verdict_on_wycheproof_ed25519_is_the_expected_one_and_that_of_the_rule(
    wycheproof: list[tuple[Case, bool]],
) -> None:
    assert len(wycheproof) == 151
    for case, verdict in wycheproof:
        assert ours(case) == ed25519_rule.accepts(*case) == verdict
        assert is_acceptable_key(case[0])


def test_our_verdict_on_wycheproof_ml_dsa_44_is_the_expected_one(shared_data: Path) -> None:
    """We sign with the empty context. Signatures made for another context must be refused, the 2 good ones too."""
    seen: Counter[tuple[bool, bool]] = Counter()
    for group in load(shared_data, "mldsa_44_verify_test.json")["testGroups"]:
        for test in group["tests"]:
            with_context = test.get("ctx", "") != ""
            seen[with_context, expected(test)] += 1
            verdict = mldsa44_accepts(group["publicKey"], test["sig"], test["msg"])
            assert verdict == (expected(test) and not with_context), f"tcId {test['tcId']}: {test['comment']}"
    assert seen == {(False, True): 75, (False, False): 98, (True, True): 2, (True, False): 5}


def mldsa44_accepts(key: str, signature: str, message: str) -> bool:
    try:
        verify_mldsa44(load_mldsa44_key(bytes.fromhex(key)), bytes.fromhex(signature), bytes.fromhex(message))
    except LedgerError:
        return False
    return True
