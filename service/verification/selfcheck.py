"""The register verifies itself while it serves: slowly, so that nobody who uses it notices, over and over.

What is checked is what `packtrail verify` checks, by the same code, with the log's own keys: this finds damage, not a
dishonest owner. Between blocks of entries it sleeps four times as long as it worked, and it holds no snapshot of the
database while it sleeps, so that the write-ahead log does not grow. The signatures of entries that were verified once
and whose bytes still have the same hash are not verified again; which these are stands in the data folder and outlives
a restart. Derived tables are made again beside a block of entries at a time, with the same rests, and each is compared
as of a moment of its own.
"""

import json
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from ledger.errors import LedgerError, MalformedError
from ledger.verification.audit import Audit, Failure, Report
from ledger.verification.source import Place
from ledger.verification.stretch import UnsoundError
from ledger.verification.verified import State, StateError, read_state, write_state
from ledger.verification.verifying import Wishes
from service.db.engine import reading
from service.db.source import DatabaseSource
from service.db.store import SqlTransaction
from service.domain.rules_use import date_in_china
from service.errors import ServiceError
from service.verification.days import Verified, note_day
from service.verification.register import sweep_database, verify_beside, verify_database
from service.work import Register

SHARE = 4.0
"""Seconds of rest for each second of work: a fifth of a core."""
EVERY_SECONDS = 600.0
OLD_AFTER = timedelta(days=2)
"""A verification that ended longer ago is shown as old: what came since has not been looked at."""
STATE, STATUS = "verified.state", "verified.json"


class FoundDamageError(ServiceError):
    """The register is not as it was recorded."""


class StoppedError(ServiceError):
    """The process ends: what was done is kept."""


@dataclass(frozen=True, slots=True)
class Status:
    """How far the register's verification of itself is, and how it last ended.

    `ended` is in seconds since 1970, 0 for never. `size` is of the last one that succeeded. `failure` is what the last
    one found wrong, empty for nothing. `phase`, `done` and `total` are of the one at work.
    """

    succeeded: float = 0.0
    size: int = 0
    failed: float = 0.0
    failure: str = ""
    phase: str = ""
    done: int = 0
    total: int = 0

    def is_old(self, now: datetime) -> bool:
        """Whether the last one that succeeded, if any did, is too long ago."""
        return bool(self.succeeded) and now - datetime.fromtimestamp(self.succeeded, UTC) > OLD_AFTER


def read_status(folder: Path) -> Status:
    """What the register in `folder` last told of its verification, whichever process did it."""
    try:
        return Status(**json.loads((folder / STATUS).read_text()))
    except (FileNotFoundError, ValueError, TypeError):
        return Status()


class SelfCheck:
    """A chore's work: one verification, slowly. `stopping` ends it early."""

    def __init__(self, register: Register, stopping: threading.Event, *, share: float = SHARE) -> None:
        self._register = register
        self._stopping = stopping
        self._share = share
        self._folder = register.settings.data
        self._status = read_status(self._folder)
        self._told = 0.0

    def work(self) -> None:
        """Verify once. Raises FoundDamageError, or StoppedError when the process ends."""
        started = time.time()
        report = self._verify()
        if report.ok:
            self._tell(Status(started, report.size, failed=self._status.failed))
            self._note(Verified(report.size))
            return
        first = report.failures[0]
        what = first.what if first.index is None else f"entry {first.index}: {first.what}"
        self._tell(replace(self._status, failed=started, failure=what, phase="", done=0, total=0))
        self._note(Verified(failure=what))
        raise FoundDamageError(f"the register is damaged: {what}. Run packtrail verify")

    def _verify(self) -> Report:
        register = self._register
        url, verifiers = register.settings.database_url, register.verifiers
        try:
            with register.store.engine.connect() as connection:
                reader = SqlTransaction(reading(connection))

                def rest(worked: float) -> None:
                    connection.rollback()
                    self._rest(worked)

                source = PacedSource(url, reader.size(), rest)
                wishes = Wishes(verified=self._found(), save=self._save, workers=1, tick=self._tick)
                report = sweep_database(reader, source, verifiers, wishes)
            return self._verify_beside(report)
        except UnsoundError:
            pass
        except StateError:
            (self._folder / STATE).unlink(missing_ok=True)
        except LedgerError as error:
            return Report(0, b"", {}, (Failure(None, f"newest checkpoint: {error}"),))
        return verify_database(url, verifiers, vault=register.vault)  # in one go: what is wrong is wanted soon

    def _verify_beside(self, report: Report) -> Report:
        """All that is not entries or their tree, as of a later moment."""
        found = Audit()
        with self._register.store.engine.connect() as connection:
            reader, began = SqlTransaction(reading(connection)), time.monotonic()

            def pause() -> SqlTransaction:
                nonlocal began
                connection.rollback()
                self._rest(time.monotonic() - began)
                began = time.monotonic()
                return SqlTransaction(connection)

            verify_beside(found, reader, self._register.vault, Wishes(tick=self._tick), pause=pause)
        return replace(report, failures=tuple(found.failures))

    def _found(self) -> State | None:
        try:
            return read_state(self._folder / STATE)
        except MalformedError:  # whatever it is, everything is verified again
            return None

    def _save(self, state: State) -> None:
        write_state(self._folder / STATE, state)

    def _tick(self, phase: str, done: int, total: int) -> None:
        now = time.monotonic()
        if phase != self._status.phase or now - self._told >= 1.0:
            self._told = now
            self._tell(replace(self._status, phase=phase, done=done, total=total))

    def _rest(self, worked: float) -> None:
        if self._stopping.wait(worked * self._share):
            raise StoppedError("verification will go on after the restart")

    def _note(self, found: Verified) -> None:
        note_day(self._folder, date_in_china(self._register.clock()), found)

    def _tell(self, status: Status) -> None:
        self._status = status
        beside = self._folder / (STATUS + ".new")
        beside.write_text(json.dumps(asdict(status)))
        beside.replace(self._folder / STATUS)


class PacedSource(DatabaseSource):
    """Reads in short transactions, and rests after each block for as long as it is told."""

    def __init__(self, url: str, size: int, rest: Callable[[float], None]) -> None:
        super().__init__(url, size)
        self._rest = rest

    def blocks(self, place: Place) -> Iterator[list[bytes]]:
        began = time.monotonic()
        for block in super().blocks(place):
            yield block
            self.close()
            self._rest(time.monotonic() - began)
            began = time.monotonic()
