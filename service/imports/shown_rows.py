"""Some rows of a job with what became of them, to be shown: found without reading the others."""

from dataclasses import dataclass
from typing import Any

from service.imports import jobs
from service.imports.jobs import Job
from service.imports.kept_rows import KeptRows, NotKeptError
from service.imports.outcomes import Outcome
from service.imports.results import builder_of, original_of, outcome_members
from service.imports.rows import Row
from service.imports.storing import rows_of
from service.work import Register


@dataclass(frozen=True, slots=True)
class ShownRow:
    """place: counted from 0. original: cells, or a line of NDJSON; None where the file is not here any more."""

    place: int
    outcome: Outcome
    original: list[str] | str | None


def show_rows(register: Register, job: Job, first: int, limit: int, *, only_refused: bool = False) -> list[ShownRow]:
    """At most `limit` rows from place `first` on. What it takes does not grow with the rows of the job."""
    if not job.has_rows or not job.form:
        return []
    with register.read() as reader:
        found = jobs.find_outcomes(reader.connection, job.id, first, limit, only_refused=only_refused)
    rows = _rows_at(register, job, [place for place, _ in found])
    return [
        ShownRow(place, outcome, original_of(job, rows[place]) if place in rows else None) for place, outcome in found
    ]


def first_errors(register: Register, job: Job, limit: int) -> list[dict[str, Any]]:
    """The first rows that were refused, as in NDJSON."""
    if not job.refused or not job.form:
        return []
    builder = builder_of(job)
    return [
        outcome_members(builder, row.outcome) | ({} if row.original is None else {"original": row.original})
        for row in show_rows(register, job, 0, limit, only_refused=True)
    ]


def first_values(register: Register, job: Job, limit: int) -> list[Row]:
    """The first rows of a job whose file was looked at, whatever became of them."""
    return list(_rows_at(register, job, range(limit)).values())


def _rows_at(register: Register, job: Job, places: range | list[int]) -> dict[int, Row]:
    try:
        with KeptRows(rows_of(register.settings, job.id), register.vault) as rows:
            return {place: row for place in places for row in rows.read(place, 1)}
    except NotKeptError:
        return {}
