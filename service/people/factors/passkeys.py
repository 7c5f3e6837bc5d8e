"""Passkeys as they are kept: several for a person, each with a name. How they are used: see ceremonies.

They are bound to the host of the configured base URL and nothing else, so a page elsewhere cannot ask for them.
Browsers give them to https only, to names and not to addresses; `localhost` is their one exception.
Source: W3C WebAuthn, 5.1.2.
"""

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from ipaddress import ip_address
from urllib.parse import urlsplit

from sqlalchemy import Connection, select

from ledger.entry import parse_time
from service.db.factor_tables import passkey
from service.errors import NotFoundError, NotPermittedError
from service.people.factors.faults import NO_PLACE, refusal

MOST = 20
LONGEST_NAME = 60
_ID = re.compile(r"[A-Za-z0-9_-]{1,1366}", re.ASCII)
_column = passkey.c


@dataclass(frozen=True, slots=True)
class Place:
    """What passkeys are bound to: the relying party's id (a host) and its origin."""

    host: str
    origin: str


@dataclass(frozen=True, slots=True)
class Passkey:
    """What its person is shown of it."""

    id: str
    name: str
    created_at: datetime
    used_at: datetime | None


def place_of(base_url: str) -> Place:
    """Raises NotPermittedError where browsers would not give passkeys to this address."""
    parts = urlsplit(base_url)
    host = (parts.hostname or "").lower()
    is_safe = parts.scheme == "https" or host == "localhost" or host.endswith(".localhost")
    if not is_safe or not host or _is_address(host):
        raise refusal(NO_PLACE)
    port = "" if parts.port in (None, {"http": 80, "https": 443}[parts.scheme]) else f":{parts.port}"
    return Place(host, f"{parts.scheme}://{host}{port}")


def is_place_for_passkeys(base_url: str) -> bool:
    """Whether browsers give passkeys to this address."""
    try:
        place_of(base_url)
    except NotPermittedError:
        return False
    return True


def list_passkeys(connection: Connection, person: str) -> Sequence[Passkey]:
    """The passkeys of a person, oldest first."""
    rows = connection.execute(select(passkey).where(_column.person == person).order_by(_column.created_at))
    return [
        Passkey(
            format_id(bytes(row.credential)),
            row.name,
            parse_time(row.created_at),
            parse_time(row.used_at) if row.used_at else None,
        )
        for row in rows
    ]


def rename_passkey(connection: Connection, person: str, id_: str, name: str) -> None:
    """Give it another name. Raises NotFoundError where the person has no such passkey."""
    update = passkey.update().where(_column.credential == parse_id(id_), _column.person == person)
    if connection.execute(update.values(name=tidy_name(name))).rowcount != 1:
        raise NotFoundError("no such passkey")


def tidy_name(text: str) -> str:
    """A name in one line, of characters that can be seen; "passkey" where nothing is left."""
    visible = "".join(letter for letter in " ".join(text.split()) if letter.isprintable())
    return visible[:LONGEST_NAME].strip() or "passkey"


def format_id(credential: bytes) -> str:
    """base64url without padding."""
    return urlsafe_b64encode(credential).rstrip(b"=").decode()


def parse_id(text: str) -> bytes:
    """The inverse of `format_id`. Raises NotFoundError."""
    if not _ID.fullmatch(text) or len(text) % 4 == 1:
        raise NotFoundError("no such passkey")
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True
