"""Rates of recovery as JSON: the same for the API and the command line."""

from typing import Any

from service.domain.materials.batch import Family
from service.domain.recovery.verdicts import Verdict
from service.domain.words import Word
from service.recovery import RecoveryRow


def row_members(row: RecoveryRow) -> dict[str, Any]:
    """One rate as JSON."""
    return {
        "operator": row.operator,
        "stage": _named(row.key.stage),
        "family": _named(Family(row.key.family)),
        "measure": _named(row.key.measure),
        **row.amount._asdict(),
        "rate_ppm": row.rate_ppm,
        "impossible": row.impossible,
        "verdicts": [_verdict_members(each) for each in row.verdicts],
    }


def _verdict_members(verdict: Verdict) -> dict[str, Any]:
    target = verdict.target
    return {
        "target": target.id,
        "jurisdiction": target.jurisdiction,
        "ppm": target.ppm,
        "at_most": target.at_most,
        "since": target.since.isoformat() if target.since else None,
        "until": target.until.isoformat() if target.until else None,
        "in_force": verdict.in_force,
        "outcome": _named(verdict.outcome),
        "source": target.source,
    }


def _named(word: Word) -> dict[str, str]:
    return {"word": word.value, "en": word.en, "zh": word.zh}
