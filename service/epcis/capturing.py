"""Capturing: a document of EPCIS events becomes events to be recorded, each told by the caller or signed by it.

What a registration of somebody else's does not tell, the published model and the battery's code tell. The outcome of
every capture is kept beside the log for the operator that sent it.
"""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import Connection, select

from ledger.entry import format_time
from service.db.epcis_tables import epcis_capture
from service.domain.errors import InvalidCode
from service.domain.gbt34014 import parse_code
from service.domain.identifiers.naming import PREFIX as MODEL_PREFIX
from service.domain.identifiers.naming import prefix_of_model
from service.domain.states import Model
from service.epcis.documents import Document
from service.epcis.errors import refused
from service.epcis.event_hash import event_hash
from service.epcis.grouping import Unit, group
from service.epcis.naming import Names, names_in
from service.epcis.reading import Json, Read, Reader, epcs_of
from service.epcis.shapes import CORRECT, shapes_of
from service.epcis.terms import own
from service.epcis.writing import event_id
from service.errors import Fault, NotFoundError, RefusedError
from service.recording.registry import Registry
from service.work import Register

PAGE = 50


@dataclass(frozen=True, slots=True)
class Told:
    """An event of a document. at: its place there; others: the places of those that belong to it."""

    at: int
    others: tuple[int, ...]
    read: Read | None
    refusal: RefusedError | None = None

    @property
    def event_id(self) -> str:
        """The eventID that it has here."""
        return event_id(self.read.members["id"]) if self.read is not None else ""


@dataclass(frozen=True, slots=True)
class Job:
    """A capture and its outcome. result: `errors`, and under `events` what became of each event."""

    id: str
    created_at: str
    finished_at: str
    behaviour: str
    success: bool
    events: int
    result: Mapping[str, Any]


def read_document(register: Register, document: Document, operator: str) -> list[Told]:
    """The events of a document as `operator` tells them, in their order; those that cannot be read with the reason."""
    grouped = group(document.events)
    with register.read() as reader:
        registry = register.current_registry(reader.connection)
        names = names_in(reader.connection, register.settings.base_url, _epcs(document.events))
    reading = Reader(names, operator, registry.origin, document.spaces)
    told = [_read(reading, unit, document.events, registry) for unit in grouped.units]
    told += [Told(at, (), None, refusal) for at, refusal in grouped.faults.items()]
    return sorted(told, key=lambda each: each.at)


def place_in_event(pointer: str) -> str:
    """Where in an EPCIS event a fault of our event is: a field may always stand as a member of ours."""
    _, first, *rest = f"{pointer}/".split("/")
    below = "".join(f"/{each}" for each in rest if each)
    if first in ("body", "private") and below:
        return "/" + own(below.removeprefix("/"))
    known = {"subjects": own("subjects"), "occurred_at": "eventTime", "jws": own("jws"), "type": own("type")}
    return f"/{known[first]}{below}" if first in known else ""


def hash_of(document: Document, at: int) -> str:
    """The CBV event hash of an event of a document."""
    return event_hash(document.events[at], document.spaces)


def save_job(connection: Connection, operator: str, job: Job) -> None:
    """Keep the outcome of a capture."""
    row = epcis_capture.insert().values(
        operator=operator,
        id=job.id,
        created_at=job.created_at,
        finished_at=job.finished_at,
        behaviour=job.behaviour,
        success=int(job.success),
        events=job.events,
        result=orjson.dumps(job.result),
    )
    connection.execute(row)


def load_job(connection: Connection, operator: str, id_: str) -> Job:
    """The outcome of a capture of this operator. Raises NotFoundError."""
    column = epcis_capture.c
    row = connection.execute(select(epcis_capture).where(column.operator == operator, column.id == id_)).one_or_none()
    if row is None:
        raise NotFoundError(f"there is no capture {id_}")
    return _job(row)


