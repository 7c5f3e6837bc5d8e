"""Codes of an authenticator app, against the app that others wrote."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pyotp
import pytest
from sqlalchemy import select

from service.db.factor_tables import totp as table
from service.errors import NotPermittedError
from service.keys.rewrapping import rewrap
from service.people.factors import totp
from service.people.factors.confirming import confirm_by_app, set_up_app
from service.people.factors.state import factors_of
from service.people.tries import TooManyTriesError
from service.work import Register
from tests.service.people.factors.persons import new_person
from tests.service.town import StillClock


def begin(register: Register, person: str) -> pyotp.TOTP:
    """The app of a person, after its QR code was scanned."""
    with register.write_beside() as connection:
        totp.begin(connection, register.vault, person, now=register.clock())
        secret = totp.waiting_secret(connection, register.vault, person, now=register.clock())
    assert secret is not None
    return pyotp.parse_uri(totp.address_of(secret, login="li", base_url="https://id.example.cn"))  # type: ignore[return-value]


def code(app: pyotp.TOTP, clock: StillClock, *, steps: int = 0) -> str:
    return app.at(clock.now, counter_offset=steps)


def set_up(register: Register, person: str, clock: StillClock) -> pyotp.TOTP:
    app = begin(register, person)
    set_up_app(register, person, code(app, clock))
    clock.move(seconds=90)
    return app


def test_an_app_counts_once_a_code_of_it_has_come_back(register: Register, person: str, clock: StillClock) -> None:
    app = begin(register, person)
    with register.read() as reader:
        assert not factors_of(reader.connection, person).app
    set_up_app(register, person, code(app, clock))
    with register.read() as reader:
        assert factors_of(reader.connection, person).app


def test_a_wrong_first_code_puts_no_app_in_force(register: Register, person: str, clock: StillClock) -> None:
    app = begin(register, person)
    with pytest.raises(NotPermittedError):
        set_up_app(register, person, code(app, clock, steps=7))
    with register.read() as reader:
        assert not factors_of(reader.connection, person).app


def test_a_secret_that_waited_too_long_is_not_taken(register: Register, person: str, clock: StillClock) -> None:
    app = begin(register, person)
    clock.move(minutes=15)
    with pytest.raises(NotPermittedError, match="15 minutes"):
        set_up_app(register, person, code(app, clock))


def test_an_app_in_use_stays_in_use_until_the_next_one_is_confirmed(
    register: Register, person: str, clock: StillClock
) -> None:
    old = set_up(register, person, clock)
    new = begin(register, person)
    confirm_by_app(register, person, code(old, clock))
    set_up_app(register, person, code(new, clock))
    clock.move(seconds=90)
    with pytest.raises(NotPermittedError):
        confirm_by_app(register, person, code(old, clock))
    confirm_by_app(register, person, code(new, clock))


@pytest.mark.parametrize("steps", [-1, 0, 1])
def test_a_clock_may_be_half_a_minute_off(register: Register, person: str, clock: StillClock, steps: int) -> None:
    app = set_up(register, person, clock)
    confirm_by_app(register, person, code(app, clock, steps=steps))


@pytest.mark.parametrize("steps", [-2, 2])
def test_a_clock_may_not_be_a_minute_off(register: Register, person: str, clock: StillClock, steps: int) -> None:
    app = set_up(register, person, clock)
    with pytest.raises(NotPermittedError):
        confirm_by_app(register, person, code(app, clock, steps=steps))


def test_no_code_is_taken_twice_nor_an_older_one_after_it(register: Register, person: str, clock: StillClock) -> None:
    app = set_up(register, person, clock)
    confirm_by_app(register, person, code(app, clock))
    for steps in (0, -1):
        with pytest.raises(NotPermittedError):
            confirm_by_app(register, person, code(app, clock, steps=steps))


def test_one_code_sent_many_times_at_once_is_taken_once(register: Register, person: str, clock: StillClock) -> None:
    app = set_up(register, person, clock)
    given = code(app, clock)

    def try_it(_: int) -> bool:
        try:
            confirm_by_app(register, person, given)
        except (NotPermittedError, TooManyTriesError):
            return False
        return True

    with ThreadPoolExecutor(8) as threads:
        assert sum(threads.map(try_it, range(8))) == 1


def test_the_code_of_somebody_else_is_wrong(register: Register, person: str, clock: StillClock) -> None:
    app, other = set_up(register, person, clock), new_person(register)
    set_up(register, other, clock)
    with pytest.raises(NotPermittedError):
        confirm_by_app(register, other, code(app, clock))


@pytest.mark.parametrize("given", ["", "1", "12345", "0000000", "１２３４５６", "\x00", "12345\ud800", "9" * 5000])
def test_nonsense_is_a_wrong_code(register: Register, person: str, clock: StillClock, given: str) -> None:
    set_up(register, person, clock)
    with pytest.raises(NotPermittedError):
        confirm_by_app(register, person, given)


def test_blanks_in_a_code_do_not_matter(register: Register, person: str, clock: StillClock) -> None:
    app = set_up(register, person, clock)
    digits = code(app, clock)
    confirm_by_app(register, person, f" {digits[:3]} {digits[3:]}\n")


def test_after_a_few_wrong_codes_even_a_right_one_has_to_wait(
    register: Register, person: str, clock: StillClock
) -> None:
    app = set_up(register, person, clock)
    wrong = 0
    while wrong < 20:
        try:
            confirm_by_app(register, person, "000000" if code(app, clock) != "000000" else "000001")
        except TooManyTriesError as error:
            assert error.seconds >= 1
            break
        except NotPermittedError:
            wrong += 1
    assert wrong == 5
    with pytest.raises(TooManyTriesError):
        confirm_by_app(register, person, code(app, clock))
    clock.move(minutes=15)
    confirm_by_app(register, person, code(app, clock))


def test_three_hours_of_guessing_have_not_thirty_tries(register: Register, person: str, clock: StillClock) -> None:
    set_up(register, person, clock)
    tried, end = 0, clock.now + timedelta(hours=3)
    while clock.now < end:
        try:
            confirm_by_app(register, person, "no code")
        except TooManyTriesError as error:
            clock.move(seconds=error.seconds)
        except NotPermittedError:
            tried += 1
    assert 20 < tried < 30


def test_the_secret_stands_sealed_in_the_database(register: Register, person: str) -> None:
    app = begin(register, person)
    with register.read() as reader:
        sealed = bytes(reader.connection.execute(select(table.c.sealed).where(table.c.person == person)).scalar_one())
    assert app.secret.encode() not in sealed and app.byte_secret() not in sealed
    assert len(app.byte_secret()) == 20


def test_a_new_master_key_leaves_every_app_as_it_was(
    register: Register, person: str, clock: StillClock, tmp_path: Path
) -> None:
    app = set_up(register, person, clock)
    rewrap(register, tmp_path / "new")
    confirm_by_app(register, person, code(app, clock))


def test_the_app_is_told_whose_code_it_is(register: Register, person: str) -> None:
    app = begin(register, person)
    assert (app.name, app.issuer) == ("li", "PackTrail id.example.cn")


def test_who_has_no_app_has_no_code(register: Register, person: str) -> None:
    with pytest.raises(NotPermittedError):
        confirm_by_app(register, person, "000000")
