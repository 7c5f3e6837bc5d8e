"""Sightings and alerts over HTTP: told by anybody, seen by those whom they concern, closed by the authority."""

from tests.api.checking import CheckedClient, problem
from tests.api.town import AUTHORITY, BUREAU, LAB, MAKER, MOTORS, QUIET, Town, told
from tests.service.domain.story import PACK

PATH = f"/v1/batteries/{PACK}/sightings"
CHONGQING, HAMBURG = {"cell": "wm7b9"}, {"cell": "u1x0e"}
LIVED = {"vin": "LSVAU2A34N2183294"}


def alerts(client: CheckedClient, town: Town, operator: str, query: str = "") -> list[dict[str, object]]:
    answer = client.get(f"/v1/copy-alerts{query}", headers=town.bearer(operator))
    assert answer.status_code == 200
    return list(answer.json["alerts"])


def suspect(client: CheckedClient) -> None:
    client.post(PATH, json=CHONGQING)
    assert client.post(PATH, json=HAMBURG).json == {"code": PACK, "suspicious": True, "signs": ["too_fast"]}


def test_anybody_may_tell_of_a_label_and_learns_whether_it_is_suspected(client: CheckedClient) -> None:
    first = client.post(PATH, json=CHONGQING)
    assert first.status_code == 201
    assert first.json == {"code": PACK, "suspicious": False, "signs": []}
    suspect(client)
    assert client.post(PATH, json={}).json["suspicious"]


def test_places_are_told_to_the_maker_and_to_regulators_and_to_nobody_else(client: CheckedClient, town: Town) -> None:
    suspect(client)
    for operator in (MAKER, BUREAU, AUTHORITY):
        [alert] = alerts(client, town, operator)
        assert alert["code"] == PACK
        assert alert["sign"] == "too_fast"
        assert (alert["first"]["place"], alert["second"]["place"]) == ("wm7b9", "u1x0e")  # type: ignore[index]
    assert alerts(client, town, LAB) == []
    problem(client.get("/v1/copy-alerts"), 401)
    for path in (f"/b/{PACK}", f"/v1/batteries/{PACK}"):
        shown = client.get(path).text
        assert "wm7b9" not in shown
        assert "u1x0e" not in shown


def test_the_public_page_says_that_the_label_may_be_a_copy_until_the_alert_is_closed(
    client: CheckedClient, town: Town
) -> None:
    words = "may have been copied"
    page = f"/b/{PACK}?lang=en"
    assert words not in client.get(page).text
    suspect(client)
    assert words in client.get(page).text
    [alert] = alerts(client, town, BUREAU)
    note = {"note": "label on a scrapped housing"}
    path = f"/v1/copy-alerts/{alert['id']}:close"
    problem(client.post(path, json=note, headers=town.bearer(MAKER)), 403)
    closed = client.post(path, json=note, headers=town.bearer(BUREAU))
    assert (closed.json["closed_by"], closed.json["note"]) == (BUREAU, note["note"])
    problem(client.post(path, json=note, headers=town.bearer(BUREAU)), 409)
    for number in ("999", "9" * 30):
        problem(client.post(f"/v1/copy-alerts/{number}:close", json=note, headers=town.bearer(BUREAU)), 404)
    assert words not in client.get(page).text
    assert alerts(client, town, BUREAU) == []
    assert len(alerts(client, town, BUREAU, "?closed=true")) == 1


def test_a_finer_place_is_refused_in_both_languages(client: CheckedClient, town: Town) -> None:
    for cell in ("wm7b9h2", "29.5,106", "WM7B9", 5):
        problem(client.post(PATH, json={"cell": cell}), 422)
    problem(client.post(PATH, json={"cell": "wm7b9", "device": "x"}), 422)
    problem(client.post(f"/v1/batteries/{PACK[:-1]}9/sightings", json=CHONGQING), 404)
    assert alerts(client, town, BUREAU) == []


def test_a_stranger_that_is_refused_for_what_the_battery_lives_raises_an_alert(
    client: CheckedClient, town: Town
) -> None:
    for kind, operator in (("install", MOTORS), ("install", MOTORS)):
        client.post("/v1/events", json=told(kind, PACK, **LIVED), headers=town.bearer(operator))
    assert alerts(client, town, BUREAU) == []
    answer = client.post("/v1/events", json=told("install", PACK, **LIVED), headers=town.bearer(MAKER))
    assert answer.status_code in (403, 409)
    assert QUIET not in {alert["code"] for alert in alerts(client, town, BUREAU)}


def test_alerts_come_in_pages(client: CheckedClient, town: Town) -> None:
    suspect(client)
    page = client.get("/v1/copy-alerts?limit=1", headers=town.bearer(BUREAU)).json
    assert page["next"] is None
    after = page["alerts"][0]["id"]
    assert client.get(f"/v1/copy-alerts?after={after}", headers=town.bearer(BUREAU)).json["alerts"] == []
    problem(client.get(f"/v1/copy-alerts?after={'9' * 30}", headers=town.bearer(BUREAU)), 422)
