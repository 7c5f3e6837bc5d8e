"""The description of the API is a sound OpenAPI 3.1 document, and its page needs nobody else's server."""

import re
from typing import Any

import pytest
from openapi_spec_validator import validate

from service.domain.events import KINDS
from tests.api.checking import CheckedClient, assert_valid, description
from tests.api.town import signed, told
from tests.service.domain.story import BODIES, PACK


def test_the_description_is_a_sound_openapi_document(client: CheckedClient) -> None:
    document = client.get("/v1/openapi.json").get_json()
    assert document["openapi"].startswith("3.1")
    validate(document)


def test_every_operation_says_for_whom_it_is_and_how_it_refuses(client: CheckedClient) -> None:
    for operations in description(client)["paths"].values():
        for operation in operations.values():
            assert operation["summary"]
            assert operation["description"].startswith("For: ")
            assert "400" in operation["responses"]
            assert ({"apiKey": []} in operation["security"]) == ("401" in operation["responses"])


def test_operation_ids_are_unique(client: CheckedClient) -> None:
    found = [each["operationId"] for path in description(client)["paths"].values() for each in path.values()]
    assert len(found) == len(set(found))


@pytest.mark.parametrize("kind", BODIES)
def test_every_kind_of_event_fits_its_own_description_and_no_other_body_does(client: CheckedClient, kind: str) -> None:
    document = description(client)
    new_event = document["components"]["schemas"]["NewEvent"]
    subjects = [f"{PACK[:-2]}{n:02d}" for n in range(1, KINDS[kind].subjects.minimum + 1)]
    assert_valid(document, new_event, told(kind, *subjects))
    for other in (told(kind, *subjects) | {"body": {"surprise": 1}}, told(kind, *subjects) | {"is_test": True}):
        with pytest.raises(AssertionError):
            assert_valid(document, new_event, other)


def test_a_signed_event_fits_the_description(client: CheckedClient) -> None:
    document = description(client)
    assert_valid(document, document["components"]["schemas"]["NewEvent"], signed("register", PACK))


def test_the_domain_takes_what_the_description_takes(client: CheckedClient) -> None:
    """Both are made from the same rows; this holds the two readings of them together."""
    schemas = description(client)["components"]["schemas"]
    for kind in KINDS.values():
        if kind.body is not None:
            name = "".join(part.capitalize() for part in kind.name.split("_")) + "Body"
            assert set(BODIES[kind.name]) <= schemas[name]["properties"].keys()
            assert set(schemas[name]["required"]) <= BODIES[kind.name].keys()


def test_the_description_is_not_sent_again_to_who_has_it(client: CheckedClient) -> None:
    first = client.get("/v1/openapi.json")
    again = client.get("/v1/openapi.json", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


def test_the_page_of_the_description_takes_all_its_files_from_us(client: CheckedClient) -> None:
    page = client.get("/docs")
    assert page.content_type == "text/html; charset=utf-8"
    files: list[Any] = re.findall(r'(?:src|href)="([^"]+)"', page.text)
    assert len(files) == 5
    for file in files:
        answer = client.get(file)
        assert answer.status_code == 200, file
        answer.close()
    assert "<script>" not in page.text
    assert " style=" not in page.text


@pytest.mark.parametrize("name", ["index.html", "..%2f__init__.py", "../__init__.py", "swagger-ui-bundle.js.map", ""])
def test_no_other_file_is_served_beside_it(client: CheckedClient, name: str) -> None:
    assert client.get(f"/docs/{name}").status_code == 404
