"""What a resolver of GS1 Digital Links does: link types, the linkset, the description file, errors.

The requirements are those of the GS1-Conformant Resolver Standard 1.2, by the number of the section.
"""

import json
import re
from typing import Any

import pytest
from flask.testing import FlaskClient

from api.pages.links import CONTEXT, LINK_TYPES, VOCABULARY
from tests.pages.asking import BROWSER, get, read
from tests.pages.life import GTIN, MODULES, NAMES, NEVER, PACK, RECYCLED

BASE = "https://id.example.cn"
DIGITAL_LINK = f"/01/{GTIN}/21/{PACK[7:]}"
ASSET_LINK = f"/8004/{NAMES['giai']}"
ADDRESSES = (f"/b/{PACK}", DIGITAL_LINK, ASSET_LINK)
IN_PLACE = tuple(row.name for row in LINK_TYPES if row.in_place)
ELSEWHERE = tuple(row.name for row in LINK_TYPES if not row.in_place)


def linkset(client: FlaskClient, path: str) -> dict[str, Any]:
    """The one context object of the linkset at an address."""
    [context] = json.loads(get(client, f"{path}?linkType=linkset").data)["linkset"]
    assert isinstance(context, dict)
    return context


def links_in(context: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    return {name: links for name, links in context.items() if name.startswith("http")}


@pytest.mark.parametrize("path", ADDRESSES)
def test_every_name_of_a_battery_is_an_address_of_it(client: FlaskClient, path: str) -> None:
    response = get(client, path)
    assert response.status_code == 200
    assert PACK in read(response).text.replace(" ", "")
    assert f'<{BASE}/b/{PACK}>; rel="canonical"' in response.headers["Link"]
    assert "Location" not in response.headers


@pytest.mark.parametrize("path", ADDRESSES)
@pytest.mark.parametrize("name", IN_PLACE)
def test_a_link_that_is_this_address_is_answered_in_place(client: FlaskClient, path: str, name: str) -> None:
    expected = {row.name: row.media for row in LINK_TYPES}[name]
    for asked in (f"gs1:{name}", f"{VOCABULARY}{name}", f"https://gs1.org/voc/{name}"):
        response = client.get(path, query_string={"linkType": asked}, headers={"Accept": BROWSER})
        assert (response.status_code, response.mimetype) == (200, expected)
        assert "Location" not in response.headers


@pytest.mark.parametrize("path", ADDRESSES)
@pytest.mark.parametrize("name", ELSEWHERE)
def test_any_other_link_leads_to_an_address_of_this_register(client: FlaskClient, path: str, name: str) -> None:
    """2.6.2. The way is a path: it cannot lead to another host, whatever the request says."""
    response = client.get(
        path,
        query_string={"linkType": f"gs1:{name}", "next": "//evil.example", "x": "\r\nLocation: //evil.example"},
        headers={"Host": "evil.example", "X-Forwarded-Host": "evil.example"},
    )
    assert response.status_code == 307
    assert response.headers["Location"].startswith("/")
    assert not response.headers["Location"].startswith("//")
    assert "evil" not in response.headers["Location"]
    assert client.get(response.headers["Location"]).status_code in (200, 401)


def test_a_link_that_is_not_there_is_not_found_by_a_digital_link(client: FlaskClient) -> None:
    """2.6.2. The address of our own shows the battery to whoever scans it, whatever was added to it."""
    for name in ("gs1:epil", "http://evil.example", "dpp", "gs1:"):
        for path in (DIGITAL_LINK, ASSET_LINK):
            response = client.get(path, query_string={"linkType": name}, headers={"Accept": "application/json"})
            assert (response.status_code, response.mimetype) == (404, "application/problem+json")
        assert client.get(f"/b/{PACK}", query_string={"linkType": name}).status_code == 200
    assert client.get(f"/b/{MODULES[0]}?linkType=gs1:dpp").status_code == 200


@pytest.mark.parametrize("path", ADDRESSES)
def test_the_linkset_is_what_the_schema_of_gs1_wants(client: FlaskClient, path: str) -> None:
    """2.5 and 2.10: a link has target, title and media type, its languages two letters; one is the default."""
    context = linkset(client, path)
    assert re.match(r"^https?://[A-Za-z0-9./]+", context["anchor"])
    assert isinstance(context["description"], str)
    links = links_in(context)
    assert links.keys() == {VOCABULARY + name for name in ("defaultLink", *IN_PLACE, *ELSEWHERE)}
    [default] = links.pop(f"{VOCABULARY}defaultLink")
    assert default.keys() == {"href", "title"}
    assert default["href"] in [each["href"] for each in links[f"{VOCABULARY}pip"]]
    for each in (link for some in links.values() for link in some):
        assert each["href"].startswith(f"{BASE}/")
        assert each["title"]
        assert re.fullmatch(r"[a-z]+/[a-z+]+", each["type"])
        assert all(re.fullmatch(r"\w\w(-\w\w)?", tag) for tag in each.get("hreflang", []))


def test_the_anchor_is_the_digital_link_whatever_address_was_asked(client: FlaskClient) -> None:
    assert {linkset(client, path)["anchor"] for path in ADDRESSES} == {BASE + DIGITAL_LINK}


def test_every_link_of_a_linkset_leads_somewhere(client: FlaskClient) -> None:
    for path in (f"/b/{PACK}", f"/b/{MODULES[0]}", f"/b/{RECYCLED}"):
        for links in links_in(linkset(client, path)).values():
            for each in links:
                status = client.get(each["href"].removeprefix(BASE), headers={"Accept": each.get("type", BROWSER)})
                assert status.status_code in (200, 401, 410), each["href"]


def test_a_module_has_no_passport_of_its_own(client: FlaskClient) -> None:
    assert f"{VOCABULARY}dpp" not in linkset(client, f"/b/{MODULES[0]}")


@pytest.mark.parametrize("accept", [BROWSER, "application/json", "application/linkset+json"])
@pytest.mark.parametrize("name", ["linkset", "all"])
def test_a_linkset_is_given_whatever_else_is_accepted(client: FlaskClient, accept: str, name: str) -> None:
    """2.9."""
    response = get(client, f"{DIGITAL_LINK}?linkType={name}", accept)
    assert (response.status_code, response.mimetype) == (200, "application/linkset+json")
    assert f'<{CONTEXT}>; rel="http://www.w3.org/ns/json-ld#context"' in response.headers["Link"]
    asked = get(client, f"{DIGITAL_LINK}?linkType=gs1:pip", "application/linkset+json")
    assert asked.mimetype == "application/linkset+json"


def test_every_answer_tells_of_the_linkset_and_may_be_read_by_any_page(client: FlaskClient) -> None:
    """2.2: CORS, and HEAD and OPTIONS beside GET. Nothing here depends on who asks, so every origin may."""
    for path in (*ADDRESSES, f"{DIGITAL_LINK}?linkType=gs1:traceability"):
        for method in ("GET", "HEAD"):
            response = client.open(path, method=method)
            assert 'rel="linkset"; type="application/linkset+json"' in response.headers["Link"]
            assert response.headers["Access-Control-Allow-Origin"] == "*"
            assert "Access-Control-Allow-Credentials" not in response.headers
    assert set(client.options(DIGITAL_LINK).headers["Allow"].split(", ")) == {"GET", "HEAD", "OPTIONS"}
    assert "Access-Control-Allow-Origin" not in client.get("/v1/operators").headers


def test_errors_are_errors(client: FlaskClient) -> None:
    """2.4.1: what is no Digital Link is refused with 400, what is not known with 404, and neither ever with 200."""
    for path, status in (
        (f"/01/{GTIN[:-1]}4/21/A", 400),
        (f"/01/{GTIN}/21/A/foo", 400),
        ("/8004/A", 400),
        (f"/8004/{NAMES['giai']}/21/A", 400),
        (f"/01/{GTIN}/21/{NEVER[7:]}", 404),
        ("/8004/9521234BATT8", 404),
    ):
        for accept in (BROWSER, "application/json", "application/linkset+json"):
            assert get(client, path, accept).status_code == status


def test_the_resolver_describes_itself(client: FlaskClient) -> None:
    """3. The members are those of the standard's schema of a description file."""
    response = client.get("/.well-known/gs1resolver")
    assert (response.status_code, response.mimetype) == (200, "application/json")
    told = response.get_json()
    assert told.keys() == {
        "name",
        "resolverRoot",
        "supportedPrimaryKeys",
        "supportedLinkType",
        "linkTypeDefaultCanBeLinkset",
        "contact",
        "jsonLdContextLocation",
    }
    assert told["resolverRoot"] == BASE
    assert told["supportedPrimaryKeys"] == ["01", "8004"]
    assert told["supportedLinkType"] == [{"namespace": VOCABULARY, "prefix": "gs1:"}]
    assert told["linkTypeDefaultCanBeLinkset"] is False
    assert told["contact"]["fn"]


@pytest.mark.parametrize(
    "typed",
    [NAMES["identification_link"], NAMES["identification_link"].upper(), f"(8004){NAMES['giai']}", ASSET_LINK.lower(),
     f"]d201{GTIN}21{PACK[7:]}\x1d"],
)  # fmt: skip
def test_every_name_may_be_typed_or_scanned(client: FlaskClient, typed: str) -> None:
    response = client.get("/find", query_string={"code": typed}, headers={"Accept": "text/html"})
    assert response.status_code == 200
    assert PACK in read(response).text.replace(" ", "")


@pytest.mark.parametrize(
    ("typed", "word"), [("LSVAU2A34N2183294", "VIN"), ("91350100M000100Y43", "credit code"), (GTIN, "GTIN")]
)
def test_a_name_of_something_else_is_explained(client: FlaskClient, typed: str, word: str) -> None:
    response = client.get("/find", query_string={"code": typed, "lang": "en"}, headers={"Accept": "text/html"})
    assert response.status_code == 404
    assert word in read(response).text


def test_characters_that_look_alike_lead_to_the_battery_that_was_meant(client: FlaskClient) -> None:
    typed = PACK.replace("0000001", "OOOOOO1")
    response = client.get("/find", query_string={"code": typed, "lang": "en"}, headers={"Accept": "text/html"})
    assert response.status_code == 404
    assert [each["href"] for each in read(response).all("a") if PACK in str(each["href"])] == [f"/b/{PACK}?lang=en"]
    assert json.loads(get(client, f"/b/{typed}", "application/json").data)["meant"] == [PACK]
