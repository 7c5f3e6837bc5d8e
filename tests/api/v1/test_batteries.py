"""One battery, as the different callers may see it."""

from pathlib import Path

import pytest

from ledger.bundle import parse_bundle, verify_bundle
from ledger.entry import format_time
from ledger.receipt import parse_receipt, verify_receipt
from service.recording.mapping import commit_map
from service.work import Register
from tests.api import town as people
from tests.api.checking import CheckedClient, problem
from tests.api.town import ORIGIN, VIN, Town, told
from tests.service.domain.story import PACK

GS1 = "09521234000013/"
UNKNOWN = f"{PACK[:-1]}9"


@pytest.fixture
def installed(client: CheckedClient, town: Town) -> None:
    """The vehicle maker has put the pack into a vehicle."""
    event = told("install", PACK) | {"private": {"vin": VIN}}
    del event["body"]["vin"]
    assert client.post("/v1/events", json=event, headers=town.bearer(people.MOTORS)).status_code == 201


@pytest.mark.usefixtures("installed")
@pytest.mark.parametrize(
    ("caller", "whole"),
    [
        ("nobody", False),
        (people.LAB, False),
        ("record-only", False),
        ("read-only", True),
        (people.MAKER, True),
        (people.MOTORS, True),
        (people.BUREAU, True),
        (people.AUTHORITY, True),
    ],
)
def test_everybody_sees_the_public_part_and_partners_see_all(
    client: CheckedClient, town: Town, caller: str, whole: bool
) -> None:
    headers = {} if caller == "nobody" else town.bearer(caller)
    now = client.get(f"/v1/batteries/{PACK}", headers=headers)
    assert now.get_json()["op_state"] == "INSTALLED"
    assert now.get_json()["model"]["model_id"] == "CQ-150"
    assert ("state" in now.get_json()) == whole
    life = client.get(f"/v1/batteries/{PACK}/history", headers=headers).get_json()
    assert (life["whole"], life["count"]) == (whole, 2)
    assert [step["type"] for step in life["steps"]] == ["register", "install"]
    assert [("entry" in step, "actor" in step) for step in life["steps"]] == [(whole, whole)] * 2
    assert client.get(f"/v1/batteries/{PACK}/evidence", headers=headers).status_code == (
        200 if whole else 401 if caller == "nobody" else 403
    )


@pytest.mark.usefixtures("installed")
def test_the_vehicle_is_in_no_answer(client: CheckedClient, town: Town) -> None:
    for headers in ({}, town.bearer(people.AUTHORITY)):
        for path in ("", "/history"):
            answer = client.get(f"/v1/batteries/{PACK}{path}", headers=headers)
            assert VIN not in answer.text
            assert "vehicle" not in answer.get_json().get("state", {})


def test_the_battery_is_found_by_each_of_its_identifiers(client: CheckedClient) -> None:
    first = client.get(f"/v1/batteries/{PACK}").get_json()
    assert client.get(f"/v1/batteries/{PACK.lower()}").get_json()["code"] == first["code"] == PACK


def test_what_can_be_no_identifier_is_told_where_it_is_wrong(client: CheckedClient) -> None:
    refusal = problem(client.get(f"/v1/batteries/{PACK[:4]}!{PACK[5:]}"), 422)
    assert refusal["position"] == 5
    for path in ("x", "%D0%95", "0952123400001/X", "09521234000014/ABC", GS1 + "%20", "a" * 3000):
        problem(client.get(f"/v1/batteries/{path}"), 422)
    problem(client.get(f"/v1/batteries/{PACK[:-1]}9"), 404)
    problem(client.get(f"/v1/batteries/{GS1}NOTHERE"), 404)
    problem(client.get("/v1/batteries/09521234000013"), 404)
    problem(client.get(f"/v1/batteries/{PACK}/nothing"), 404)


@pytest.mark.parametrize("serial", ["A%2F8200%2Fevil.example", "A/8200/evil.example", "A%2F..%2Fhistory"])
def test_no_second_identifier_is_smuggled_in_by_an_encoded_slash(client: CheckedClient, serial: str) -> None:
    problem(client.get(f"/v1/batteries/{GS1}{serial}"), 404)


def test_a_serial_number_may_look_like_one_of_our_words(client: CheckedClient) -> None:
    for serial in ("history", "label"):
        refusal = problem(client.get(f"/v1/batteries/{GS1}{serial}"), 404)
        assert refusal["detail"].endswith("is not in this register")


