"""Letting go of second factors, by oneself and for somebody who lost them."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from service.errors import NotFoundError, NotPermittedError
from service.people import sessions
from service.people.factors import state
from service.people.factors.dropping import drop_all, drop_app, drop_passkey
from service.people.factors.passkeys import format_id
from service.people.factors.recovery_codes import make_recovery_codes
from service.work import Register
from tests.service.people.factors.persons import new_person
from tests.service.people.factors.test_ceremonies import enrol
from tests.service.people.factors.test_totp import set_up
from tests.service.town import StillClock


def has_factor(register: Register, person: str) -> bool:
    with register.read() as reader:
        return state.has_factor(reader.connection, person)


def test_the_last_of_a_person_who_must_have_one_stays(register: Register, person: str, clock: StillClock) -> None:
    id_ = format_id(enrol(register, person).credential)
    with pytest.raises(NotPermittedError, match="last"), register.write_beside() as connection:
        drop_passkey(connection, person, id_, mandatory=True)
    assert has_factor(register, person)
    set_up(register, person, clock)
    with register.write_beside() as connection:
        drop_passkey(connection, person, id_, mandatory=True)
    with pytest.raises(NotPermittedError, match="last"), register.write_beside() as connection:
        drop_app(connection, person, mandatory=True)
    assert has_factor(register, person)


def test_two_dropped_at_once_leave_one(register: Register, person: str) -> None:
    ids = [format_id(enrol(register, person).credential) for _ in range(2)]

    def drop(id_: str) -> bool:
        try:
            with register.write_beside() as connection:
                drop_passkey(connection, person, id_, mandatory=True)
        except NotPermittedError:
            return False
        return True

    with ThreadPoolExecutor(2) as threads:
        assert sorted(threads.map(drop, ids)) == [False, True]
    assert has_factor(register, person)


def test_with_the_last_the_recovery_codes_end(register: Register, person: str) -> None:
    id_ = format_id(enrol(register, person).credential)
    with register.write_beside() as connection:
        make_recovery_codes(connection, person)
        drop_passkey(connection, person, id_, mandatory=False)
        assert state.factors_of(connection, person) == state.Factors(0, False, 0)


def test_nobody_drops_the_passkey_of_another(register: Register, person: str) -> None:
    id_ = format_id(enrol(register, person).credential)
    other = new_person(register)
    with pytest.raises(NotFoundError), register.write_beside() as connection:
        drop_passkey(connection, other, id_, mandatory=False)
    assert has_factor(register, person)


def test_a_reset_takes_everything_and_ends_every_session(register: Register, person: str, clock: StillClock) -> None:
    enrol(register, person)
    set_up(register, person, clock)
    other = new_person(register)
    enrol(register, other)
    with register.write_beside() as connection:
        make_recovery_codes(connection, person)
        token = sessions.begin(connection, person, sessions.FULL, now=clock.now)
        stays = sessions.begin(connection, other, sessions.FULL, now=clock.now)
    with register.write_beside() as connection:
        drop_all(connection, person)
    with register.read() as reader:
        assert state.factors_of(reader.connection, person) == state.Factors(0, False, 0)
        assert sessions.find(reader.connection, token, now=clock.now) is None
        assert sessions.find(reader.connection, stays, now=clock.now) is not None
        assert state.has_factor(reader.connection, other)
