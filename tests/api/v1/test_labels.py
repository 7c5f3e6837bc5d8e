"""Printing labels: a file, entries that say so, and the log of prints."""

import pypdfium2  # type: ignore[import-untyped]
import pytest
import zxingcpp

from api.v1.labels import ENTRIES
from service.domain.uuid7 import make_uuid7
from service.labelling import MOST
from service.work import Register
from tests.api import town as people
from tests.api.checking import CheckedClient, problem
from tests.api.town import Town, pack, size, told
from tests.service.domain.story import PACK

MANY = [pack(number) for number in range(2, 72)]


@pytest.fixture
def more(client: CheckedClient, town: Town) -> None:
    events = [told("register", code) for code in MANY]
    answer = client.post("/v1/events:batch", json=events, headers=town.bearer(people.MAKER))
    assert answer.status_code == 200


def test_a_print_is_a_file_and_an_entry(client: CheckedClient, town: Town, register: Register) -> None:
    before = size(register)
    body = {"batteries": [PACK], "format": "zpl", "template": "P2", "copies": 3}
    answer = client.post("/v1/labels", json=body, headers=town.bearer(people.MAKER))
    assert answer.status_code == 201, answer.text
    assert answer.data.count(b"^XA") == 3
    assert answer.headers[ENTRIES] == str(before)
    assert answer.headers["Content-Disposition"] == f'attachment; filename="{PACK}.zpl"'
    log = client.get("/v1/labels", headers=town.bearer(people.MAKER)).get_json()
    assert [(line["index"], line["batteries"], line["body"]) for line in log["prints"]] == [
        (before, [PACK], {"template": "P2", "form": "zpl", "copies": 3})
    ]
    assert log["next"] is None
    state = client.get(f"/v1/batteries/{PACK}", headers=town.bearer(people.MAKER)).get_json()["state"]
    assert state["labels"] == 3


@pytest.mark.usefixtures("more")
def test_a_job_of_many_is_sheets_of_which_every_symbol_reads_and_few_entries(
    client: CheckedClient, town: Town, register: Register
) -> None:
    before = size(register)
    body = {"batteries": MANY, "template": "S24", "page": "A4"}
    answer = client.post("/v1/labels", json=body, headers=town.bearer(people.MAKER))
    assert answer.status_code == 201, answer.text
    assert answer.headers[ENTRIES] == f"{before},{before + 1}"
    read = []
    with pypdfium2.PdfDocument(answer.data) as document:
        assert len(document) == 3
        for page in document:
            read += [found.text[-24:] for found in zxingcpp.read_barcodes(page.render(scale=300 / 72).to_pil())]
    assert sorted(read) == sorted(MANY)
    log = client.get("/v1/labels", headers=town.bearer(people.MAKER)).get_json()
    assert sorted(code for line in log["prints"] for code in line["batteries"]) == sorted(MANY)


def test_looking_records_nothing(client: CheckedClient, town: Town, register: Register) -> None:
    before = size(register)
    body = {"batteries": [PACK], "dry_run": True}
    answer = client.post("/v1/labels", json=body, headers=town.bearer(people.MAKER))
    assert (answer.status_code, answer.data[:5]) == (200, b"%PDF-")
    assert ENTRIES not in answer.headers
    assert size(register) == before
    assert client.get(f"/v1/batteries/{PACK}/label", headers=town.bearer(people.MAKER)).status_code == 200
    assert size(register) == before


def test_a_second_print_needs_a_reason_and_the_same_job_none(
    client: CheckedClient, town: Town, register: Register
) -> None:
    headers = town.bearer(people.MAKER)
    body = {"batteries": [PACK], "id": make_uuid7(int(register.clock().timestamp() * 1000), b"tenrandoms")}
    first = client.post("/v1/labels", json=body, headers=headers)
    again = client.post("/v1/labels", json=body, headers=headers)
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.headers[ENTRIES] == first.headers[ENTRIES]
    assert again.data == first.data
    refused = client.post("/v1/labels", json={"batteries": [PACK]}, headers=headers)
    assert [error["pointer"] for error in problem(refused, 409)["errors"]] == ["/batteries/0"]
    reason = {"batteries": [PACK], "reprint_reason": "damaged"}
    assert client.post("/v1/labels", json=reason, headers=headers).status_code == 201


