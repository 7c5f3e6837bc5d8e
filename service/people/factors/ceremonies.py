"""What browser, authenticator and register do together: a passkey is made, confirms a password, or signs in alone.

Each begins with options for the browser, which hold a challenge, and ends with its answer. The challenge is spent
before the answer is looked at, in a transaction of its own. Signing in without a password asks the authenticator to
make sure of its person (fingerprint, face, PIN); beside a password its presence is enough. Attestation is not asked
for: who made an authenticator decides nothing here. A count that does not go up means that there are two of it.
What is said to browsers, and how their answers are read: see authenticators. Source: W3C WebAuthn, 7.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple
from uuid import UUID

import orjson
from sqlalchemy import Connection, Row, select

from ledger.entry import format_time
from service.db.factor_tables import passkey
from service.db.people_tables import person as people
from service.errors import NotFoundError
from service.people.accounts import find_person
from service.people.factors import challenges
from service.people.factors.faults import CLONED_PASSKEY, KNOWN_PASSKEY, TOO_MANY_PASSKEYS, WRONG_PASSKEY, refusal
from service.people.factors.passkeys import MOST, format_id, parse_id, place_of, tidy_name
from service.work import Register

if TYPE_CHECKING:
    from service.people.factors.authenticators import Made

LONGEST_ANSWER = 32_768
_column = passkey.c


class Owner(NamedTuple):
    """For whom a passkey is made: the person's id, and the login that the authenticator will show."""

    person: str
    login: str


def registration_options(register: Register, owner: Owner, *, holder: str) -> Mapping[str, Any]:
    """What the browser is to make a passkey from. Raises NotPermittedError."""
    from service.people.factors import authenticators  # not above: see there

    place = place_of(register.settings.base_url)
    with register.write_beside() as connection:
        known = _credentials(connection, owner.person)
        if len(known) >= MOST:
            raise refusal(TOO_MANY_PASSKEYS)
        challenge = challenges.issue(connection, holder, challenges.REGISTER, now=register.clock())
    user = UUID(owner.person).bytes
    return authenticators.ask_to_make(place, user, owner.login, challenge=challenge, known=known)


def add_passkey(register: Register, person: str, *, holder: str, answer: str, name: str) -> None:
    """Register the passkey that the browser made. Raises NotPermittedError, and has stored nothing then."""
    from service.people.factors import authenticators  # not above: see there

    place, challenge = place_of(register.settings.base_url), _spend(register, holder, challenges.REGISTER)
    made = authenticators.read_made(place, _read(answer), challenge=challenge)
    with register.write_beside() as connection:
        _insert(connection, person, made, name=name, at=format_time(register.clock()))


def confirmation_options(register: Register, person: str, *, holder: str) -> Mapping[str, Any]:
    """What the browser is to ask one of the person's passkeys, after the password. Raises NotPermittedError."""
    from service.people.factors import authenticators  # not above: see there

    place = place_of(register.settings.base_url)
    with register.write_beside() as connection:
        known = _credentials(connection, person)
        challenge = challenges.issue(connection, holder, challenges.CONFIRM, now=register.clock())
    return authenticators.ask_to_answer(place, challenge=challenge, known=known)


def confirm_by_passkey(register: Register, person: str, *, holder: str, answer: str) -> None:
    """Check the answer of one of the person's passkeys. Raises NotPermittedError."""
    challenge = _spend(register, holder, challenges.CONFIRM)
    if _use(register, answer, challenge=challenge, alone=False) != person:
        raise refusal(WRONG_PASSKEY)


def login_options(register: Register, *, holder: str) -> Mapping[str, Any]:
    """What the browser is to ask any passkey for this register. The same for everybody. Raises NotPermittedError."""
    from service.people.factors import authenticators  # not above: see there

    place = place_of(register.settings.base_url)
    with register.write_beside() as connection:
        challenge = challenges.issue(connection, holder, challenges.LOGIN, now=register.clock())
    return authenticators.ask_to_answer(place, challenge=challenge, known=None)


def login_by_passkey(register: Register, *, holder: str, answer: str) -> str:
    """Who signs in. Raises NotPermittedError."""
    return _use(register, answer, challenge=_spend(register, holder, challenges.LOGIN), alone=True)


def _use(register: Register, answer: str, *, challenge: bytes, alone: bool) -> str:
    """The person whose passkey gave this answer. `alone`: there was no password."""
    from service.people.factors import authenticators  # not above: see there

    credential = _read(answer)
    with register.read() as reader:
        row = _find(reader.connection, credential)
    place = place_of(register.settings.base_url)
    key = bytes(row.public_key)
    count = authenticators.read_count(place, credential, challenge=challenge, public_key=key, alone=alone)
    with register.write_beside() as connection:
        operator = find_person(connection, str(row.person)).operator
        register.current_registry(connection).require_active(operator)
        _count(connection, row, count, at=format_time(register.clock()))
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


def _count(connection: Connection, row: Row[Any], count: int, *, at: str) -> None:
    """Note the use. Raises NotPermittedError where the authenticator has not counted on since the last."""
    goes_on = _column.sign_count < count
    if count == 0:  # it does not count
        goes_on = _column.sign_count == 0
    update = passkey.update().where(_column.credential == row.credential, goes_on)
    if connection.execute(update.values(sign_count=count, used_at=at)).rowcount != 1:
        raise refusal(CLONED_PASSKEY)


def _insert(connection: Connection, person: str, made: "Made", *, name: str, at: str) -> None:
    if connection.execute(select(_column.person).where(_column.credential == made.credential)).first() is not None:
        raise refusal(KNOWN_PASSKEY)
    row = passkey.insert().values(
        credential=made.credential,
        person=person,
        name=tidy_name(name),
        public_key=made.public_key,
        sign_count=made.sign_count,
        created_at=at,
    )
    connection.execute(row)


def _credentials(connection: Connection, person: str) -> list[bytes]:
    ids = connection.execute(select(_column.credential).where(_column.person == person)).scalars()
    return [bytes(each) for each in ids]


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
