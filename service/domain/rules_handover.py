"""Rules of custody: who has a battery gives it away, who got it confirms. Source: conservation rule 11.

Either side may tell first. What contradicts a hand-over that the holder declared is refused; one that only one side
told is taken, and stays open until the other side answers (`handed_to`, `taken_from`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from service.domain.bodies import Collect, HandOver, Receive, Retire, ScrapVehicle
from service.domain.breaches import breach
from service.domain.case import Case
from service.domain.roles import Role
from service.domain.rules_time import is_newest_move
from service.domain.rules_use import stands_alone
from service.domain.states import BatteryState


class WasteResponsibility(NamedTuple):
    """Who answers for a battery from the day it is waste: the collecting operator in this role, or the producer."""

    role: Role | None
    collector: bool
    jurisdiction: str
    source: str


WASTE_RESPONSIBILITIES = (
    WasteResponsibility(Role.PRODUCER_ORGANISATION, True, "EU", "Regulation (EU) 2023/1542, Art. 57(1) and 77(7)"),
    WasteResponsibility(None, False, "EU", "Regulation (EU) 2023/1542, Art. 77(7)"),
)
"""The first row whose role the collector holds counts. An operator chosen under Art. 57(8) says so in the event."""


def responsible_for_waste(case: Case[Collect], state: BatteryState) -> str:
    """The operator that answers for the battery once it is collected."""
    if case.body.takes_responsibility:
        return case.event.actor
    row = next(row for row in WASTE_RESPONSIBILITIES if row.role is None or row.role in case.facts.roles)
    return case.event.actor if row.collector else producer_of(state)


def producer_of(state: BatteryState) -> str:
    """Who answers for a battery that was discarded, until somebody collects it: who did so before, or who made it.

    Source: Regulation (EU) 2023/1542, Art. 77(7).
    """
    return state.responsible or state.maker


def given_by_its_holder(case: Case[HandOver]) -> None:
    event = case.event
    for at, state in enumerate(case.states):
        stands_alone(state, at)
        answers = state.taken_from == event.actor and state.holder == case.body.to_operator
        if not answers:
            is_newest_move(event, state)
        if state.holder != event.actor and not answers:
            raise breach("not-the-holder", f"/subjects/{at}", current=state, code=state.code, holder=state.holder)
        if state.holder == event.actor and state.handed_to is not None:
            to = state.handed_to
            raise breach("handed-over-already", f"/subjects/{at}", current=state, code=state.code, to=to)


def given_to_another(case: Case[HandOver]) -> None:
    to_operator_is_known(case)
    if case.body.to_operator == case.event.actor:
        raise breach("handover-self", "/body/to_operator")


def to_operator_is_known(case: Case[HandOver] | Case[Retire]) -> None:
    to_operator = case.body.to_operator
    if to_operator is not None and to_operator not in case.facts.operators:
        raise breach("operator-unknown", "/body/to_operator", operator=to_operator)


def taken_from_another(case: Case[Receive]) -> None:
    if case.body.from_operator == case.event.actor:
        raise breach("handover-self", "/body/from_operator")


def agrees_with_the_giver(case: Case[Receive] | Case[Collect]) -> None:
    """Where the holder declared a hand-over, it was to the actor, and the giver named is the holder."""
    for at, state in enumerate(case.states):
        if state.handed_to not in (None, case.event.actor):
            raise breach("handed-to-another", f"/subjects/{at}", current=state, code=state.code, to=state.handed_to)
    giver = case.body.from_operator
    if giver not in case.facts.operators:
        raise breach("operator-unknown", "/body/from_operator", operator=giver)
    for state in case.states:
        if state.handed_to is not None and state.holder != giver:
            raise breach("handed-by-another", "/body/from_operator", current=state, code=state.code, by=state.holder)


def taken_stand_alone(case: Case[Receive]) -> None:
    for at, state in enumerate(case.states):
        stands_alone(state, at)
        if state.holder == case.event.actor:
            raise breach("received-already", f"/subjects/{at}", current=state, code=state.code)


def pack_found_is_the_subject(case: Case[ScrapVehicle]) -> None:
    found = case.body.pack_found
    if case.event.subjects != (() if found is None else (found,)):
        raise breach("scrap-subjects", "/body/pack_found")


def handed(case: Case[HandOver], state: BatteryState) -> Mapping[str, str | None]:
    """What a declared hand-over leaves open."""
    if state.holder == case.event.actor:
        return {"handed_to": case.body.to_operator}
    return {"taken_from": None}


def taken(case: Case[Receive] | Case[Collect], state: BatteryState) -> Mapping[str, str | None]:
    """What a confirmed receipt leaves open."""
    giver, actor = case.body.from_operator, case.event.actor
    declared = state.handed_to == actor or giver == actor
    return {"handed_to": None, "taken_from": None if declared else giver}
