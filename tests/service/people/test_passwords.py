"""Passwords: which are refused, how they are kept, and what a check costs."""

import statistics
import time

import pytest
from argon2 import PasswordHasher
from hypothesis import given, settings
from hypothesis import strategies as st

from service.errors import BusyError, RefusedError
from service.people import passwords
from service.people.passwords import AT_ONCE, hash_again, hash_new, is_dated, is_right

GOOD = "blue kettle roof"


def code_of(password: str, login: str = "li.wei") -> str:
    with pytest.raises(RefusedError) as refused:
        hash_new(password, login)
    [fault] = refused.value.faults
    assert fault.pointer == "/password" and fault.message_zh
    return fault.code


@pytest.mark.parametrize("password", ["", "elevenchars", "x" * 257, "电池登记簿很安全啊"])
def test_a_password_has_12_to_256_characters(password: str) -> None:
    assert code_of(password) == "password_length"


@pytest.mark.parametrize("password", ["li.wei and more", "MORE THAN LI.WEI"])
def test_a_password_does_not_contain_the_login(password: str) -> None:
    assert code_of(password) == "password_login"


@pytest.mark.parametrize(
    "password",
    [
        "password1234",
        "Passw0rd!!!!2026",
        "Password-Admin-123",
        "123456789012",
        "abcdefghijkl",
        "QWERTYUIOP12345",
        "zyxwvutsrqpo",
        "aaaaaaaaaaaa",
        "abcabcabcabc",
        "12121212121212",
        "chongqing2026",
        "PackTrail 2026!",
        "qwertyqwerty1",
        "98765432109876",
        "............",
    ],
)
def test_what_is_guessed_first_is_refused(password: str) -> None:
    assert code_of(password) == "password_common"


@pytest.mark.parametrize(
    "password",
    [GOOD, "correct horse battery staple", "蓝色的水壶放在屋顶上面晒太阳", "Tr0ub4dor&3xyz", "passing the summer rain"],
)
def test_words_that_do_not_belong_together_are_taken(password: str) -> None:
    encoded = hash_new(password, "li.wei")
    assert encoded.startswith("$argon2id$") and password not in encoded
    assert is_right(password, encoded) and not is_right(password + "x", encoded)


@settings(max_examples=15)
@given(st.text(min_size=0, max_size=300))
def test_any_text_is_refused_with_a_reason_or_kept_and_right(password: str) -> None:
    try:
        encoded = hash_new(password, "li.wei")
    except RefusedError as error:
        assert error.faults
    else:
        assert is_right(password, encoded)


def test_a_password_is_the_same_however_it_is_composed() -> None:
    assert is_right("cafe\u0301 ｂlue roof tea", hash_new("caf\u00e9 blue roof tea", ""))


def test_nobody_has_no_right_password_and_what_is_stored_badly_neither() -> None:
    assert not is_right(GOOD, None)
    assert not is_right("the password of a login that nobody has", None)
    assert not is_right(GOOD, "not a hash")


def test_a_hash_of_other_parameters_is_dated() -> None:
    weak = PasswordHasher(time_cost=1, memory_cost=8192, parallelism=1).hash(GOOD)
    assert is_right(GOOD, weak) and is_dated(weak)
    assert not is_dated(hash_again(GOOD))


def test_a_login_that_nobody_has_costs_as_much_as_a_wrong_password() -> None:
    encoded = hash_new(GOOD, "")

    def cost(of: str | None) -> float:
        began = time.thread_time()
        is_right("another password", of)
        return time.thread_time() - began

    cost(None)
    known = statistics.median(cost(encoded) for _ in range(7))
    unknown = statistics.median(cost(None) for _ in range(7))
    assert 0.6 < unknown / known < 1.67


def test_only_so_many_are_computed_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "WAIT_SECONDS", 0.05)
    held = [passwords._PLACES.acquire(blocking=False) for _ in range(AT_ONCE)]
    try:
        assert all(held)
        with pytest.raises(BusyError):
            is_right(GOOD, None)
    finally:
        for _ in held:
            passwords._PLACES.release()
    assert not is_right(GOOD, None)
