"""Walking the indexes: the events of a kind by time of occurrence, all events by time of record."""

from collections.abc import Iterator
from typing import NamedTuple

from sqlalchemy import Connection, select, tuple_

from service.db.epcis_tables import event_facet
from service.domain.events import KINDS
from service.epcis.querying import Query
from service.epcis.reading import word_of
from service.epcis.shapes import CORRECT, REGISTER_EVENT, shapes_of_kind
from service.leafing import first_received
from service.recording.facets import milliseconds
from service.work import RegisterReader

CHUNK = 100
"""Rows that are read at once."""
_c = event_facet.c


class Facet(NamedTuple):
    """One event of ours as the index has it. occurred: Unix milliseconds."""

    idx: int
    kind: str
    actor: str
    occurred: int


class Place(NamedTuple):
    """Where a page ended: behind this many EPCIS events of this entry."""

    occurred: int
    idx: int
    part: int


def possible_kinds(query: Query) -> list[str]:
    """The kinds of events that can be told as what is asked for. A correction repeats whatever it corrects."""
    wanted = {
        name: {word_of(each) for each in query.values(parameter)}
        for name, parameter in (("action", "EQ_action"), ("step", "EQ_bizStep"), ("disposition", "EQ_disposition"))
    }
    types = set(query.values("eventType"))
    may = [row.may for row, values in query.rows() if values != ("false",)]

    def can_be(kind: str) -> bool:
        if kind == CORRECT:
            return True
        return all(each(kind) for each in may) and any(
            (not types or shape.type in types)
            and (not wanted["action"] or str(shape.action) in wanted["action"])
            and (not wanted["step"] or (word_of(shape.step) in wanted["step"] and shape.type != REGISTER_EVENT))
            and (not wanted["disposition"] or bool({word_of(each) for each in shape.possible} & wanted["disposition"]))
            for shape in shapes_of_kind(kind)
        )

    return [kind for kind, row in KINDS.items() if row.body is not None and can_be(kind)]


def of_kind(connection: Connection, kind: str, query: Query, after: Place | None) -> Iterator[Facet]:
    """The events of a kind by time of occurrence, read from the index as they are needed."""
    columns = (_c.idx, _c.kind, _c.actor, _c.occurred)
    key = tuple_(_c.occurred, _c.idx)
    base = select(*columns).where(_c.kind == kind)
    if "GE_eventTime" in query.bounds:
        base = base.where(_c.occurred >= milliseconds(query.bounds["GE_eventTime"]))
    if "LT_eventTime" in query.bounds:
        base = base.where(_c.occurred <= milliseconds(query.bounds["LT_eventTime"]))
    order = (_c.occurred.desc(), _c.idx.desc()) if query.descending else (_c.occurred, _c.idx)
    place = (after.occurred, after.idx) if after is not None else None
    first = True
    while True:
        page = base.order_by(*order).limit(CHUNK)
        if place is not None:
            if first:
                page = page.where(key <= place if query.descending else key >= place)
            else:
                page = page.where(key < place if query.descending else key > place)
        rows = [Facet(*row) for row in connection.execute(page)]
        yield from rows
        if len(rows) < CHUNK:
            return
        place, first = (rows[-1].occurred, rows[-1].idx), False


def in_log_order(reader: RegisterReader, query: Query, after: Place | None) -> Iterator[Facet]:
    """All events by time of record: the order of the log. Bounds of that time are found by halving."""
    low, high = 0, reader.size()
    if "GE_recordTime" in query.bounds:
        low = first_received(reader, query.bounds["GE_recordTime"], high)
    if "LT_recordTime" in query.bounds:
        high = first_received(reader, query.bounds["LT_recordTime"], high)
    if after is not None:
        low, high = (low, min(high, after.idx + 1)) if query.descending else (max(low, after.idx), high)
    columns = (_c.idx, _c.kind, _c.actor, _c.occurred)
    while low < high:
        start, end = (max(low, high - CHUNK), high) if query.descending else (low, min(high, low + CHUNK))
        page = select(*columns).where(_c.idx >= start, _c.idx < end)
        page = page.order_by(_c.idx.desc() if query.descending else _c.idx)
        yield from (Facet(*row) for row in reader.connection.execute(page))
        low, high = (low, start) if query.descending else (end, high)
