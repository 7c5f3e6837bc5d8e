"""Thresholds of the law as JSON: the same for the API and the command line. `until` is the last day of a row."""

from datetime import date
from typing import Any

from service.domain.duties.thresholds import Dated, Thresholds
from service.domain.licences import LicenceDays, Need, told_from
from service.domain.recovery.targets import RecycledContent, Target
from service.domain.rules_second_life import BannedApplication
from service.domain.spans import last_day


def thresholds_members(found: Thresholds, days: LicenceDays) -> dict[str, Any]:
    """The tables by name, each a list of its rows. days: from when on licences have to be told."""
    return {
        "targets": [_target(row) for row in found.targets],
        "recycled_content": [_recycled_content(row) for row in found.recycled_content],
        "banned_applications": [_banned_application(row) for row in found.banned_applications],
        "licences": [_licence(row, days) for row in found.licences],
    }


def _target(row: Target) -> dict[str, Any]:
    return {
        "id": row.id,
        "measure": row.measure.value,
        "title": row.measure.en,
        "title_zh": row.measure.zh,
        "ppm": row.ppm,
        "at_most": row.at_most,
        "stages": sorted(stage.value for stage in row.stages),
        "families": sorted(family.value for family in row.families),
        **_dated(row, row.source),
    }


def _recycled_content(row: RecycledContent) -> dict[str, Any]:
    return {
        "material": row.material.value,
        "title": row.material.en,
        "title_zh": row.material.zh,
        "ppm": row.ppm,
        **_dated(row, row.source),
    }


def _banned_application(row: BannedApplication) -> dict[str, Any]:
    return {
        "application": row.application.value,
        "title": row.application.en,
        "title_zh": row.application.zh,
        **_dated(row, row.source),
    }


def _licence(row: Need, days: LicenceDays) -> dict[str, Any]:
    return {
        "role": row.role.value,
        "licence": row.licence.value,
        "title": row.licence.en,
        "title_zh": row.licence.zh,
        "events": sorted(row.kinds),
        "enforced": row.is_enforced,
        "told_from": _day(told_from(row, days)),
        "told_days": [
            {"told_from": _day(each.told_from), "source": each.source, "entry": each.entry}
            for each in days.get((row.role, row.licence), ())
        ],
        **_dated(row, row.source),
    }


def _dated(row: Dated, source: str) -> dict[str, Any]:
    return {
        "jurisdiction": row.jurisdiction,
        "from": _day(row.since),
        "until": _day(last_day(row)),
        "source": source,
    }


def _day(day: date | None) -> str | None:
    return None if day is None else day.isoformat()
