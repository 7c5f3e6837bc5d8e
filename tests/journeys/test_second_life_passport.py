"""Three modules of two packs become a stationary battery: a new passport, linked to both originals, which stay."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from service.errors import RefusedError
from service.recording.recorder import Recorded
from tests.api.checking import CheckedClient
from tests.api.passports import client_of, publish_content
from tests.service.passports.contents import content
from tests.service.passports.market import (
    LAB,
    MAKER,
    OTHER_PACK,
    OUTLET,
    PACK,
    RECYCLER,
    REPAIR,
    Market,
    open_market,
)

OUTPUT = "001PE12H510000001RP"  # made on 2027-05-01
"""19 characters: a re-used pack."""


@pytest.fixture
def market(tmp_path: Path) -> Iterator[Market]:
    with open_market(tmp_path / "data") as opened:
        yield opened


@pytest.fixture
def client(market: Market) -> CheckedClient:
    made = client_of(market)
    publish_content(made, market)
    return made


def make_second_life(market: Market) -> None:
    for code in (PACK, OTHER_PACK):
        assert isinstance(market.place(code), Recorded)
        market.must(MAKER, "retire", code)
        market.must(OUTLET, "collect", code, from_operator=MAKER)
        market.must(LAB, "test", code)
    market.clock.move(days=1)
    body = {"capacity_mah": 100_000, "energy_wh": 30_000, "mass_g": 500_000, "made_on": "2027-05-01"}
    at = "2027-06-01T12:00:00.000Z"
    body |= {"operation": "preparation_for_repurposing", "application": "stationary_storage"}
    market.must(RECYCLER, "repurpose", OUTPUT, PACK, OTHER_PACK, **body, at=at)


def test_a_second_life_has_a_passport_of_its_own_that_leads_to_the_originals(
    client: CheckedClient, market: Market
) -> None:
    make_second_life(market)
    path = f"/v1/batteries/{OUTPUT}/passport"
    draft = client.get(path).json
    assert (draft["status"], draft["life_status"], draft["derived_from"]) == ("draft", "repurposed", [PACK, OTHER_PACK])
    refused = market.place(OUTPUT, operator=RECYCLER, placed_on="2027-06-02")
    assert isinstance(refused, RefusedError)
    assert refused.faults[0].code == "passport-content"

    handed = client.put(path, json={"points": content(without=(33, 61))}, headers=market.bearer(RECYCLER))
    assert [each["pointer"] for each in handed.json["errors"]] == ["/category"]
    whole = {"points": content(without=(33, 61)), "category": "stationary"}
    assert client.put(path, json=whole, headers=market.bearer(MAKER)).status_code == 403
    handed = client.put(path, json=whole, headers=market.bearer(RECYCLER))
    assert handed.status_code == 200, handed.text
    assert client.post(f"{path}:publish", headers=market.bearer(RECYCLER)).status_code == 201
    placed = market.place(OUTPUT, operator=RECYCLER, placed_on="2027-06-02")
    assert isinstance(placed, Recorded), placed

    active = client.get(path).json
    assert (active["status"], active["responsible"]["operator_id"]) == ("active", RECYCLER)
    for original in active["derived_from"]:
        shown = client.get(f"/v1/batteries/{original}/passport")
        assert shown.status_code == 200
        assert (shown.json["status"], shown.json["consumed_into"]) == ("archived", OUTPUT)
    assert client.get(path, headers=market.bearer(REPAIR)).json["points"]["67"]["value"] == {"status": "repurposed"}
