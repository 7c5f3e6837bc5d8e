"""Limits at the door: who pays from which bucket, what he is told, and what gets nobody past them."""

from collections.abc import Mapping
from itertools import chain
from math import ceil
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from api.limits import COSTS, EXEMPT, PROOFS, network_of, tariff_of
from api.routes import declarations
from service.access import make_api_key
from service.limits.changing import store_limit
from service.limits.rows import LIMITS
from service.programs.generation import announce
from service.work import Register
from tests.api.checking import CheckedClient, description, problem
from tests.api.town import LAB, MAKER, Town
from tests.service.domain.story import PACK

PHONE, NEIGHBOUR, OTHER = "203.0.113.7", "203.0.113.200", "198.51.100.7"


def allow(register: Register, name: str, amount: int, seconds: int = 3600, operator: str = "") -> None:
    """Set a limit, as the authority would."""
    with register.write_beside() as connection:
        store_limit(connection, name, (amount, seconds), operator)
    announce(register.settings.data)


def ask(client: CheckedClient, path: str = "/log/vkeys", *, address: str = PHONE, **headers: str) -> TestResponse:
    """A GET by somebody without a key, from an address."""
    return client.get(path, headers=headers, environ_base={"REMOTE_ADDR": address})


def statuses(client: CheckedClient, count: int, path: str, headers: Mapping[str, str]) -> list[int]:
    return [client.get(path, headers=headers).status_code for _ in range(count)]


def test_one_key_is_refused_after_its_limit_and_told_when_to_come_again(
    client: CheckedClient, town: Town, register: Register
) -> None:
    allow(register, "key", 3)
    assert statuses(client, 3, "/v1/operators", town.bearer(MAKER)) == [200] * 3
    answer = client.get("/v1/operators", headers=town.bearer(MAKER))
    told = problem(answer, 429)
    assert told["code"] == "too-many-requests"
    assert answer.headers["Retry-After"] == str(ceil(3600 / 3))
    [fault] = told["errors"]
    assert "limit key" in fault["message"] and "限额key" in fault["message_zh"]
    chinese = client.get("/v1/operators", headers=town.bearer(MAKER) | {"Accept-Language": "zh"})
    assert "限额key" in problem(chinese, 429)["detail"]
    assert client.get("/v1/operators", headers=town.bearer(LAB)).status_code == 200


def test_many_keys_of_one_organisation_get_no_more_than_the_organisation(
    client: CheckedClient, town: Town, register: Register
) -> None:
    allow(register, "organisation", 6)
    with register.write_beside() as connection:
        keys = [make_api_key(connection, MAKER, now=register.clock()) for _ in range(5)]
    found = [statuses(client, 2, "/v1/operators", {"Authorization": f"Bearer {key}"}) for key in keys]
    assert list(chain(*found)) == [200] * 6 + [429] * 4


def test_an_organisation_may_have_a_limit_of_its_own(client: CheckedClient, town: Town, register: Register) -> None:
    allow(register, "organisation", 2)
    allow(register, "organisation", 5, operator=MAKER)
    assert statuses(client, 6, "/v1/operators", town.bearer(MAKER)) == [200] * 5 + [429]
    assert statuses(client, 3, "/v1/operators", town.bearer(LAB)) == [200] * 2 + [429]


def test_without_a_key_a_whole_network_pays_together(client: CheckedClient, register: Register) -> None:
    allow(register, "address", 3)
    found = [ask(client, "/problems", address=each).status_code for each in (PHONE, NEIGHBOUR, PHONE, NEIGHBOUR)]
    assert found == [200, 200, 200, 429]
    assert ask(client, "/problems", address=OTHER).status_code == 200
    six = [f"2001:db8:0:1::{n:x}" for n in range(1, 5)]
    assert [ask(client, "/problems", address=each).status_code for each in six] == [200, 200, 200, 429]
    assert ask(client, "/problems", address="2001:db8:0:2::1").status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"X-Forwarded-For": "192.0.2.1"},
        {"X-Forwarded-For": "127.0.0.1"},
        {"Forwarded": "for=192.0.2.1"},
        {"X-Real-IP": "192.0.2.1"},
        {"True-Client-IP": "192.0.2.1", "CF-Connecting-IP": "192.0.2.1"},
        {"User-Agent": "another"},
    ],
)
def test_nothing_a_client_says_of_itself_gives_it_another_bucket(
    client: CheckedClient, register: Register, headers: Mapping[str, str]
) -> None:
    allow(register, "address", 1)
    assert ask(client, "/problems").status_code == 200
    problem(ask(client, "/problems", **headers), 429)


@pytest.mark.parametrize(
    "path", ["/problems?a=1", "/problems/refused", "//problems", "/PROBLEMS", "/nowhere", "/v1/x/../y"]
)
def test_no_spelling_of_an_address_is_free(client: CheckedClient, register: Register, path: str) -> None:
    allow(register, "address", 1)
    assert ask(client, "/problems").status_code == 200
    assert ask(client, path).status_code == 429


