"""Contents of passports as they are kept: beside the log, part by part, sealed, found by the digest in the entry.

What is hashed is the canonical JSON of category, points, subject, tier and version: for part 1 its SHA-256, for the
others the salted commitment of ledger/README.md, section 14. A content stands here before its entry does, as a draft;
an entry can only publish what stands here.
"""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import orjson
from sqlalchemy import Connection, func, select

from ledger import canonical
from ledger.entry import format_hash, parse_hash
from service.db import bulk
from service.db.passport_tables import passport_content, passport_version
from service.domain.passport.content import Content, split_by_tier
from service.domain.passport.tiers import Tier
from service.domain.words import Category
from service.keys.vault import Vault
from service.private.commitments import SALT, commit

CONTENT = b"passport"
"""The kind of a part for the vault; its name is its digest in hexadecimal."""

_content = passport_content.c
_DRAFTS = 4_027_190
"""Names our locks among those of PostgreSQL."""


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a content. `salt` is empty for the public one. `document`: what was hashed."""

    tier: Tier
    document: Mapping[str, Any]
    salt: bytes
    digest: bytes

    @property
    def points(self) -> Mapping[str, Any]:
        """Values by number, as text."""
        points: Mapping[str, Any] = self.document["points"]
        return points

    @property
    def text(self) -> str:
        """The digest as it stands in an event."""
        return format_hash(self.digest)


def make_parts(subject: str, version: int, content: Content, *, category: Category) -> list[Part]:
    """The parts of a content, each with a salt of its own."""
    names = {"category": category.value, "subject": subject, "version": version}
    parts = []
    for tier, points in split_by_tier(content).items():
        document = names | {"points": points, "tier": tier.value}
        salt = b"" if tier is Tier.PT1 else os.urandom(SALT)
        parts.append(Part(tier, document, salt, digest_of(document, salt)))
    return parts


def digest_of(document: Mapping[str, Any], salt: bytes) -> bytes:
    """The 32 bytes that commit to a part. Raises MalformedError for what has no canonical form."""
    return commit(document, salt) if salt else sha256(canonical.encode(document)).digest()


def keep_parts(connection: Connection, vault: Vault, subject: str, version: int, parts: Sequence[Part]) -> None:
    """Keep a draft, in the place of the one before it. Published contents stay."""
    take_turn(connection, subject)
    vault.attach(connection)
    forget_drafts(connection, subject, published=version - 1)
    rows = []
    for part in parts:
        name = part.digest.hex()
        sealed = vault.seal(CONTENT, name, part.salt + canonical.encode(part.document))
        rows.append((name, subject, version, part.tier.value, sealed))
    bulk.writer(connection).insert(passport_content, rows)


def take_turn(connection: Connection, subject: str) -> None:
    """Have others wait who would change the draft of this subject, until the transaction ends.

    On PostgreSQL; SQLite lets one write at a time.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(select(func.pg_advisory_xact_lock(_DRAFTS, func.hashtext(subject))))


def forget_drafts(connection: Connection, subject: str, *, published: int) -> int:
    """Drop the contents of later versions than the published one; gives the number of parts.

    What was published since the caller looked stays: an entry commits to it.
    """
    kept = select(passport_version.c.version).where(passport_version.c.subject == subject)
    drafts = (_content.subject == subject, _content.version > published, _content.version.not_in(kept))
    return connection.execute(passport_content.delete().where(*drafts)).rowcount


def find_parts(connection: Connection, vault: Vault | None, digests: Mapping[Tier, str]) -> dict[Tier, Part]:
    """The parts behind these digests, as far as they are there and are what was hashed."""
    wanted = {parse_hash(text).hex(): tier for tier, text in digests.items()}
    if vault is None or not wanted:
        return {}
    found = {}
    for row in bulk.select_rows(connection, _content.name, list(wanted)):
        part = _open(vault, row.name, bytes(row.sealed), Tier(row.tier))
        if part is not None:
            found[wanted[row.name]] = part
    return found


def find_draft(connection: Connection, vault: Vault, subject: str, *, published: int) -> dict[Tier, Part]:
    """The parts of the newest content that is not published, by tier; none where there is no draft."""
    query = select(passport_content).where(_content.subject == subject, _content.version > published)
    found = {}
    for row in connection.execute(query):
        part = _open(vault, row.name, bytes(row.sealed), Tier(row.tier))
        if part is not None:
            found[part.tier] = part
    return found


def content_of(parts: Mapping[Tier, Part]) -> dict[int, dict[str, Any]]:
    """The content that these parts make together, by number."""
    points = {int(nr): value for part in parts.values() for nr, value in part.points.items()}
    return dict(sorted(points.items()))


@dataclass(frozen=True, slots=True)
class Published:
    """One version, as its entry says. `at`: when that was recorded."""

    subject: str
    version: int
    index: int
    at: str
    body: Mapping[str, Any]

    @property
    def numbers(self) -> frozenset[int]:
        return frozenset(map(int, self.body["points"]))

    @property
    def category(self) -> str:
        return str(self.body["category"])

    @property
    def digests(self) -> dict[Tier, str]:
        """The digest of each part, base64."""
        names = {tier: f"{tier.value}_sha256" for tier in Tier}
        return {tier: self.body[name] for tier, name in names.items() if name in self.body}


def find_versions(connection: Connection, subjects: Sequence[str]) -> dict[str, list[Published]]:
    """The published versions of these subjects, oldest first."""
    found: dict[str, list[Published]] = {}
    for row in bulk.select_rows(connection, passport_version.c.subject, list(subjects)):
        one = Published(row.subject, row.version, row.idx, row.at, orjson.loads(bytes(row.body)))
        found.setdefault(row.subject, []).append(one)
    return {subject: sorted(each, key=lambda one: one.version) for subject, each in found.items()}


def _open(vault: Vault, name: str, sealed: bytes, tier: Tier) -> Part | None:
    opened = vault.open_sealed(CONTENT, name, sealed)
    length = 0 if tier is Tier.PT1 else SALT
    salt, document = opened[:length], orjson.loads(opened[length:])
    part = Part(tier, document, salt, digest_of(document, salt))
    return part if part.digest.hex() == name else None
