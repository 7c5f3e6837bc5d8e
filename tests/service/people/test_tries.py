"""Tries: the first are free, the next have to wait, and nobody is locked out from elsewhere."""

from concurrent.futures import ThreadPoolExecutor

from service.people import tries
from service.people.tries import TooManyTriesError
from service.work import Register
from tests.service.town import StillClock

HERE, THERE = "192.0.2.7", "2001:db8:1:2::/64"


def fail(register: Register, login: str, place: str = HERE) -> int:
    """A try that is not right; the seconds one has to wait, 0 where it was looked at."""
    try:
        with register.write_beside() as connection:
            tries.count(connection, tries.of_login(login, place), now=register.clock())
    except TooManyTriesError as error:
        assert error.faults[0].message_zh
        return error.seconds
    return 0


def test_after_five_failures_the_time_to_wait_doubles(register: Register, clock: StillClock) -> None:
    waits = []
    for _ in range(5):
        assert fail(register, "guessed") == 0
    for _ in range(14):
        wait = fail(register, "guessed")
        waits.append(wait)
        clock.move(seconds=wait)
        assert fail(register, "guessed") == 0
    assert waits == [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900, 900, 900]


def test_the_same_login_is_free_from_elsewhere_and_others_from_here(register: Register, clock: StillClock) -> None:
    while fail(register, "attacked") == 0:
        pass
    assert fail(register, "attacked", THERE) == 0
    assert fail(register, "another one") == 0


def test_a_right_password_forgives_and_a_day_forgets(register: Register, clock: StillClock) -> None:
    for _ in range(5):
        fail(register, "forgiven")
        fail(register, "forgotten")
    with register.write_beside() as connection:
        tries.forgive(connection, tries.of_login("forgiven", HERE), now=clock.now)
    assert fail(register, "forgiven") == 0
    assert fail(register, "forgotten") > 0
    clock.move(days=1)
    assert fail(register, "forgotten") == 0


def test_many_logins_from_one_place_have_to_wait_too(register: Register, clock: StillClock) -> None:
    place = "198.51.100.1"
    looked_at = sum(fail(register, f"stuffed-{number}", place) == 0 for number in range(60))
    assert looked_at == 50


def test_of_forty_at_once_five_are_looked_at(register: Register, clock: StillClock) -> None:
    with ThreadPoolExecutor(20) as pool:
        waits = list(pool.map(lambda _: fail(register, "raced", "203.0.113.9"), range(40)))
    assert waits.count(0) == 5
