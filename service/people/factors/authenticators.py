"""What authenticators are asked and what they answer, in the words of W3C WebAuthn. Knows no person and no database.

Loaded with the first ceremony of a process, not with its start: the library brings ASN.1, X.509 and CBOR along.
"""

import struct
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from cryptography.exceptions import UnsupportedAlgorithm
from webauthn import (
    generate_authentication_options,
    generate_registration_options,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers import options_to_json_dict
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AttestationFormat,
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from service.people.factors.faults import WRONG_PASSKEY, refusal
from service.people.factors.passkeys import Place

TIMEOUT_MS = 120_000
_FORMATS = frozenset({AttestationFormat.NONE, AttestationFormat.PACKED})
"""What browsers send where none is asked for. The others would only give a stranger more of our code to talk to."""
_UNREADABLE = (
    *(WebAuthnException, UnsupportedAlgorithm, struct.error),
    *(ValueError, TypeError, LookupError, ArithmeticError, AttributeError, RecursionError, MemoryError),
)
"""What reading an answer may end in. It comes from outside, and passes through CBOR, COSE, ASN.1 and JSON."""


class Made(NamedTuple):
    """A passkey as its authenticator made it."""

    credential: bytes
    public_key: bytes
    sign_count: int


def ask_to_make(place: Place, user: bytes, login: str, *, challenge: bytes, known: Sequence[bytes]) -> dict[str, Any]:
    """Options for a new passkey, on an authenticator that has none of those known."""
    options = generate_registration_options(
        rp_id=place.host,
        rp_name="PackTrail",
        user_id=user,
        user_name=login,
        challenge=challenge,
        timeout=TIMEOUT_MS,
        exclude_credentials=_described(known),
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.PREFERRED, user_verification=UserVerificationRequirement.PREFERRED
        ),
    )
    return options_to_json_dict(options)


def ask_to_answer(place: Place, *, challenge: bytes, known: Sequence[bytes] | None) -> dict[str, Any]:
    """Options for one of the passkeys known, whose presence is enough; None: for any that makes sure of its person."""
    needed = UserVerificationRequirement.REQUIRED if known is None else UserVerificationRequirement.PREFERRED
    options = generate_authentication_options(
        rp_id=place.host,
        challenge=challenge,
        timeout=TIMEOUT_MS,
        allow_credentials=None if known is None else _described(known),
        user_verification=needed,
    )
    return options_to_json_dict(options)


def read_made(place: Place, credential: Mapping[str, Any], *, challenge: bytes) -> Made:
    """The new passkey in an answer. Raises NotPermittedError."""
    try:
        made = verify_registration_response(
            credential=dict(credential),
            expected_challenge=challenge,
            expected_rp_id=place.host,
            expected_origin=place.origin,
        )
    except _UNREADABLE:
        raise refusal(WRONG_PASSKEY) from None
    if made.fmt not in _FORMATS:
        raise refusal(WRONG_PASSKEY)
    return Made(made.credential_id, made.credential_public_key, made.sign_count)


def read_count(place: Place, credential: Mapping[str, Any], *, challenge: bytes, public_key: bytes, alone: bool) -> int:
    """How often the passkey was used, as its answer says. `alone`: no password. Raises NotPermittedError."""
    try:
        used = verify_authentication_response(
            credential=dict(credential),
            expected_challenge=challenge,
            expected_rp_id=place.host,
            expected_origin=place.origin,
            credential_public_key=public_key,
            credential_current_sign_count=0,  # compared by who keeps it, with the row locked
            require_user_verification=alone,
        )
    except _UNREADABLE:
        raise refusal(WRONG_PASSKEY) from None
    return used.new_sign_count


def _described(known: Sequence[bytes]) -> list[PublicKeyCredentialDescriptor]:
    return [PublicKeyCredentialDescriptor(id=each) for each in known]
