"""What browser, authenticator and register do together: a passkey is made, confirms a password, or signs in alone.

Each begins with options for the browser, which hold a challenge, and ends with its answer. The challenge is spent
before the answer is looked at, in a transaction of its own. Signing in without a password asks the authenticator to
make sure of its person (fingerprint, face, PIN); beside a password its presence is enough. Attestation is not asked
for: who made an authenticator decides nothing here. A count that does not go up means that there are two of it.
Source: W3C WebAuthn, 7.
"""

import struct
from collections.abc import Mapping
from typing import Any, NamedTuple
from uuid import UUID

import orjson
from cryptography.exceptions import UnsupportedAlgorithm
from sqlalchemy import Connection, Row, select
from webauthn import (
    generate_authentication_options,
    generate_registration_options,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.authentication.verify_authentication_response import VerifiedAuthentication
from webauthn.helpers import options_to_json_dict
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AttestationFormat,
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)
from webauthn.registration.verify_registration_response import VerifiedRegistration

from ledger.entry import format_time
from service.db.factor_tables import passkey
from service.db.people_tables import person as people
from service.errors import NotFoundError
from service.people.accounts import find_person
from service.people.factors import challenges
from service.people.factors.faults import CLONED_PASSKEY, KNOWN_PASSKEY, TOO_MANY_PASSKEYS, WRONG_PASSKEY, refusal
from service.people.factors.passkeys import MOST, format_id, parse_id, place_of, tidy_name
from service.work import Register

LONGEST_ANSWER = 32_768
TIMEOUT_MS = 120_000
_FORMATS = frozenset({AttestationFormat.NONE, AttestationFormat.PACKED})
"""What browsers send where none is asked for. The others would only give a stranger more of our code to talk to."""
_UNREADABLE = (
    *(WebAuthnException, UnsupportedAlgorithm, struct.error),
    *(ValueError, TypeError, LookupError, ArithmeticError, AttributeError, RecursionError, MemoryError),
)
"""What reading an answer may end in. It comes from outside, and passes through CBOR, COSE, ASN.1 and JSON."""

_column = passkey.c


class Owner(NamedTuple):
    """For whom a passkey is made: the person's id, and the login that the authenticator will show."""

    person: str
    login: str


def registration_options(register: Register, owner: Owner, *, holder: str) -> Mapping[str, Any]:
    """What the browser is to make a passkey from. Raises NotPermittedError."""
    place = place_of(register.settings.base_url)
    with register.write_beside() as connection:
        known = _credentials(connection, owner.person)
        if len(known) >= MOST:
            raise refusal(TOO_MANY_PASSKEYS)
        challenge = challenges.issue(connection, holder, challenges.REGISTER, now=register.clock())
    options = generate_registration_options(
        rp_id=place.host,
        rp_name="PackTrail",
        user_id=UUID(owner.person).bytes,
        user_name=owner.login,
        challenge=challenge,
        timeout=TIMEOUT_MS,
        exclude_credentials=known,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.PREFERRED, user_verification=UserVerificationRequirement.PREFERRED
        ),
    )
    return options_to_json_dict(options)


def add_passkey(register: Register, person: str, *, holder: str, answer: str, name: str) -> None:
    """Register the passkey that the browser made. Raises NotPermittedError, and has stored nothing then."""
    place, challenge = place_of(register.settings.base_url), _spend(register, holder, challenges.REGISTER)
    try:
        made = verify_registration_response(
            credential=_read(answer),
            expected_challenge=challenge,
            expected_rp_id=place.host,
            expected_origin=place.origin,
        )
    except _UNREADABLE:
        raise refusal(WRONG_PASSKEY) from None
    if made.fmt not in _FORMATS:
        raise refusal(WRONG_PASSKEY)
    with register.write_beside() as connection:
        _insert(connection, person, made, name=name, at=format_time(register.clock()))


def confirmation_options(register: Register, person: str, *, holder: str) -> Mapping[str, Any]:
    """What the browser is to ask one of the person's passkeys, after the password. Raises NotPermittedError."""
    place = place_of(register.settings.base_url)
    with register.write_beside() as connection:
        known = _credentials(connection, person)
        challenge = challenges.issue(connection, holder, challenges.CONFIRM, now=register.clock())
    options = generate_authentication_options(
        rp_id=place.host,
        challenge=challenge,
        timeout=TIMEOUT_MS,
        allow_credentials=known,
        user_verification=UserVerificationRequirement.PREFERRED,
    )
    return options_to_json_dict(options)


