"""What a verification says: what was checked, and each thing that is wrong."""

from dataclasses import dataclass

import orjson

from ledger.entry import LOG_MARK, is_subject


@dataclass(frozen=True, slots=True)
class Failure:
    """Something that is wrong.

    `index` is the entry it was found at, or None where no entry can be named; `battery` the subject whose history is
    concerned, where it is a certain one's.
    """

    index: int | None
    what: str
    battery: str | None = None


@dataclass(frozen=True, slots=True)
class Anchor:
    """A root that the first `size` entries must have. `what` says who says so: "the checkpoint signs".

    `note` is the checkpoint that says so, where the keys in force at its size have yet to vouch for it.
    """

    size: int
    root: bytes
    what: str
    note: bytes = b""


@dataclass(frozen=True, slots=True)
class Report:
    """What was checked and what was found. `checked` counts by name; without failures the register is intact.

    `notes` say what else is worth knowing of what holds, such as up to where a history is complete.
    """

    size: int
    root: bytes
    checked: dict[str, int]
    failures: tuple[Failure, ...]
    notes: tuple[str, ...] = ()

    @property
    def ok(self) -> bool:
        return not self.failures


def subject_of(entry: bytes) -> str | None:
    """The one battery that `entry` is about, whatever else is wrong with it; None if it names none or several."""
    try:
        [[subject, *_]] = orjson.loads(entry[entry.rindex(LOG_MARK) + 7 : -1])["chain"]
    except (ValueError, KeyError, TypeError):
        return None
    return subject if is_subject(subject) else None