@pytest.mark.usefixtures("more")
def test_one_that_is_refused_keeps_all_from_being_recorded_and_is_named(
    client: CheckedClient, town: Town, register: Register
) -> None:
    headers = town.bearer(people.MAKER)
    assert client.post("/v1/labels", json={"batteries": [MANY[66]]}, headers=headers).status_code == 201
    before = size(register)
    refused = problem(client.post("/v1/labels", json={"batteries": MANY}, headers=headers), 409)
    assert [error["pointer"] for error in refused["errors"]] == ["/batteries/66"]
    assert size(register) == before


def test_labels_are_for_who_answers_for_the_battery(client: CheckedClient, town: Town) -> None:
    problem(client.post("/v1/labels", json={"batteries": [PACK]}, headers=town.bearer(people.LAB)), 403)
    problem(client.post("/v1/labels", json={"batteries": [PACK]}, headers=town.bearer("read-only")), 403)
    problem(client.post("/v1/labels", json={"batteries": [PACK]}), 401)


def test_a_spoiled_label_is_voided_and_stands_in_the_log(client: CheckedClient, town: Town) -> None:
    headers = town.bearer(people.MAKER)
    assert client.post("/v1/labels", json={"batteries": [PACK], "copies": 2}, headers=headers).status_code == 201
    event = {"type": "void_label", "subjects": [PACK], "body": {"copies": 2, "voiding_reason": "spoiled"}}
    log = client.get("/v1/labels", headers=headers).get_json()["prints"]
    voided = client.post("/v1/events", json=event | {"occurred_at": log[0]["occurred_at"]}, headers=headers)
    assert voided.status_code == 201, voided.text
    kinds = [line["type"] for line in client.get("/v1/labels", headers=headers).get_json()["prints"]]
    assert sorted(kinds) == ["print_label", "void_label"]
    assert client.get("/v1/labels", headers=town.bearer(people.LAB)).get_json()["prints"] == []


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"batteries": []}, 422),
        ({"batteries": [PACK] * (MOST + 1)}, 422),
        ({"batteries": [PACK, PACK]}, 422),
        ({"batteries": ["001PE12ABCDEFGG2T000000O"]}, 422),
        ({"batteries": [pack(9_999_999)]}, 404),
        ({"batteries": [PACK], "copies": 0}, 422),
        ({"batteries": [PACK], "copies": 2, "format": "svg"}, 422),
        ({"batteries": [PACK], "template": "A5", "page": "Letter", "side_mm": [5, 5]}, 422),
        ({"batteries": [PACK], "template": "P2", "side_mm": [2000, 1200]}, 422),
        ({"batteries": [PACK], "side_mm": [0, 1]}, 422),
        ({"batteries": [PACK], "template": "^XZ"}, 422),
        ({"batteries": [PACK], "id": "1"}, 422),
        ({"batteries": [PACK], "reprint_reason": "again"}, 422),
    ],
)
def test_what_cannot_be_printed_is_refused_and_nothing_is_recorded(
    client: CheckedClient, town: Town, register: Register, body: dict[str, object], status: int
) -> None:
    before = size(register)
    problem(client.post("/v1/labels", json=body, headers=town.bearer(people.MAKER)), status)
    assert size(register) == before


@pytest.mark.parametrize("before", ["x", "1", "1-x", "-1-2", "9" * 30 + "-1"])
def test_a_page_of_the_log_that_is_none_of_ours_is_refused(client: CheckedClient, town: Town, before: str) -> None:
    problem(client.get(f"/v1/labels?before={before}", headers=town.bearer(people.MAKER)), 422)


def test_the_log_comes_in_pages_that_leave_nothing_out(
    client: CheckedClient, town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    headers = town.bearer(people.MAKER)
    for _ in range(5):
        body = {"batteries": [PACK], "reprint_reason": "additional", "format": "svg"}
        assert client.post("/v1/labels", json=body, headers=headers).status_code == 201
    whole = client.get("/v1/labels", headers=headers).get_json()["prints"]
    assert len(whole) == 5
    monkeypatch.setattr("service.labelling.PAGE", 2)
    pages, path = [], "/v1/labels"
    while path:
        page = client.get(path, headers=headers).get_json()
        pages.append(page["prints"])
        path = page["next"]
    assert [line for lines in pages for line in lines] == whole
