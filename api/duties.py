"""Duties, milestones and cases as JSON: the same for the API and the command line."""

from datetime import date
from typing import Any

from service.domain.duties.cases import DutyCase
from service.domain.duties.clocks import CountingRule
from service.domain.duties.milestones import Milestone
from service.domain.duties.rows import DUTIES
from service.domain.duties.vehicles import MissingBattery
from service.duties import DutyInForce, DutySum


def duty_members(row: DutyInForce) -> dict[str, Any]:
    """One duty with the days in force. `set_by`: the entry in which the authority set them."""
    duty, unjudged = row.duty, row.duty.unjudged or (None, None)
    return {
        "id": duty.id,
        "jurisdiction": duty.jurisdiction.value,
        "title": duty.en,
        "title_zh": duty.zh,
        "roles": sorted(role.value for role in duty.roles),
        "trigger": duty.trigger,
        "answers": sorted(duty.answers),
        "days": row.days,
        "clock": row.clock.value,
        "clock_zh": row.clock.zh,
        "state": row.state,
        "set_by": row.set.entry if row.set else None,
        "unjudged": unjudged[0],
        "unjudged_zh": unjudged[1],
        "from": duty.since.isoformat(),
        "until": _day(duty.until),
        "article": duty.article,
        "source": row.source,
    }


def milestone_members(row: Milestone) -> dict[str, Any]:
    """One milestone."""
    return {
        "id": row.slug,
        "jurisdiction": row.jurisdiction,
        "title": row.en,
        "title_zh": row.zh,
        "from": _day(row.since),
        "until": _day(row.until),
        "article": row.article,
        "source": row.source,
    }


def counting_members(row: CountingRule) -> dict[str, Any]:
    """One rule of counting days."""
    return {"id": row.slug, "title": row.en, "title_zh": row.zh, "source": row.source}


def case_members(case: DutyCase, today: date) -> dict[str, Any]:
    """One case: what was due, when, and how late it is or was."""
    duty = DUTIES[case.duty]
    return {
        "duty": case.duty,
        "title": duty.en,
        "title_zh": duty.zh,
        "article": duty.article,
        "operator": case.actor,
        "code": case.code or None,
        "entry": case.index,
        "since": case.since.isoformat(),
        "due_on": _day(case.due_on),
        "answer": case.answer,
        "answered_on": _day(case.answered_on),
        "days_late": case.days_late(today),
    }


def missing_members(case: MissingBattery) -> dict[str, Any]:
    """A battery that was not in its vehicle. `code` is null where the register knows of none in it."""
    return {
        "entry": case.index,
        "code": case.code or None,
        "found": case.found or None,
        "certificate_no": case.certificate_no,
        "operator": case.actor,
        "since": case.since.isoformat(),
    }


def sum_members(row: DutySum) -> dict[str, Any]:
    """What came of one duty in one month."""
    return {
        "operator": row.operator,
        "duty": row.duty,
        "month": row.month,
        "cases": row.cases,
        "answered": row.answered,
        "late": row.late,
        "mean_days": round(row.days / row.answered, 1) if row.answered else None,
    }


def _day(day: date | None) -> str | None:
    return None if day is None else day.isoformat()
