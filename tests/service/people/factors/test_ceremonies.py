"""Passkeys, made and used by an authenticator in software: place, challenge, person and count are checked."""

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.errors import NotPermittedError
from service.people.accounts import disable, find_person
from service.people.acts import By
from service.people.factors.ceremonies import (
    Owner,
    add_passkey,
    confirm_by_passkey,
    confirmation_options,
    login_by_passkey,
    login_options,
    registration_options,
)
from service.people.factors.passkeys import list_passkeys
from service.work import Register
from tests.service.people.factors.authenticator import PRESENT, Authenticator, to_bytes, to_text
from tests.service.people.factors.persons import new_person
from tests.service.town import StillClock


def enrol(register: Register, person: str, authenticator: Authenticator | None = None) -> Authenticator:
    """A passkey of the person."""
    key = authenticator or Authenticator()
    options = registration_options(register, Owner(person, "li"), holder="session")
    add_passkey(register, person, holder="session", answer=key.make(options), name="phone")
    return key


def names(register: Register, person: str) -> list[str]:
    with register.read() as reader:
        return [each.name for each in list_passkeys(reader.connection, person)]


def test_a_passkey_confirms_a_password(register: Register, person: str) -> None:
    key = enrol(register, person)
    options = confirmation_options(register, person, holder="session")
    assert [to_bytes(each["id"]) for each in options["allowCredentials"]] == [key.credential]
    confirm_by_passkey(register, person, holder="session", answer=key.answer(options))


def test_a_passkey_signs_in_by_itself(register: Register, person: str) -> None:
    key = enrol(register, person)
    options = login_options(register, holder="browser")
    assert options["userVerification"] == "required" and not options.get("allowCredentials")
    assert login_by_passkey(register, holder="browser", answer=key.answer(options)) == person


def test_a_person_has_several_and_each_has_a_name(register: Register, person: str) -> None:
    first, second = enrol(register, person), enrol(register, person)
    assert names(register, person) == ["phone", "phone"]
    excluded = registration_options(register, Owner(person, "li"), holder="session")["excludeCredentials"]
    assert {to_bytes(each["id"]) for each in excluded} == {first.credential, second.credential}


def test_twenty_are_enough(register: Register, person: str) -> None:
    for _ in range(20):
        enrol(register, person)
    with pytest.raises(NotPermittedError, match="20"):
        registration_options(register, Owner(person, "li"), holder="session")


def test_a_passkey_is_registered_once(register: Register, person: str) -> None:
    key = enrol(register, person)
    with pytest.raises(NotPermittedError, match="already"):
        enrol(register, new_person(register), key)


BENT: dict[str, Callable[[Authenticator], dict[str, Any]]] = {
    "another origin": lambda key: {"origin": "https://id.example.cn.evil.example"},
    "plain http": lambda key: {"origin": "http://id.example.cn"},
    "another port": lambda key: {"origin": "https://id.example.cn:8443"},
    "another challenge": lambda key: {"challenge": to_text(b"x" * 32)},
    "the other ceremony": lambda key: {"type": "webauthn.nonsense"},
    "another host": lambda key: setattr(key, "host", "example.cn") or {},
    "nobody present": lambda key: setattr(key, "flags", 0) or {},
}


@pytest.mark.parametrize("bend", BENT.values(), ids=BENT)
def test_a_passkey_from_elsewhere_is_not_registered(
    register: Register, person: str, bend: Callable[[Authenticator], dict[str, Any]]
) -> None:
    key = Authenticator()
    options = registration_options(register, Owner(person, "li"), holder="session")
    answer = key.make(options, **bend(key))
    with pytest.raises(NotPermittedError):
        add_passkey(register, person, holder="session", answer=answer, name="")
    assert names(register, person) == []


@pytest.mark.parametrize("bend", BENT.values(), ids=BENT)
def test_an_answer_from_elsewhere_is_refused(
    register: Register, person: str, bend: Callable[[Authenticator], dict[str, Any]]
) -> None:
    key = enrol(register, person)
    options = confirmation_options(register, person, holder="session")
    answer = key.answer(options, **bend(key))
    with pytest.raises(NotPermittedError):
        confirm_by_passkey(register, person, holder="session", answer=answer)


def test_a_signature_by_another_key_is_refused(register: Register, person: str) -> None:
    key, stranger = enrol(register, person), Authenticator()
    stranger.credential, stranger.user = key.credential, key.user
    options = login_options(register, holder="browser")
    with pytest.raises(NotPermittedError):
        login_by_passkey(register, holder="browser", answer=stranger.answer(options))


def test_without_a_password_the_authenticator_must_know_its_person(register: Register, person: str) -> None:
    key = enrol(register, person)
    key.flags = PRESENT
    with pytest.raises(NotPermittedError):
        login_by_passkey(register, holder="browser", answer=key.answer(login_options(register, holder="browser")))
    options = confirmation_options(register, person, holder="session")
    confirm_by_passkey(register, person, holder="session", answer=key.answer(options))


def test_somebody_elses_passkey_does_not_confirm(register: Register, person: str) -> None:
    enrol(register, person)
    other = enrol(register, new_person(register))
    options = confirmation_options(register, person, holder="session")
    with pytest.raises(NotPermittedError):
        confirm_by_passkey(register, person, holder="session", answer=other.answer(options))


def test_an_answer_that_names_another_person_is_refused(register: Register, person: str) -> None:
    key = enrol(register, person)
    key.user = b"x" * 16
    with pytest.raises(NotPermittedError):
        login_by_passkey(register, holder="browser", answer=key.answer(login_options(register, holder="browser")))


