"""Letting go of second factors: one by its person, or all by an administrator for somebody who has lost them.

With the last one the recovery codes end, since they only stand in for it. Where a factor is mandatory the last cannot
be dropped by its person. An administrator who drops all of them ends every session as well; the next sign-in by
password then leads to setting up a new one, where that is mandatory.
"""

from sqlalchemy import Connection, select

from service.db.factor_tables import passkey, passkey_challenge
from service.db.people_tables import person as people
from service.db.people_tables import session as sessions_table
from service.errors import NotFoundError
from service.people import sessions
from service.people.accounts import Person
from service.people.acts import Act, By, note
from service.people.factors import totp
from service.people.factors.faults import LAST_FACTOR, refusal
from service.people.factors.passkeys import parse_id
from service.people.factors.recovery_codes import remove_recovery_codes
from service.people.factors.state import factors_of


def drop_passkey(connection: Connection, person: str, id_: str, *, mandatory: bool) -> None:
    """Drop one. Raises NotFoundError, or NotPermittedError where it is the last of a person who must have one."""
    _lock(connection, person)
    column = passkey.c
    dropped = passkey.delete().where(column.credential == parse_id(id_), column.person == person)
    if connection.execute(dropped).rowcount != 1:
        raise NotFoundError("no such passkey")
    _settle(connection, person, mandatory=mandatory)


def drop_app(connection: Connection, person: str, *, mandatory: bool) -> None:
    """Drop the authenticator app. Raises NotPermittedError where it is the last of a person who must have one."""
    _lock(connection, person)
    totp.remove(connection, person)
    _settle(connection, person, mandatory=mandatory)


def drop_all(connection: Connection, person: str) -> None:
    """Drop everything and end all sessions."""
    _lock(connection, person)
    own = select(sessions_table.c.id).where(sessions_table.c.person == person)
    connection.execute(passkey_challenge.delete().where(passkey_challenge.c.holder.in_(own)))
    connection.execute(passkey.delete().where(passkey.c.person == person))
    totp.remove(connection, person)
    remove_recovery_codes(connection, person)
    sessions.end_all(connection, person)


def clear_factors(connection: Connection, person: Person, by: By) -> None:
    """Drop everything for somebody who has lost it, and leave a line in the organisation's trail."""
    drop_all(connection, person.id)
    note(connection, Act.FACTORS, by, operator=person.operator, person=person.id)


def _settle(connection: Connection, person: str, *, mandatory: bool) -> None:
    if factors_of(connection, person).number == 0:
        if mandatory:
            raise refusal(LAST_FACTOR)
        remove_recovery_codes(connection, person)


def _lock(connection: Connection, person: str) -> None:
    """Two factors dropped at once would each find the other still there."""
    connection.execute(select(people.c.id).where(people.c.id == person).with_for_update())
