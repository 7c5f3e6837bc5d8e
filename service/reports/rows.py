"""The rows of a report: an operator's cases of one duty in a period, each with what its event says.

Rows come from kept tables by index: the cases of the operator, and the entry of each. Blocks are read one after
another, so that a file of any length needs little memory.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from itertools import islice
from typing import Any

from ledger.entry import Entry, parse_entry
from service.domain.districts import region_of
from service.domain.duties.cases import DutyCase
from service.domain.duties.rows import Duty
from service.domain.events import KINDS
from service.domain.gbt34014 import CHEMISTRIES, LEVEL_OF_LETTER
from service.domain.sites import locate
from service.domain.words import Word
from service.duties import cases_of
from service.exports.stamp import Stamp, stamp_of
from service.exports.writing import Value
from service.private.commitments import commitments_of, open_body
from service.private.values import Cabinet
from service.recording.registry import Operator, Registry
from service.reports.layout import BODY, Column, Layout
from service.work import Register, RegisterReader

BLOCK = 500


@dataclass(frozen=True, slots=True)
class ReportQuery:
    """Whose report: of one duty, for facts from `since` to `until`.

    with_private: whether restricted values may stand in it, which is for the operator alone that told them.
    """

    operator: str
    duty: Duty
    since: date
    until: date
    with_private: bool = False
    limit: int | None = None


@dataclass(frozen=True, slots=True)
class Report:
    """A report as people hand it in. due_on: the earliest last day among its rows, None where none is known."""

    layout: Layout
    query: ReportQuery
    columns: tuple[Column, ...]
    stamp: Stamp
    rows: Iterator[tuple[Value, ...]] = field(repr=False)


def draw_report(register: Register, reader: RegisterReader, query: ReportQuery, layout: Layout) -> Report:
    """The report; its rows are read while they are taken, as of the reader's moment. Raises ReportFormatError."""
    columns = layout.columns_of(query.duty.id)
    registry = register.current_registry(reader.connection)
    vault = register.vault if query.with_private else None
    source = _Source(reader, registry, Cabinet(reader.connection, vault), layout)
    asked = {
        "operator": query.operator,
        "duty": query.duty.id,
        "from": query.since.isoformat(),
        "to": query.until.isoformat(),
    }
    return Report(layout, query, columns, stamp_of(reader, "report", asked), source.rows(query, columns))


def count_cases(reader: RegisterReader, query: ReportQuery, *, at_most: int) -> int:
    """How many rows the report would have, counted no further than `at_most`."""
    found = cases_of(
        reader.connection, query.operator, frozenset({query.duty.id}), since=query.since, until=query.until
    )
    return sum(1 for _ in islice(found, at_most))


@dataclass(frozen=True, slots=True)
class _Source:
    reader: RegisterReader
    registry: Registry
    cabinet: Cabinet
    layout: Layout

    def rows(self, query: ReportQuery, columns: tuple[Column, ...]) -> Iterator[tuple[Value, ...]]:
        found = cases_of(
            self.reader.connection, query.operator, frozenset({query.duty.id}), since=query.since, until=query.until
        )
        cases = islice(found, query.limit)
        while block := list(islice(cases, BLOCK)):
            stored = self.reader.entries_at(sorted({case.index for case in block}))
            entries = {index: parse_entry(data) for index, data in stored.items()}
            bodies = self._bodies(entries)
            for case in block:
                values = self._values(case, entries[case.index], bodies[case.index])
                yield tuple(self._cell(values, column.field) for column in columns)

    def _bodies(self, entries: dict[int, Entry]) -> dict[int, Any]:
        named = {index: commitments_of(entry.event) for index, entry in entries.items()}
        known = self.cabinet.values([each for names in named.values() for each in names.values()])
        return {
            index: open_body(
                entry.event.type,
                entry.event.body,
                {name: known[each] for name, each in named[index].items() if each in known},
            ).body
            for index, entry in entries.items()
        }

    def _values(self, case: DutyCase, entry: Entry, body: Any) -> dict[str, Any]:
        event = entry.event
        other = getattr(body, "to_operator", None) or getattr(body, "from_operator", None)
        return {
            "entry.index": case.index,
            "entry.event_id": event.id,
            "event.kind": KINDS[event.type].title_zh,
            "event.day": case.since,
            "event.recorded_on": case.answered_on,
            "duty.id": case.duty,
            "duty.due_on": case.due_on,
            "duty.late": case.is_late,
            "battery.code": case.code,
            "battery.level": LEVEL_OF_LETTER[case.code[3]] if case.code else None,
            "battery.chemistry": CHEMISTRIES[case.code[4]].zh if case.code else None,
            **_party("operator", self.registry.operators.get(case.actor), _site(body)),
            **_party("other", self.registry.operators.get(other) if other else None),
            "body": body,
        }

    def _cell(self, values: dict[str, Any], name: str) -> Value:
        value = getattr(values["body"], name.removeprefix(BODY), None) if name.startswith(BODY) else values.get(name)
        if name == f"{BODY}region" and value:
            return _region(value)
        return self._plain(value)

    def _plain(self, value: Any) -> Value:
        if value is None:
            return ""
        if isinstance(value, bool):
            return "是" if value else "否"
        if isinstance(value, Word):
            return value.zh
        if isinstance(value, date):
            return value.strftime(self.layout.dates)
        return value if isinstance(value, int) else str(value)


def _party(role: str, operator: Operator | None, site: str | None = None) -> dict[str, Any]:
    if operator is None:
        return {}
    enrolled = operator.enrolment
    located = locate(enrolled, site)
    return {
        f"{role}.id": operator.id,
        f"{role}.name": enrolled.name,
        f"{role}.uscc": enrolled.uscc,
        f"{role}.region": _region(located.region),
        f"{role}.zone": located.zone.zh if located.zone else None,
    }


def _site(body: Any) -> str | None:
    """The name of the site that an event tells."""
    return getattr(body, "site", None) or getattr(body, "station", None)


def _region(code: str) -> str:
    """The code with the district's name."""
    district = region_of(code)
    return code if district is None else f"{code} {district.zh}"
