"""Accounts of people: made by invitation, given a role, disabled. Each belongs to one organisation.

An account's id is a random UUID, and all that logs and trails ever say of it. An organisation keeps at least one
administrator who can sign in. Whatever changes what a person may do ends the person's sessions.
"""

import re
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, select
from sqlalchemy.exc import IntegrityError

from ledger.entry import format_time, parse_time
from service.db.people_tables import person as people
from service.errors import ConflictError, Fault, NotFoundError, RefusedError
from service.people import links, sessions
from service.people.acts import Act, By, note
from service.people.roles import PersonRole

LOGIN = re.compile(r"[a-z0-9][a-z0-9._@+-]{2,63}", re.ASCII)
LONGEST_NAME = 80

_column = people.c


@dataclass(frozen=True, slots=True)
class Person:
    """An account. `has_joined`: a password was set; `asked_at`: when somebody asked for a new one, if nobody acted."""

    id: str
    operator: str
    login: str
    name: str
    role: PersonRole
    created_at: datetime
    has_joined: bool
    disabled_at: datetime | None
    asked_at: datetime | None

    @property
    def is_disabled(self) -> bool:
        return self.disabled_at is not None


@dataclass(frozen=True, slots=True)
class Invited:
    """Who is to be invited into which organisation."""

    operator: str
    login: str
    name: str
    role: PersonRole


def invite(connection: Connection, invited: Invited, by: By) -> tuple[Person, str]:
    """Make an account without a password, and the secret of the link with which its person sets one.

    Raises RefusedError for a login or name that is no such, ConflictError for a login that somebody has.
    """
    login = check_invited(connection, invited)
    id_ = str(uuid.uuid4())
    row = people.insert().values(
        id=id_,
        operator=invited.operator,
        login=login,
        name=invited.name,
        role=invited.role.value,
        created_at=format_time(by.now),
    )
    try:
        connection.execute(row)
    except IntegrityError:  # somebody took it in this moment
        raise _is_taken(login) from None
    note(connection, Act.INVITE, by, operator=invited.operator, person=id_)
    return find_person(connection, id_), links.make_link(connection, id_, links.INVITATION, now=by.now)


def check_invited(connection: Connection, invited: Invited) -> str:
    """The login as it would be kept. Raises what `invite` raises."""
    login = check_login(invited.login)
    if not 0 < len(invited.name) <= LONGEST_NAME or not invited.name.isprintable():
        raise RefusedError([Fault("/name", "name", "a name has 1 to 80 characters", "姓名为1至80个字符")])
    if connection.execute(select(_column.id).where(_column.login == login)).one_or_none() is not None:
        raise _is_taken(login)
    return login


def check_login(text: str) -> str:
    """The login as it is kept, in lower case. Raises RefusedError."""
    login = _folded(text)
    if not login:
        en = "a login has 3 to 64 of the letters a to z, digits, and . _ @ + -"
        raise RefusedError([Fault("/login", "login", en, "登录名为3至64个字符，可用字母a至z、数字及. _ @ + -")])
    return login


def renew_link(connection: Connection, person: Person, by: By) -> str:
    """The secret of a new link: an invitation for who has not joined yet, else a recovery. Older ones end."""
    if person.is_disabled:
        raise _is_disabled(person)
    update = people.update().where(_column.id == person.id).values(asked_at=None)
    connection.execute(update)
    note(connection, Act.RESET if person.has_joined else Act.INVITE, by, operator=person.operator, person=person.id)
    return links.make_link(connection, person.id, purpose_for(person), now=by.now)


def purpose_for(person: Person) -> str:
    """Which link the person would be given now."""
    return links.RECOVERY if person.has_joined else links.INVITATION


def take_link(connection: Connection, link: links.Link, encoded: str, *, now: datetime) -> Person:
    """Set the password by a link, which is used up. Ends every session. Raises NotFoundError where it is not good."""
    links.use_link(connection, link, now=now)
    person = find_person(connection, link.person)
    if person.is_disabled:
        raise NotFoundError("this account is disabled")
    set_password(connection, person.id, encoded)
    act = Act.PASSWORD if person.has_joined else Act.JOIN
    note(connection, act, By(person.id, now), operator=person.operator, person=person.id)
    return person


def set_password(connection: Connection, person: str, encoded: str) -> None:
    """Keep a new password. Ends every session of the person."""
    connection.execute(people.update().where(_column.id == person).values(password=encoded))
    sessions.end_all(connection, person)