def test_who_is_disabled_does_not_sign_in_by_passkey(register: Register, person: str) -> None:
    key = enrol(register, person)
    options = login_options(register, holder="browser")
    with register.write_beside() as connection:
        disable(connection, find_person(connection, person), By("", register.clock()))
    with pytest.raises(NotPermittedError):
        login_by_passkey(register, holder="browser", answer=key.answer(options))


def test_a_challenge_is_good_once(register: Register, person: str) -> None:
    key = enrol(register, person)
    answer = key.answer(confirmation_options(register, person, holder="session"))
    confirm_by_passkey(register, person, holder="session", answer=answer)
    with pytest.raises(NotPermittedError):
        confirm_by_passkey(register, person, holder="session", answer=answer)


def test_a_challenge_is_spent_by_a_wrong_answer_too(register: Register, person: str) -> None:
    key = enrol(register, person)
    answer = key.answer(confirmation_options(register, person, holder="session"))
    for given_answer in ("{}", answer):
        with pytest.raises(NotPermittedError):
            confirm_by_passkey(register, person, holder="session", answer=given_answer)


def test_a_challenge_is_good_for_five_minutes(register: Register, person: str, clock: StillClock) -> None:
    key = enrol(register, person)
    answer = key.answer(confirmation_options(register, person, holder="session"))
    clock.move(minutes=5)
    with pytest.raises(NotPermittedError):
        confirm_by_passkey(register, person, holder="session", answer=answer)


def test_a_challenge_is_good_for_who_was_given_it_and_for_its_purpose(register: Register, person: str) -> None:
    key = enrol(register, person)
    answer = key.answer(confirmation_options(register, person, holder="session"))
    with pytest.raises(NotPermittedError):
        confirm_by_passkey(register, person, holder="another", answer=answer)
    with pytest.raises(NotPermittedError):
        login_by_passkey(register, holder="session", answer=answer)
    confirm_by_passkey(register, person, holder="session", answer=answer)


def test_one_answer_sent_many_times_at_once_is_taken_once(register: Register, person: str) -> None:
    key = enrol(register, person)
    answer = key.answer(login_options(register, holder="browser"))

    def try_it(_: int) -> bool:
        try:
            return login_by_passkey(register, holder="browser", answer=answer) == person
        except NotPermittedError:
            return False

    with ThreadPoolExecutor(8) as threads:
        assert sum(threads.map(try_it, range(8))) == 1


def test_a_count_that_does_not_go_up_tells_of_a_copy(register: Register, person: str) -> None:
    key = enrol(register, person)
    key.count = 7
    confirm_by_passkey(
        register, person, holder="s", answer=key.answer(confirmation_options(register, person, holder="s"))
    )
    key.count = 7
    with pytest.raises(NotPermittedError, match="twice"):
        confirm_by_passkey(
            register, person, holder="s", answer=key.answer(confirmation_options(register, person, holder="s"))
        )


def test_an_authenticator_that_does_not_count_is_taken(register: Register, person: str) -> None:
    key = enrol(register, person)
    for _ in range(2):
        key.count = -1
        assert login_by_passkey(register, holder="b", answer=key.answer(login_options(register, holder="b"))) == person


@pytest.mark.parametrize("fmt", ["tpm", "android-key", "android-safetynet", "fido-u2f", "apple", "nonsense"])
def test_attestation_of_any_other_form_is_not_read(register: Register, person: str, fmt: str) -> None:
    options = registration_options(register, Owner(person, "li"), holder="session")
    with pytest.raises(NotPermittedError):
        add_passkey(register, person, holder="session", answer=Authenticator().make(options, fmt=fmt), name="")


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary().map(to_text),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=5,
)


@settings(max_examples=60)
@given(data=st.data())
def test_whatever_is_sent_as_an_answer_is_refused_and_nothing_worse(register: Register, data: st.DataObject) -> None:
    """Fields of a good answer in which one is replaced: by another value, or by some other bytes."""
    person = _somebody(register)
    key = Authenticator()
    good = json.loads(key.make(registration_options(register, Owner(person, "li"), holder="fuzz")))
    place = data.draw(st.sampled_from(["id", "rawId", "type", "response", *good["response"]]))
    holder = good["response"] if place in good["response"] else good
    if place in ("clientDataJSON", "attestationObject") and data.draw(st.booleans()):
        raw = bytearray(to_bytes(holder[place]))
        for at in data.draw(
            st.lists(st.integers(0, 140 if place == "attestationObject" else len(raw) - 1), min_size=1, unique=True)
        ):
            raw[at] ^= data.draw(st.integers(1, 255))
        holder[place] = to_text(bytes(raw))
    else:
        holder[place] = data.draw(json_values)
    try:
        add_passkey(register, person, holder="fuzz", answer=json.dumps(good), name="")
    except NotPermittedError:
        return
    assert place != "type"  # the others hold places that mean nothing, such as the authenticator's model


@pytest.mark.parametrize(
    "answer", ["", "[]", "null", "{", "[" * 100_000, '{"id":1}', "\ud800", '{"id":"A","response":7}']
)
def test_what_is_no_answer_is_refused(register: Register, person: str, answer: str) -> None:
    login_options(register, holder="browser")
    with pytest.raises(NotPermittedError):
        login_by_passkey(register, holder="browser", answer=answer)
    registration_options(register, Owner(person, "li"), holder="browser")
    with pytest.raises(NotPermittedError):
        add_passkey(register, person, holder="browser", answer=answer, name="")


def _somebody(register: Register) -> str:
    if id(register) not in _persons:
        _persons[id(register)] = new_person(register)
    return _persons[id(register)]


_persons: dict[int, str] = {}
