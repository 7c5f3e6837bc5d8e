"""One address, four forms, two languages."""

import json

import pytest
from flask.testing import FlaskClient

from api.pages.negotiation import Form, choose_form
from tests.pages.asking import BROWSER, get
from tests.pages.life import GTIN, NEVER, PACK, RECYCLED

FORMS = [form.value for form in Form]


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        ("", Form.HTML),
        ("*/*", Form.HTML),
        (BROWSER, Form.HTML),
        ("text/*", Form.HTML),
        ("application/json", Form.JSON),
        ("APPLICATION/JSON", Form.JSON),
        ("application/json; charset=utf-8", Form.JSON),
        ("application/json, */*", Form.JSON),
        ("application/*", Form.JSON),
        ('application/ld+json; profile="https://example.cn/p"', Form.JSON_LD),
        ("application/linkset+json", Form.LINKSET),
        ("application/json;q=0.5, text/html;q=0.4", Form.JSON),
        ("application/json;q=0.4, text/html;q=0.5", Form.HTML),
        ("text/html;q=0, */*", Form.JSON),
        ("text/html;q=0, application/json;q=0, */*;q=0.1", Form.JSON_LD),
        ("application/ld+json;q=0.9, application/json;q=0.8, */*;q=0.1", Form.JSON_LD),
        ("application/json;q=0", Form.HTML),
        ("*/*;q=NaN", Form.HTML),
        ("application/json;q=NaN", Form.HTML),
        ("application/json;q=1e9", Form.HTML),
        ("application/json;q=-1", Form.HTML),
        ("application/json;q=2, text/html;q=0.1", Form.HTML),
        ("application/json;q=٠.٥", Form.HTML),
        ("image/png", Form.HTML),
        (";;;,,,", Form.HTML),
        ("\x00\x01", Form.HTML),
        (",".join(["text/x"] * 10_000), Form.HTML),
    ],
)
def test_an_accept_header_chooses_the_form(accept: str, expected: Form) -> None:
    assert choose_form(accept) is expected


def test_a_linkset_can_be_asked_for_in_the_address_and_nothing_else_can() -> None:
    assert choose_form("text/html", "linkset") is Form.LINKSET
    assert choose_form("text/html", "http://evil.example") is Form.HTML
    assert choose_form("application/json", "gs1:pip") is Form.JSON


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize(("language", "tag"), [("zh-CN,zh;q=0.9", "zh-Hans"), ("en-GB,en;q=0.8", "en")])
@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("path", [f"/b/{PACK}", f"/01/{GTIN}/21/{PACK[7:]}"])
def test_every_form_in_every_language_by_every_method(
    client: FlaskClient, path: str, form: str, language: str, tag: str, method: str
) -> None:
    response = client.open(path, method=method, headers={"Accept": form, "Accept-Language": language})
    assert response.status_code == 200
    assert response.mimetype == form
    assert response.headers["Content-Language"] == tag
    assert {each.strip() for each in response.headers["Vary"].split(",")} >= {"Accept", "Accept-Language"}
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["Cache-Control"] == "public, max-age=60"
    links = response.headers["Link"]
    assert f'<https://id.example.cn/b/{PACK}>; rel="canonical"' in links
    assert 'rel="linkset"; type="application/linkset+json"' in links
    assert f'/v1/batteries/{PACK}/history>; rel="https://ref.gs1.org/voc/traceability"' in links
    assert (response.data == b"") == (method == "HEAD")
    assert int(response.headers["Content-Length"]) > 100
    assert response.headers["ETag"]


@pytest.mark.parametrize("form", FORMS)
def test_what_has_not_changed_is_not_sent_again(client: FlaskClient, form: str) -> None:
    first = get(client, f"/b/{PACK}", form)
    tag = first.headers["ETag"]
    again = get(client, f"/b/{PACK}", form, headers={"If-None-Match": tag})
    assert (again.status_code, again.data, again.headers["ETag"]) == (304, b"", tag)
    assert again.headers["Vary"] == first.headers["Vary"]
    other = get(client, f"/b/{PACK}", form, language="en")
    assert form == Form.LINKSET or other.headers["ETag"] != tag
    assert get(client, f"/b/{PACK}", form, headers={"If-None-Match": '"other"'}).status_code == 200


def test_the_time_of_day_does_not_change_the_tag_of_a_page(client: FlaskClient, story: object) -> None:
    from datetime import timedelta

    from tests.pages.life import Story

    assert isinstance(story, Story)
    first = get(client, f"/b/{PACK}")
    story.now[0] += timedelta(hours=5)
    later = get(client, f"/b/{PACK}")
    story.now[0] -= timedelta(hours=5)
    assert first.data != later.data
    assert first.headers["ETag"] == later.headers["ETag"]


def test_the_address_decides_the_language_before_the_browser_does(client: FlaskClient) -> None:
    assert get(client, f"/b/{PACK}?lang=en", language="zh").headers["Content-Language"] == "en"
    assert get(client, f"/b/{PACK}?lang=zh", language="en").headers["Content-Language"] == "zh-Hans"
    assert get(client, f"/b/{PACK}?lang=xx", language="en").headers["Content-Language"] == "en"
    assert get(client, f"/b/{PACK}", language="de").headers["Content-Language"] == "zh-Hans"


def test_a_chosen_language_is_kept_by_the_links_of_the_page(client: FlaskClient) -> None:
    html = get(client, f"/b/{PACK}?lang=en").get_data(as_text=True)
    assert 'href="/?lang=en"' in html
    assert "/b/001ME12ABCDEFGG2R0000001?lang=en" in html
    assert 'href="/"' in get(client, f"/b/{PACK}").get_data(as_text=True)


def test_linked_data_brings_its_own_context_and_the_same_facts(client: FlaskClient) -> None:
    plain = json.loads(get(client, f"/b/{PACK}", "application/json").data)
    linked = json.loads(get(client, f"/b/{PACK}", "application/ld+json").data)
    assert isinstance(linked.pop("@context"), dict)
    assert linked.pop("type") == "schema:Product"
    assert linked == plain


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_an_ended_life_is_gone_in_every_form(client: FlaskClient, form: str, method: str) -> None:
    response = client.open(f"/b/{RECYCLED}", method=method, headers={"Accept": form})
    assert (response.status_code, response.mimetype) == (410, form)
    assert "Link" in response.headers


@pytest.mark.parametrize("form", FORMS)
def test_an_unknown_code_is_not_found_in_every_form(client: FlaskClient, form: str) -> None:
    response = get(client, f"/b/{NEVER}", form)
    expected = form if form == Form.HTML else "application/problem+json"
    assert (response.status_code, response.mimetype) == (404, expected)
    assert {each.strip() for each in response.headers["Vary"].split(",")} >= {"Accept", "Accept-Language"}