def list_jobs(connection: Connection, operator: str, *, before: str | None = None, limit: int = PAGE) -> list[Job]:
    """The captures of this operator, newest first, from the one before `before` on."""
    column = epcis_capture.c
    query = select(epcis_capture).where(column.operator == operator)
    if before is not None:
        query = query.where(column.id < before)
    return [_job(row) for row in connection.execute(query.order_by(column.id.desc()).limit(limit))]


def make_job(id_: str, started: datetime, now: datetime, *, behaviour: str, result: Mapping[str, Any]) -> Job:
    """The outcome of a capture that has ended."""
    success = not result["errors"]
    return Job(id_, format_time(started), format_time(now), behaviour, success, len(result["events"]), result)


def _job(row: Any) -> Job:
    result = orjson.loads(row.result)
    return Job(row.id, row.created_at, row.finished_at, row.behaviour, bool(row.success), row.events, result)


def _epcs(events: Sequence[Json]) -> list[str]:
    """Every EPC of the document that may be a battery. What is none is said when its event is read."""
    found = []
    for event in events:
        try:
            found += [epc for _, epc in epcs_of(event)]
        except RefusedError:
            continue
    return found


def _read(reading: Reader, unit: Unit, events: Sequence[Json], registry: Registry) -> Told:
    try:
        read = reading.read(unit.event, unit)
        if own("type") in unit.event:
            _check_parts(read, [events[at] for at in unit.others], reading.names)
        elif read.members["type"] == "register":
            read = _completed(read, registry)
        return Told(unit.at, tuple(unit.others), read)
    except RefusedError as error:
        return Told(unit.at, tuple(unit.others), None, error)


def _check_parts(read: Read, parts: Sequence[Json], names: Names) -> None:
    """The events that belong to a main one say what follows from it. Raises RefusedError."""
    if not parts or read.members["type"] == CORRECT:
        return
    subjects, body = read.members["subjects"], read.members["body"]
    wanted = []
    for shape in shapes_of(read.members["type"], subjects)[1:]:
        what = shape.what(subjects, body)
        if what is not None:
            wanted.append((shape.type, shape.action, shape.step, frozenset(what.epcs)))
    for part in parts:
        children = {names.code_of(epc) for name, epc in epcs_of(part) if name != "parentID"}
        said = (part.get("type"), part.get("action"), part.get("bizStep"), frozenset(children))
        if said not in wanted or part.get("eventTime") is None:
            en, zh = "a part of it says something else", "其组成事件与之不一致"
            raise refused("", "part", en, zh)


def _completed(read: Read, registry: Registry) -> Read:
    """A registration with what its model and its code tell."""
    body, subjects = dict(read.members["body"]), read.members["subjects"]
    model = _models(registry).get(subjects[0][:MODEL_PREFIX]) if subjects else None
    if model is None:
        return read
    rated = model.body
    known: dict[str, Any] = {
        "model_id": rated.model_id,
        "mass_g": rated.mass_g,
        "capacity_mah": rated.capacity_mah,
        "energy_wh": rated.energy_wh,
    }
    with suppress(InvalidCode, AttributeError):  # what is wrong with the code is said when it is judged
        known["made_on"] = parse_code(subjects[0]).date.isoformat()
    return replace(read, members=read.members | {"body": known | body})


def _models(registry: Registry) -> Mapping[str, Model]:
    """The published models by the beginning of their codes: one walk through them per change of the registry."""
    global _known
    models, known = registry.models, _known
    if known[0] is not models:
        found: dict[str, Model] = {}
        for model in models.values():
            found.setdefault(prefix_of_model(model.body), model)
        _known = known = (models, found)
    return known[1]


_known: tuple[Mapping[str, Model], Mapping[str, Model]] = ({}, {})
"""The models of the registry that was asked last, and those by the beginning of their codes."""


def unsigned(read: Read) -> RefusedError:
    """Why an event without a signature is refused for an operator whose key the service does not hold."""
    en = f"the service holds no key of yours: sign the event and give the signature as {own('jws')}"
    zh = f"服务未托管您的密钥：请自行签名，并在{own('jws')}中提供签名"
    return RefusedError([Fault("/jws", "custody", en, zh)])
