"""The EN 18222 interface: ids in every form, representations, elements, changes as versions, what is refused."""

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest

from tests.api.checking import CheckedClient, problem
from tests.api.passports import client_of, publish_content
from tests.service.passports.market import BASE_URL, LMT_PACK, MAKER, MOTORS, PACK, REPAIR, Market, open_market

LINK = f"{BASE_URL}/01/09521234000013/21/ABCDEFGG2T0000001"
DPP_ID = f"{BASE_URL}/v1/dpps/{PACK}"


@pytest.fixture
def market(tmp_path: Path) -> Iterator[Market]:
    with open_market(tmp_path / "data") as opened:
        yield opened


@pytest.fixture
def client(market: Market) -> CheckedClient:
    made = client_of(market)
    publish_content(made, market)
    return made


@pytest.mark.parametrize("name", [PACK, DPP_ID, LINK, "09521234000013/ABCDEFGG2T0000001"])
def test_a_passport_is_found_by_its_id_and_by_every_id_of_its_battery(client: CheckedClient, name: str) -> None:
    for path in ("/v1/dpps/", "/v1/dppsByProductId/"):
        shown = client.get(path + quote(name, safe=""))
        assert shown.status_code == 200, shown.text
        assert shown.json["digitalProductPassportId"] == DPP_ID
        assert shown.json["uniqueProductIdentifier"] == LINK
    assert client.get(f"/v1/dpps/{quote(name, safe=':/')}").status_code == 200


def test_an_unknown_id_is_a_problem_and_a_result(client: CheckedClient) -> None:
    told = problem(client.get(f"/v1/dpps/{PACK[:-1]}9"), 404)
    assert told["statusCode"] == "ClientErrorResourceNotFound"
    assert told["message"][0]["messageType"] == "Error"
    assert problem(client.get("/v1/dpps/not-a-battery"), 422)["statusCode"] == "ClientErrorBadRequest"


def test_an_element_is_read_by_its_path_in_both_representations(client: CheckedClient) -> None:
    base = f"/v1/dpps/{quote(DPP_ID, safe='')}/elements/"
    assert client.get(base + quote("$.exhaustionThreshold", safe="")).json["value"] == {"share_ppm": 700_000}
    assert client.get(base + "$.exhaustionThreshold.share_ppm").json["value"] == 700_000
    assert client.get(base + quote("$['criticalRawMaterials'].materials[0].name", safe="")).json["value"] == "cobalt"
    whole = client.get(base + "$.mass?representation=full").json
    assert whole["objectType"] == "DataElementCollection"
    assert whole["elements"][0]["value"] == 300_000
    assert client.get(base + "$.nothing").status_code == 404
    assert client.get(base + quote("$..mass", safe="")).status_code == 422


def test_an_element_of_another_part_is_not_there(client: CheckedClient, market: Market) -> None:
    path = f"/v1/dpps/{PACK}/elements/$.detailedComposition"
    assert client.get(path).status_code == 404
    assert client.get(path, headers=market.bearer(REPAIR)).status_code == 200


def test_a_change_is_a_new_version_and_the_old_one_can_be_had_by_date(client: CheckedClient, market: Market) -> None:
    before = market.clock().isoformat()
    market.clock.move(hours=1)
    change = {"warrantyPeriod": {"months": 120}}
    changed = client.patch(f"/v1/dpps/{PACK}", json=change, headers=market.bearer(MAKER))
    assert changed.status_code == 200, changed.text
    assert changed.json["warrantyPeriod"] == {"months": 120}
    dated = client.get(f"/v1/dppsByIdAndDate/{PACK}?date={quote(before)}").json
    assert dated["warrantyPeriod"] == {"months": 96}
    market.clock.move(hours=1)
    path = f"/v1/dpps/{PACK}/elements/$.warrantyPeriod"
    assert client.patch(path, json={"months": 132}, headers=market.bearer(MAKER)).status_code == 200
    assert client.get(path).json["value"] == {"months": 132}
    assert client.get(f"/v1/batteries/{PACK}/passport").json["version"].startswith("1.2.")


def test_a_whole_passport_can_be_sent_back_in_full(client: CheckedClient, market: Market) -> None:
    whole = client.get(f"/v1/dpps/{PACK}?representation=full", headers=market.bearer(MAKER)).json
    for element in whole["elements"]:
        if element["elementId"] == "warrantyPeriod":
            element["elements"][0]["value"] = 60
    path = f"/v1/dpps/{PACK}?representation=full"
    sent = client.patch(path, json=whole, headers=market.bearer(MAKER))
    assert sent.status_code == 200, sent.text
    assert client.get(f"/v1/dpps/{PACK}").json["warrantyPeriod"] == {"months": 60}


