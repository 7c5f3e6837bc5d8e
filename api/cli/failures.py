"""What errors mean to a command: one table from errors to exit codes, and the words of a database's failures."""

from sqlalchemy.exc import DBAPIError, OperationalError

from api.cli.task import (
    BUSY,
    CHECK_FAILED,
    NETWORK,
    NOT_PERMITTED,
    PARTLY,
    USAGE,
    Failed,
    explain,
)
from labels.errors import LabelError
from ledger.errors import LedgerError, RollbackError
from service.db.ownership import GUIDE
from service.domain.errors import DomainError
from service.errors import (
    BusyError,
    DamagedError,
    NotPermittedError,
    ServiceError,
    StoryError,
)
from service.recording.replay import ReplayError
from service.verification.remote import RemoteError

EXITS: tuple[tuple[type[Exception], int], ...] = (
    (BusyError, BUSY),
    (NotPermittedError, NOT_PERMITTED),
    (StoryError, PARTLY),
    (ReplayError, CHECK_FAILED),
    (DamagedError, CHECK_FAILED),
    (RemoteError, NETWORK),
    (ServiceError, USAGE),
    (RollbackError, CHECK_FAILED),
    (LedgerError, USAGE),
    (DomainError, USAGE),
    (LabelError, USAGE),
    (PermissionError, NOT_PERMITTED),
    (OSError, USAGE),
)
"""The first row that fits decides. What is not listed is a defect of the program and shows where it happened."""


def find_failure(undone: str, error: Exception) -> Failed | None:
    """How a command ends that met this error; None for a defect of the program. `undone`: what was not done."""
    if isinstance(error, DBAPIError):
        return _database_failure(undone, error)
    code = next((code for row, code in EXITS if isinstance(error, row)), None)
    return None if code is None else Failed(f"{undone}: {explain(error)}", code)


def _database_failure(undone: str, error: DBAPIError) -> Failed:
    """The driver's own words in one line. A server that cannot be reached is a matter of the network."""
    told = " ".join(str(error.orig).split())
    if "locked" in told:
        return Failed(f"{undone}: the register is busy, try again", BUSY)
    if isinstance(error, OperationalError) and type(error.orig).__module__.startswith("psycopg"):
        return Failed(f"{undone}: the database cannot be reached: {told}", NETWORK)
    if getattr(error.orig, "sqlstate", None) == "42501":
        return Failed(f"{undone}: the database role may not do this: {told}. See {GUIDE}", NOT_PERMITTED)
    if "malformed" in told or "not a database" in told:
        return Failed(f"{undone}: the database file is damaged: {told}", CHECK_FAILED)
    return Failed(f"{undone}: {told}", USAGE)
