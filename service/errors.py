"""What can go wrong in the service.

ServiceError
├── SettingsError       the installation is not set up, or set up wrong
├── DamagedError        a file is not what it was when it was made
├── BusyError           the log's lock was not to be had in time: nothing was stored, try again
├── StoryError          the demonstration's story or the rules are wrong
├── NotFoundError       no such battery, operator, model or key in this register
│   └── UnknownBatteryError  no battery of that code, and what proves it
└── FaultyError         something about an event is not accepted; says what and where
    ├── NotPermittedError   the caller may not do this
    ├── RefusedError        the event is wrong in itself
    └── ConflictError       the event does not fit what is recorded
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime


class ServiceError(Exception):
    """Superclass of all errors of this package. Never raised directly."""


class SettingsError(ServiceError):
    """The installation is not set up, or set up wrong. The message says what to do."""


class DamagedError(ServiceError):
    """A file that we made is not what it was. The message names it."""


class BusyError(ServiceError):
    """The log's lock was not to be had in time. Nothing was stored; the same request may be sent again."""


class StoryError(ServiceError):
    """The register refused events of the demonstration's story: the story or the rules are wrong."""


class NotFoundError(ServiceError):
    """Nothing of that name is in the register."""


@dataclass(frozen=True, slots=True)
class Absence:
    """The register's map proves that none of its first `size` entries, received up to `at`, names `code`.

    later: how many entries came after the one that commits to the map; nothing is proven of these.
    """

    code: str
    size: int
    at: datetime
    later: int


class UnknownBatteryError(NotFoundError):
    """No battery of that code is in the register. `absence` is None where no map proves it."""

    def __init__(self, message: str, absence: Absence | None) -> None:
        super().__init__(message)
        self.absence = absence


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong with an event: where (JSON pointer), which rule, the words for it, and the clause."""

    pointer: str
    code: str
    message_en: str
    message_zh: str
    source: str = ""


class FaultyError(ServiceError):
    """Something about an event, or a whole event, that is not accepted. `faults` says in detail what, if anything."""

    def __init__(self, message: str, faults: Sequence[Fault] = ()) -> None:
        super().__init__(message)
        self.faults = tuple(faults)


class NotPermittedError(FaultyError):
    """The caller is known and may not do this."""


class RefusedError(FaultyError):
    """An event that is not admitted, whatever is recorded. Nothing of it was stored. `faults` lists every reason."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__("; ".join(fault.message_en for fault in faults), faults)


class ConflictError(FaultyError):
    """What is recorded stands against it. `index` is the entry that has the same id, `current` the state in the way."""

    def __init__(
        self,
        message: str,
        faults: Sequence[Fault] = (),
        *,
        index: int | None = None,
        current: Mapping[str, object] | None = None,
    ) -> None:
        super().__init__(message, faults)
        self.index = index
        self.current = current