def test_what_is_recorded_is_not_changed_by_a_patch(client: CheckedClient, market: Market) -> None:
    refused = client.patch(f"/v1/dpps/{PACK}", json={"mass": {"mass_g": 1}}, headers=market.bearer(MAKER))
    assert problem(refused, 422)["errors"][0]["code"] == "recorded"
    refused = client.patch(f"/v1/dpps/{PACK}", json={"dppStatus": "active"}, headers=market.bearer(MAKER))
    assert problem(refused, 422)["errors"][0]["pointer"] == "/dppStatus"
    refused = client.patch(f"/v1/dpps/{PACK}", json={"colour": "red"}, headers=market.bearer(MAKER))
    assert problem(refused, 422)["errors"][0]["pointer"] == "/colour"


def test_only_who_answers_for_a_passport_changes_it(client: CheckedClient, market: Market) -> None:
    change = {"warrantyPeriod": {"months": 1}}
    assert client.patch(f"/v1/dpps/{PACK}", json=change).status_code == 401
    assert client.patch(f"/v1/dpps/{PACK}", json=change, headers=market.bearer(MOTORS)).status_code == 403


def test_a_passport_is_created_once(client: CheckedClient, market: Market) -> None:
    body = {"uniqueProductIdentifier": LINK, "warrantyPeriod": {"months": 120}}
    made = client.post("/v1/dpps", json=body, headers=market.bearer(MAKER))
    assert made.status_code == 201, made.text
    assert made.json == {"digitalProductPassportId": DPP_ID}
    assert made.headers["Location"] == DPP_ID
    assert client.post("/v1/dpps", json=body, headers=market.bearer(MAKER)).status_code == 409


def test_a_published_passport_is_not_deleted(client: CheckedClient, market: Market) -> None:
    refused = client.delete(f"/v1/dpps/{PACK}", headers=market.bearer(MAKER))
    told = problem(refused, 403)
    assert told["errors"][0]["source"] == "Regulation (EU) 2023/1542, Art. 77(8)"


def test_a_draft_that_was_never_published_is_dropped(client: CheckedClient, market: Market) -> None:
    path = f"/v1/batteries/{LMT_PACK}/passport"
    client.put(path, json={"points": {"35": {"months": 12}}}, headers=market.bearer(MAKER))
    assert client.delete(f"/v1/dpps/{LMT_PACK}", headers=market.bearer(MAKER)).status_code == 204
    assert client.post(f"{path}:publish", headers=market.bearer(MAKER)).status_code == 404


def test_passports_are_found_by_many_products_page_by_page(client: CheckedClient) -> None:
    wanted = {"productIds": [LINK, "nonsense", LMT_PACK]}
    first = client.post("/v1/dppsByProductIds?limit=2", json=wanted).json
    assert first["dppIds"] == [DPP_ID]
    second = client.post(f"/v1/dppsByProductIds?limit=2&cursor={quote(first['nextCursor'])}", json=wanted).json
    assert second == {"dppIds": [f"{BASE_URL}/v1/dpps/{LMT_PACK}"]}
    assert client.post("/v1/dppsByProductIds", json={"productIds": []}).status_code == 422
    assert client.post("/v1/dppsByProductIds?cursor=AAAA", json=wanted).status_code == 422


def test_a_registration_has_one_id_for_ever(client: CheckedClient, market: Market) -> None:
    entry = {
        "uniqueProductIdentifier": LINK,
        "digitalProductPassportId": DPP_ID,
        "uniqueEconomicOperatorIdentifier": MAKER,
        "dppApiEndpoint": BASE_URL,
    }
    first = client.post("/v1/registerDPP", json=entry, headers=market.bearer(MAKER))
    again = client.post("/v1/registerDPP", json=entry, headers=market.bearer(MAKER))
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json == again.json
    assert client.post("/v1/registerDPP", json=entry, headers=market.bearer(MOTORS)).status_code == 409
    refused = client.post("/v1/registerDPP", json={"dppApiEndpoint": 1}, headers=market.bearer(MAKER))
    assert problem(refused, 422)["code"] == "refused"
