"""Contents handed in, published by an entry, and the gates: nothing incomplete is published or placed on the market."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from ledger.entry import parse_entry
from service.errors import ConflictError, FaultyError, NotPermittedError, RefusedError
from service.passports.publishing import author_of_model, find_draft_of, hand_in, publish
from service.recording.recorder import Recorded
from tests.service.passports.contents import content
from tests.service.passports.market import LMT_PACK, MAKER, MOTORS, PACK, Market, open_market


@pytest.fixture
def market(tmp_path: Path) -> Iterator[Market]:
    with open_market(tmp_path / "data") as opened:
        yield opened


def publish_content(market: Market, model_id: str = "CQ-150", *, without: tuple[int, ...] = ()) -> Recorded:
    author = author_of_model(market.register, model_id, MAKER)
    return publish(market.recorder, hand_in(market.register, author, content(without=without)), operator=MAKER)


def codes_of(error: FaultyError) -> list[str]:
    return [fault.code for fault in error.faults]


def test_a_published_content_is_an_entry_that_commits_to_each_part(market: Market) -> None:
    body = parse_entry(publish_content(market).entry).event.body
    assert body["version"] == 1
    assert body["category"] == "ev"
    assert {"pt1_sha256", "pt2_sha256", "pt3_sha256", "pt4_sha256"} <= body.keys()
    assert "45" in body["points"]
    assert b"MARK-PT2" not in publish_content(market).entry


def test_an_electric_vehicle_passport_without_data_point_33_is_refused_and_names_it(market: Market) -> None:
    with pytest.raises(RefusedError) as refused:
        publish_content(market, without=(33,))
    assert codes_of(refused.value) == ["data-point-33"]
    assert "33" in refused.value.faults[0].message_zh
    assert refused.value.faults[0].source == "Regulation (EU) 2023/1542, Annex XIII 1(k)"


def test_the_same_content_is_complete_for_light_means_of_transport(market: Market) -> None:
    assert publish_content(market, "CQ-LMT", without=(33,)).index > 0


def test_a_carbon_footprint_may_be_missing_while_the_act_is_pending(market: Market) -> None:
    assert 17 not in map(int, content())
    assert publish_content(market).index > 0


def test_only_the_maker_publishes_a_model(market: Market) -> None:
    with pytest.raises(NotPermittedError):
        author_of_model(market.register, "CQ-150", MOTORS)


def test_a_content_that_was_never_handed_in_cannot_be_published(market: Market) -> None:
    outcome = market.tell(
        MAKER,
        "publish_passport",
        version=1,
        category="ev",
        points=list(content()),
        model_id="CQ-150",
        pt1_sha256="A" * 43 + "=",
    )
    assert isinstance(outcome, RefusedError)
    assert codes_of(outcome) == ["content"]


def test_an_entry_cannot_claim_a_data_point_that_its_content_lacks(market: Market) -> None:
    author = author_of_model(market.register, "CQ-150", MAKER)
    draft = hand_in(market.register, author, content(without=(33,)))
    outcome = market.tell(MAKER, "publish_passport", **(draft.body | {"points": [*draft.body["points"], "33"]}))
    assert isinstance(outcome, RefusedError)
    assert codes_of(outcome) == ["content"]


def test_versions_follow_each_other_without_gaps(market: Market) -> None:
    publish_content(market)
    author = author_of_model(market.register, "CQ-150", MAKER)
    draft = hand_in(market.register, author, content())
    assert draft.version == 2
    outcome = market.tell(MAKER, "publish_passport", **(draft.body | {"version": 3}))
    assert isinstance(outcome, ConflictError)
    publish(market.recorder, find_draft_of(market.register, author), operator=MAKER)


def test_handing_in_again_replaces_the_draft(market: Market) -> None:
    author = author_of_model(market.register, "CQ-150", MAKER)
    first = hand_in(market.register, author, content())
    second = hand_in(market.register, author, content(**{"33": {"share_ppm": 650_000}}))
    assert isinstance(market.tell(MAKER, "publish_passport", **first.body), RefusedError)
    assert isinstance(market.tell(MAKER, "publish_passport", **second.body), Recorded)


def test_every_fault_of_a_content_is_named_with_its_place(market: Market) -> None:
    author = author_of_model(market.register, "CQ-150", MAKER)
    bad = {"26": {"voltage_mv": "high"}, "1": {"identifier": "x"}, "16": {}, "99": {}, "33": {"share_ppm": 2_000_000}}
    with pytest.raises(RefusedError) as refused:
        hand_in(market.register, author, content() | bad)
    places = {fault.pointer: fault.code for fault in refused.value.faults}
    assert places == {
        "/points/26/voltage_mv": "type",
        "/points/1": "recorded",
        "/points/16": "not-to-be-filled",
        "/points/99": "unknown",
        "/points/33/share_ppm": "range",
    }
    assert all(fault.message_zh for fault in refused.value.faults)


def test_a_battery_without_a_passport_is_not_placed_on_the_market_of_the_union(market: Market) -> None:
    outcome = market.place(PACK)
    assert isinstance(outcome, RefusedError)
    assert "data-point-33" in codes_of(outcome)
    assert "data-point-17" not in codes_of(outcome)


def test_a_complete_passport_comes_into_force_on_the_market_of_the_union(market: Market) -> None:
    publish_content(market)
    assert isinstance(market.place(PACK), Recorded)


def test_without_a_certified_energy_only_data_point_61_is_missing_until_it_is_measured(market: Market) -> None:
    publish_content(market, without=(61,))
    outcome = market.place(PACK)
    assert isinstance(outcome, RefusedError)
    assert codes_of(outcome) == ["data-point-61"]
    market.must(MAKER, "report_soh", PACK, soce_ppm=1_000_000, remaining_capacity_mah=150_000, full_cycles=1)
    assert isinstance(market.place(PACK), Recorded)


def test_before_the_law_applies_a_battery_may_be_placed_without_a_passport(market: Market) -> None:
    assert isinstance(market.place(PACK, placed_on="2027-02-17"), Recorded)
    assert isinstance(market.place(LMT_PACK, placed_on="2027-02-18"), RefusedError)


def test_the_chinese_market_asks_for_no_passport(market: Market) -> None:
    assert isinstance(market.place(PACK, market="CN"), Recorded)
