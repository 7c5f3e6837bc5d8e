"""The home page, the search box, and what to say when a code leads nowhere."""

import io
import json
from datetime import timedelta

import pytest
from flask.testing import FlaskClient

from service.verification.selfcheck import STATUS
from tests.pages.asking import get, read
from tests.pages.life import GTIN, NEVER, PACK, RECYCLED, Story

FULL_WIDTH = "".join(chr(ord(each) + 0xFEE0) for each in PACK)


@pytest.mark.parametrize(
    "typed",
    [
        PACK.lower(),
        FULL_WIDTH,
        "-".join(PACK[n : n + 4] for n in range(0, 24, 4)),
        "\u3000".join(PACK[n : n + 4] for n in range(0, 24, 4)),
        f"  {PACK}\u200b",
    ],
    ids=["lower case", "full width", "hyphens", "wide blanks", "invisible characters"],
)
def test_a_code_typed_another_way_is_shown_as_registered_with_a_note(client: FlaskClient, typed: str) -> None:
    response = client.get("/find", query_string={"code": typed}, headers={"Accept": "text/html"})
    page = read(response)
    assert response.status_code == 200
    assert "您输入的是" in page.text
    assert f"登记编码为{PACK}的电池" in page.text
    assert {"rel": "canonical", "href": f"https://id.example.cn/b/{PACK}"} in page.all("link")


def test_an_address_with_a_code_in_lower_case_is_shown_with_the_note(client: FlaskClient) -> None:
    assert "您输入的是" in read(get(client, f"/b/{PACK.lower()}")).text
    assert "您输入的是" not in read(get(client, f"/b/{PACK}")).text


@pytest.mark.parametrize(
    "typed",
    [
        PACK,
        f"https://id.example.cn/b/{PACK}",
        f"HTTPS://ID.EXAMPLE.CN/B/{PACK}",
        f"https://id.example.cn/01/{GTIN}/21/{PACK[7:]}?lang=en",
        f"(01){GTIN}(21){PACK[7:]}",
    ],
)
def test_whatever_people_paste_is_understood(client: FlaskClient, typed: str) -> None:
    response = client.get("/find", query_string={"code": typed}, headers={"Accept": "text/html"})
    assert response.status_code == 200
    assert PACK in read(response).text.replace(" ", "")


def test_an_ended_battery_that_is_searched_for_is_gone_too(client: FlaskClient) -> None:
    assert client.get(f"/find?code={RECYCLED}").status_code == 410


def test_a_code_that_nobody_registered_is_explained(client: FlaskClient) -> None:
    response = get(client, f"/b/{NEVER}", language="en")
    page = read(response)
    assert response.status_code == 404
    assert [word for word in ("mistyped", "not yet registered", "not genuine", NEVER) if word not in page.text] == []
    assert [each["value"] for each in page.all("input") if each["name"] == "code"] == [NEVER]
    assert response.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    ("typed", "position", "reason"),
    [
        (PACK[:4] + "X" + PACK[5:], 5, "expected a chemistry letter"),
        (PACK[:15] + "D" + PACK[16:], 16, "expected a month symbol"),
        (PACK[:14] + "I" + PACK[15:], 15, "expected a year symbol"),
        (PACK[:17] + "O" + PACK[18:], 18, "expected a digit"),
        ((PACK[:4] + "X" + PACK[5:]).lower(), 5, "expected a chemistry letter"),
    ],
)
def test_the_character_that_cannot_be_right_is_marked(
    client: FlaskClient, typed: str, position: int, reason: str
) -> None:
    response = client.get("/find", query_string={"code": typed, "lang": "en"}, headers={"Accept": "text/html"})
    html = response.get_data(as_text=True)
    assert response.status_code == 404
    assert f"<mark>{typed[position - 1].upper()}</mark>" in html
    assert f"Position {position}: {reason}" in read(response).text
    problem = json.loads(get(client, f"/b/{typed}", "application/json").data)
    assert (problem["code"], problem["position"]) == ("not-found", position)


def test_a_code_of_the_wrong_length_is_told_its_length(client: FlaskClient) -> None:
    page = read(get(client, f"/b/{PACK[:-1]}", language="en"))
    assert "this has 23" in page.text
    assert page.all("mark") == []


