"""Maintenance told by entries: what whoever runs the register does to it, beside what is an entry anyhow.

Enrolment, roles, licences, signing keys, the log's keys, deadlines, erasures and new epochs are kinds of their own. The
rest is one kind, `record_maintenance`: which act, on what, with which version of the program. It is signed by the
authority. An act that cannot be recorded, because the register is busy or does not hold the authority's key, is either
not done, where it can wait, or told to the log of the server, where it is done already.
"""

import logging
from dataclasses import dataclass
from importlib.metadata import version

import orjson
from sqlalchemy import Connection, select

from service.db.limit_tables import served_as
from service.db.migrate import revision_of
from service.domain.words import Act
from service.errors import ServiceError
from service.operators import authority, record_as
from service.recording.recorder import Recorded, Recorder
from service.settings import Settings

logger = logging.getLogger(__name__)

RECORD_MAINTENANCE = "record_maintenance"
DETAIL_LENGTH = 200


@dataclass(frozen=True, slots=True)
class Served:
    """As what a register is served: version of the program, of the tables, and the settings that carry weight."""

    version: str
    tables: str
    settings: str


def record_act(recorder: Recorder, act: Act, detail: str) -> Recorded:
    """Record an act of the authority as of now. Raises what keeps it from being recorded."""
    body = {"act": act.value, "detail": detail[:DETAIL_LENGTH], "version": program_version()}
    return record_as(recorder, authority(recorder.register), RECORD_MAINTENANCE, body)


def record_done(recorder: Recorder, act: Act, detail: str) -> Recorded | None:
    """Record an act that is done already. What keeps it from being recorded is told to the log; then gives None."""
    try:
        return record_act(recorder, act, detail)
    except ServiceError as error:
        logger.error("an act of maintenance is not in the register: %s, %s: %s", act.value, detail, error)
        return None


def program_version() -> str:
    """The version of this program."""
    return version("packtrail")


def note_founded(connection: Connection, settings: Settings) -> None:
    """Remember as what the register is founded: only what changes afterwards is recorded."""
    _keep(connection, _present(connection, settings))


def note_served(recorder: Recorder) -> None:
    """Record what changed since the register was last served: program, tables, settings of weight. Called at start."""
    register = recorder.register
    with register.read() as reader:
        before, now = _kept(reader.connection), _present(reader.connection, register.settings)
    if before == now:
        return
    if before is None or (before.version, before.tables) != (now.version, now.tables):
        was = f"{before.version}, tables {before.tables}" if before else "an earlier version"
        record_done(recorder, Act.UPGRADE, f"from {was} to {now.version}, tables {now.tables}")
    if before is not None and before.settings != now.settings:
        record_done(recorder, Act.CHANGE_SETTINGS, "; ".join(_changes(before.settings, now.settings)))
    with register.write_beside() as connection:
        _keep(connection, now)


def settings_of_weight(settings: Settings) -> str:
    """As JSON: the settings that change what the register says of itself, or who may read what."""
    roles = sorted(role.value for role in settings.interested)
    return orjson.dumps({"base_url": settings.base_url, "legitimate_interest": ",".join(roles)}).decode()


def _changes(before: str, now: str) -> list[str]:
    old, new = orjson.loads(before), orjson.loads(now)
    return [f"{name}: {old.get(name)} to {value}" for name, value in new.items() if old.get(name) != value]


def _present(connection: Connection, settings: Settings) -> Served:
    return Served(program_version(), revision_of(connection) or "", settings_of_weight(settings))


def _kept(connection: Connection) -> Served | None:
    row = connection.execute(select(served_as)).one_or_none()
    return Served(row.version, row.tables, row.settings) if row is not None else None


def _keep(connection: Connection, served: Served) -> None:
    connection.execute(served_as.delete())
    row = {"version": served.version, "tables": served.tables, "settings": served.settings}
    connection.execute(served_as.insert().values(id=1, **row))
