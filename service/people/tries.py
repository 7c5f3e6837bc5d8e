"""Tries: how often somebody may guess a password, kept in the database so that all processes agree.

Two things are counted: one login from one neighbourhood of addresses, and everything from one neighbourhood. The first
few are free; each further failure doubles the time until the next try, up to a quarter of an hour. Nobody is locked out
from elsewhere, and after a day without a failure all is forgotten. A try counts before the password is looked at, so
that a hundred at once are not all the first.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from sqlalchemy import Connection, select, text

from ledger.entry import format_time, parse_time
from service.db.people_tables import login_try
from service.errors import Fault, FaultyError

LONGEST_WAIT = timedelta(minutes=15)
FORGOTTEN = timedelta(days=1)

_MAKE = text("INSERT INTO login_try (bucket, failures, at) VALUES (:bucket, 0, :at) ON CONFLICT DO NOTHING")


class TooManyTriesError(FaultyError):
    """The next try has to wait `seconds`. This one was not looked at."""

    def __init__(self, seconds: int) -> None:
        en = f"too many tries: the next one is looked at in {seconds} seconds"
        super().__init__(en, [Fault("", "too_many_tries", en, f"尝试次数过多：请在{seconds}秒后重试")])
        self.seconds = seconds


@dataclass(frozen=True, slots=True)
class Bucket:
    """Something that is counted. `free`: how many failures cost nothing."""

    name: str
    free: int

    @property
    def digest(self) -> bytes:
        return sha256(self.name.encode("utf-8", "surrogateescape")).digest()


def of_login(login: str, neighbourhood: str) -> tuple[Bucket, Bucket]:
    """What a try to sign in counts against: this login from there, and whatever comes from there."""
    return Bucket(f"login {neighbourhood} {login}", 5), Bucket(f"logins {neighbourhood}", 50)


def of_forms(name: str, neighbourhood: str) -> tuple[Bucket]:
    """What a public form counts against, each sending of it."""
    return (Bucket(f"{name} {neighbourhood}", 10),)


def count(connection: Connection, buckets: Iterable[Bucket], *, now: datetime) -> None:
    """Count a try as failed, until `forgive`. Raises TooManyTriesError, and counts nothing, where one has to wait."""
    found = [(bucket, _lock(connection, bucket, now)) for bucket in buckets]
    wait = max((_wait(bucket, failures, at, now) for bucket, (failures, at) in found), default=timedelta())
    if wait > timedelta():
        raise TooManyTriesError(max(1, int(wait.total_seconds() + 0.999)))
    for bucket, (failures, _) in found:
        _write(connection, bucket, failures + 1, now)


def forgive(connection: Connection, buckets: Iterable[Bucket], *, now: datetime) -> None:
    """The try was right: it does not count, and for its own login nothing before it does."""
    own, *others = buckets
    _write(connection, own, 0, now)
    for bucket in others:
        failures, at = _lock(connection, bucket, now)
        _write(connection, bucket, max(0, failures - 1), at)


def forget_old(connection: Connection, now: datetime) -> None:
    """Delete what no longer counts."""
    connection.execute(login_try.delete().where(login_try.c.at <= format_time(now - FORGOTTEN)))


def _wait(bucket: Bucket, failures: int, at: datetime, now: datetime) -> timedelta:
    over = failures - bucket.free
    if over < 0:
        return timedelta()
    return min(timedelta(seconds=1 << min(over, 10)), LONGEST_WAIT) - (now - at)


def _lock(connection: Connection, bucket: Bucket, now: datetime) -> tuple[int, datetime]:
    """Failures and the last one's time; who asks for the same meanwhile waits."""
    connection.execute(_MAKE, {"bucket": bucket.digest, "at": format_time(now)})
    query = select(login_try.c.failures, login_try.c.at).where(login_try.c.bucket == bucket.digest).with_for_update()
    failures, at = connection.execute(query).one()
    return (failures, parse_time(at)) if now - parse_time(at) < FORGOTTEN else (0, now)


def _write(connection: Connection, bucket: Bucket, failures: int, at: datetime) -> None:
    update = login_try.update().where(login_try.c.bucket == bucket.digest)
    connection.execute(update.values(failures=failures, at=format_time(at)))
