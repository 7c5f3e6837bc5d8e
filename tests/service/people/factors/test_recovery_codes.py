"""Recovery codes: ten, each good once, for one person."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from service.errors import NotPermittedError
from service.people.factors.confirming import confirm_by_recovery_code
from service.people.factors.recovery_codes import make_recovery_codes
from service.people.factors.state import factors_of
from service.people.tries import TooManyTriesError
from service.work import Register
from tests.service.people.factors.persons import new_person


def make(register: Register, person: str) -> list[str]:
    with register.write_beside() as connection:
        return make_recovery_codes(connection, person)


def left(register: Register, person: str) -> int:
    with register.read() as reader:
        return factors_of(reader.connection, person).recovery_codes


def test_each_of_ten_codes_works_once(register: Register, person: str) -> None:
    codes = make(register, person)
    assert len(set(codes)) == 10
    for number, code in enumerate(codes, start=1):
        confirm_by_recovery_code(register, person, code)
        assert left(register, person) == 10 - number
        with pytest.raises(NotPermittedError):
            confirm_by_recovery_code(register, person, code)


def test_a_code_may_be_typed_as_people_type(register: Register, person: str) -> None:
    confirm_by_recovery_code(register, person, f" {make(register, person)[0].upper().replace('-', ' ')} ")


def test_new_codes_end_the_old_ones(register: Register, person: str) -> None:
    old = make(register, person)
    make(register, person)
    with pytest.raises(NotPermittedError):
        confirm_by_recovery_code(register, person, old[0])


def test_a_code_is_good_for_its_person_only(register: Register, person: str) -> None:
    other, codes = new_person(register), make(register, person)
    with pytest.raises(NotPermittedError):
        confirm_by_recovery_code(register, other, codes[0])
    assert left(register, person) == 10


def test_a_code_sent_many_times_at_once_is_taken_once(register: Register, person: str) -> None:
    code = make(register, person)[0]

    def try_it(_: int) -> bool:
        try:
            confirm_by_recovery_code(register, person, code)
        except (NotPermittedError, TooManyTriesError):
            return False
        return True

    with ThreadPoolExecutor(8) as threads:
        assert sum(threads.map(try_it, range(8))) == 1


@pytest.mark.parametrize("given", ["", "aaaa-aaaa-aaaa-aaaa", "\x00", "ａａａａ", "\ud800", "a" * 100_000])
def test_nonsense_is_no_code(register: Register, person: str, given: str) -> None:
    make(register, person)
    with pytest.raises(NotPermittedError):
        confirm_by_recovery_code(register, person, given)
