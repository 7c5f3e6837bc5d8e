"""What the authority sets instead of the defaults: for everybody, or for one organisation.

A change is an entry first, and holds from then on: at once in all processes of the host, elsewhere within
RELOAD_SECONDS.
"""

import time
from collections.abc import Mapping
from dataclasses import replace

from sqlalchemy import Connection, select
from sqlalchemy.exc import SQLAlchemyError

from service.db.limit_tables import limit_setting
from service.domain.words import Act
from service.errors import NotFoundError, SettingsError
from service.limits.rows import LIMITS, Limit, Per, parse_rate
from service.maintenance import record_act
from service.operators import current_registry
from service.programs.generation import Generation, announce
from service.recording.recorder import Recorder
from service.work import Register

RELOAD_SECONDS = 30.0
FOR_ALL = ""

Settings = Mapping[tuple[str, str], Limit]
"""By name of the limit and operator, FOR_ALL for those that have no row of their own."""


class LimitBook:
    """The limits in force, as one process knows them."""

    def __init__(self, register: Register, generation: Generation) -> None:
        self._register, self._generation = register, generation
        self._set: Settings = {}
        self._mark = b""
        self._until = 0.0

    def find(self, name: str, operator: str = FOR_ALL) -> Limit:
        """The limit of this name for an operator."""
        mark = self._generation.mark()
        if mark != self._mark or time.monotonic() >= self._until:
            self._reload(mark)
        return effective(self._set, name, operator)

    def _reload(self, mark: bytes) -> None:
        """Where the database is away, what was known goes on."""
        self._mark, self._until = mark, time.monotonic() + RELOAD_SECONDS
        try:
            with self._register.read() as reader:
                self._set = load(reader.connection)
        except SQLAlchemyError:
            self._mark = b""


def load(connection: Connection) -> Settings:
    """What is set, on top of the defaults."""
    rows = connection.execute(select(limit_setting))
    return {
        (row.name, row.operator): replace(LIMITS[row.name], amount=row.amount, seconds=row.seconds)
        for row in rows
        if row.name in LIMITS
    }


def effective(settings: Settings, name: str, operator: str = FOR_ALL) -> Limit:
    """The operator's own row, or else the one for all, or else the default."""
    return settings.get((name, operator)) or settings.get((name, FOR_ALL)) or LIMITS[name]


def set_limit(recorder: Recorder, name: str, rate: str | None, operator: str = FOR_ALL) -> Limit:
    """Set a limit, written AMOUNT/SECONDS, or take back (None) what was set; gives the one in force now.

    Raises SettingsError for what is no limit, NotFoundError for who is no operator, and what keeps an entry from
    being recorded.
    """
    register = recorder.register
    _check(register, name, operator)
    try:
        amount, seconds = parse_rate(rate) if rate is not None else (0, 0)
    except ValueError as error:
        raise SettingsError(str(error)) from None
    with register.read() as reader:
        before = effective(load(reader.connection), name, operator)
    whom = f" of {operator}" if operator else ""
    record_act(recorder, Act.SET_LIMIT, f"{name}{whom}: {before} to {rate or 'the default'}")
    with register.write_beside() as connection:
        store_limit(connection, name, (amount, seconds) if rate is not None else None, operator)
        now = effective(load(connection), name, operator)
    announce(register.settings.data)
    return now


def store_limit(connection: Connection, name: str, rate: tuple[int, int] | None, operator: str = FOR_ALL) -> None:
    """Store or take away a row, without the entry."""
    column = limit_setting.c
    connection.execute(limit_setting.delete().where(column.name == name, column.operator == operator))
    if rate is not None:
        row = {"name": name, "operator": operator, "amount": rate[0], "seconds": rate[1]}
        connection.execute(limit_setting.insert().values(row))


def _check(register: Register, name: str, operator: str) -> None:
    if name not in LIMITS:
        raise SettingsError(f"there is no limit {name}: {', '.join(LIMITS)}")
    if operator and LIMITS[name].per is Per.ADDRESS:
        raise SettingsError(f"the limit {name} is for callers without a key, and the same for all")
    if operator and operator not in current_registry(register).operators:
        raise NotFoundError(f"{operator} is not enrolled: `packtrail operator list` shows who is")
