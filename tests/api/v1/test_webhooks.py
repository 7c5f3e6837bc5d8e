"""Webhooks through the interface: made, tried, rotated, ended, each by their operator alone."""

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from api.edge import edge_of
from api.gauges import exposition
from ledger.entry import parse_entry
from service.clock import wall_clock
from service.webhooks import outbox
from service.webhooks.outbox import Attempt
from service.webhooks.outcomes import Outcome
from tests.api import town as people
from tests.api.checking import CheckedClient, problem
from tests.api.town import Town

URL = "https://hooks.example.cn/batteries"


def make(client: CheckedClient, town: Town, **body: Any) -> Any:
    return client.post("/v1/webhooks", json={"url": URL} | body, headers=town.bearer(people.MAKER))


def attempted(app: Flask, id_: str, count: int) -> None:
    """As if so many deliveries had been tried, a second apart."""
    register, now = edge_of(app).register, wall_clock()
    made = [Attempt(id_, "", "sell", n, now + timedelta(seconds=n), Outcome.REFUSED, 503, 12) for n in range(count)]
    with register.write_beside() as connection:
        outbox.note(connection, [], made, now=now)


def test_a_webhook_is_made_shown_and_removed_and_its_secret_is_shown_once(client: CheckedClient, town: Town) -> None:
    answer = make(client, town, kinds=["sell", "install"], ties=["maker"])
    made = answer.get_json()
    assert answer.status_code == 201 and made["secret"].startswith("whsec_")
    assert (made["enabled"], made["behind"], made["kinds"]) == (True, 0, ["install", "sell"])
    own = town.bearer(people.MAKER)
    shown = client.get(answer.headers["Location"], headers=own)
    listed = client.get("/v1/webhooks", headers=own)
    assert shown.get_json() == listed.get_json()["webhooks"][0]
    assert made["secret"] not in shown.text + listed.text
    assert client.delete(answer.headers["Location"], headers=own).status_code == 204
    problem(client.get(answer.headers["Location"], headers=own), 404)


def test_a_secret_is_rotated_and_a_webhook_disabled_and_enabled(client: CheckedClient, town: Town) -> None:
    made, own = make(client, town).get_json(), town.bearer(people.MAKER)
    path = f"/v1/webhooks/{made['id']}"
    rotated = client.post(f"{path}:rotate", headers=own).get_json()
    assert rotated["secret"] != made["secret"] and rotated["secret"].startswith("whsec_")
    disabled = client.post(f"{path}:disable", headers=own).get_json()
    assert (disabled["enabled"], disabled["reason"]) == (False, "asked")
    assert problem(client.post(f"{path}:test", headers=own), 409)["code"] == "conflict"
    assert client.post(f"{path}:enable", headers=own).get_json()["enabled"]


def test_tests_and_redeliveries_are_taken_in_and_sent_by_another_process(
    app: Flask, client: CheckedClient, town: Town
) -> None:
    id_, own = make(client, town).get_json()["id"], town.bearer(people.MAKER)
    register = edge_of(app).register
    with register.read() as reader:
        event = parse_entry(next(iter(reader.entries(reader.size() - 1, reader.size())))).event.id
    assert client.post(f"/v1/webhooks/{id_}:test", headers=own).status_code == 202
    path = f"/v1/webhooks/{id_}/deliveries"
    assert client.post(f"{path}/{event}:redeliver", headers=own).status_code == 202
    problem(client.post(f"{path}/{event[:-1]}{'0' if event[-1] != '0' else '1'}:redeliver", headers=own), 404)
    with register.read() as reader:
        assert sorted(outbox.list_wishes(reader.connection, [id_])[id_]) == ["", event]


def test_deliveries_are_told_newest_first_page_by_page(app: Flask, client: CheckedClient, town: Town) -> None:
    id_, own = make(client, town).get_json()["id"], town.bearer(people.MAKER)
    attempted(app, id_, outbox.PAGE + 2)
    first = client.get(f"/v1/webhooks/{id_}/deliveries", headers=own).get_json()
    assert [each["index"] for each in first["deliveries"]] == list(range(outbox.PAGE + 1, 1, -1))
    one = first["deliveries"][0]
    assert (one["outcome"], one["status"], one["milliseconds"]) == ("refused", 503, 12)
    assert "重定向" in one["words_zh"]
    second = client.get(first["next"], headers=own).get_json()
    assert [each["index"] for each in second["deliveries"]] == [1, 0] and second["next"] is None


@pytest.mark.parametrize("who", [people.LAB, people.AUTHORITY])
def test_nobody_elses_webhook_is_there_whatever_one_asks_of_it(client: CheckedClient, town: Town, who: str) -> None:
    path, other = f"/v1/webhooks/{make(client, town).get_json()['id']}", town.bearer(who)
    event = "019de70e-cc80-7eaf-b159-5c39c81a2273"
    problem(client.get(path, headers=other), 404)
    problem(client.get(f"{path}/deliveries", headers=other), 404)
    problem(client.delete(path, headers=other), 404)
    for act in (":disable", ":enable", ":rotate", ":test", f"/deliveries/{event}:redeliver"):
        problem(client.post(path + act, headers=other), 404)
    assert client.get("/v1/webhooks", headers=other).get_json() == {"webhooks": []}
    assert client.get(path, headers=town.bearer(people.MAKER)).get_json()["enabled"]


def test_a_key_without_the_scope_manage_makes_none(client: CheckedClient, town: Town) -> None:
    problem(client.post("/v1/webhooks", json={"url": URL}), 401)
    for key in ("read-only", "record-only"):
        problem(client.post("/v1/webhooks", json={"url": URL}, headers=town.bearer(key)), 403)
        problem(client.get("/v1/webhooks", headers=town.bearer(key)), 403)


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"url": "http://hooks.example.cn/"}, "webhook"),
        ({"url": "https://127.0.0.1/"}, "webhook"),
        ({"url": "https://169.254.169.254/latest"}, "webhook"),
        ({"url": "https://user:word@hooks.example.cn/"}, "webhook"),
        ({"kinds": ["buy"]}, "webhook"),
        ({"ties": ["owner"]}, "invalid-request"),
        ({"url": ""}, "invalid-request"),
        ({"secret": "whsec_mine"}, "invalid-request"),
    ],
)
def test_what_cannot_be_is_refused_with_the_place_and_nothing_is_stored(
    client: CheckedClient, town: Town, body: dict[str, Any], code: str
) -> None:
    refused = problem(make(client, town, **body), 422)
    assert refused["code"] == code and refused["errors"]
    assert client.get("/v1/webhooks", headers=town.bearer(people.MAKER)).get_json() == {"webhooks": []}


def test_the_metrics_tell_how_far_behind_and_which_are_disabled(app: Flask, client: CheckedClient, town: Town) -> None:
    id_, own = make(client, town).get_json()["id"], town.bearer(people.MAKER)
    client.post(f"/v1/webhooks/{id_}:disable", headers=own)
    told = exposition(edge_of(app).register).decode()
    assert f'packtrail_webhook_entries_behind{{webhook="{id_}"}} 0.0' in told
    assert f'packtrail_webhook_disabled{{reason="asked",webhook="{id_}"}} 1.0' in told
