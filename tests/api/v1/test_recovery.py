"""Rates of recovery over HTTP: acceptance scenario 16, and who sees whose."""

from typing import Any

import pytest

from service.access import SCOPES, make_api_key
from service.clock import wall_clock
from service.operators import enrol_operator, make_custodial_key
from service.recording.recorder import Recorder
from service.work import Register
from tests.api import town as people
from tests.api.checking import CheckedClient, problem
from tests.api.town import Town, told
from tests.service.domain.story import PACK_MODEL

GREEN, OTHER = "cq-green", "cq-second"
"""Two recyclers."""
SMALL = "001PE15ABCDEFGG2T000000{}"
WHEN = "2026-06-20T02:00:00.000Z"
YEAR = {"from": "2026-01", "to": "2026-12"}
Bearer = dict[str, str]


@pytest.fixture
def recyclers(register: Register, client: CheckedClient, town: Town) -> dict[str, Bearer]:
    """Three packs of 100 kg, each with 12 kg of nickel, stand at a recycler."""
    recorder, headers = Recorder(register), {}
    for operator in (GREEN, OTHER):
        body = {"operator_id": operator, "name": "再生企业", "roles": ["recycler"], "region": "500112"}
        enrol_operator(recorder, body)
        make_custodial_key(recorder, operator)
        with register.write_beside() as connection:
            key = make_api_key(connection, operator, now=wall_clock(), scopes=SCOPES)
        headers[operator] = {"Authorization": f"Bearer {key}"}
    maker = town.bearer(people.MAKER)
    model: dict[str, Any] = {
        "model_id": "CQ-100",
        "specification": "15",
        "mass_g": 100_000,
        "composition_g": {"nickel": 12_000},
    }
    model |= {"gtin": "09521234000099"}
    told_model = {**told("publish_model"), "occurred_at": WHEN, "body": PACK_MODEL | model}
    assert client.post("/v1/events", json=told_model, headers=maker).status_code == 201
    for n in (1, 2, 3):
        code = SMALL.format(n)
        steps: tuple[tuple[str, Bearer, dict[str, Any]], ...] = (
            ("register", maker, {"model_id": "CQ-100", "mass_g": 100_000}),
            ("retire", maker, {"vin": None}),
            ("collect", headers[GREEN], {"mass_g": 100_000, "from_operator": people.MAKER}),
        )
        for kind, whose, body in steps:
            event = told(kind, code, **body) | {"occurred_at": WHEN}
            event["body"] = {name: value for name, value in event["body"].items() if value is not None}
            assert client.post("/v1/events", json=event, headers=whose).status_code == 201
    return headers


def batch(n: int, nickel_g: int) -> dict[str, Any]:
    outputs = [{"material": "nickel", "mass_g": nickel_g, "lot": f"NI-{n}"}]
    body = {
        "input_mass_g": 100_000, "loss_mass_g": 100_000 - nickel_g, "route": "hydrometallurgy", "outputs": outputs,
    }  # fmt: skip
    return {"type": "recycle", "subjects": [SMALL.format(n)], "occurred_at": WHEN, "body": body}


def nickel(client: CheckedClient, headers: Bearer, **query: str) -> dict[str, Any]:
    answer = client.get("/v1/recovery", query_string=YEAR | query, headers=headers)
    assert answer.status_code == 200
    rows = answer.get_json()["rows"]
    return next(row for row in rows if (row["measure"]["word"], row["stage"]["word"]) == ("nickel", "whole"))


@pytest.mark.parametrize(
    ("grams", "rate", "outcomes"),
    [
        (11_760, 980_000, {"cn-nickel": "pass", "eu-nickel-2027": "pass", "eu-nickel-2031": "pass"}),
        (11_400, 950_000, {"cn-nickel": "fail", "eu-nickel-2027": "pass", "eu-nickel-2031": "pass"}),
    ],
)
def test_what_a_recycler_wins_back_is_held_against_the_targets(
    client: CheckedClient, recyclers: dict[str, Bearer], grams: int, rate: int, outcomes: dict[str, str]
) -> None:
    """Twelve kilograms of nickel went in."""
    too_much = client.post("/v1/events", json=batch(1, 13_000), headers=recyclers[GREEN])
    assert too_much.status_code == 422
    [fault] = problem(too_much, 422)["errors"]
    assert (fault["code"], fault["pointer"]) == ("element-mass", "/body/outputs")
    assert "13000 g of nickel" in fault["message"]
    assert "镍" in fault["message_zh"]
    assert client.get("/v1/recovery", query_string=YEAR, headers=recyclers[GREEN]).get_json()["rows"] == []
    assert client.post("/v1/events", json=batch(1, grams), headers=recyclers[GREEN]).status_code == 201
    row = nickel(client, recyclers[GREEN])
    assert (row["operator"], row["rate_ppm"], row["batches"], row["impossible"]) == (GREEN, rate, 1, False)
    assert {each["target"]: each["outcome"]["word"] for each in row["verdicts"]} == outcomes
    assert row["stage"]["zh"] == "一体化处理"
    assert {each["target"]: each["in_force"] for each in row["verdicts"]}["eu-nickel-2031"] is False


def test_a_recycler_sees_its_own_rates_and_the_regulator_all(
    client: CheckedClient, town: Town, recyclers: dict[str, Bearer]
) -> None:
    assert client.post("/v1/events", json=batch(1, 11_760), headers=recyclers[GREEN]).status_code == 201
    bureau, ask = town.bearer(people.BUREAU), "/v1/recovery"
    assert nickel(client, bureau)["operator"] == GREEN
    whole = client.get(ask, query_string=YEAR, headers=bureau).get_json()["rows"]
    assert {row["operator"] for row in whole} == {GREEN, None}
    assert {row["stage"]["word"] for row in whole if row["operator"] is None} == {"chain"}
    assert client.get(ask, query_string=YEAR, headers=recyclers[OTHER]).get_json()["operator"] == OTHER
    assert client.get(ask, query_string=YEAR, headers=recyclers[OTHER]).get_json()["rows"] == []
    assert client.get(ask, query_string=YEAR | {"operator": GREEN}, headers=recyclers[OTHER]).status_code == 403
    assert client.get(ask, query_string=YEAR | {"operator": "nobody"}, headers=bureau).status_code == 404
    assert client.get(ask).status_code == 401


@pytest.mark.parametrize(
    "query",
    [
        {"from": "2026-13", "to": "2026-12"},
        {"from": "2026-02", "to": "2026-01"},
        {"from": "2026-01"},
        {"from": "2000-01", "to": "2026-12"},
        {"operator": "A"},
    ],
)
def test_a_question_that_makes_no_sense_is_refused(client: CheckedClient, town: Town, query: dict[str, str]) -> None:
    answer = client.get("/v1/recovery", query_string=query, headers=town.bearer(people.BUREAU))
    assert answer.status_code in (400, 422)
