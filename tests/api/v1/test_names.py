"""POST /v1/batteries:find."""

from flask.testing import FlaskClient

from tests.api.checking import problem
from tests.api.town import AUTHORITY, BUREAU, LAB, MOTORS, VIN, Town, told
from tests.service.domain.story import PACK

USCC = "91350100M000100Y43"


def find(client: FlaskClient, name: object, headers: dict[str, str] | None = None) -> tuple[int, dict[str, object]]:
    response = client.post("/v1/batteries:find", json={"name": name}, headers=headers or {})
    return response.status_code, response.get_json()


def test_a_name_is_recognised_and_leads_to_its_battery(client: FlaskClient) -> None:
    status, found = find(client, f"(01)09521234000013(21){PACK[7:]}")
    assert status == 200
    assert (found["scheme"], found["form"], found["exact"]) == ("gtin_serial", "element_string", True)
    assert (found["codes"], found["meant"]) == ([PACK], [])
    assert found["scheme_title_zh"] == "GTIN与序列号"
    assert find(client, PACK.lower())[1]["exact"] is False


def test_what_is_not_there_gives_no_codes_and_perhaps_what_was_meant(client: FlaskClient) -> None:
    status, found = find(client, "OO1" + PACK[3:])
    assert (status, found["codes"], found["meant"]) == (200, [], [PACK])


def test_a_credit_code_leads_everybody_to_the_organisation_and_what_is_public_of_it(
    client: FlaskClient, town: Town
) -> None:
    told = {"operator_id": LAB, "name": "渝检", "name_en": "Yu Test", "roles": ["tester"], "uscc": USCC}
    body, public = told | {"region": "500112"}, told | {"standing": "active"}
    assert client.post("/v1/operators", json=body, headers=town.bearer(AUTHORITY)).status_code == 201
    status, found = find(client, USCC.lower())
    assert (status, found["scheme"], found["codes"]) == (200, "uscc", [])
    assert found["organisations"] == [public]
    assert find(client, PACK)[1]["organisations"] == []
    shown = client.get("/find", query_string={"code": USCC}, headers={"Accept": "application/json"})
    assert shown.get_json() == {"uscc": USCC, "organisations": [public]}
    for language, words in (("zh", ("渝检", "检测机构", "正常")), ("en", ("Yu Test", "test laboratory", "active"))):
        page = client.get("/find", query_string={"code": USCC, "lang": language}, headers={"Accept": "text/html"})
        assert page.status_code == 200 and [word for word in (USCC, LAB, *words) if word not in page.text] == []
    second = client.post("/v1/operators", json=body | {"operator_id": "cq-second"}, headers=town.bearer(AUTHORITY))
    [fault] = problem(second, 409)["errors"]
    assert (fault["code"], fault["pointer"]) == ("uscc-taken", "/uscc")
    assert LAB in fault["message"] and LAB in fault["message_zh"] and "统一社会信用代码" in fault["message_zh"]


def test_what_can_be_no_name_is_refused_at_its_place_in_both_languages(client: FlaskClient) -> None:
    status, problem = find(client, PACK[:4] + "X" + PACK[5:])
    assert (status, problem["code"], problem["position"]) == (422, "invalid-code", 5)
    assert problem["errors"][0]["message_zh"]  # type: ignore[index]
    for wrong in ("", "A" * 1001, 7, None):
        assert find(client, wrong)[0] == 422


def test_a_vehicle_is_asked_for_in_a_body_by_those_who_may_know(client: FlaskClient, town: Town) -> None:
    event = told("install", PACK) | {"body": {"odometer_km": 12}, "private": {"vin": VIN}}
    assert client.post("/v1/events", json=event, headers=town.bearer(MOTORS)).status_code == 201
    for operator in (MOTORS, BUREAU, AUTHORITY):
        assert find(client, VIN, town.bearer(operator))[1]["codes"] == [PACK], operator
    unknown = find(client, VIN[:-1] + "5")[1] | {"value": VIN}
    assert find(client, VIN)[1] == unknown
    assert find(client, VIN, town.bearer(LAB))[1] == unknown
    for path in (f"/v1/batteries/{VIN}", f"/b/{VIN}", f"/find?code={VIN}"):
        for operator in (BUREAU, AUTHORITY):
            assert client.get(path, headers=town.bearer(operator)).status_code == 404
