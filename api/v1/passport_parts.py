"""What of a passport goes into an answer. It holds what its reader may see already: nothing is filtered here."""

from collections.abc import Iterable, Mapping

from api.schemas.passports import JsonSchema
from ledger.entry import format_hash, format_time
from service.domain.passport.completeness import Completeness
from service.domain.passport.datapoints import (
    APPLIES_FROM,
    DATA_POINTS,
    RECORDED,
    UNIT_OF,
    DataPoint,
    Status,
    status_of,
)
from service.domain.passport.passport import Party, Passport, PointValue
from service.domain.passport.tiers import Tier
from service.domain.rules_use import date_in_china
from service.passports.keeping import Part, Published
from service.passports.publishing import Draft

SHOWN = (Status.MANDATORY, Status.OPTIONAL, Status.CONDITIONAL)
"""What is displayed. Source: the guidance says of the others that they are not to be filled or shown."""


def passport_members(passport: Passport, product: str) -> dict[str, object]:
    """A passport in force, a draft, or an archived one."""
    return ended_members(passport, product) | {"points": points_members(passport)}


def ended_members(passport: Passport, product: str) -> dict[str, object]:
    """What remains of a passport that ceased to exist: what it was, and by what it can be checked."""
    version = passport.version
    return {
        "id": passport.id,
        "product": product,
        "code": passport.code,
        "gtin": passport.gtin,
        "serial": passport.serial,
        "category": passport.category.value if passport.category else None,
        "status": passport.status.value,
        "op_state": passport.op_state.value,
        "life_status": passport.life_status.value,
        "version": version.text,
        "model_id": passport.model_id,
        "maker": _party(passport.maker),
        "responsible": _party(passport.responsible),
        "made_on": passport.made_on.isoformat(),
        "placed_on": passport.placed_on.isoformat() if passport.placed_on else None,
        "in_service_on": passport.in_service_on.isoformat() if passport.in_service_on else None,
        "market": passport.market,
        "registry_id": passport.registry_id,
        "updated_at": format_time(passport.updated_at),
        "derived_from": list(passport.derived_from),
        "originals": list(passport.originals),
        "consumed_into": passport.consumed_into,
        "flags": list(passport.flags),
        "tiers": sorted(tier.value for tier in passport.tiers),
        "digests": {name: _texts(each) for name, each in version.digests.items()},
        "entries": dict(version.indexes),
    }


def points_members(passport: Passport) -> dict[str, object]:
    """The data points that are displayed, by number."""
    day = max(date_in_china(passport.updated_at), APPLIES_FROM)
    members: dict[str, object] = {}
    for nr, point in passport.points.items():
        status = status_of(nr, passport.category, day) if passport.category else Status.MANDATORY
        if status in SHOWN:
            members[str(nr)] = _point(DATA_POINTS[nr], point, status)
    return members


def _point(row: DataPoint, point: PointValue, status: Status) -> dict[str, object]:
    members: dict[str, object] = {
        "element": row.element,
        "name": row.en,
        "name_zh": row.zh,
        "source": row.source,
        "status": status.value,
        "tier": row.tier.value,
        "value": dict(point.value),
        "at": format_time(point.at) if point.at else None,
        "by": point.by,
        "method": point.method,
    }
    further = {"unit": point.unit, "uncertainty_ppm": point.uncertainty_ppm, "entry": point.index}
    return members | {name: value for name, value in further.items() if value is not None}


def completeness_members(report: Completeness) -> dict[str, object]:
    """What is missing, by number, with its clause."""
    missing = [DATA_POINTS[nr] for nr in report.missing]
    return {
        "category": report.category.value,
        "day": report.day.isoformat(),
        "complete": report.is_complete,
        "given": list(report.given),
        "missing": [{"nr": row.nr, "name": row.en, "name_zh": row.zh, "source": row.source} for row in missing],
        "conditional": list(report.conditional),
        "pending": list(report.pending),
    }


def draft_members(draft: Draft) -> dict[str, object]:
    """A content that was handed in: the event that would publish it, and what it lacks."""
    return {
        "subject": draft.subject,
        "version": draft.version,
        "subjects": draft.subjects,
        "body": draft.body,
        "completeness": completeness_members(draft.completeness),
    }


def published_members(newest: Published, parts: Iterable[Part], versions: Iterable[Published]) -> dict[str, object]:
    """A published content, part by part, as it was hashed; and all versions by their digests."""
    shown = {part.tier.value: _part(part) for part in parts}
    return {
        "subject": newest.subject,
        "version": newest.version,
        "parts": shown,
        "versions": [
            {
                "version": each.version,
                "entry": each.index,
                "at": each.at,
                "points": sorted(each.numbers),
                "digests": _texts(each.digests),
            }
            for each in versions
        ],
    }


def _part(part: Part) -> dict[str, object]:
    members: dict[str, object] = {"document": part.document, "sha256": part.text}
    return members | ({"salt": format_hash(part.salt)} if part.salt else {})


def data_point_members(row: DataPoint, schema: JsonSchema | None) -> dict[str, object]:
    """One of the 71 rows."""
    members: dict[str, object] = {
        "nr": row.nr,
        "element": row.element,
        "name": row.en,
        "name_zh": row.zh,
        "source": row.source,
        "tier": row.tier.value,
        "level": "item" if row.item else "model",
        "dynamic": row.dynamic,
        "recorded": row.nr in RECORDED,
        "ev": row.ev.value,
        "lmt": row.lmt.value,
        "industrial": row.industrial.value,
    }
    unit = UNIT_OF.get(row.nr)
    return members | ({"unit": unit} if unit else {}) | ({"schema": schema} if schema else {})


def _texts(digests: Mapping[Tier, str]) -> dict[str, str]:
    return {tier.value: text for tier, text in sorted(digests.items())}


def _party(party: Party) -> dict[str, object]:
    return {"operator_id": party.operator_id, "name": party.name, "name_en": party.name_en, "uscc": party.uscc}
