"""Verification of the contents of passports: behind every digest that an entry publishes stands what was hashed."""

import orjson
from sqlalchemy import select

from ledger.errors import LedgerError
from ledger.verification.audit import Audit
from service.db.passport_tables import passport_version
from service.db.store import SqlReader
from service.domain.passport.tiers import Tier
from service.errors import SettingsError
from service.keys.vault import Vault
from service.passports.keeping import Part, Published, find_parts


def verify_passports(audit: Audit, reader: SqlReader, vault: Vault) -> dict[str, int]:
    """Open every published content and compare it with its entry; gives the number of parts that are right."""
    column = passport_version.c
    count = 0
    for row in reader.connection.execute(select(passport_version).order_by(column.idx)):
        published = Published(row.subject, row.version, row.idx, row.at, orjson.loads(bytes(row.body)))
        parts = _find(reader, vault, published)
        for tier in published.digests:
            if tier in parts and _fits(parts[tier], published):
                count += 1
            else:
                what = f"part {tier.value} of version {row.version} of the passport of {row.subject}"
                audit.fail(row.idx, f"{what} is not there as it was hashed")
    return {"passport_parts": count} if count else {}


def _find(reader: SqlReader, vault: Vault, published: Published) -> dict[Tier, Part]:
    found: dict[Tier, Part] = {}
    for tier, digest in published.digests.items():
        try:
            found |= find_parts(reader.connection, vault, {tier: digest})
        except (SettingsError, LedgerError, ValueError):
            continue  # cannot be opened or read: it is missing from what is given back
    return found


def _fits(part: Part, published: Published) -> bool:
    document = part.document
    said = (document.get("subject"), document.get("version"), document.get("tier"))
    return said == (published.subject, published.version, part.tier.value)
