"""Which account at the provider belongs to whom: a link that the person made while signed in, never one from claims."""

from datetime import datetime

from sqlalchemy import Connection, select
from sqlalchemy.exc import IntegrityError

from ledger.entry import format_time, parse_time
from service.db.factor_tables import oidc_link
from service.db.people_tables import person as people
from service.people.oidc.errors import LINKED_ELSEWHERE, NOT_LINKED, refusal

_column = oidc_link.c


def link(connection: Connection, issuer: str, subject: str, person: str, *, now: datetime) -> None:
    """Link the account to this person, in place of an older one. NotPermittedError where it is another's."""
    unlink(connection, issuer, person)
    row = oidc_link.insert().values(issuer=issuer, subject=subject, person=person, created_at=format_time(now))
    try:
        connection.execute(row)
    except IntegrityError:
        raise refusal(LINKED_ELSEWHERE) from None


def find_linked(connection: Connection, issuer: str, subject: str, *, now: datetime) -> str:
    """The person whose account it is, who may sign in. Raises NotPermittedError where there is none."""
    mine = (_column.issuer == issuer) & (_column.subject == subject)
    query = select(_column.person).join(people, people.c.id == _column.person)
    person = connection.execute(query.where(mine, people.c.disabled_at.is_(None))).scalar_one_or_none()
    if person is None:
        raise refusal(NOT_LINKED)
    connection.execute(oidc_link.update().where(mine).values(used_at=format_time(now)))
    return str(person)


def linked_at(connection: Connection, issuer: str, person: str) -> datetime | None:
    """When the person linked an account there; None where there is no link."""
    query = select(_column.created_at).where(_column.issuer == issuer, _column.person == person)
    found = connection.execute(query).scalar_one_or_none()
    return parse_time(found) if found is not None else None


def unlink(connection: Connection, issuer: str, person: str) -> None:
    """Remove the link of a person."""
    connection.execute(oidc_link.delete().where(_column.issuer == issuer, _column.person == person))
