"""POST /v1/events:batch, from the sender's side."""

import orjson
import pytest
from werkzeug.test import TestResponse

from ledger.receipt import parse_receipt, verify_receipt
from service.work import Register
from tests.api.checking import CheckedClient, problem
from tests.api.town import LAB, MAKER, ORIGIN, QUIET, Town, new_id, pack, signed, told
from tests.service.domain.story import PACK

LINES = "application/x-ndjson"


def post(client: CheckedClient, town: Town, *events: object, query: str = "", operator: str = MAKER) -> TestResponse:
    lines = b"\n".join(event if isinstance(event, bytes) else orjson.dumps(event) for event in events)
    return client.post(f"/v1/events:batch{query}", data=lines, content_type=LINES, headers=town.bearer(operator))


def rows(answer: TestResponse) -> list[dict[str, object]]:
    assert answer.status_code == 200, answer.text
    return [orjson.loads(line) for line in answer.data.splitlines()]


def stored(register: Register) -> int:
    with register.read() as reader:
        return reader.size()


def test_each_line_is_answered_in_order_with_its_receipt(client: CheckedClient, town: Town, register: Register) -> None:
    answer = post(client, town, *(signed("register", pack(n)) for n in range(2, 7)))
    assert answer.content_type == LINES
    results = rows(answer)
    assert [row["status"] for row in results] == [201] * 5
    with register.read() as reader:
        for n, row in enumerate(results, 2):
            entry = reader.entry(row["index"])  # type: ignore[arg-type]
            assert entry is not None
            assert pack(n).encode() in entry
            assert entry in answer.data
            receipt = parse_receipt(str(row["proof"]).encode())
            verify_receipt(receipt, entry, register.verifiers, origin=ORIGIN)


def test_an_array_is_answered_with_an_array(client: CheckedClient, town: Town) -> None:
    events = [told("register", pack(2)), told("register", pack(3))]
    answer = client.post("/v1/events:batch", json=events, headers=town.bearer(MAKER))
    assert answer.content_type == "application/json"
    assert [row["status"] for row in answer.get_json()] == [201, 201]


def test_a_refused_line_does_not_fail_its_neighbours(client: CheckedClient, town: Town, register: Register) -> None:
    size, again = stored(register), signed("register", pack(9))
    post(client, town, again)
    results = rows(
        post(
            client,
            town,
            signed("register", pack(2)),
            b"{not json",
            {"type": "register"},
            signed("register", PACK),
            told("register", pack(3), mass_g=0),
            again,
            signed("register", pack(4), actor="cq-city"),
            told("register", pack(5)),
            b"",
            b'{"a":1,"a":2}',
        )
    )
    assert [row["status"] for row in results] == [201, 400, 422, 409, 422, 200, 403, 201, 400, 400]
    assert stored(register) == size + 3


def test_a_refused_line_is_told_as_a_problem_that_points_into_the_line(client: CheckedClient, town: Town) -> None:
    [first, second] = rows(post(client, town, told("register", pack(2), mass_g=0), signed("register", PACK)))
    assert [fault["pointer"] for fault in first["problem"]["errors"]] == ["/body/mass_g"]  # type: ignore[index]
    assert [fault["pointer"] for fault in second["problem"]["errors"]] == ["/event/subjects/0"]  # type: ignore[index]
    assert second["problem"]["current"]["code"] == PACK  # type: ignore[index]


@pytest.mark.parametrize(
    ("culprit", "status", "pointer"),
    [
        (told("register", PACK), 409, "/1/subjects/0"),
        (told("register", pack(3), mass_g=0), 422, "/1/body/mass_g"),
        ({"type": "register"}, 422, "/1/occurred_at"),
        (b"{not json", 422, None),
    ],
)
def test_all_or_nothing_stores_nothing_when_one_line_is_refused(
    client: CheckedClient, town: Town, register: Register, culprit: object, status: int, pointer: str | None
) -> None:
    size = stored(register)
    answer = post(client, town, told("register", pack(2)), culprit, told("register", pack(4)), query="?atomic=true")
    refusal = problem(answer, status)
    assert stored(register) == size
    assert len(refusal["results"]) == 3
    assert [row["status"] for row in refusal["results"]][::2] == [409, 409]
    assert [fault["pointer"] for fault in refusal.get("errors", [])] == ([] if pointer is None else [pointer])


def test_all_or_nothing_stores_all_when_no_line_is_refused(
    client: CheckedClient, town: Town, register: Register
) -> None:
    size, events = stored(register), [signed("register", pack(n)) for n in (2, 3)]
    assert [row["status"] for row in rows(post(client, town, *events, query="?atomic=true"))] == [201, 201]
    assert [row["status"] for row in rows(post(client, town, *events, query="?atomic=true"))] == [200, 200]
    assert stored(register) == size + 2


def test_brief_answers_leave_out_entry_and_proof(client: CheckedClient, town: Town) -> None:
    [row] = rows(post(client, town, signed("register", pack(2)), query="?receipts=brief"))
    assert row.keys() == {"status", "index", "leaf_hash"}


@pytest.mark.parametrize("query", ["atomic=yes", "atomic=1", "receipts=none", "atomic=true&atomic=false", "x=1"])
def test_a_query_that_is_not_understood_is_refused(
    client: CheckedClient, town: Town, register: Register, query: str
) -> None:
    size = stored(register)
    problem(post(client, town, signed("register", pack(2)), query=f"?{query}"), 422)
    assert stored(register) == size


def test_a_batch_holds_one_to_a_thousand_events(client: CheckedClient, town: Town, register: Register) -> None:
    size, headers = stored(register), town.bearer(MAKER)
    problem(client.post("/v1/events:batch", data=b"", content_type=LINES, headers=headers), 422)
    problem(client.post("/v1/events:batch", json=[], headers=headers), 422)
    problem(client.post("/v1/events:batch", json={}, headers=headers), 422)
    problem(client.post("/v1/events:batch", data=b"{}\n" * 1001, content_type=LINES, headers=headers), 422)
    problem(client.post("/v1/events:batch", json=[{}] * 1001, headers=headers), 422)
    assert stored(register) == size
    assert len(rows(client.post("/v1/events:batch", data=b"{}\n" * 1000, content_type=LINES, headers=headers))) == 1000


def test_events_of_one_battery_follow_each_other_within_a_batch(client: CheckedClient, town: Town) -> None:
    [first, second] = rows(
        post(client, town, told("register", pack(2)), told("retire", pack(2), reason="recall", soce_ppm=None) | BODY)
    )
    assert (first["status"], second["status"]) == (201, 201), second


BODY = {"body": {"reason": "recall"}}


def test_an_operator_whose_key_the_service_does_not_hold_is_told_so(client: CheckedClient, town: Town) -> None:
    [row] = rows(post(client, town, told("register", pack(2)), operator=QUIET))
    assert row["status"] == 403


def test_a_line_of_another_operator_is_refused_alone(client: CheckedClient, town: Town, register: Register) -> None:
    size = stored(register)
    results = rows(post(client, town, signed("register", pack(2)), told("register", pack(3)), operator=LAB))
    assert [row["status"] for row in results] == [403, 403]
    assert stored(register) == size


def test_an_id_given_twice_in_one_batch_is_recorded_once(client: CheckedClient, town: Town, register: Register) -> None:
    size, id_ = stored(register), new_id()
    events = [signed("register", pack(2), id=id_), signed("register", pack(3), id=id_)]
    assert [row["status"] for row in rows(post(client, town, *events))] == [201, 409]
    assert stored(register) == size + 1
