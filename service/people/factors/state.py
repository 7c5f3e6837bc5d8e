"""Which second factors a person has, and who must have one.

Passkeys and the app's codes are factors; recovery codes only stand in for them. Whoever may enrol organisations, sees
what only authorities see, or administers an organisation and so makes its people and keys, must have one: a password
alone can be tricked out of anybody.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, func, select

from service.db.factor_tables import passkey, recovery_code, totp
from service.domain.roles import Role
from service.people.roles import PersonRole

MANDATORY = frozenset({Role.AUTHORITY, Role.REGULATOR, Role.MARKET_SURVEILLANCE, Role.COMMISSION})
"""Roles of organisations whose people, all of them, must have a second factor."""


@dataclass(frozen=True, slots=True)
class Factors:
    """What a person has."""

    passkeys: int
    app: bool
    recovery_codes: int

    @property
    def number(self) -> int:
        return self.passkeys + self.app


def factors_of(connection: Connection, person: str) -> Factors:
    """What this person has."""

    def count(*where: ColumnElement[bool]) -> int:
        return int(connection.execute(select(func.count()).where(*where)).scalar_one())

    return Factors(
        passkeys=count(passkey.c.person == person),
        app=count(totp.c.person == person, totp.c.confirmed == 1) > 0,
        recovery_codes=count(recovery_code.c.person == person),
    )


def has_factor(connection: Connection, person: str) -> bool:
    """Whether a password alone does not sign this person in."""
    return factors_of(connection, person).number > 0


def required(roles: Iterable[Role], person: PersonRole) -> bool:
    """Whether somebody who is this to an organisation in these roles must have a second factor."""
    return person is PersonRole.ADMIN or not MANDATORY.isdisjoint(roles)
