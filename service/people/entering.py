"""Signing in: a login and a password become a session, whole or waiting for a second factor."""

import secrets
from dataclasses import dataclass, replace

from sqlalchemy import Connection

from service.errors import Fault, NotPermittedError
from service.people import sessions, tries
from service.people.accounts import Invited, Person, find_person, invite, kept_password, set_password, take_link
from service.people.acts import Act, By, note
from service.people.factors import state
from service.people.links import INVITATION, find_link
from service.people.passwords import hash_again, hash_new, is_dated, is_right
from service.people.roles import PersonRole
from service.people.sessions import UNNAMED, Device
from service.work import Register


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who fills in a form: the neighbourhood of the address, and the browser."""

    neighbourhood: str
    device: Device = UNNAMED


@dataclass(frozen=True, slots=True)
class SignedIn:
    """token: the cookie. is_full: no second factor is to come. kept: the session stays on the phone."""

    token: str
    is_full: bool
    kept: bool


def sign_in(register: Register, login: str, password: str, visitor: Visitor) -> SignedIn:
    """A session. Raises NotPermittedError, with one message for every reason, and TooManyTriesError.

    Whether there is such a login shows neither in the answer nor in the time it takes.
    """
    buckets = tries.of_login(login.strip().lower()[:200], visitor.neighbourhood)
    now = register.clock()
    with register.write_beside() as connection:
        tries.count(connection, buckets, now=now)
        known = kept_password(connection, login)
    encoded = known[1] if known else None
    if not is_right(password, encoded) or known is None:
        raise _wrong()
    person, fresh = known[0], hash_again(password) if is_dated(known[1]) else None
    with register.write_beside() as connection:
        if kept_password(connection, login) != known:  # changed while the password was checked
            raise _wrong()
        tries.forgive(connection, buckets, now=now)
        if fresh is not None:
            set_password(connection, person.id, fresh)
        return let_in(register, connection, person, visitor.device)


def make_person(connection: Connection, invited: Invited, by: By) -> tuple[Person, str]:
    """An account with a password made here, which is nowhere else: for whoever sets a register up."""
    person, secret = invite(connection, invited, by)
    password = secrets.token_urlsafe(15)
    link = find_link(connection, secret, INVITATION, now=by.now)
    return take_link(connection, link, hash_new(password, person.login), now=by.now), password


def set_by_link(register: Register, secret: str, purpose: str, password: str, visitor: Visitor) -> SignedIn:
    """Set the password by an invitation or a recovery, and sign in. Everything that was signed in before has ended.

    Raises NotFoundError where the link is not good, RefusedError for a password that is too easy to guess.
    """
    now = register.clock()
    with register.read() as reader:
        link = find_link(reader.connection, secret, purpose, now=now)
        login = find_person(reader.connection, link.person).login
    encoded = hash_new(password, login)
    with register.write_beside() as connection:
        person = take_link(connection, link, encoded, now=now)
        return let_in(register, connection, person, visitor.device)


def change_password(register: Register, person: str, old: str, new: str, visitor: Visitor) -> SignedIn:
    """Set another password. Ends every session, and begins a new full one in the place of the present one.

    Raises NotPermittedError where the old one is wrong, TooManyTriesError, RefusedError.
    """
    now = register.clock()
    with register.write_beside() as connection:
        account = find_person(connection, person)
        buckets = tries.of_login(account.login, visitor.neighbourhood)
        tries.count(connection, buckets, now=now)
        known = kept_password(connection, account.login)
    if not is_right(old, known[1] if known else None):
        raise _wrong()
    encoded = hash_new(new, account.login)
    with register.write_beside() as connection:
        tries.forgive(connection, buckets, now=now)
        set_password(connection, person, encoded)
        note(connection, Act.PASSWORD, By(person, now), operator=account.operator, person=person)
        token = sessions.begin(connection, person, sessions.FULL, now=now, device=visitor.device)
    return SignedIn(token, True, visitor.device.kept)


def let_in(register: Register, connection: Connection, person: Person, device: Device) -> SignedIn:
    """A session of the stage that a password alone gives, or a provider's word. Only a recorder's is kept on a phone.

    Raises NotPermittedError where the person's organisation is not active; only who knew the password is told.
    """
    registry = register.current_registry(connection)
    registry.require_active(person.operator)
    roles = registry.roles_of(person.operator)
    stage = sessions.FULL
    if state.required(roles, person.role) or state.has_factor(connection, person.id):
        stage = sessions.PASSWORD
    device = replace(device, kept=device.kept and person.role is PersonRole.RECORDER)
    token = sessions.begin(connection, person.id, stage, now=register.clock(), device=device)
    return SignedIn(token, stage == sessions.FULL, device.kept)


def _wrong() -> NotPermittedError:
    fault = Fault("", "wrong_login", "login or password is not right", "登录名或密码不正确")
    return NotPermittedError(fault.message_en, [fault])
