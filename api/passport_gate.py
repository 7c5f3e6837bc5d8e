"""The gate of the edge: every route that shows a passport, in whatever format, gets it here.

It finds out as what the caller reads, writes the line where the reading is logged, and hands on a passport that holds
nothing else.
"""

from datetime import datetime

from flask import request

from api.auth import present_caller
from api.edge import current_register
from service.db import views
from service.domain.passport.passport import Passport
from service.domain.passport.tiers import PUBLIC, Tier
from service.domain.rules_use import date_in_china
from service.errors import NotFoundError
from service.passports.access import Leave, Ties, leave_for, log_reading
from service.passports.reading import read_passport


def open_passport(code: str, *, at: datetime | None = None) -> Passport:
    """The passport of a battery as the present caller may see it. Raises NotFoundError."""
    tiers = open_tiers(code, _ties_of(code))
    return read_passport(current_register(), code, audiences=tiers, at=at)


def open_tiers(subject: str, ties: Ties) -> frozenset[Tier]:
    """What the present caller may see of a battery or model; the reading is logged where it has to be."""
    register, caller = current_register(), present_caller()
    if caller is None:
        return PUBLIC
    with register.read() as reader:
        registry = register.current_registry(reader.connection)
    leave: Leave = leave_for(caller, registry, register, ties, day=date_in_china(register.clock()))
    if leave.logged:
        rule = request.url_rule.rule if request.url_rule else request.path
        log_reading(register, caller, subject, leave.tiers, rule[:80])
    return leave.tiers


def _ties_of(code: str) -> Ties:
    register = current_register()
    if present_caller() is None:
        return Ties(frozenset())
    with register.read() as reader:
        state = views.load_states(reader.connection, [code]).get(code)
    if state is None:
        raise NotFoundError(f"{code} is not in this register")
    return Ties(frozenset({state.responsible or state.maker}), state.holder)