def set_role(connection: Connection, person: Person, role: PersonRole, by: By) -> None:
    """Give another role. Ends the person's sessions. Raises ConflictError for the last administrator."""
    if person.role is PersonRole.ADMIN and role is not PersonRole.ADMIN:
        _keep_an_admin(connection, person)
    connection.execute(people.update().where(_column.id == person.id).values(role=role.value))
    sessions.end_all(connection, person.id)
    note(connection, Act.ROLE, by, operator=person.operator, person=person.id)


def disable(connection: Connection, person: Person, by: By) -> None:
    """Let nobody sign in with it until it is enabled. Ends sessions and links. ConflictError for the last admin."""
    if person.role is PersonRole.ADMIN:
        _keep_an_admin(connection, person)
    update = people.update().where(_column.id == person.id, _column.disabled_at.is_(None))
    connection.execute(update.values(disabled_at=format_time(by.now), asked_at=None))
    sessions.end_all(connection, person.id)
    links.drop_links(connection, person.id)
    note(connection, Act.DISABLE, by, operator=person.operator, person=person.id)


def enable(connection: Connection, person: Person, by: By) -> None:
    """Let the person sign in again."""
    connection.execute(people.update().where(_column.id == person.id).values(disabled_at=None))
    note(connection, Act.ENABLE, by, operator=person.operator, person=person.id)


def sign_out(connection: Connection, person: Person, by: By) -> None:
    """End every session of a person."""
    sessions.end_all(connection, person.id)
    note(connection, Act.SESSIONS, by, operator=person.operator, person=person.id)


def ask_for_recovery(connection: Connection, login: str, *, now: datetime) -> None:
    """Note for the administrators that somebody asks for a new password. The same for a login that nobody has."""
    update = people.update().where(_column.login == _folded(login), _column.disabled_at.is_(None))
    connection.execute(update.values(asked_at=format_time(now)))


def find_person(connection: Connection, id_: str) -> Person:
    """One account. Raises NotFoundError."""
    row = connection.execute(select(people).where(_column.id == id_)).one_or_none()
    if row is None:
        raise NotFoundError("no such person in this register")
    return _read(row)


def find_login(connection: Connection, login: str) -> Person:
    """The account of a login. Raises NotFoundError."""
    row = connection.execute(select(people).where(_column.login == _folded(login))).one_or_none()
    if row is None:
        raise NotFoundError(f"nobody has the login {login}: `packtrail person list` shows who is there")
    return _read(row)


def list_people(connection: Connection, operator: str | None = None) -> Sequence[Person]:
    """The people of an organisation, or of all, by login."""
    query = select(people).order_by(_column.login)
    if operator is not None:
        query = query.where(_column.operator == operator)
    return [_read(row) for row in connection.execute(query)]


def kept_password(connection: Connection, login: str) -> tuple[Person, str] | None:
    """Account and encoded password of somebody who may try to sign in; None where there is nobody like that."""
    row = connection.execute(select(people).where(_column.login == _folded(login))).one_or_none()
    return (_read(row), row.password) if row is not None and row.password and row.disabled_at is None else None


def _folded(text: str) -> str:
    """A login as it is kept; "", which nobody has, for what can be none."""
    login = text.strip().lower()
    return login if LOGIN.fullmatch(login) else ""


def _keep_an_admin(connection: Connection, person: Person) -> None:
    """Raise ConflictError where no other administrator could sign in. Locks the rows of all of them."""
    query = select(_column.id).where(_column.operator == person.operator, _column.role == PersonRole.ADMIN.value)
    able = query.where(_column.disabled_at.is_(None), _column.password.is_not(None)).with_for_update()
    if not set(connection.execute(able).scalars()) - {person.id}:
        fault = Fault(
            "",
            "last_admin",
            "this is the organisation's last administrator: make another person one first",
            "这是该单位最后一名管理员：请先指定另一名管理员",
        )
        raise ConflictError(fault.message_en, [fault])


def _is_taken(login: str) -> ConflictError:
    fault = Fault("/login", "login_taken", f"the login {login} is taken: choose another", f"登录名{login}已被使用")
    return ConflictError(fault.message_en, [fault])


def _is_disabled(person: Person) -> ConflictError:
    fault = Fault("", "disabled", f"{person.login} is disabled: enable the account first", "该账户已停用：请先启用")
    return ConflictError(fault.message_en, [fault])


def _read(row: Row[Any]) -> Person:
    return Person(
        row.id,
        row.operator,
        row.login,
        row.name,
        PersonRole(row.role),
        parse_time(row.created_at),
        row.password is not None,
        parse_time(row.disabled_at) if row.disabled_at else None,
        parse_time(row.asked_at) if row.asked_at else None,
    )
