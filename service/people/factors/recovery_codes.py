"""Recovery codes: ten, each good once in place of a second factor, for the day the phone is gone.

A code has 80 random bits, so that a plain SHA-256 of it, with the person's id, is all that needs to be kept. It is
written `abcd-efgh-ijkl-mnop` in the letters of base32, and read with or without hyphens and spaces, in either case.
"""

import secrets
from hashlib import sha256

from sqlalchemy import Connection

from service.db.factor_tables import recovery_code
from service.people.factors.faults import WRONG_RECOVERY_CODE, refusal

NUMBER = 10
LETTERS = 16
_ALPHABET = "abcdefghijklmnopqrstuvwxyz234567"


def make_recovery_codes(connection: Connection, person: str) -> list[str]:
    """Ten new codes; older ones end. They are nowhere else than in what is returned."""
    remove_recovery_codes(connection, person)
    codes = ["".join(secrets.choice(_ALPHABET) for _ in range(LETTERS)) for _ in range(NUMBER)]
    rows = [{"digest": _digest(person, code), "person": person} for code in codes]
    connection.execute(recovery_code.insert(), rows)
    return ["-".join(code[at : at + 4] for at in range(0, LETTERS, 4)) for code in codes]


def spend_recovery_code(connection: Connection, person: str, text: str) -> None:
    """Use one up. Raises NotPermittedError where it is none of this person's that is left."""
    code = "".join(text.split()).replace("-", "").lower()
    column = recovery_code.c
    spent = recovery_code.delete().where(column.digest == _digest(person, code), column.person == person)
    if connection.execute(spent).rowcount != 1:
        raise refusal(WRONG_RECOVERY_CODE)


def remove_recovery_codes(connection: Connection, person: str) -> None:
    """End all of them."""
    connection.execute(recovery_code.delete().where(recovery_code.c.person == person))


def _digest(person: str, code: str) -> bytes:
    return sha256(f"packtrail recovery code\n{person}\n{code}".encode("utf-8", "replace")).digest()
