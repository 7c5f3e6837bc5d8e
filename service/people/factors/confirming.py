"""A code beside the password: of the app, or a recovery code. Each try counts before it is looked at.

Six digits, of which three codes are right at any moment, would fall in minutes to a program that may try at will. With
the waits of service.people.tries a day has about a hundred tries, so that of 3,000 stolen passwords one gets in.
"""

from service.people import tries
from service.people.factors import totp
from service.people.factors.recovery_codes import spend_recovery_code
from service.work import Register

FREE = 5
"""Wrong codes that cost no wait."""


def confirm_by_app(register: Register, person: str, code: str) -> None:
    """Use up a code of the app. Raises NotPermittedError where it is wrong, TooManyTriesError where it has to wait."""
    _count(register, person)
    now = register.clock()
    with register.write_beside() as connection:
        totp.verify(connection, register.vault, person, code, now=now)
        tries.forgive(connection, _counted(person), now=now)


def confirm_by_recovery_code(register: Register, person: str, code: str) -> None:
    """Use up a recovery code. Raises NotPermittedError where it is wrong, TooManyTriesError where it has to wait."""
    _count(register, person)
    with register.write_beside() as connection:
        spend_recovery_code(connection, person, code)
        tries.forgive(connection, _counted(person), now=register.clock())


def set_up_app(register: Register, person: str, code: str) -> None:
    """Put the app in force by its first code. Raises NotPermittedError where it is wrong, or was not begun."""
    with register.write_beside() as connection:
        totp.confirm(connection, register.vault, person, code, now=register.clock())


def _count(register: Register, person: str) -> None:
    with register.write_beside() as connection:
        tries.count(connection, _counted(person), now=register.clock())


def _counted(person: str) -> tuple[tries.Bucket]:
    return (tries.Bucket(f"second factor {person}", FREE),)
