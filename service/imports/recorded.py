"""What the rows of a job became in the register: their entries, the receipts for them, the batteries they are about.

All of it is read batch by batch, each at a moment of its own: a long reading would keep the database from tidying up.
"""

from collections.abc import Iterator
from itertools import chain
from typing import Any

from ledger.entry import format_hash, parse_entry
from ledger.receipt import format_receipt
from service.errors import Fault, RefusedError
from service.exports.stamp import stamp_of
from service.exports.writing import write_ndjson
from service.imports import jobs
from service.imports.jobs import Job
from service.work import Register

AT_ONCE = 500
"""Entries that are read, and proven, in one reading."""


def write_receipts(register: Register, job: Job) -> Iterator[bytes]:
    """The receipt of each row that is an entry, as NDJSON: `{"row", "index", "leaf_hash", "proof"}`.

    `proof` is a tlog-proof under the newest checkpoint at the time; what was recorded before counts as well. Raises
    NotFoundError, when it is begun, where what became of the rows was deleted.
    """
    with register.read() as reader:
        stamp = stamp_of(reader, "import-receipts", {"import": job.id})
    return write_ndjson(stamp, _receipts(register, job))


def find_batteries(register: Register, job: Job, most: int) -> list[str]:
    """The batteries that the entries of a job are about, in their order. Raises RefusedError where they are more.

    NotFoundError where what became of the rows was deleted.
    """
    found: dict[str, None] = {}
    for places in _entries(register, job):
        with register.read() as reader:
            entries = reader.entries_at([index for _, index in places])
        found |= dict.fromkeys(chain.from_iterable(parse_entry(entries[index]).event.subjects for _, index in places))
        if len(found) > most:
            en = f"the import is about more than {most} batteries, which is more than a list can hold"
            raise RefusedError([Fault("", "too-many", en, f"该导入涉及的电池超过{most}个，超出清单上限")])
    return list(found)


def _receipts(register: Register, job: Job) -> Iterator[dict[str, Any]]:
    for places in _entries(register, job):
        with register.read() as reader:
            proven = reader.all_proven([index for _, index in places])
        for (row, _), found in zip(places, proven, strict=True):
            yield {
                "row": row,
                "index": found.index,
                "leaf_hash": format_hash(found.leaf_hash),
                "proof": format_receipt(found.receipt).decode(),
            }


def _entries(register: Register, job: Job) -> Iterator[list[tuple[int, int]]]:
    """Row and index of those that are entries, some at a time."""
    jobs.require_rows(job)
    place = 0
    while place < job.done:
        with register.read() as reader:
            outcomes = jobs.load_outcomes(reader.connection, job.id, place)
        if not outcomes:  # deleted meanwhile
            return
        place += len(outcomes)
        places = [(each.row, each.index) for each in outcomes if each.index is not None]
        yield from (places[at : at + AT_ONCE] for at in range(0, len(places), AT_ONCE))
