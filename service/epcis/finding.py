"""Finding events: every query walks an index, and looks at a bounded number of events for one page.

- batteries: their own chains of entries;
- eventID: the index of event ids;
- anything else, by time of occurrence: the index of kinds and times, for those kinds that the query can mean;
- by time of record: the entries themselves, which are in that order.

Who may not read an event whole (service.parties) does not get it at all, not even to be counted.

Where few of the events looked at fit, a page may be short, or empty, and have a next page all the same. A query with a
maxEventCount is answered whole or not at all, so there it is too large.
"""

import heapq
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256
from itertools import islice
from operator import attrgetter
from typing import Any

import orjson
from sqlalchemy import select

from ledger.entry import format_hash, parse_time
from ledger.tree import hash_leaf
from service.access import Caller
from service.accounted import entries_about
from service.db import bulk, tables
from service.db.epcis_tables import event_facet
from service.epcis.errors import QueryParameterError, QueryTooLargeError
from service.epcis.event_hash import event_hash
from service.epcis.naming import names_for, names_in
from service.epcis.querying import EPC_PARAMETERS, Query
from service.epcis.shapes import CORRECT
from service.epcis.telling import read_entries, tell_all
from service.epcis.terms import NAMESPACE, PREFIX
from service.epcis.walking import CHUNK, Facet, Place, in_log_order, of_kind, possible_kinds
from service.epcis.writing import Epcis, Told, ids_behind, write_events
from service.parties import PartyBook
from service.private.values import Cabinet
from service.work import Register, RegisterReader

SCAN = 2000
"""Events looked at for one page."""
FEW = 16
"""Events looked at together at least, where a page needs few more."""
_c = event_facet.c
SPACES = {PREFIX: NAMESPACE}


@dataclass(frozen=True, slots=True)
class Found:
    """An EPCIS event, the entry that it is told from, its leaf hash in base64, and the batteries it is about."""

    event: Epcis
    index: int
    leaf_hash: str
    subjects: tuple[str, ...]

    @property
    def hash(self) -> str:
        """The CBV event hash."""
        return event_hash(self.event, SPACES)


@dataclass(frozen=True, slots=True)
class Page:
    """Events in the order asked for. token: leads to the next page, None at the end."""

    found: tuple[Found, ...]
    token: str | None


def find_page(register: Register, query: Query, caller: Caller) -> Page:
    """One page of what the caller sees of the events asked for. Raises QueryParameterError, QueryTooLargeError."""
    after = _read_token(query)
    with register.read() as reader:
        book = PartyBook(reader, register.current_registry(reader.connection))
        base_url = register.settings.base_url
        spelled = _spelled(reader, query, base_url)
        return _Search(
            reader, spelled, caller.operator, book, Cabinet(reader.connection, register.vault), base_url
        ).page(after, _digest(query))


def list_codes(register: Register, *, after: str, limit: int) -> list[str]:
    """The codes of batteries with a state of their own, in order, from the one after `after` on."""
    column = tables.battery.c.code
    with register.read() as reader:
        page = select(column).where(column > after).order_by(column).limit(limit)
        return list(reader.connection.execute(page).scalars())


