"""Who reads a passport as what: from roles and from what an operator has to do with the battery, to the parts it sees.

The rights are rows of `service.domain.passport.tiers`. What is shown beyond part 1 is noted in the access log: see
`service.disclosure`.
"""

from dataclasses import dataclass
from datetime import date

from service.access import Caller
from service.domain.passport.tiers import PUBLIC, Reader, Tier, is_supervision, readers_of, tiers_of
from service.recording.registry import Registry
from service.work import Register


@dataclass(frozen=True, slots=True)
class Leave:
    """What somebody may see of one passport. supervised: some of it by right of supervision only."""

    tiers: frozenset[Tier]
    supervised: bool = False


@dataclass(frozen=True, slots=True)
class Ties:
    """Who has to do with a passport: its author (a maker, or who answers for it), who has the battery, who owns it."""

    answerable: frozenset[str]
    holder: str | None = None
    owner: str | None = None


def leave_for(caller: Caller | None, registry: Registry, register: Register, ties: Ties, *, day: date) -> Leave:
    """What `caller` may see; None is the public, and so is a key that has no scope to read."""
    if caller is None or "read" not in caller.scopes:
        return Leave(PUBLIC)
    by_role = readers_of(registry.roles_of(caller.operator), register.settings.interested)
    readers = set(by_role)
    if caller.operator in ties.answerable:
        readers.add(Reader.ANSWERABLE)
    if caller.operator == ties.holder:
        readers.add(Reader.HOLDER)
    if caller.operator == ties.owner:
        readers.add(Reader.OWNER)
    tiers = tiers_of(readers, day)
    otherwise = tiers_of({each for each in readers if not is_supervision({each}, day)}, day)
    return Leave(tiers, supervised=otherwise != tiers)