def test_a_bad_key_pays_like_none(client: CheckedClient, register: Register) -> None:
    allow(register, "address", 2)
    bad = [ask(client, "/problems", Authorization=f"Bearer pt_{each * 12}_{'A' * 43}").status_code for each in "abc"]
    assert bad == [401, 401, 429]
    assert ask(client, "/problems").status_code == 429


def test_behind_a_trusted_proxy_the_client_pays_and_behind_another_all_together(
    client: CheckedClient, register: Register
) -> None:
    """The proxy is on this machine. While it is not named, what it forwards is one network."""
    allow(register, "address", 1)
    forwarded = [ask(client, "/problems", address="127.0.0.1", **{"X-Forwarded-For": each}) for each in (PHONE, OTHER)]
    assert [each.status_code for each in forwarded] == [200, 429]


def test_the_machine_itself_is_not_limited_and_neither_are_signs_of_life(
    client: CheckedClient, register: Register
) -> None:
    allow(register, "address", 1)
    assert {ask(client, "/problems", address="127.0.0.1").status_code for _ in range(5)} == {200}
    assert {ask(client, path).status_code for path in ("/livez", "/readyz") for _ in range(4)} == {200}


def test_a_phone_may_look_at_a_few_batteries_and_a_scraper_not_at_many(
    client: CheckedClient, register: Register
) -> None:
    """So many at once, by whatever path a battery is looked at; one network, several phones. None comes back here for
    ten minutes, so that a slow machine counts like a fast one."""
    assert LIMITS["batteries"].amount == 120, "what comes without a setting"
    allow(register, "batteries", 6)
    paths = (f"/b/{PACK}", f"/v1/batteries/{PACK}", f"/find?q={PACK}")
    found = [ask(client, paths[n % 3], address=(PHONE, NEIGHBOUR)[n % 2]) for n in range(7)]
    assert {each.status_code for each in found[:-1]} <= {200, 303, 302}
    assert found[-1].status_code == 429
    assert ask(client, "/problems").status_code == 200, "the rest of the register stays open"
    assert ask(client, f"/b/{PACK}", address=OTHER).status_code == 200


def test_proofs_are_counted_by_the_day_and_cost_more(client: CheckedClient, town: Town, register: Register) -> None:
    allow(register, "proofs", 2, 86_400)
    path = f"/v1/batteries/{PACK}/evidence"
    assert statuses(client, 3, path, town.bearer(MAKER)) == [200, 200, 429]
    assert client.get(f"/v1/batteries/{PACK}", headers=town.bearer(MAKER)).status_code == 200
    allow(register, "key", COSTS["GET", "/v1/batteries/<battery:identifier>/evidence"])
    allow(register, "proofs", 1000)
    assert statuses(client, 2, path, town.bearer(MAKER)) == [200, 429]


def test_the_log_is_read_at_a_generous_rate_of_its_own(client: CheckedClient, register: Register) -> None:
    allow(register, "address", 1)
    assert {ask(client, "/log/checkpoint").status_code for _ in range(200)} <= {200, 304}
    assert LIMITS["log"].amount >= 10 * LIMITS["address"].amount


def test_every_limited_answer_tells_how_its_caller_stands(client: CheckedClient, town: Town) -> None:
    answer = client.get("/v1/operators", headers=town.bearer(MAKER))
    assert answer.headers["RateLimit-Policy"] == '"key";q=6000;w=60, "organisation";q=12000;w=60'
    name, left, wait = answer.headers["RateLimit"].split(";")
    assert name == '"key"' and 5_800 < int(left.removeprefix("r=")) < 6_000 and int(wait.removeprefix("t=")) <= 60
    assert '"batteries";q=120;w=120' in ask(client, f"/b/{PACK}").headers["RateLimit-Policy"]
    assert "RateLimit" not in client.get("/livez").headers


def test_nothing_is_done_for_who_is_over_the_limit(client: CheckedClient, town: Town, register: Register) -> None:
    allow(register, "key", 1)
    path, headers = f"/v1/operators/{MAKER}/api-keys", town.bearer(MAKER)
    before = len(client.get(path, headers=headers).get_json())
    problem(client.post(path, json={}, headers=headers), 429)
    allow(register, "key", 1000)
    assert len(client.get(path, headers=headers).get_json()) == before


def test_what_costs_more_is_a_route_and_said_in_the_description(app: Flask, client: CheckedClient) -> None:
    rules = {(each.method, each.rule) for each in declarations(app)}
    assert set(COSTS) - rules == set()
    assert (PROOFS | EXEMPT) - {rule for _, rule in rules} == set()
    document: dict[str, Any] = description(client)
    evidence = document["paths"]["/v1/batteries/{identifier}/evidence"]["get"]
    assert "Costs 20 units" in evidence["description"]
    assert "429" in evidence["responses"]
    assert all(f"`{name}`: {limit}" in document["info"]["description"] for name, limit in LIMITS.items())


def test_networks() -> None:
    assert network_of("203.0.113.7") == "203.0.113.0/24"
    assert network_of("2001:db8::1:2:3:4") == "2001:db8::/64"
    assert [network_of(each) for each in ("", "127.0.0.1", "::1")] == [None] * 3
    assert network_of("127.0.0.1", is_forwarded=True) == "127.0.0.0/24"
    assert tariff_of("GET", "/livez").is_exempt
