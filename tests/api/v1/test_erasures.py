"""POST /v1/batteries/{identifier}/erasures: by whom, of what, and what is answered."""

import pytest

from ledger.receipt import parse_receipt, verify_receipt
from service.work import Register
from tests.api import town as people
from tests.api.checking import CheckedClient, problem
from tests.api.town import ORIGIN, Town, told
from tests.service.domain.story import PACK

WISH = {"basis": "PIPL, Art. 47", "reason": "asked for"}
PATH = f"/v1/batteries/{PACK}/erasures"


@pytest.fixture
def installed(client: CheckedClient, town: Town) -> int:
    """The vehicle maker has put the pack into a vehicle, and told two restricted values."""
    answer = client.post("/v1/events", json=told("install", PACK), headers=town.bearer(people.MOTORS))
    assert answer.status_code == 201, answer.text
    index: int = answer.get_json()["index"]
    return index


def test_the_authority_erases_and_is_answered_with_a_receipt(
    client: CheckedClient, town: Town, register: Register, installed: int
) -> None:
    answer = client.post(PATH, json=WISH | {"names": ["vin"]}, headers=town.bearer(people.AUTHORITY))
    assert answer.status_code == 201, answer.text
    members = answer.get_json()
    assert (members["code"], members["erased"], members["title_zh"]) == (PACK, 1, "已依法删除")
    [entry] = members["entries"]
    assert answer.headers["Location"] == f"/v1/entries/{entry['index']}"
    with register.read() as reader:
        stored = reader.entry(entry["index"])
    assert stored is not None
    verify_receipt(parse_receipt(entry["proof"].encode()), stored, register.verifiers, origin=ORIGIN)
    private = client.get(f"/v1/entries/{installed}", headers=town.bearer(people.MOTORS)).get_json()["private"]
    assert private.keys() == {"odometer_km"}
    assert private["odometer_km"]["value"] == 12


def test_who_told_a_value_erases_it_and_a_stranger_does_not(client: CheckedClient, town: Town, installed: int) -> None:
    problem(client.post(PATH, json=WISH, headers=town.bearer(people.LAB)), 409)
    answer = client.post(PATH, json=WISH, headers=town.bearer(people.MOTORS))
    assert answer.get_json()["erased"] == 2
    private = client.get(f"/v1/entries/{installed}", headers=town.bearer(people.MOTORS)).get_json()["private"]
    assert private == {"odometer_km": {"erased": True}}
    problem(client.post(PATH, json=WISH, headers=town.bearer(people.MOTORS)), 409)


def test_an_operator_without_a_key_in_custody_is_told_what_to_do(client: CheckedClient, town: Town) -> None:
    problem(client.post(PATH, json=WISH, headers=town.bearer(people.QUIET)), 409)


@pytest.mark.usefixtures("installed")
@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"basis": ""}, "/basis"),
        ({"basis": None}, "/basis"),
        ({"reason": "x" * 501}, "/reason"),
        ({"names": ["colour"]}, "/names/0"),
        ({"names": "vin"}, "/names"),
        ({"more": 1}, "/more"),
    ],
)
def test_a_wish_that_is_not_one_is_refused(
    client: CheckedClient, town: Town, change: dict[str, object], pointer: str
) -> None:
    refusal = problem(client.post(PATH, json=WISH | change, headers=town.bearer(people.AUTHORITY)), 422)
    assert [fault["pointer"] for fault in refusal["errors"]] == [pointer]