def confirm_by_passkey(register: Register, person: str, *, holder: str, answer: str) -> None:
    """Check the answer of one of the person's passkeys. Raises NotPermittedError."""
    challenge = _spend(register, holder, challenges.CONFIRM)
    if _use(register, answer, challenge=challenge, alone=False) != person:
        raise refusal(WRONG_PASSKEY)


def login_options(register: Register, *, holder: str) -> Mapping[str, Any]:
    """What the browser is to ask any passkey for this register. The same for everybody. Raises NotPermittedError."""
    place = place_of(register.settings.base_url)
    with register.write_beside() as connection:
        challenge = challenges.issue(connection, holder, challenges.LOGIN, now=register.clock())
    options = generate_authentication_options(
        rp_id=place.host,
        challenge=challenge,
        timeout=TIMEOUT_MS,
        user_verification=UserVerificationRequirement.REQUIRED,
    )
    return options_to_json_dict(options)


def login_by_passkey(register: Register, *, holder: str, answer: str) -> str:
    """Who signs in. Raises NotPermittedError."""
    return _use(register, answer, challenge=_spend(register, holder, challenges.LOGIN), alone=True)


def _use(register: Register, answer: str, *, challenge: bytes, alone: bool) -> str:
    """The person whose passkey gave this answer. `alone`: there was no password."""
    credential = _read(answer)
    with register.read() as reader:
        row = _find(reader.connection, credential)
    place = place_of(register.settings.base_url)
    try:
        used = verify_authentication_response(
            credential=credential,
            expected_challenge=challenge,
            expected_rp_id=place.host,
            expected_origin=place.origin,
            credential_public_key=bytes(row.public_key),
            credential_current_sign_count=0,  # compared below, with the row locked
            require_user_verification=alone,
        )
    except _UNREADABLE:
        raise refusal(WRONG_PASSKEY) from None
    with register.write_beside() as connection:
        operator = find_person(connection, str(row.person)).operator
        register.current_registry(connection).require_active(operator)
        _count(connection, row, used, at=format_time(register.clock()))
    return str(row.person)


def _find(connection: Connection, credential: Mapping[str, Any]) -> Row[Any]:
    """The row of the passkey that an answer names, of a person who may sign in."""
    id_, response = credential.get("id"), credential.get("response")
    told = response.get("userHandle") if isinstance(response, dict) else None
    query = select(passkey).join(people, people.c.id == _column.person).where(people.c.disabled_at.is_(None))
    try:
        row = connection.execute(query.where(_column.credential == parse_id(str(id_)))).one_or_none()
        if row is not None and told in (None, format_id(UUID(row.person).bytes)):
            return row
    except NotFoundError:
        raise refusal(WRONG_PASSKEY) from None
    raise refusal(WRONG_PASSKEY)


def _count(connection: Connection, row: Row[Any], used: VerifiedAuthentication, *, at: str) -> None:
    """Note the use. Raises NotPermittedError where the authenticator has not counted on since the last."""
    goes_on = _column.sign_count < used.new_sign_count
    if used.new_sign_count == 0:  # it does not count
        goes_on = _column.sign_count == 0
    update = passkey.update().where(_column.credential == row.credential, goes_on)
    if connection.execute(update.values(sign_count=used.new_sign_count, used_at=at)).rowcount != 1:
        raise refusal(CLONED_PASSKEY)


def _insert(connection: Connection, person: str, made: VerifiedRegistration, *, name: str, at: str) -> None:
    if connection.execute(select(_column.person).where(_column.credential == made.credential_id)).first() is not None:
        raise refusal(KNOWN_PASSKEY)
    row = passkey.insert().values(
        credential=made.credential_id,
        person=person,
        name=tidy_name(name),
        public_key=made.credential_public_key,
        sign_count=made.sign_count,
        created_at=at,
    )
    connection.execute(row)


def _credentials(connection: Connection, person: str) -> list[PublicKeyCredentialDescriptor]:
    ids = connection.execute(select(_column.credential).where(_column.person == person)).scalars()
    return [PublicKeyCredentialDescriptor(id=bytes(each)) for each in ids]


def _spend(register: Register, holder: str, purpose: str) -> bytes:
    with register.write_beside() as connection:
        return challenges.spend(connection, holder, purpose, now=register.clock())


def _read(answer: str) -> dict[str, Any]:
    """The browser's answer. Raises NotPermittedError where it is no JSON object."""
    try:
        read = orjson.loads(answer) if len(answer) <= LONGEST_ANSWER else None
    except orjson.JSONDecodeError:
        read = None
    if not isinstance(read, dict):
        raise refusal(WRONG_PASSKEY)
    return read
