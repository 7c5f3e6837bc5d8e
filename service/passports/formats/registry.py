"""What the registry of the Union gets of a passport: who, what, which version by its hash, and where the copy is.

The registry keeps the unique identifier and a hash of the version, and answers with a registration identifier. Source:
Implementing Regulation (EU) 2026/1778; Regulation (EU) 2023/1542, Art. 77(10). The form of the record is ours: the
exact one that the registry reads: source needed.
"""

from base64 import b64encode
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from ledger.canonical import encode
from ledger.entry import format_time
from service.domain.gbt34014 import parse_code
from service.domain.passport.passport import Party, Passport
from service.domain.passport.tiers import Tier
from service.errors import ConflictError
from service.passports.formats.addresses import passport_address


@dataclass(frozen=True, slots=True)
class RegistryRecord:
    """The record, and the SHA-256 of its canonical JSON in base64."""

    record: dict[str, Any]
    sha256: str


def registry_record(passport: Passport, base_url: str, backup_url: str | None) -> RegistryRecord:
    """The record of a passport as published. Raises ConflictError for one of which no version was published."""
    if not passport.version.indexes:
        raise ConflictError(f"no version of the passport of {passport.code} was published")
    record = {
        "v": 1,
        "unique_identifier": str(passport.points[1].value["identifier"]),
        "passport_identifier": passport.id,
        "granularity": "item",
        "category": passport.category.value if passport.category else None,
        "status": passport.status.value,
        "operator": _party(passport.responsible),
        "manufacturer": _party(passport.maker),
        "battery": {"gb_code": passport.code, "gtin": passport.gtin, "serial": passport.serial},
        "batch_identifier": batch_of(passport),
        "model_identifier": passport.model_id,
        "version": passport.version.text,
        "version_sha256": version_hash(passport),
        "updated_at": format_time(passport.updated_at),
        "address": passport_address(passport.code, base_url),
        "backup": passport_address(passport.code, backup_url) if backup_url else None,
        "derived_from": list(passport.originals) or None,
        "registration_identifier": passport.registry_id,
    }
    told = without_none(record)
    return RegistryRecord(told, _hash(told))


def version_hash(passport: Passport) -> str:
    """One hash of the published version, the same for every reader: of its numbers, the entries that publish it and
    the digests of its public part. The entries commit to the other parts.
    """
    version = passport.version
    public = {name: by_tier[Tier.PT1] for name, by_tier in version.digests.items() if Tier.PT1 in by_tier}
    named = {"id": passport.id, "model": version.model, "item": version.item, "entries": dict(version.indexes)}
    return _hash({**named, "public": public})


def batch_of(passport: Passport) -> str:
    """The content's own batch where it names one, else the production day: the code without the day's serial."""
    point = passport.points.get(7)
    if point is not None and "batch" in point.value:
        return str(point.value["batch"])
    code = parse_code(passport.code)
    return code.text[: code.text.rindex(code.serial)]


def without_none(value: dict[str, Any]) -> dict[str, Any]:
    """The members that say something, at every level."""
    return {
        name: without_none(each) if isinstance(each, dict) else each for name, each in value.items() if each is not None
    }


def _party(party: Party) -> dict[str, Any]:
    return {"operator_id": party.operator_id, "name": party.name, "name_en": party.name_en, "uscc": party.uscc}


def _hash(value: object) -> str:
    return b64encode(sha256(encode(value)).digest()).decode()
