"""Accounts: invited, changed, disabled; the links that lead to them; the trail they leave."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import Connection

from service.errors import ConflictError, NotFoundError, RefusedError
from service.people import accounts, links, sessions
from service.people.accounts import Invited, Person, invite, take_link
from service.people.acts import Act, By, list_acts
from service.people.links import INVITATION, RECOVERY, find_link
from service.people.roles import PersonRole
from service.work import Register
from tests.service.people.conftest import ENCODED, LAB, MAKER, NewPerson
from tests.service.town import StillClock


def by(register: Register, actor: str = "") -> By:
    return By(actor, register.clock())


def invited(register: Register, login: str, operator: str = MAKER) -> tuple[Person, str]:
    with register.write_beside() as connection:
        return invite(connection, Invited(operator, login, "王芳", PersonRole.READER), by(register))


def accept(register: Register, secret: str, purpose: str = INVITATION) -> Person:
    with register.write_beside() as connection:
        link = find_link(connection, secret, purpose, now=register.clock())
        return take_link(connection, link, ENCODED, now=register.clock())


def at_once(number: int, act: Callable[[int], object], *errors: type[Exception]) -> int:
    """How many of `number` calls at the same time come through; the others raise one of `errors`."""

    def attempt(each: int) -> bool:
        try:
            act(each)
        except errors:
            return False
        return True

    with ThreadPoolExecutor(20) as pool:
        return sum(pool.map(attempt, range(number)))


def test_an_invitation_makes_an_account_that_its_link_opens(register: Register) -> None:
    person, secret = invited(register, " Wang.Fang@Example.cn ")
    assert (person.login, person.has_joined) == ("wang.fang@example.cn", False)
    with register.read() as reader:
        assert accounts.kept_password(reader.connection, person.login) is None
    accept(register, secret)
    with register.read() as reader:
        kept = accounts.kept_password(reader.connection, "WANG.FANG@example.cn")
        assert kept is not None and kept[0].id == person.id and kept[0].has_joined


def test_of_a_hundred_who_accept_at_once_one_does(register: Register) -> None:
    _, secret = invited(register, "raced-link")
    assert at_once(100, lambda _: accept(register, secret), NotFoundError) == 1


def test_of_ten_who_take_a_login_at_once_one_does(register: Register) -> None:
    assert at_once(10, lambda _: invited(register, "raced-login"), ConflictError) == 1


def test_a_link_is_good_once_for_its_purpose_and_for_its_time(register: Register, clock: StillClock) -> None:
    _, secret = invited(register, "timed")
    for wrong in (secret[:-1], secret + "x", ""):
        with pytest.raises(NotFoundError):
            accept(register, wrong)
    with pytest.raises(NotFoundError):
        accept(register, secret, RECOVERY)
    clock.move(days=7)
    with pytest.raises(NotFoundError):
        accept(register, secret)
    clock.move(seconds=-1)
    person = accept(register, secret)
    with pytest.raises(NotFoundError):
        accept(register, secret)
    with register.write_beside() as connection:
        recovery = accounts.renew_link(connection, accounts.find_person(connection, person.id), by(register))
    clock.move(minutes=15)
    with pytest.raises(NotFoundError):
        accept(register, recovery, RECOVERY)


def test_a_new_link_ends_the_one_before(register: Register) -> None:
    person, first = invited(register, "renewed")
    with register.write_beside() as connection:
        second = accounts.renew_link(connection, person, by(register))
    with pytest.raises(NotFoundError):
        accept(register, first)
    accept(register, second)


@pytest.mark.parametrize("login", ["", "ab", "a b c", "-abc", "王芳王芳", "x" * 65, "a<b>c", "a\nbc"])
def test_what_can_be_no_login_is_refused(register: Register, login: str) -> None:
    with pytest.raises(RefusedError):
        invited(register, login)


def test_a_recovery_ends_every_session_and_a_disabled_account_gets_no_link(
    register: Register, new_person: NewPerson
) -> None:
    person = new_person()
    with register.write_beside() as connection:
        token = sessions.begin(connection, person.id, sessions.FULL, now=register.clock())
        secret = accounts.renew_link(connection, person, by(register))
        assert sessions.find(connection, token, now=register.clock()) is not None
    accept(register, secret, RECOVERY)
    with register.write_beside() as connection:
        assert sessions.find(connection, token, now=register.clock()) is None
        waiting = accounts.renew_link(connection, person, by(register))
        accounts.disable(connection, person, by(register))
        disabled = accounts.find_person(connection, person.id)
        with pytest.raises(ConflictError):
            accounts.renew_link(connection, disabled, by(register))
        assert accounts.kept_password(connection, person.login) is None
    with pytest.raises(NotFoundError):
        accept(register, waiting, RECOVERY)


def test_another_role_ends_the_sessions(register: Register, new_person: NewPerson) -> None:
    person = new_person()
    with register.write_beside() as connection:
        token = sessions.begin(connection, person.id, sessions.FULL, now=register.clock())
        accounts.set_role(connection, person, PersonRole.READER, by(register))
        assert sessions.find(connection, token, now=register.clock()) is None
        assert accounts.find_person(connection, person.id).role is PersonRole.READER


def test_the_last_administrator_stays_one(register: Register, new_person: NewPerson) -> None:
    first = new_person(PersonRole.ADMIN, LAB)
    new_person(PersonRole.RECORDER, LAB)
    invited(register, "not-joined", LAB)
    attempts: list[Callable[[Connection], None]] = [
        lambda connection: accounts.disable(connection, first, by(register)),
        lambda connection: accounts.set_role(connection, first, PersonRole.READER, by(register)),
    ]
    for attempt in attempts:
        with pytest.raises(ConflictError) as refused, register.write_beside() as connection:
            attempt(connection)
        assert refused.value.faults[0].code == "last_admin"
    second = new_person(PersonRole.ADMIN, LAB)

    def step_down(number: int) -> None:
        with register.write_beside() as connection:
            accounts.set_role(connection, (first, second)[number], PersonRole.READER, by(register))

    assert at_once(2, step_down, ConflictError) == 1


def test_who_asks_for_a_new_password_is_marked_until_somebody_helps(register: Register, new_person: NewPerson) -> None:
    person = new_person()
    with register.write_beside() as connection:
        accounts.ask_for_recovery(connection, person.login.upper(), now=register.clock())
        accounts.ask_for_recovery(connection, "nobody-here", now=register.clock())
        asking = accounts.find_person(connection, person.id)
        assert asking.asked_at == register.clock()
        accounts.renew_link(connection, asking, by(register))
        assert accounts.find_person(connection, person.id).asked_at is None


def test_what_is_done_to_accounts_leaves_a_trail_without_names(
    register: Register, clock: StillClock, new_person: NewPerson
) -> None:
    operator = "cq-trail"
    person = new_person(PersonRole.READER, operator)
    acts = (accounts.disable, accounts.enable, accounts.sign_out)
    for act, actor in zip(acts, ("the-admin", "the-admin", ""), strict=True):
        clock.move(seconds=1)
        with register.write_beside() as connection:
            act(connection, person, by(register, actor))
    with register.read() as reader:
        trail = list_acts(reader.connection, operator)
    assert [(each.act, each.actor) for each in trail][:3] == [
        (Act.SESSIONS, ""),
        (Act.ENABLE, "the-admin"),
        (Act.DISABLE, "the-admin"),
    ]
    assert {(each.act, each.actor) for each in trail[3:]} == {(Act.INVITE, ""), (Act.JOIN, person.id)}
    assert {each.person for each in trail} == {person.id}


def test_old_links_are_forgotten(register: Register, clock: StillClock) -> None:
    _, secret = invited(register, "outdated")
    clock.move(days=8)
    with register.write_beside() as connection:
        links.forget_old(connection, clock.now)
    clock.move(days=-8)
    with pytest.raises(NotFoundError):
        accept(register, secret)
