"""The passport interface against its description by OpenEPCIS: the same routes, parameters and answers."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
import yaml
from jsonschema import Draft202012Validator

from tests.api.checking import CheckedClient, description
from tests.api.passports import client_of, publish_content
from tests.needs import SHARED_DATA, missing
from tests.service.passports.market import BASE_URL, LMT_PACK, MAKER, PACK, Market, open_market

FILE = SHARED_DATA / "battery" / "en18222" / "en18222-dpp-api.openapi.yaml"
DPP = f"/v1/dpps/{quote(f'{BASE_URL}/v1/dpps/{PACK}', safe='')}"
OURS = {"dppId": "dpp_id", "productId": "product_id", "elementIdPath": "element_path"}


@pytest.fixture(scope="module")
def contract() -> dict[str, Any]:
    if not FILE.is_file():
        missing("shared/data/battery/en18222 beside the project")
    document: dict[str, Any] = yaml.safe_load(FILE.read_text())
    return document


@pytest.fixture(scope="module")
def market(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Market]:
    folder: Path = tmp_path_factory.mktemp("market")
    with open_market(folder / "data") as opened:
        yield opened


@pytest.fixture(scope="module")
def client(market: Market) -> CheckedClient:
    made = client_of(market)
    publish_content(made, market)
    return made


def check(contract: dict[str, Any], name: str, value: Any) -> None:
    schema = {"$ref": f"#/components/schemas/{name}", "components": contract["components"]}
    errors = list(Draft202012Validator(schema).iter_errors(value))
    assert errors == [], errors[0].message


def check_element(contract: dict[str, Any], element: dict[str, Any]) -> None:
    """The description tells the shapes apart by `objectType` alone: its `oneOf` fits several at once."""
    check(contract, element["objectType"], without_elements(element))
    for nested in element.get("elements", []):
        check_element(contract, nested)


def without_elements(element: dict[str, Any]) -> dict[str, Any]:
    value = element.get("value")
    plain = {name: each for name, each in element.items() if name != "elements"}
    return plain | ({"value": []} if isinstance(value, list) and value and isinstance(value[0], list) else {})


def test_every_route_of_the_description_is_here_with_its_parameters(
    contract: dict[str, Any], client: CheckedClient
) -> None:
    ours = description(client)["paths"]
    for path, operations in contract["paths"].items():
        for method, operation in operations.items():
            here = ours[re.sub(r"\{(\w+)\}", lambda match: f"{{{OURS[match[1]]}}}", path)][method]
            given = [each.get("name") or each["$ref"].rpartition("/")[2] for each in operation.get("parameters", [])]
            queries = {"representation" if each == "Representation" else each for each in given if "Path" not in each}
            known = {each["name"] for each in here.get("parameters", []) if each["in"] == "query"}
            assert queries <= known, (path, method)
            good = {status for status in operation["responses"] if status.startswith("2")}
            assert good & here["responses"].keys(), (path, method)


@pytest.mark.parametrize("path", [DPP, DPP.replace("dpps", "dppsByProductId", 1), f"/v1/dpps/{PACK}"])
def test_a_passport_fits_in_both_representations(contract: dict[str, Any], client: CheckedClient, path: str) -> None:
    check(contract, "DigitalProductPassportCompressed", client.get(path).json)
    whole = client.get(f"{path}?representation=full").json
    check(contract, "DppEnvelope", whole)
    for element in whole["elements"]:
        check_element(contract, element)


def test_a_version_of_a_date_fits(contract: dict[str, Any], client: CheckedClient, market: Market) -> None:
    path = f"/v1/dppsByIdAndDate/{PACK}?date={quote(market.clock().isoformat())}"
    check(contract, "DigitalProductPassportCompressed", client.get(path).json)


def test_an_element_fits(contract: dict[str, Any], client: CheckedClient) -> None:
    check_element(contract, client.get(f"{DPP}/elements/$.criticalRawMaterials?representation=full").json)


def test_the_other_answers_fit(contract: dict[str, Any], client: CheckedClient, market: Market) -> None:
    check(contract, "DppIdPage", client.post("/v1/dppsByProductIds", json={"productIds": [PACK]}).json)
    body = {"uniqueProductIdentifier": LMT_PACK, "warrantyPeriod": {"months": 12}}
    check(contract, "CreateDPPResult", client.post("/v1/dpps", json=body, headers=market.bearer(MAKER)).json)
    entry = {
        "uniqueProductIdentifier": PACK,
        "digitalProductPassportId": f"{BASE_URL}/v1/dpps/{PACK}",
        "uniqueEconomicOperatorIdentifier": MAKER,
        "dppApiEndpoint": BASE_URL,
    }
    check(contract, "DppRegistryEntry", entry)
    check(contract, "RegisterResult", client.post("/v1/registerDPP", json=entry, headers=market.bearer(MAKER)).json)


def test_a_refusal_is_a_result(contract: dict[str, Any], client: CheckedClient, market: Market) -> None:
    for answer in (
        client.get("/v1/dpps/nothing"),
        client.get(f"/v1/dpps/{PACK[:-1]}7"),
        client.delete(f"/v1/dpps/{PACK}", headers=market.bearer(MAKER)),
    ):
        assert answer.status_code >= 400
        check(contract, "Result", answer.json)
        assert answer.json["statusCode"].startswith("Client")