@pytest.mark.parametrize(
    "typed", ["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "{{7*7}}", "' or 1=1--"]
)
def test_what_was_typed_is_shown_and_does_nothing(client: FlaskClient, typed: str) -> None:
    response = client.get("/find", query_string={"code": typed}, headers={"Accept": "text/html"})
    page = read(response)
    assert response.status_code in (400, 404)
    assert page.all("script") == page.all("img") == []
    assert [each["value"] for each in page.all("input") if each["name"] == "code"] in ([typed], [""])


def test_an_empty_search_is_the_home_page(client: FlaskClient) -> None:
    for path in ("/find", "/find?code=", "/find?code=%20%20"):
        page = read(get(client, path))
        assert "扫描或输入电池编码" in page.text


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_home_page_has_one_box_and_says_where_the_register_stands(
    client: FlaskClient, story: Story, language: str
) -> None:
    response = get(client, "/", language=language)
    page = read(response)
    with story.register.read() as reader:
        size = reader.size()
    assert [each["action"] for each in page.all("form")] == ["/find", "/find/photo"]
    assert [each["name"] for each in page.all("input") if each["type"] == "text"] == ["code"]
    assert f"<dd>{size}</dd>" in response.get_data(as_text=True)
    assert "register.example.cn/cq" in page.text
    links = [each["href"] for each in page.all("a")]
    assert {"/docs", "/status", "/how-to-check", "/check-document", "/login"} <= set(links)
    assert "/b/" not in "".join(str(each) for each in links), "sample batteries are for demonstrations"
    assert get(client, "/", language=language, headers={"If-None-Match": response.headers["ETag"]}).status_code == 304


def test_the_state_of_the_register_is_public_and_leads_to_its_checkpoint(client: FlaskClient, story: Story) -> None:
    page = read(get(client, "/status", language="en"))
    with story.register.read() as reader:
        root = reader.checkpoint().split(b"\n")[2].decode()
    assert root in page.text
    assert "Not finished once" in page.text
    assert "no witness yet" in page.text
    assert {"/readyz", "/log/vkeys", "/log/checkpoint"} <= {each["href"] for each in page.all("a")}


def test_a_verification_of_long_ago_is_shown_as_old(client: FlaskClient, story: Story) -> None:
    file = story.register.settings.data / STATUS
    now = story.register.clock()
    try:
        for age, is_old in ((timedelta(hours=47), False), (timedelta(hours=49), True)):
            file.write_text(json.dumps({"succeeded": (now - age).timestamp(), "size": 5}))
            page = read(get(client, "/status", language="en"))
            assert "Nothing wrong with 5 entries" in page.text
            assert ("more than two days ago" in page.text) == is_old
            assert ("with one reservation" in page.text) == is_old
    finally:
        file.unlink()


def test_the_foot_of_a_page_names_version_time_and_register(client: FlaskClient) -> None:
    foot = read(get(client, "/", language="en")).text
    assert "Server time 2026-09-01 10:00 (UTC+8)" in foot
    assert "Register register.example.cn/cq" in foot
    assert "Version " in foot


def test_a_page_that_does_not_exist_is_a_page(client: FlaskClient) -> None:
    response = get(client, "/nothing/here")
    assert response.status_code == 404
    assert "返回首页" in read(response).text


def test_every_link_of_the_public_pages_leads_somewhere(client: FlaskClient) -> None:
    for start in ("/", f"/b/{PACK}", f"/b/{NEVER}?lang=en"):
        for each in read(get(client, start)).all("a"):
            href = str(each["href"])
            path = href.removeprefix("https://id.example.cn")
            assert href.startswith("#") or client.get(path).status_code in (200, 404 if "/find" in path else 200), href


def test_a_file_is_compared_byte_for_byte_and_not_kept(client: FlaskClient) -> None:
    cases = ((b"%PDF-1.7 of nobody", 200, "not among the public documents"), (b"", 422, "choose the file"))
    for data, status, told in cases:
        sent = {"document": (io.BytesIO(data), "declaration.pdf")}
        answer = client.post("/check-document?lang=en", data=sent, content_type="multipart/form-data")
        assert answer.status_code == status
        assert told in answer.text
        assert answer.headers["Cache-Control"] == "no-store"
