"""In which districts of Chongqing waste batteries are taken in (figure 16)."""

from __future__ import annotations

from datetime import date, timedelta

from sqlalchemy import func, select

from service.db.figure_tables import figure_act
from service.db.tables import operator
from service.domain.districts import CHONGQING
from service.domain.roles import Role
from service.figures.asking import Question, Row, last_day
from service.figures.folding import TAKING_IN
from service.figures.parameters import ACTIVE

_act = figure_act.c
OUTLETS = frozenset({Role.COLLECTOR, Role.DEALER, Role.WORKSHOP, Role.SWAP_OPERATOR, Role.PRODUCER_ORGANISATION})
"""Who has outlets that take waste batteries back. Source: MIIT Order 73, Art. 19; which count: source needed."""


def active_outlets(question: Question) -> list[Row]:
    """Each district with its outlets, and how many of them have taken in a battery lately, as enrolled."""
    found: dict[str, list[Row]] = {}
    for row in outlets(question):
        found.setdefault(str(row[1]), []).append(row)
    rows: list[Row] = []
    for code in sorted(CHONGQING):
        if code.startswith(question.filter.district or ""):
            own = found.get(code, [])
            active = sum(int(row[2] or 0) for row in own)
            newest = max((str(row[3] or "") for row in own), default="")
            rows.append((code, len(own), active, int(active > 0), newest or None))
    return rows


def outlets(question: Question) -> list[Row]:
    """Who has outlets in the districts of Chongqing asked for, by id: the district, whether one is active, and the last
    day on which it took a battery in.
    """
    asked = question.filter.until
    until = min(last_day(asked), question.today) if asked else question.today
    row = question.parameters.find(ACTIVE, "outlet", until)
    since = until - timedelta(days=(row.value if row else 12) * 365 // 12)
    newest = _newest(question, until)
    rows: list[Row] = []
    for id_, enrolled in sorted(question.registry.operators.items()):
        region = enrolled.enrolment.region
        if OUTLETS & enrolled.roles and region in CHONGQING and region.startswith(question.filter.district or ""):
            last_on = newest.get(id_, "")
            rows.append((id_, region, int(last_on >= since.isoformat()), last_on or None))
    return rows


def _newest(question: Question, until: date) -> dict[str, str]:
    """By organisation, the last day on which it took a battery in. A search in the index for each, within one query."""
    newest = [
        select(func.max(_act.day))
        .where(_act.actor == operator.c.id, _act.kind == kind, _act.day <= until.isoformat())
        .scalar_subquery()
        for kind in sorted(TAKING_IN)
    ]
    rows = question.reader.connection.execute(select(operator.c.id, *newest))
    return {id_: max(day or "" for day in days) for id_, *days in rows}