def test_the_proofs_of_a_history_lead_to_its_checkpoint(client: CheckedClient, town: Town, register: Register) -> None:
    life = client.get(f"/v1/batteries/{PACK}/history", headers=town.bearer(people.MAKER)).get_json()
    for step in life["steps"]:
        with register.read() as reader:
            entry = reader.entry(step["index"])
        assert entry is not None
        receipt = parse_receipt(step["proof"].encode())
        assert receipt.checkpoint == life["checkpoint"].encode()
        verify_receipt(receipt, entry, register.verifiers, origin=ORIGIN)


def test_the_evidence_verifies_without_the_register(
    client: CheckedClient, town: Town, register: Register, tmp_path: Path
) -> None:
    answer = client.get(f"/v1/batteries/{PACK}/evidence", headers=town.bearer(people.BUREAU))
    assert PACK in answer.headers["Content-Disposition"]
    verify_bundle(parse_bundle(answer.data), register.verifiers, origin=ORIGIN)


@pytest.mark.parametrize("identifier", [UNKNOWN, UNKNOWN.lower()])
def test_whoever_asks_for_what_is_not_there_gets_the_proof_of_it(
    client: CheckedClient, register: Register, identifier: str
) -> None:
    before = problem(client.get(f"/v1/batteries/{identifier}/evidence"), 404)
    assert "absence" not in before | problem(client.get(f"/v1/batteries/{identifier}/history"), 404)
    with register.read() as reader:
        size = reader.size()
    assert commit_map(register)
    for path in ("", "/history"):
        absence = problem(client.get(f"/v1/batteries/{identifier}{path}"), 404)["absence"]
        assert (absence["size"], absence["later"]) == (size, 0)
    answer = client.get(absence["evidence"].removeprefix(register.settings.base_url))
    assert answer.status_code == 200
    bundle = parse_bundle(answer.data)
    assert (bundle.subject, bundle.entries) == (UNKNOWN, ())
    complete = verify_bundle(bundle, register.verifiers, origin=ORIGIN, require_all=True).complete
    assert complete is not None
    assert (complete.size, format_time(complete.at)) == (size, absence["at"])


def test_what_no_code_is_named_by_has_no_proof_of_absence(client: CheckedClient, register: Register) -> None:
    assert commit_map(register)
    for identifier in ("09521234000013", f"{GS1}NOTHERE"):
        for path in ("/evidence", "/history"):
            assert "absence" not in problem(client.get(f"/v1/batteries/{identifier}{path}"), 404)
    problem(client.get(f"/v1/batteries/{PACK}/evidence"), 401)


@pytest.mark.parametrize(
    ("query", "content", "begin"),
    [
        ("", "image/svg+xml", b"<"),
        ("?format=svg&template=M1", "image/svg+xml", b"<"),
        ("?format=png&dpi=203", "image/png", b"\x89PNG"),
        ("?format=pdf&template=P2", "application/pdf", b"%PDF-"),
        ("?format=zpl", "text/plain", b"^XA"),
    ],
)
def test_a_label_comes_in_the_format_asked_for(
    client: CheckedClient, town: Town, query: str, content: str, begin: bytes
) -> None:
    answer = client.get(f"/v1/batteries/{PACK}/label{query}", headers=town.bearer(people.MAKER))
    assert answer.status_code == 200, answer.text
    assert (answer.content_type or "").startswith(content)
    assert answer.data.startswith(begin)


@pytest.mark.parametrize("query", ["format=gif", "template=X", "dpi=1", "dpi=a", "format=svg&format=png", "size=1"])
def test_a_label_that_there_is_not_is_refused(client: CheckedClient, town: Town, query: str) -> None:
    problem(client.get(f"/v1/batteries/{PACK}/label?{query}", headers=town.bearer(people.MAKER)), 422)


def test_what_is_public_may_be_cached_and_what_is_not_may_not(client: CheckedClient, town: Town) -> None:
    public = client.get(f"/v1/batteries/{PACK}")
    assert "public" in public.headers["Cache-Control"]
    assert "Authorization" in public.vary
    again = client.get(f"/v1/batteries/{PACK}", headers={"If-None-Match": public.headers["ETag"]})
    assert again.status_code == 304
    whole = client.get(f"/v1/batteries/{PACK}", headers=town.bearer(people.MAKER))
    assert "private" in whole.headers["Cache-Control"]
    assert whole.headers["ETag"] != public.headers["ETag"]
