"""Sessions: when they begin and end, and that a cookie is worth nothing before or after."""

from sqlalchemy import select

from service.db.people_tables import session as table
from service.people import sessions
from service.people.accounts import disable, set_password
from service.people.acts import By
from service.people.roles import PersonRole
from service.people.sessions import FULL, MOST, PASSWORD, Device, Session
from service.work import Register
from tests.service.people.conftest import ENCODED, NewPerson
from tests.service.town import StillClock

PHONE = Device("Phone", kept=True)


def begin(register: Register, person: str, stage: str = FULL, device: Device = sessions.UNNAMED) -> str:
    with register.write_beside() as connection:
        return sessions.begin(connection, person, stage, now=register.clock(), device=device)


def find(register: Register, token: str) -> Session | None:
    with register.read() as reader:
        return sessions.find(reader.connection, token, now=register.clock())


def use(register: Register, token: str) -> None:
    found = find(register, token)
    assert found is not None
    with register.write_beside() as connection:
        sessions.touch(connection, found, now=register.clock())


def test_a_session_says_who_it_is_and_only_its_cookie_leads_to_it(register: Register, new_person: NewPerson) -> None:
    person = new_person(PersonRole.READER)
    token = begin(register, person.id, device=Device("Browser" * 100))
    found = find(register, token)
    assert found is not None and found.is_full
    assert (found.person, found.operator, found.role) == (person.id, person.operator, PersonRole.READER)
    assert len(found.device.agent) == sessions.LONGEST_AGENT
    assert [find(register, wrong) for wrong in ("", token[:-1], token + "x", found.id, "\udcff")] == [None] * 5
    with register.read() as reader:
        rows = reader.connection.execute(select(table)).all()
    assert token not in repr(rows)


def test_a_session_ends_after_half_an_hour_without_use(
    register: Register, clock: StillClock, new_person: NewPerson
) -> None:
    token = begin(register, new_person().id)
    clock.move(minutes=29)
    use(register, token)
    clock.move(minutes=29)
    assert find(register, token) is not None
    clock.move(minutes=1)
    assert find(register, token) is None


def test_a_session_ends_after_twelve_hours_however_busy(
    register: Register, clock: StillClock, new_person: NewPerson
) -> None:
    token = begin(register, new_person().id)
    for _ in range(35):
        clock.move(minutes=20)
        use(register, token)
    clock.move(minutes=20)
    assert find(register, token) is None


def test_a_session_kept_on_a_phone_lasts_thirty_days(
    register: Register, clock: StillClock, new_person: NewPerson
) -> None:
    token = begin(register, new_person().id, device=PHONE)
    clock.move(days=29, hours=23)
    assert find(register, token) is not None
    clock.move(hours=1)
    assert find(register, token) is None


def test_its_use_is_to_be_noted_once_a_minute(register: Register, clock: StillClock, new_person: NewPerson) -> None:
    token = begin(register, new_person().id)
    due = []
    for _ in range(3):
        found = find(register, token)
        assert found is not None
        due.append(sessions.is_to_be_touched(found, clock.now))
        clock.move(seconds=30)
    assert due == [False, False, True]


def test_the_second_factor_makes_a_new_session_and_ends_the_first(
    register: Register, clock: StillClock, new_person: NewPerson
) -> None:
    person = new_person()
    first = begin(register, person.id, PASSWORD, PHONE)
    half = find(register, first)
    assert half is not None and not half.is_full
    with register.write_beside() as connection:
        second = sessions.step_up(connection, half, now=clock.now)
    assert second != first and find(register, first) is None
    whole = find(register, second)
    assert whole is not None and whole.is_full and whole.device == PHONE


def test_a_second_factor_has_a_quarter_of_an_hour(register: Register, clock: StillClock, new_person: NewPerson) -> None:
    token = begin(register, new_person().id, PASSWORD, PHONE)
    clock.move(minutes=15)
    assert find(register, token) is None


def test_a_new_password_and_a_disabled_account_end_every_session(register: Register, new_person: NewPerson) -> None:
    person, other = new_person(), new_person()
    tokens, others = [begin(register, person.id) for _ in range(3)], begin(register, other.id)
    with register.write_beside() as connection:
        set_password(connection, person.id, ENCODED)
    assert [find(register, token) for token in tokens] == [None] * 3
    token = begin(register, person.id)
    with register.write_beside() as connection:
        disable(connection, person, By("", register.clock()))
    assert find(register, token) is None
    assert find(register, begin(register, person.id)) is None
    assert find(register, others) is not None


def test_one_ends_ones_own_sessions_and_no_other(register: Register, new_person: NewPerson) -> None:
    person, other = new_person(), new_person()
    token = begin(register, person.id)
    found = find(register, token)
    assert found is not None
    with register.write_beside() as connection:
        assert not sessions.end_own(connection, other.id, found.id)
        assert sessions.end_own(connection, person.id, found.id)
    assert find(register, token) is None


def test_a_person_has_only_so_many_sessions(register: Register, clock: StillClock, new_person: NewPerson) -> None:
    person = new_person()
    tokens = []
    for _ in range(MOST + 2):
        tokens.append(begin(register, person.id))
        clock.move(seconds=1)
    assert [find(register, token) is not None for token in tokens] == [False] * 2 + [True] * MOST
    with register.read() as reader:
        listed = sessions.list_sessions(reader.connection, person.id, now=clock.now)
    assert len(listed) == MOST and listed[0].created_at > listed[-1].created_at


def test_what_has_ended_is_deleted_in_time(register: Register, clock: StillClock, new_person: NewPerson) -> None:
    idle, kept = begin(register, new_person().id), begin(register, new_person().id, device=PHONE)
    clock.move(minutes=31)
    with register.write_beside() as connection:
        sessions.forget_ended(connection, clock.now)
    clock.move(minutes=-31)
    assert find(register, idle) is None
    assert find(register, kept) is not None