@dataclass(frozen=True, slots=True)
class _Search:
    reader: RegisterReader
    query: Query
    operator: str
    book: PartyBook
    cabinet: Cabinet
    base_url: str

    def page(self, after: Place | None, digest: str) -> Page:
        """One page from the place on. digest: of the query as it was asked, for the token."""
        query = self.query
        wanted = query.per_page if query.limit is None else query.limit
        found: list[Found] = []
        looked, last = 0, after
        stream = self._candidates(after)
        while chunk := list(islice(stream, min(CHUNK, max(FEW, wanted + 1 - len(found)), SCAN - looked))):
            for facet, events in self._tell(chunk):
                skip = after.part if after is not None and facet.idx == after.idx else 0
                for part, each in enumerate(events, 1):
                    if part > skip and query.fits(each.event):
                        if len(found) == wanted:
                            self._allow_more(f"there are more than {wanted} events")
                            return Page(tuple(found), _token(digest, last) if query.limit is None else None)
                        found.append(each)
                        last = Place(facet.occurred, facet.idx, part)
                looked += 1
                if looked == SCAN and next(stream, None) is not None:
                    self._allow_more(f"of more than {SCAN} events it cannot be said how many fit: narrow the query")
                    return Page(tuple(found), _token(digest, Place(facet.occurred, facet.idx, len(events))))
        return Page(tuple(found), None)

    def _allow_more(self, message: str) -> None:
        if self.query.complete:
            raise QueryTooLargeError(message)

    def _tell(self, chunk: Sequence[Facet]) -> Iterator[tuple[Facet, list[Found]]]:
        """The EPCIS events of these, as far as the caller sees them; each facet once, in order."""
        entries = read_entries(self.reader, [each.idx for each in chunk])
        seen = {
            index: entry
            for index, entry in entries.items()
            if self._sees(entry["event"]["actor"], entry["event"]["subjects"]) and self._in_time(entry)
        }
        told = tell_all(self.cabinet, seen)
        corrected = self._corrected(told.values())
        codes = {code for each in (*told.values(), *corrected.values()) for code in each.codes}
        names = names_for(self.reader.connection, self.base_url, sorted(codes))
        leaves = {index: format_hash(hash_leaf(data)) for index, data in self.reader.entries_at(list(seen)).items()}
        for facet in chunk:
            each = told.get(facet.idx)
            if each is None:
                yield facet, []
                continue
            about = corrected.get(str(each.body.get("event_id")))
            events = write_events(each, names, about)
            yield facet, [Found(event, facet.idx, leaves[facet.idx], tuple(each.subjects)) for event in events]

    def _corrected(self, told: Iterable[Told]) -> dict[str, Told]:
        """By id, what the corrections among these are about."""
        ids = [str(each.body["event_id"]) for each in told if each.kind == CORRECT]
        places = self.reader.find(ids) if ids else {}
        events = tell_all(self.cabinet, read_entries(self.reader, sorted(set(places.values()))))
        found = {id_: events[index] for id_, index in places.items()}
        return {id_: each for id_, each in found.items() if self._sees(each.actor or "", each.subjects)}

    def _sees(self, actor: str, subjects: Sequence[str]) -> bool:
        return self.book.sees_whole(self.operator, actor, subjects)

    def _in_time(self, entry: Any) -> bool:
        bounds = self.query.bounds
        occurred, recorded = parse_time(entry["event"]["occurred_at"]), parse_time(entry["log"]["at"])
        return all(
            not (name in bounds and wrong(moment, bounds[name]))
            for name, moment, wrong in (
                ("GE_eventTime", occurred, datetime.__lt__),
                ("LT_eventTime", occurred, datetime.__ge__),
                ("GE_recordTime", recorded, datetime.__lt__),
                ("LT_recordTime", recorded, datetime.__ge__),
            )
        )

    def _candidates(self, after: Place | None) -> Iterator[Facet]:
        """Our events that may fit, in the order asked for, from the one on at which the last page ended."""
        known = self._known_indexes()
        order = attrgetter("occurred", "idx") if self.query.order_by == "eventTime" else attrgetter("idx")
        if known is not None:
            rows = [
                Facet(row.idx, row.kind, row.actor, row.occurred)
                for row in bulk.select_rows(self.reader.connection, _c.idx, sorted(known))
            ]
            rows.sort(key=order, reverse=self.query.descending)
            start = next((n for n, row in enumerate(rows) if after is not None and row.idx == after.idx), 0)
            return iter(rows[start:])
        kinds = possible_kinds(self.query)
        if self.query.order_by == "recordTime":
            return (each for each in in_log_order(self.reader, self.query, after) if each.kind in kinds)
        streams = [of_kind(self.reader.connection, kind, self.query, after) for kind in kinds]
        return heapq.merge(*streams, key=order, reverse=self.query.descending)

    def _known_indexes(self) -> set[int] | None:
        """The entries that the query can only mean, where it names batteries or events; None where it does not."""
        connection, reader = self.reader.connection, self.reader
        known: set[int] | None = None
        for name in EPC_PARAMETERS:
            values = self.query.values(name)
            if values and not (name == "MATCH_parentID" and any(_is_vehicle(each) for each in values)):
                names = names_in(connection, self.base_url, values)
                codes = {code for each in values if (code := names.code_of(each))}
                indexes = {index for code in sorted(codes) for index in entries_about(reader, code)}
                known = indexes if known is None else known & indexes
        ids = [id_ for each in self.query.values("EQ_eventID") for id_ in ids_behind(each)]
        if self.query.values("EQ_eventID"):
            places = set(reader.find(ids).values()) if ids else set()
            entries = read_entries(reader, sorted(places))
            subjects = {code for entry in entries.values() for code in entry["event"]["subjects"]}
            after = {index for code in sorted(subjects) for index in reader.history(code)}
            rows = bulk.select_rows(connection, _c.idx, sorted(after - places))
            places |= {row.idx for row in rows if row.kind == CORRECT}
            known = places if known is None else known & places
        return known


def _spelled(reader: RegisterReader, query: Query, base_url: str) -> Query:
    """The query with each battery in the spelling that events have, whatever address it was asked by."""
    asked = [each for name in EPC_PARAMETERS for each in query.values(name)]
    if not asked:
        return query
    found = names_in(reader.connection, base_url, asked)
    codes = {each: code for each in asked if (code := found.code_of(each))}
    names = names_for(reader.connection, base_url, sorted(set(codes.values())))
    tests = [
        (name, tuple(names.epc_of(codes[each]) if each in codes else each for each in values))
        if name in EPC_PARAMETERS
        else (name, values)
        for name, values in query.tests
    ]
    return replace(query, tests=tuple(tests))


def _token(digest: str, place: Place | None) -> str | None:
    if place is None:
        return None
    return urlsafe_b64encode(orjson.dumps([digest, *place])).decode().rstrip("=")


def _read_token(query: Query) -> Place | None:
    if query.token is None:
        return None
    try:
        text = query.token
        value = orjson.loads(urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        digest, occurred, idx, part = value
        place = Place(occurred, idx, part)
        if digest == _digest(query) and all(type(each) is int and abs(each) < 1 << 62 for each in place):
            return place
    except (ValueError, TypeError):
        pass
    raise QueryParameterError("nextPageToken", "not a token of this query", "不是该查询的翻页标记")


def _digest(query: Query) -> str:
    """Of what is asked, without the place in it."""
    asked = replace(query, token=None, per_page=1)
    text = repr((asked.tests, sorted(asked.bounds.items()), asked.order_by, asked.descending))
    return sha256(text.encode()).hexdigest()[:16]


def _is_vehicle(uri: str) -> bool:
    """Whether this cannot be a battery, so that only events can tell."""
    return uri.startswith((f"{NAMESPACE}vehicle/", f"{NAMESPACE}vin/")) or "/8004/" in uri
