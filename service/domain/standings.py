"""The standing of organisations: rules of `set_standing`, by which the authority suspends, ends and reinstates.

An organisation that is not active records nothing and its people and programs are let in nowhere, from that entry on.
What it recorded before stays valid, and its batteries stay where they are: others take them over as usual.
"""

from __future__ import annotations

from service.domain.bodies import SetStanding
from service.domain.breaches import breach
from service.domain.case import Case
from service.domain.words import Standing


def standing_can_be_set(case: Case[SetStanding]) -> None:
    body, facts = case.body, case.facts
    if body.operator_id not in facts.operators:
        raise breach("standing-unknown", "/body/operator_id", operator=body.operator_id)
    if body.operator_id == facts.authority:
        raise breach("standing-of-authority", "/body/operator_id", operator=body.operator_id)
    if body.since > facts.today:
        raise breach("standing-day", "/body/since", today=facts.today)
    known = facts.standings.get(body.operator_id)
    present = known.standing if known is not None else Standing.ACTIVE
    if body.standing is present:
        where, operator = "/body/standing", body.operator_id
        raise breach("standing-same", where, operator=operator, standing=present.en, standing_zh=present.zh)
