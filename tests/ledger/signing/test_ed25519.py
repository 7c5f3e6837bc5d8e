"""The strict rule at its edges; all known corner cases stand in tests/conformance/test_signatures.py."""

import pytest

from ledger.errors import SignatureError
from ledger.signing.ed25519 import derive_key_pair, is_acceptable_key, sign, verify_strict

PUBLIC, SECRET = derive_key_pair(bytes(range(32)))
SIGNATURE = sign(SECRET, b"message")
ORDER = 2**252 + 27742317777372353535851937790883648493


def test_a_signature_verifies() -> None:
    verify_strict(PUBLIC, SIGNATURE, b"message")


def test_the_first_test_vector_of_rfc_8032_comes_out() -> None:
    seed = bytes.fromhex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60")
    public, secret = derive_key_pair(seed)
    assert public.hex() == "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"
    assert sign(secret, b"").hex().startswith("e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155")


def test_another_message_key_or_signature_is_refused() -> None:
    other, _ = derive_key_pair(bytes(32))
    for key, signature, message in (
        (PUBLIC, SIGNATURE, b"massage"),
        (other, SIGNATURE, b"message"),
        (PUBLIC, bytes(64), b"message"),
        (bytes(32), bytes(64), b"message"),
    ):
        with pytest.raises(SignatureError):
            verify_strict(key, signature, message)


def test_a_signature_with_the_order_added_to_s_is_refused() -> None:
    s = int.from_bytes(SIGNATURE[32:], "little") + ORDER
    with pytest.raises(SignatureError):
        verify_strict(PUBLIC, SIGNATURE[:32] + s.to_bytes(32, "little"), b"message")


@pytest.mark.parametrize("length", [0, 31, 33, 64])
def test_lengths_other_than_the_right_ones_are_refused(length: int) -> None:
    assert not is_acceptable_key(bytes(length))
    with pytest.raises(SignatureError):
        verify_strict(bytes(length), SIGNATURE, b"message")
    with pytest.raises(SignatureError):
        verify_strict(PUBLIC, SIGNATURE[:63] if length != 64 else SIGNATURE + b"\0", b"message")


def test_bytes_do_not_move_between_key_signature_and_message() -> None:
    """The library beneath reads signature and message as one, and only the first 32 bytes of a key."""
    with pytest.raises(SignatureError):
        verify_strict(PUBLIC + b"\0", SIGNATURE, b"message")
    with pytest.raises(SignatureError):
        verify_strict(PUBLIC, SIGNATURE + b"m", b"essage")
    with pytest.raises(SignatureError):
        verify_strict(PUBLIC, SIGNATURE[:63], SIGNATURE[63:] + b"message")


def test_an_honest_key_is_acceptable() -> None:
    assert is_acceptable_key(PUBLIC)


@pytest.mark.parametrize(
    "key",
    [
        "0100000000000000000000000000000000000000000000000000000000000000",  # the neutral element
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",  # order 2
        "0000000000000000000000000000000000000000000000000000000000000000",  # order 4
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",  # order 8
        "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",  # y is not reduced
        "0200000000000000000000000000000000000000000000000000000000000000",  # not on the curve
    ],
)
def test_points_no_honest_key_has_are_not_acceptable(key: str) -> None:
    assert not is_acceptable_key(bytes.fromhex(key))
