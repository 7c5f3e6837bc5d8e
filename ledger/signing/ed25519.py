"""Ed25519 by one strict rule, so that no two verifiers can disagree about a signature.

Of 914 known corner cases OpenSSL accepts 165 that libsodium refuses: whoever crafts such a signature can later deny
it. libsodium's rule, used here: S is below the group order, the public key is canonical and not of small order, R is
not of small order, and the equation without cofactor gives exactly the bytes of R. A key is accepted for use only if
it is moreover in the prime-order subgroup, where every honest key lies.
"""

from nacl.bindings import (
    crypto_core_ed25519_is_valid_point,
    crypto_sign,
    crypto_sign_open,
    crypto_sign_seed_keypair,
)
from nacl.exceptions import BadSignatureError

from ledger.errors import SignatureError

KEY_SIZE = 32
SEED_SIZE = 32
SIGNATURE_SIZE = 64


def verify_strict(public_key: bytes, signature: bytes, message: bytes) -> None:
    if len(public_key) != KEY_SIZE or len(signature) != SIGNATURE_SIZE:
        raise SignatureError("Ed25519 key or signature has the wrong length")
    try:
        crypto_sign_open(signature + message, public_key)
    except BadSignatureError:
        raise SignatureError("Ed25519 signature is wrong") from None


def is_acceptable_key(public_key: bytes) -> bool:
    """Whether the bytes are a canonical point of prime order: the test to make before a key is registered."""
    return len(public_key) == KEY_SIZE and crypto_core_ed25519_is_valid_point(public_key)


def derive_key_pair(seed: bytes) -> tuple[bytes, bytes]:
    """(public key, secret for `sign`) of a 32-byte seed."""
    return crypto_sign_seed_keypair(seed)


def sign(secret: bytes, message: bytes) -> bytes:
    return crypto_sign(message, secret)[:SIGNATURE_SIZE]
