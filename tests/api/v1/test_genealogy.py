"""Genealogy over HTTP, and listed modules and cells at every address a battery has."""

from typing import Any

import pytest

from tests.api import town as people
from tests.api.checking import CheckedClient, problem
from tests.api.town import Town, told
from tests.service.domain.story import PACK as KNOWN
from tests.service.town import cell, module, pack, whole_pack

NUMBER = 71
PACK, MODULE, CELL = pack(8_000_071), module(NUMBER * 100), cell(NUMBER * 1_000)


def registration(**changes: Any) -> dict[str, Any]:
    event = told("register_pack", PACK)
    event["body"] |= whole_pack(NUMBER) | changes
    return event


@pytest.fixture
def listed(client: CheckedClient, town: Town) -> None:
    """A pack with twelve modules and 96 cells."""
    answer = client.post("/v1/events", json=registration(), headers=town.bearer(people.MAKER))
    assert answer.status_code == 201, answer.get_json()


@pytest.mark.usefixtures("listed")
@pytest.mark.parametrize("code", [PACK, MODULE, CELL])
def test_every_part_has_a_page_an_answer_and_a_history(client: CheckedClient, code: str) -> None:
    assert client.get(f"/b/{code}", headers={"Accept": "text/html"}).status_code == 200
    assert client.get(f"/b/{code}/proof", headers={"Accept": "text/html"}).status_code == 200
    document = client.get(f"/b/{code}", headers={"Accept": "application/json"}).get_json()
    assert document["events"] == 1
    assert [step["event"] for step in document["timeline"]] == ["register_pack"]
    now = client.get(f"/v1/batteries/{code}").get_json()
    assert (now["code"], now["op_state"]) == (code, "ASSEMBLED")
    life = client.get(f"/v1/batteries/{code}/history").get_json()
    if code == PACK:
        assert (life["count"], life["declared_in"]) == (1, None)
    else:
        assert (life["count"], life["steps"]) == (0, [])
        assert (life["declared_in"]["code"], life["declared_in"]["type"]) == (PACK, "register_pack")
        assert "seq" not in life["declared_in"]
        assert "entry" not in life["declared_in"]


@pytest.mark.usefixtures("listed")
def test_the_evidence_of_a_listed_part_is_its_packs(client: CheckedClient, town: Town) -> None:
    bundles = [
        client.get(f"/v1/batteries/{code}/evidence", headers=town.bearer(people.AUTHORITY)).get_json()
        for code in (PACK, CELL)
    ]
    assert bundles[0] == bundles[1]


@pytest.mark.usefixtures("listed")
def test_where_a_cell_is(client: CheckedClient) -> None:
    found = client.get(f"/v1/batteries/{CELL.lower()}/genealogy").get_json()
    assert (found["direction"], found["complete"], found["whole"]) == ("up", True, False)
    assert [node["id"] for node in found["nodes"]] == [CELL, MODULE, PACK]
    assert [(each["from"], each["link"], each["to"]) for each in found["links"]] == [
        (CELL, "built_into", MODULE),
        (MODULE, "built_into", PACK),
    ]
    assert {each["title_zh"] for each in found["links"]} == {"装入"}


@pytest.mark.usefixtures("listed")
def test_what_a_pack_is_made_of(client: CheckedClient) -> None:
    found = client.get(f"/v1/batteries/{PACK}/genealogy?direction=back").get_json()
    parts = [(node["first"], node["count"]) for node in found["nodes"] if node["kind"] == "parts"]
    assert parts == [(MODULE, 12), (CELL, 96)]


def test_lots_are_for_those_who_see_the_whole_history(client: CheckedClient, town: Town) -> None:
    """The recycler has no key in this town: what it did is told by the domain's own tests. Here, who is told what."""
    for caller, whole in ((None, False), (people.LAB, False), (people.MAKER, True), (people.BUREAU, True)):
        headers = {} if caller is None else town.bearer(caller)
        answer = client.get(f"/v1/batteries/{KNOWN}/genealogy", headers=headers)
        assert answer.get_json()["whole"] is whole
        assert answer.headers["Cache-Control"].startswith("public" if caller is None else "private")


@pytest.mark.parametrize("query", ["direction=sideways", "depth=0", "depth=65", "since=-1", "deep=1", "depth=x"])
def test_a_question_that_makes_no_sense_is_refused(client: CheckedClient, query: str) -> None:
    problem(client.get(f"/v1/batteries/{KNOWN}/genealogy?{query}"), 422)


def test_what_is_not_registered_has_no_genealogy(client: CheckedClient) -> None:
    problem(client.get(f"/v1/batteries/{CELL}/genealogy"), 404)


@pytest.mark.usefixtures("listed")
def test_a_part_that_is_listed_already_is_a_conflict_that_names_it(client: CheckedClient, town: Town) -> None:
    again = registration() | {"subjects": [pack(8_000_072)]}
    answer = client.post("/v1/events", json=again, headers=town.bearer(people.MAKER))
    found = problem(answer, 409)
    assert found["errors"][0]["pointer"].startswith("/body/modules/")
    assert found["current"]["parent"] in (PACK, MODULE)


def test_a_pack_whose_parts_weigh_too_much_is_refused_in_both_languages(client: CheckedClient, town: Town) -> None:
    answer = client.post("/v1/events", json=registration(housing_mass_g=200_000), headers=town.bearer(people.MAKER))
    [fault] = problem(answer, 422)["errors"]
    assert (fault["pointer"], fault["source"]) == ("/body/mass_g", "Conservation rule 4")
    assert fault["message"] != fault["message_zh"]
