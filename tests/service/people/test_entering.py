"""Signing in, and setting passwords."""

from contextlib import suppress

import pytest
from argon2 import PasswordHasher

from service.errors import NotFoundError, NotPermittedError, RefusedError
from service.people import accounts, sessions
from service.people.accounts import Invited, Person
from service.people.acts import By
from service.people.entering import SignedIn, Visitor, change_password, make_person, set_by_link, sign_in
from service.people.links import INVITATION, RECOVERY
from service.people.roles import PersonRole
from service.people.sessions import Device, Session
from service.people.tries import TooManyTriesError
from service.work import Register
from tests.service.people.conftest import ENCODED, MAKER, PASSWORD, NewPerson
from tests.service.town import AUTHORITY, StillClock

HERE = Visitor("192.0.2.7", Device("Browser"))
PHONE = Visitor("192.0.2.7", Device("Phone", kept=True))
OTHER = "a quite different phrase"


def session_of(register: Register, signed_in: SignedIn) -> Session | None:
    with register.read() as reader:
        return sessions.find(reader.connection, signed_in.token, now=register.clock())


def refusal(register: Register, login: str, password: str) -> str:
    with pytest.raises(NotPermittedError) as refused:
        sign_in(register, login, password, HERE)
    return str(refused.value)


def test_login_and_password_become_a_session(register: Register, new_person: NewPerson) -> None:
    person = new_person(PersonRole.READER)
    signed_in = sign_in(register, f" {person.login.upper()} ", PASSWORD, HERE)
    session = session_of(register, signed_in)
    assert session is not None and session.is_full and signed_in.is_full
    assert (session.person, session.device.agent) == (person.id, "Browser")


def test_every_refusal_reads_the_same(register: Register, new_person: NewPerson) -> None:
    person, gone = new_person(), new_person()
    with register.write_beside() as connection:
        accounts.disable(connection, gone, By("", register.clock()))
        invited, _ = accounts.invite(connection, Invited(MAKER, "not.yet", "x", PersonRole.READER), _by(register))
    told = {
        refusal(register, person.login, OTHER),
        refusal(register, person.login, ""),
        refusal(register, "nobody.here", PASSWORD),
        refusal(register, "", PASSWORD),
        refusal(register, "x" * 10_000, "y" * 10_000),
        refusal(register, "\x00'; --\udcff", PASSWORD),
        refusal(register, gone.login, PASSWORD),
        refusal(register, invited.login, ""),
    }
    assert told == {"login or password is not right"}


@pytest.mark.parametrize("known", [True, False])
def test_after_several_failures_one_has_to_wait_whether_or_not_there_is_such_a_login(
    register: Register, clock: StillClock, new_person: NewPerson, known: bool
) -> None:
    login = new_person().login if known else "never.was"
    for _ in range(5):
        refusal(register, login, OTHER)
    with pytest.raises(TooManyTriesError) as waiting:
        sign_in(register, login, PASSWORD, HERE)
    assert waiting.value.seconds == 1
    clock.move(seconds=1)
    with suppress(NotPermittedError):
        assert sign_in(register, login, PASSWORD, HERE).is_full
        assert known


def test_of_a_required_second_factor_the_password_is_half(register: Register) -> None:
    with register.write_beside() as connection:
        invited = Invited(AUTHORITY, "city.admin", "x", PersonRole.ADMIN)
        _, password = make_person(connection, invited, _by(register))
    signed_in = sign_in(register, "city.admin", password, HERE)
    session = session_of(register, signed_in)
    assert session is not None and not session.is_full and not signed_in.is_full


@pytest.mark.parametrize("role", list(PersonRole))
def test_only_a_recorders_phone_keeps_the_session(register: Register, new_person: NewPerson, role: PersonRole) -> None:
    signed_in = sign_in(register, new_person(role).login, PASSWORD, PHONE)
    session = session_of(register, signed_in)
    assert session is not None
    assert session.device.kept is signed_in.kept is (role is PersonRole.RECORDER)


def test_a_dated_hash_is_made_anew_without_ending_anything(register: Register, new_person: NewPerson) -> None:
    person = new_person()
    weak = PasswordHasher(time_cost=1, memory_cost=8192, parallelism=1).hash(PASSWORD)
    with register.write_beside() as connection:
        accounts.set_password(connection, person.id, weak)
    first = sign_in(register, person.login, PASSWORD, HERE)
    with register.write_beside() as connection:
        kept = accounts.kept_password(connection, person.login)
    assert kept is not None and kept[1] != weak and "m=19456" in kept[1]
    sign_in(register, person.login, PASSWORD, HERE)
    assert session_of(register, first) is not None


def test_a_new_password_needs_the_old_one_and_ends_every_other_session(
    register: Register, new_person: NewPerson
) -> None:
    person = new_person()
    before = [sign_in(register, person.login, PASSWORD, HERE) for _ in range(2)]
    with pytest.raises(NotPermittedError):
        change_password(register, person.id, OTHER, OTHER, HERE)
    with pytest.raises(RefusedError):
        change_password(register, person.id, PASSWORD, "too short", HERE)
    changed = change_password(register, person.id, PASSWORD, OTHER, HERE)
    assert [session_of(register, each) for each in before] == [None, None]
    assert session_of(register, changed) is not None
    refusal(register, person.login, PASSWORD)
    assert sign_in(register, person.login, OTHER, HERE).is_full


def test_a_link_sets_the_password_and_signs_in_once(register: Register, new_person: NewPerson) -> None:
    person = new_person()
    before = sign_in(register, person.login, PASSWORD, HERE)
    secret = _link(register, person)
    with pytest.raises(RefusedError):
        set_by_link(register, secret, RECOVERY, "too short", HERE)
    with pytest.raises(NotFoundError):
        set_by_link(register, secret, INVITATION, OTHER, HERE)
    signed_in = set_by_link(register, secret, RECOVERY, OTHER, HERE)
    assert session_of(register, before) is None and session_of(register, signed_in) is not None
    with pytest.raises(NotFoundError):
        set_by_link(register, secret, RECOVERY, OTHER, HERE)
    refusal(register, person.login, PASSWORD)


def test_no_entry_names_a_person(register: Register, new_person: NewPerson) -> None:
    person = new_person(PersonRole.ADMIN)
    sign_in(register, person.login, PASSWORD, HERE)
    with register.read() as reader:
        entries = b"".join(reader.entries(0, reader.size()))
    assert [word for word in (person.login, person.id, person.name, ENCODED) if word.encode() in entries] == []


def _link(register: Register, person: Person) -> str:
    with register.write_beside() as connection:
        return accounts.renew_link(connection, person, _by(register))


def _by(register: Register) -> By:
    return By("", register.clock())
