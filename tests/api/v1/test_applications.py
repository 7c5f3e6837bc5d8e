"""`POST /v1/applications`: described, checked, and counted."""

from typing import Any

import pytest

from service.people.applications import list_applications
from service.work import Register
from tests.api.checking import CheckedClient, problem

BODY = {"name": "重庆再生", "region": "500107", "roles": ["recycler"], "contact": "李伟 023-1234"}


def test_an_application_is_received_without_a_key(client: CheckedClient, register: Register) -> None:
    answer = client.post("/v1/applications", json=BODY)
    assert answer.status_code == 201
    with register.read() as reader:
        [kept] = list_applications(reader.connection)
    assert answer.get_json()["id"] == kept.id and kept.contact == "李伟 023-1234"


@pytest.mark.parametrize(
    ("changes", "pointers"),
    [
        ({"roles": ["authority"]}, {"/roles"}),
        ({"operator_id": "cq-cells"}, {"/operator_id"}),
        ({"contact": 7}, {"/contact"}),
        ({"state": "approved", "id": "x", "decided_by": "me"}, {"/state", "/id", "/decided_by"}),
        ({"licences": [{"licence": "any", "number": "1", "valid_from": "2024-13-01"}]}, None),
    ],
)
def test_what_is_not_an_enrolment_is_refused(
    client: CheckedClient, register: Register, changes: dict[str, Any], pointers: set[str] | None
) -> None:
    answer = client.post("/v1/applications", json=BODY | changes)
    told = {each["pointer"] for each in problem(answer, 422)["errors"]}
    assert pointers is None or told == pointers
    with register.read() as reader:
        assert list_applications(reader.connection) == []


def test_one_place_sends_only_so_many(client: CheckedClient) -> None:
    statuses = [client.post("/v1/applications", json={}).status_code for _ in range(12)]
    assert statuses[:10] == [422] * 10 and statuses[-1] == 429
