"""Documents of batteries and models: added, found, removed. Who may do that the caller's `Place` says.

The bytes are kept once, however many rows name them; with the last row they go.
"""

import os
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, select

from ledger.entry import format_time
from service.access import Caller
from service.db import bulk
from service.db.document_tables import document, document_use
from service.documents import storing
from service.documents.sniffing import MediaType, sniff_media_type
from service.domain.papers import RULES, Paper
from service.domain.passport.tiers import Tier
from service.domain.uuid7 import make_uuid7
from service.errors import NotFoundError
from service.imports.errors import FileRefusedError
from service.pictures.drawing import redraw
from service.work import Register

PAGE = 100
NAME = 200
_c = document.c


@dataclass(frozen=True, slots=True)
class Document:
    """A document. subject: a battery's code or model:<id>. digest: SHA-256 of what is kept. name: for people only."""

    id: str
    subject: str
    digest: bytes
    operator: str
    person: str
    kind: Paper
    media_type: MediaType
    name: str
    bytes: int
    added_at: str

    @property
    def tier(self) -> Tier:
        """The part of the passport that it belongs to, which says who may see it."""
        return RULES[self.kind].tier


@dataclass(frozen=True, slots=True)
class Added:
    """again: the operator had added the very same before."""

    document: Document
    again: bool = False


def add_document(register: Register, caller: Caller, subject: str, kind: Paper, *, name: str, data: bytes) -> Added:
    """Keep a document. Raises FileRefusedError for what is too large, of another type, or beyond the quota."""
    limits = register.settings.documents
    if len(data) > limits.bytes:
        raise FileRefusedError("too-large", f"more than {limits.bytes:,} bytes", f"文件超过{limits.bytes:,}字节")
    media_type = sniff_media_type(data)
    if media_type.is_image and not RULES[kind].images:
        raise FileRefusedError("type", f"a {kind.en} is a PDF", f"{kind.zh}须为PDF文件")
    if media_type.is_image:
        data = redraw(data, media_type, pixels=limits.pixels)
    now = register.clock()
    digest = storing.store(register.settings, register.vault, data)
    made = Document(
        make_uuid7(int(now.timestamp() * 1000), os.urandom(10)), subject, digest, caller.operator, caller.person or "",
        kind, media_type, clean_name(name), len(data), format_time(now),
    )  # fmt: skip
    try:
        added = _note(register, made)
    except BaseException:
        _let_go(register, digest)
        raise
    # Again: the last row of the same bytes may just have been removed, and they with it.
    storing.store(register.settings, register.vault, data)
    return added


def find_document(connection: Connection, id_: str) -> Document:
    """One that was not removed. Raises NotFoundError."""
    row = connection.execute(select(document).where(_c.id == id_, _c.removed_at.is_(None))).one_or_none()
    if row is None:
        raise NotFoundError("there is no such document")
    return _document(row)


def list_documents(
    connection: Connection, subject: str, tiers: Collection[Tier], *, before: str | None = None
) -> Sequence[Document]:
    """Up to 100 documents of a battery or model that belong to these parts, newest first."""
    kinds = [row.paper.value for row in RULES.values() if row.tier in tiers]
    query = select(document).where(_c.subject == subject, _c.kind.in_(kinds), _c.removed_at.is_(None))
    return _page(connection, query, before)


def list_own(connection: Connection, operator: str, *, before: str | None = None) -> Sequence[Document]:
    """Up to 100 documents that an operator added, newest first."""
    return _page(connection, select(document).where(_c.operator == operator, _c.removed_at.is_(None)), before)


def remove_document(register: Register, id_: str) -> None:
    """Take a document away; its row stays, with the time. Raises NotFoundError."""
    with register.write_beside() as connection:
        found = find_document(connection, id_)
        gone = document.update().where(_c.id == id_).values(removed_at=format_time(register.clock()))
        connection.execute(gone)
        _use(connection, found.operator, -found.bytes, quota=register.settings.documents.quota)
    _let_go(register, found.digest)


def used_bytes(connection: Connection, operator: str) -> int:
    """How much of its quota an operator has used."""
    found = select(document_use.c.bytes).where(document_use.c.operator == operator)
    return int(connection.execute(found).scalar() or 0)


def clean_name(name: str) -> str:
    """A file's name as it is shown: without folders, without characters that nobody sees."""
    plain = name.replace("\\", "/").rpartition("/")[2]
    return "".join(letter for letter in plain if letter.isprintable())[:NAME]


def _note(register: Register, made: Document) -> Added:
    with register.write_beside() as connection:
        its = (_c.digest == made.digest, _c.subject == made.subject, _c.operator == made.operator)
        query = select(document).where(*its, _c.kind == made.kind.value, _c.removed_at.is_(None))
        same = connection.execute(query).first()
        if same is not None:
            return Added(_document(same), again=True)
        _use(connection, made.operator, made.bytes, quota=register.settings.documents.quota)
        bulk.writer(connection).insert(document, [_row(made)])
    return Added(made)


def _let_go(register: Register, digest: bytes) -> None:
    """Delete what no row names, in a turn of its own: what is rolled back must not have lost its bytes."""
    others = select(_c.id).where(_c.digest == digest, _c.removed_at.is_(None)).limit(1)
    with register.write_beside() as connection:
        if connection.execute(others).first() is None:
            storing.remove(register.settings, digest)


def _use(connection: Connection, operator: str, change: int, *, quota: int) -> None:
    row = select(document_use.c.bytes).where(document_use.c.operator == operator).with_for_update()
    used = int(connection.execute(row).scalar() or 0) + change
    if change > 0 and used > quota:
        en = f"your documents would have {used:,} bytes, more than {quota:,}: remove some first"
        raise FileRefusedError("quota", en, f"文件总量将达{used:,}字节，超过配额{quota:,}字节，请先删除部分文件")
    bulk.writer(connection).upsert(document_use, [(operator, max(used, 0))])


def _page(connection: Connection, query: Any, before: str | None) -> Sequence[Document]:
    if before is not None:
        query = query.where(_c.id < before)
    return [_document(row) for row in connection.execute(query.order_by(_c.id.desc()).limit(PAGE))]


def _row(made: Document) -> tuple[Any, ...]:
    return (
        made.id, made.subject, made.digest, made.operator, made.person, made.kind.value, made.media_type.value,
        made.name, made.bytes, made.added_at, None,
    )  # fmt: skip


def _document(row: Any) -> Document:
    return Document(
        row.id, row.subject, bytes(row.digest), row.operator, row.person, Paper(row.kind), MediaType(row.media_type),
        row.name, row.bytes, row.added_at,
    )  # fmt: skip
