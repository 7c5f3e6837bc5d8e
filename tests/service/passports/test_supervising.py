"""What the authority is told of all passports: each pack once, each part of Annex XIII, and declared footprints."""

from collections.abc import Iterator
from pathlib import Path
from threading import Event

import pytest

from service.domain.passport.tiers import Tier
from service.packlist.following import follow
from service.packlist.supervising import Footprint, Overview, read_overview
from service.passports.publishing import author_of_model, hand_in, publish
from tests.service.passports.contents import content
from tests.service.passports.market import MAKER, Market, open_market

CARBON = {"raw_material_g": 40, "production_g": 20, "distribution_g": 2, "end_of_life_g": 1, "total_g": 63}


@pytest.fixture
def market(tmp_path: Path) -> Iterator[Market]:
    with open_market(tmp_path / "data") as opened:
        yield opened


def overview(market: Market, model: str = "") -> Overview:
    follow(market.register, Event())
    return read_overview(market.register, model=model)


def test_every_pack_counts_once_and_what_its_model_publishes_counts_for_all_of_them(market: Market) -> None:
    before = overview(market)
    assert (before.complete, before.incomplete, before.unknown) == (0, 3, 0)
    packs = {each.model: each.packs for each in before.parts}
    assert packs == {"CQ-150": 2, "CQ-LMT": 1} and before.footprints == ()
    author = author_of_model(market.register, "CQ-150", MAKER)
    whole = content(**{"17": CARBON, "18": {"performance_class": "B"}})
    publish(market.recorder, hand_in(market.register, author, whole), operator=MAKER)
    after = overview(market)
    assert (after.complete, after.incomplete) == (2, 1) and after.lag == 0
    assert after.footprints == (Footprint("CQ-150", 2, 63, "B"),)
    assert {each.tier for each in after.parts if each.model == "CQ-150"} >= {Tier.PT1, Tier.PT2, Tier.PT3}
    for each in after.parts:
        old = next(one for one in before.parts if (one.model, one.tier) == (each.model, each.tier))
        assert old.asked == each.asked and (each.given == each.asked) == (each.model == "CQ-150")
        assert old.given < each.given or each.model == "CQ-LMT"
    assert overview(market, "CQ-LMT").complete == 0 and overview(market, "CQ-LMT").footprints == ()
