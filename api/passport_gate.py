"""The gate of the edge: every route that shows a passport, in whatever format, gets it here.

It finds out as what the caller reads, hands on a passport that holds nothing else, and notes in the access log what of
it is beyond part 1.
"""

from collections.abc import Iterable
from datetime import datetime

from api.auth import present_caller
from api.disclosing import note_shown
from api.edge import current_register
from service.db import views
from service.disclosure.readings import Disclosed, owner_of
from service.domain.passport.datapoints import DATA_POINTS
from service.domain.passport.passport import Passport
from service.domain.passport.tiers import PUBLIC, Tier
from service.domain.rules_use import date_in_china
from service.errors import NotFoundError
from service.passports.access import Leave, Ties, leave_for
from service.passports.elements import find_element
from service.passports.reading import read_passport
from service.private.values import Cabinet


def open_passport(code: str, *, at: datetime | None = None, element: str | None = None) -> Passport:
    """The passport of a battery as the present caller may see it. Raises NotFoundError.

    element: the path of the only one that is going to be shown.
    """
    ties, owner = _ties_of(code)
    leave = leave_of(ties)
    passport = read_passport(current_register(), code, audiences=leave.tiers, at=at)
    note_parts(code, owner, _parts_shown(passport, element), leave)
    return passport


def leave_of(ties: Ties) -> Leave:
    """What the present caller may see of a battery or model."""
    register, caller = current_register(), present_caller()
    if caller is None:
        return Leave(PUBLIC)
    with register.read() as reader:
        registry = register.current_registry(reader.connection)
    return leave_for(caller, registry, register, ties, day=date_in_china(register.clock()))


def note_parts(subject: str, owner: str, tiers: Iterable[Tier], leave: Leave) -> None:
    """Note what is about to be shown of a battery or model, where it is more than everybody sees."""
    parts = frozenset(tier.value for tier in tiers) - {Tier.PT1.value}
    if parts:
        note_shown([Disclosed(subject, owner, parts, leave.supervised)])


def ties_of(code: str) -> Ties:
    """Who has to do with a battery, as far as that matters to the present caller. Raises NotFoundError."""
    return _ties_of(code)[0]


def _ties_of(code: str) -> tuple[Ties, str]:
    """The ties, and whose the data are."""
    register, caller = current_register(), present_caller()
    if caller is None:
        return Ties(frozenset()), ""
    with register.read() as reader:
        state = views.load_states(reader.connection, [code]).get(code)
        if state is None:
            raise NotFoundError(f"{code} is not in this register")
        answerable = owner_of(state)
        if caller.operator not in (answerable, state.holder) and "owner" in dict(state.committed):
            [state] = Cabinet(reader.connection, register.vault).open_states({code: state}).values()
    return Ties(frozenset({answerable}), state.holder, state.owner), answerable


def _parts_shown(passport: Passport, element: str | None) -> frozenset[Tier]:
    if element is not None:
        return frozenset({DATA_POINTS[find_element(passport, element)[0]].tier})
    shown = set() if passport.has_ceased else {DATA_POINTS[nr].tier for nr in passport.points}
    return frozenset(shown | ({Tier.PT4} if passport.in_service_on is not None else set()))
