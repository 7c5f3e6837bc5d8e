"""Who reads a passport as what: by role, and by what he has to do with the battery."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from service.access import Caller
from service.domain.passport.tiers import ALL, INTERESTED, PUBLIC, Tier
from service.domain.roles import Role
from service.domain.rules_use import date_in_china
from service.errors import SettingsError
from service.passports.access import Leave, Ties, leave_for
from service.settings import read_settings
from tests.service.passports.market import BRUSSELS, BUREAU, DEALER, MAKER, MOTORS, REPAIR, Market, open_market

NOBODY = Ties(frozenset())
INTEREST = frozenset({Tier.PT1, Tier.PT2, Tier.PT4})


@pytest.fixture(scope="module")
def market(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Market]:
    folder: Path = tmp_path_factory.mktemp("access")
    with open_market(folder / "data") as opened:
        yield opened


def leave(market: Market, operator: str | None, ties: Ties = NOBODY, *, scope: str = "read") -> Leave:
    caller = Caller(operator, frozenset({scope}), "k") if operator else None
    register = market.register
    return leave_for(caller, register.registry, register, ties, day=date_in_china(register.clock()))


def test_the_public_and_a_key_that_cannot_read_see_part_1(market: Market) -> None:
    assert leave(market, None) == Leave(PUBLIC)
    assert leave(market, BUREAU, scope="record") == Leave(PUBLIC)
    assert leave(market, DEALER) == Leave(PUBLIC)


def test_who_answers_for_a_passport_sees_all_of_that_one(market: Market) -> None:
    assert leave(market, MAKER) == Leave(PUBLIC)
    assert leave(market, MAKER, Ties(frozenset({MAKER}))) == Leave(ALL)


def test_who_has_the_battery_in_hand_sees_its_life(market: Market) -> None:
    assert leave(market, MOTORS, Ties(frozenset({MAKER}), holder=MOTORS)) == Leave(INTEREST)


def test_who_bought_the_battery_sees_its_life(market: Market) -> None:
    assert leave(market, DEALER, Ties(frozenset({MAKER}), holder=MOTORS, owner=DEALER)) == Leave(INTEREST)


def test_supervision_is_told_apart_unless_another_right_covers_it(market: Market) -> None:
    assert leave(market, BUREAU) == Leave(ALL, supervised=True)
    assert leave(market, BUREAU, Ties(frozenset({BUREAU}))) == Leave(ALL)
    assert not leave(market, BRUSSELS).supervised


def test_the_installation_says_who_has_a_legitimate_interest(market: Market, monkeypatch: pytest.MonkeyPatch) -> None:
    assert leave(market, REPAIR) == Leave(INTEREST)
    narrowed = replace(market.register.settings, interested=frozenset({Role.RECYCLER}))
    monkeypatch.setattr(market.register, "settings", narrowed)
    assert leave(market, REPAIR) == Leave(PUBLIC)


def test_the_setting_lists_roles_and_refuses_others(tmp_path: Path) -> None:
    assert read_settings({}, data=tmp_path).interested == INTERESTED
    given = read_settings({"PACKTRAIL_LEGITIMATE_INTEREST": "recycler, insurer"}, data=tmp_path)
    assert given.interested == {Role.RECYCLER, Role.INSURER}
    assert read_settings({"PACKTRAIL_LEGITIMATE_INTEREST": ""}, data=tmp_path).interested == frozenset()
    with pytest.raises(SettingsError, match="mayor is none of"):
        read_settings({"PACKTRAIL_LEGITIMATE_INTEREST": "mayor"}, data=tmp_path)
