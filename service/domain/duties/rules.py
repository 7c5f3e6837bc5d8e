"""Rule of `set_deadline`: the authority fills gaps of the law as found, and changes nothing that the law says."""

from __future__ import annotations

from service.domain.bodies import SetDeadline
from service.domain.breaches import breach
from service.domain.case import Case
from service.domain.duties.rows import DUTIES


def deadline_is_open(case: Case[SetDeadline]) -> None:
    duty = DUTIES.get(case.body.duty)
    if duty is None:
        raise breach("duty-unknown", "/body/duty", duty=case.body.duty)
    if not duty.is_open:
        raise breach("duty-settled", "/body/duty", duty=duty.id, article=duty.article)
