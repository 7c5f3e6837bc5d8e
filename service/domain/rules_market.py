"""Rules of markets and borders: placing on a market, export and return, and voiding what never was."""

from __future__ import annotations

from service.domain.bodies import Export, ImportBack, PlaceOnMarket, ReportFound
from service.domain.breaches import breach
from service.domain.case import B, Case
from service.domain.countries import HOME
from service.domain.roles import Role
from service.domain.rules_use import date_is_possible
from service.domain.states import STOLEN, OpState
from service.domain.words import Market

PLACES_OTHERS_BATTERIES = frozenset({Role.VEHICLE_MAKER, Role.IMPORTER})
"""Who may place a battery on a market that another operator made. Source: Regulation (EU) 2023/1542, Art. 77(3)."""


def placed_by_its_maker(case: Case[PlaceOnMarket]) -> None:
    state, event = case.states[0], case.event
    if state.maker != event.actor and PLACES_OTHERS_BATTERIES.isdisjoint(case.facts.roles):
        raise breach("not-the-maker", "/subjects/0", current=state, what=state.code, maker=state.maker)


def placed_once_in_each_market(case: Case[PlaceOnMarket]) -> None:
    """A battery that left China is placed on another market."""
    state, market = case.states[0], case.body.market
    if market.value in state.markets or (state.op_state is OpState.EXPORTED and market is Market.CN):
        raise breach("market", "/body/market", current=state, code=state.code, market=market.en, market_zh=market.zh)


def placing_has_a_possible_date(case: Case[PlaceOnMarket]) -> None:
    date_is_possible(case, "placed_on", case.body.placed_on)


def finding_has_a_possible_date(case: Case[ReportFound]) -> None:
    date_is_possible(case, "found_on", case.body.found_on)


def country_is_abroad(case: Case[Export] | Case[ImportBack]) -> None:
    if case.body.country == HOME:
        raise breach("home-country", "/body/country")


def none_is_stolen(case: Case[B]) -> None:
    for at, state in enumerate(case.states):
        if STOLEN in state.flags:
            raise breach("unsafe", f"/subjects/{at}", current=state, code=state.code, flags=STOLEN)


def void_is_for_its_maker(case: Case[B]) -> None:
    state = case.states[0]
    if state.maker != case.event.actor:
        raise breach("not-the-maker", "/subjects/0", current=state, what=state.code, maker=state.maker)
    if state.void_asked:
        raise breach("void-asked", "/subjects/0", current=state, code=state.code)


def void_was_asked_for(case: Case[B]) -> None:
    state = case.states[0]
    if not state.void_asked:
        raise breach("void-not-asked", "/subjects/0", current=state, code=state.code)
