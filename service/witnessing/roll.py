"""The roll of witnesses: whom the register asks for cosignatures, and how it stands with each."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlsplit

from sqlalchemy import Connection, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from ledger.errors import MalformedError
from ledger.notes.note import Verifier, parse_vkey
from ledger.notes.vkey import ED25519_COSIGNATURE, MLDSA44_COSIGNATURE, split_vkey
from service.db import tables
from service.errors import ConflictError, NotFoundError

MAX_WITNESSES = 64
"""A note has at most 100 signatures, and the log's own are among them."""
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/-]{0,63}")


@dataclass(frozen=True, slots=True)
class Witness:
    """A witness as the register knows it.

    `url` is the submission prefix without a slash at its end. `size` is that of the newest checkpoint it is known to
    hold. Times are text as in entries; `error` is of the newest attempt, None if that one went well.
    """

    name: str
    vkey: str
    url: str
    added_at: str
    size: int = 0
    seen_at: str | None = None
    error: str | None = None
    error_at: str | None = None

    @property
    def verifier(self) -> Verifier:
        """The key that its cosignatures are checked with."""
        return parse_vkey(self.vkey)


def list_witnesses(connection: Connection) -> list[Witness]:
    """All witnesses by name."""
    return [Witness(**row) for row in connection.execute(select(tables.witness).order_by("name")).mappings()]


def add_witness(connection: Connection, name: str, vkey: str, url: str, *, at: str) -> Witness:
    """Add one. Raises MalformedError for what is no witness, ConflictError where name or key is known already."""
    witness = Witness(_check_name(name), _check_key(vkey), _check_url(url), at)
    known = list_witnesses(connection)
    if len(known) >= MAX_WITNESSES:
        raise ConflictError(f"a register has at most {MAX_WITNESSES} witnesses")
    if any(witness.vkey == other.vkey for other in known):
        raise ConflictError("there is a witness with this key already")
    values = {"name": name, "vkey": witness.vkey, "url": witness.url, "added_at": at, "size": 0}
    try:
        connection.execute(insert(tables.witness).values(values))
    except IntegrityError:
        raise ConflictError(f"there is a witness {name} already") from None
    return witness


def remove_witness(connection: Connection, name: str) -> None:
    """Ask this one no more. Its cosignatures under kept checkpoints stay. Raises NotFoundError."""
    if not connection.execute(delete(tables.witness).where(tables.witness.c.name == name)).rowcount:
        raise NotFoundError(f"there is no witness {name}")


def note_success(connection: Connection, names: Iterable[str], *, size: int, at: str) -> None:
    """These witnesses have cosigned the checkpoint of this size."""
    row = tables.witness
    values = {"size": size, "seen_at": at, "error": None, "error_at": None}
    connection.execute(update(row).where(row.c.name.in_(list(names))).values(values))


def note_failure(connection: Connection, names: Iterable[str], error: str, *, at: str, size: int | None = None) -> None:
    """These witnesses did not cosign. `size` is what they say to hold, if they said so."""
    row = tables.witness
    values: dict[str, object] = {"error": error[:500], "error_at": at}
    if size is not None:
        values["size"] = size
    connection.execute(update(row).where(row.c.name.in_(list(names))).values(values))


def forget_sizes(connection: Connection) -> None:
    """For a log that goes on under a new origin: nobody has witnessed anything of it yet."""
    connection.execute(update(tables.witness).values(size=0, seen_at=None, error=None, error_at=None))
    connection.execute(delete(tables.cosignature))
    connection.execute(update(tables.witnessed).values(size=0, note=b"", witnesses="", at=""))


def _check_name(name: str) -> str:
    if not _NAME.fullmatch(name):
        raise MalformedError("a witness's name is 1 to 64 letters, digits and . _ / - without spaces")
    return name


def _check_key(vkey: str) -> str:
    if split_vkey(vkey)[1] not in (ED25519_COSIGNATURE, MLDSA44_COSIGNATURE):
        raise MalformedError("this is no witness's key: it is of another kind than 04 and 06")
    return parse_vkey(vkey).vkey


def _check_url(url: str) -> str:
    try:
        parts = urlsplit(url)
        is_address = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_address = False
    if not is_address or parts.query or parts.fragment:
        raise MalformedError("a witness's address is like https://witness.example.cn/path")
    if parts.username or parts.password:
        raise MalformedError("a witness's address holds no password: a witness knows the log by its signature")
    if not url.isascii() or not url.isprintable() or " " in url:
        raise MalformedError("a witness's address is written in ASCII without spaces")
    return url.rstrip("/")
