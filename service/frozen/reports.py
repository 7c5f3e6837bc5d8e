"""Frozen reports: tables of figures as they were, in one file that is named by its SHA-256.

The file is what `service.exports` writes as JSON: `report` (its form), `made_at`, `made_by`, `checkpoint` (the signed
note as of then), `names` (of organisations and models as they were called then), `rows` (one for each table), and the
end mark. Nothing of it is read from the register again, so it says the same for ever.
"""

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

import orjson
from sqlalchemy import Row, func, select

from ledger.entry import format_time, parse_time
from service.db.frozen_tables import frozen_report
from service.errors import NotFoundError, SettingsError
from service.exports.stamp import stamp_of
from service.exports.writing import write_json
from service.work import Register

FORM = "figures/1"
PAGE = 25
_report = frozen_report.c


@dataclass(frozen=True, slots=True)
class Report:
    """A report without its content. number: in the order of making. size: of the checkpoint in it."""

    number: int
    digest: bytes
    made_at: datetime
    operator: str
    figures: int
    rows: int
    size: int
    filter: Mapping[str, str]
    bytes: int


@dataclass(frozen=True, slots=True)
class Kept:
    """A report with its file, byte for byte as it was made."""

    report: Report
    content: bytes

    @property
    def document(self) -> dict[str, Any]:
        return dict(orjson.loads(self.content))


def freeze(
    register: Register,
    tables: Sequence[Mapping[str, Any]],
    *,
    by: str,
    asked: Mapping[str, str],
    names: Mapping[str, Any],
) -> bytes:
    """Keep these tables as they are now; gives the SHA-256 of the file."""
    now = format_time(register.clock())
    with register.read() as reader:
        stamp = stamp_of(reader, "figures", asked)
        head = {
            "report": FORM,
            "made_at": now,
            "made_by": by,
            "checkpoint": reader.checkpoint().decode(),
            "names": names,
        }
    content = b"".join(write_json(stamp, head, tables))
    digest = sha256(content).digest()
    row = {
        "digest": digest,
        "made_at": now,
        "operator": by,
        "figures": len(tables),
        "rows": sum(len(table["rows"]) for table in tables),
        "size": stamp.size,
        "filter": orjson.dumps(dict(asked)).decode(),
        "bytes": len(content),
        "content": zlib.compress(content),
    }
    with register.write_beside() as connection:
        if connection.execute(select(_report.id).where(_report.digest == digest)).first() is None:
            connection.execute(frozen_report.insert().values(row))
    return digest


def read_report(register: Register, digest: bytes) -> Kept:
    """A report by the hash of its file. Raises NotFoundError, SettingsError where it is not what its name says."""
    with register.read() as reader:
        row = reader.connection.execute(select(frozen_report).where(_report.digest == digest)).one_or_none()
    if row is None:
        raise NotFoundError("there is no such report")
    content = zlib.decompress(row.content)
    if sha256(content).digest() != digest:
        raise SettingsError(f"the frozen report {digest.hex()} is not as it was made")
    return Kept(_read(row), content)


def list_reports(register: Register, *, before: int | None = None) -> list[Report]:
    """The newest reports, or the newest of those before a number; one more than PAGE where there are more."""
    columns = [column for column in frozen_report.c if column.name != "content"]
    query = select(*columns).order_by(_report.id.desc()).limit(PAGE + 1)
    if before is not None:
        query = query.where(_report.id < before)
    with register.read() as reader:
        return [_read(row) for row in reader.connection.execute(query)]


def count_reports(register: Register) -> int:
    """How many there are. Their numbers may have gaps."""
    with register.read() as reader:
        return int(reader.connection.execute(select(func.count(_report.digest))).scalar_one())


def _read(row: Row[Any]) -> Report:
    asked = orjson.loads(row.filter)
    return Report(
        row.id, row.digest, parse_time(row.made_at), row.operator, row.figures, row.rows, row.size, asked, row.bytes
    )
