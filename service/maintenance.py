"""Maintenance told by entries: what whoever runs the register does to it, beside what is an entry anyhow.

Enrolment, roles, licences, signing keys, the log's keys, deadlines, erasures and new epochs are kinds of their own. The
rest is one kind, `record_maintenance`: which act, on what, with which version of the program. It is signed by the
authority. An act that cannot be recorded, because the register is busy or does not hold the authority's key, is either
not done, where it can wait, or told to the log of the server, where it is done already.
"""

import logging
from dataclasses import dataclass
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import orjson
from sqlalchemy import Connection, select

from ledger.errors import RollbackError
from service.db.limit_tables import served_as
from service.db.migrate import revision_of
from service.domain.words import Act
from service.errors import ServiceError
from service.figures.parameters import FILE as PARAMETERS
from service.operators import authority, record_as
from service.recording.recorder import Recorded, Recorder
from service.settings import Settings

logger = logging.getLogger(__name__)

RECORD_MAINTENANCE = "record_maintenance"
DETAIL_LENGTH = 200
LONGEST_VALUE = 71
"""Of a setting that is told as it is: as long as the SHA-256 that stands for a longer one."""


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
    except (ServiceError, RollbackError) as error:
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
    for change in _changes(before.settings, now.settings) if before is not None else ():
        record_done(recorder, Act.CHANGE_SETTINGS, change)
    with register.write_beside() as connection:
        _keep(connection, now)


def settings_of_weight(settings: Settings) -> str:
    """As JSON, text by name: the settings that change what the register says of itself, who may read what, whose word
    it takes, and where it leads. Of files of rules their SHA-256, empty where there is none. None of it is secret.
    """
    reach, provider = settings.webhooks, settings.oidc
    texts = {
        "base_url": _without_user(settings.base_url),
        "legitimate_interest": ",".join(sorted(role.value for role in settings.interested)),
        "backup_url": _without_user(settings.backup_url or ""),
        "oidc_issuer": _without_user(provider.issuer) if provider else "",
        "supervision_days": str(settings.supervision_days),
        "trusted_proxies": ",".join(map(str, settings.trusted_proxies)),
        "webhook_ports": ",".join(map(str, sorted(reach.ports))),
        "webhook_private": "yes" if reach.private else "no",
    }
    files = (settings.policy_file, settings.data / PARAMETERS, settings.report_layout_file)
    return orjson.dumps(texts | {each.name: _fingerprint(each) for each in files}).decode()


def _without_user(address: str) -> str:
    """An address without the user and password that may stand in it."""
    parts = urlsplit(address)
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))


def _fingerprint(file: Path) -> str:
    """`sha256:` of what a file holds; "" where there is none, and its trouble where it cannot be read."""
    try:
        return f"sha256:{sha256(file.read_bytes()).hexdigest()}"
    except FileNotFoundError:
        return ""
    except OSError as error:
        return f"unreadable: {error.strerror}"


def _changes(before: str, now: str) -> list[str]:
    """One text for each setting that has changed. One that an earlier program did not look at has not."""
    old, new = orjson.loads(before), orjson.loads(now)
    changed = [name for name, value in new.items() if name in old and old[name] != value]
    return [f"{name}: {_told(old[name])} to {_told(new[name])}" for name in changed]


def _told(value: str) -> str:
    """A value, short enough that both fit into one entry: a long list is told by its SHA-256."""
    if len(value) > LONGEST_VALUE:
        return f"sha256:{sha256(value.encode()).hexdigest()}"
    return value or "none"


def _present(connection: Connection, settings: Settings) -> Served:
    return Served(program_version(), revision_of(connection) or "", settings_of_weight(settings))


def _kept(connection: Connection) -> Served | None:
    row = connection.execute(select(served_as).where(served_as.c.id == 1)).one_or_none()
    return Served(row.version, row.tables, row.settings) if row is not None else None


def _keep(connection: Connection, served: Served) -> None:
    connection.execute(served_as.delete())
    row = {"version": served.version, "tables": served.tables, "settings": served.settings}
    connection.execute(served_as.insert().values(id=1, **row))
