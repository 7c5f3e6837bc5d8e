"""S-21: whatever stands in a name, a note or an address, a page has the same elements and attributes as without it.

Each payload is put into every free text of an operator, a model and a battery at once; every public page of that
battery is then held against the page of a battery with plain texts.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import pytest
from defusedxml.ElementTree import fromstring  # type: ignore[import-untyped]
from flask import Flask
from flask.testing import FlaskClient

from service.access import SCOPES, make_api_key
from service.operators import enrol_operator, make_custodial_key
from tests.applications import app_on
from tests.fuzz.mangling import TIMES
from tests.pages.asking import BROWSER, Page
from tests.pages.life import PACK, PACK_MODEL, Story, open_story
from tests.security.payloads import PAYLOADS

PLAIN = "plain words"
TEXTS = PAYLOADS if TIMES > 1 else PAYLOADS[::4]
"""`make security` tries all of them, the suite every fourth in the register, and all in addresses."""
LETTERS = "123456789ABCDEFGHJKLMNPQRSTUVWXYZ"


@dataclass(frozen=True)
class Told:
    """A register in which battery `codes[text]` has `text` wherever it may have one."""

    app: Flask
    codes: dict[str, str]
    headers: dict[str, str]


def tell(story: Story, number: int, text: str) -> str:
    """A maker of that name, a model of that name, and one pack of it. Its code."""
    maker, code = f"maker-{number}", f"{LETTERS[number // 32]}{LETTERS[number % 32]}Z"
    enrol_operator(
        story.recorder,
        {"operator_id": maker, "name": text, "name_en": text, "roles": ["maker"], "region": "500103"},
    )
    make_custodial_key(story.recorder, maker)
    names = {"name": text, "name_en": text, "extinguishing_agent": text, "hazard_zh": text, "hazard_en": text}
    model = {**PACK_MODEL, **names, "model_id": f"M-{number}", "manufacturer_code": code}
    del model["gtin"]
    story.tell(maker, "publish_model", (), **model)
    pack = code + PACK[3:]
    story.tell(
        maker, "register", (pack,), model_id=f"M-{number}", mass_g=300_000, capacity_mah=150_000, energy_wh=52_000,
        made_on="2026-02-26", site=text,
    )  # fmt: skip
    return pack


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Told]:
    story = open_story(tmp_path_factory.mktemp("register"))
    story.on("2026-02-27")
    codes = {text: tell(story, number, text) for number, text in enumerate((PLAIN, *TEXTS))}
    with story.register.write_beside() as connection:
        key = make_api_key(connection, "maker-0", now=story.now[0], scopes=SCOPES)
    yield Told(app_on(story.register, story.recorder), codes, {"Authorization": f"Bearer {key}"})
    story.register.close()


def skeleton(html: str) -> list[tuple[str, tuple[str, ...]]]:
    """Its tags, each with the names of its attributes."""
    return [(tag, tuple(attributes)) for tag, attributes in Page(html).tags]


def links(html: str) -> set[str]:
    """Where its links, forms and sources lead, but for what they ask and the code that they are about."""
    found = (attributes.get(name) for _, attributes in Page(html).tags for name in ("href", "src", "action"))
    return {each.partition("?")[0] for each in found if each is not None}


def ask(client: FlaskClient, path: str, language: str = "zh-CN", accept: str = BROWSER) -> Any:
    return client.get(path, headers={"Accept": accept, "Accept-Language": language})


@pytest.mark.parametrize("language", ["zh-CN", "en"])
@pytest.mark.parametrize("path", ["/b/{}", "/b/{}/proof"])
def test_a_stored_text_adds_no_element_and_no_attribute(told: Told, path: str, language: str) -> None:
    client = told.app.test_client()

    def page(text: str) -> str:
        code = told.codes[text]
        html = str(ask(client, path.format(code), language).get_data(as_text=True)).replace(code, "CODE")
        return html.replace(quote(code), "CODE")

    plain = page(PLAIN)
    assert PLAIN in plain or path.endswith("proof")
    for text in TEXTS:
        html = page(text)
        assert skeleton(html) == skeleton(plain), text
        assert links(html) == links(plain), text


@pytest.mark.parametrize("path", ["/b/{}", "/find?code={}", "/01/{}/21/1", "/nothing/{}"])
def test_a_text_of_the_address_adds_none_either(told: Told, path: str) -> None:
    client = told.app.test_client()
    usual = {
        tag
        for path in ("/", f"/b/{PACK}", "/find?code=W")
        for tag, _ in skeleton(ask(client, path).get_data(as_text=True))
    }
    for text in PAYLOADS:
        answer = ask(client, path.format(quote(text, safe="")))
        assert answer.content_type.startswith("text/html")
        html = answer.get_data(as_text=True)
        assert {each for each in links(html) if "//" in each or ":" in each} == set(), text
        assert {
            name for _, names in skeleton(html) for name in names if name.startswith(("on", "style", "srcdoc"))
        } == set()
        assert {tag for tag, _ in skeleton(html)} <= usual | {"mark"}, text


def test_programs_get_the_text_as_it_is_in_a_form_that_no_browser_runs(told: Told) -> None:
    client = told.app.test_client()
    for text in TEXTS:
        for accept in ("application/json", "application/ld+json"):
            answer = ask(client, f"/b/{told.codes[text]}", accept=accept)
            assert answer.content_type.startswith(accept)
            assert answer.headers["X-Content-Type-Options"] == "nosniff"
            assert answer.get_json(force=True)["model"]["name"] == text


def test_a_label_holds_the_text_as_text(told: Told) -> None:
    """S-22: the drawing of a battery with such a name has the elements of any other."""
    client = told.app.test_client()

    def drawing(text: str) -> tuple[list[tuple[str, ...]], str]:
        answer = client.get(f"/v1/batteries/{told.codes[text]}/label?format=svg", headers=told.headers)
        assert answer.status_code == 200, answer.text
        tree = fromstring(answer.data)
        named = {
            (each.tag, *(name for name in each.attrib if ":" in name or name.startswith("on"))) for each in tree.iter()
        }
        return sorted(named), answer.headers["Content-Security-Policy"]

    plain, policy = drawing(PLAIN)
    assert "default-src 'none'" in policy
    for text in TEXTS:
        assert drawing(text) == (plain, policy), text


def test_there_are_enough_of_them() -> None:
    assert len(PAYLOADS) >= 200
    assert max(map(len, PAYLOADS)) <= 100
