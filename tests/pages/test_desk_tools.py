"""What an organisation sets up for its programs, in a real browser: keys, webhooks, documents; who read its data."""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from flask.testing import FlaskClient
from playwright.sync_api import Browser, Locator, Page, expect

from service.access import SCOPES, make_api_key
from service.people.roles import PersonRole
from tests.pages.desk import check, open_page, sign_in, words
from tests.pages.life import PACK, Story, make_batteries, open_story
from tests.pages.test_browser import LANGUAGES
from tests.service.documents.files import PDF

pytestmark = pytest.mark.browser

MAKER, READER = "cq-cells", "cq-motors"


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory, database_url: str) -> Iterator[Story]:
    told = open_story(tmp_path_factory.mktemp("tools") / "register", database_url)
    make_batteries(told)
    yield told
    told.register.close()


@pytest.fixture(scope="module")
def cookie(story: Story) -> str:
    """Of a session of the maker's administrator."""
    return sign_in(story, MAKER, "li.na")


class Walk(NamedTuple):
    """A page, the texts of its language, and a look at it in whatever state it is."""

    page: Page
    say: dict[str, str]
    locale: str

    def button(self, key: str, **values: object) -> Locator:
        """The first button of this name."""
        return self.page.get_by_role("button", name=self.say[key].format(**values), exact=True).first

    def look(self) -> None:
        check(self.page, self.locale)

    def secret(self) -> str:
        """What the page shows this once."""
        return self.page.get_by_role("status").locator(".secret").inner_text()


@pytest.fixture
def walk(browser: Browser, address: str, cookie: str, locale: str) -> Iterator[Walk]:
    page = open_page(browser, address, locale, cookie, bypass_csp=True)
    yield Walk(page, words(locale), locale)
    page.context.close()


@pytest.mark.both_engines
def test_a_key_is_made_replaced_and_ended_with_the_keyboard(walk: Walk, address: str, client: FlaskClient) -> None:
    def opens(key: str) -> bool:
        headers = {"Authorization": f"Bearer {key}"}
        return client.get(f"/v1/operators/{MAKER}/api-keys", headers=headers).status_code == 200

    page = walk.page
    page.goto(f"{address}/desk/keys")
    page.get_by_label(walk.say["keys.scope_record"]).press("Space")
    page.get_by_label(walk.say["keys.scope_read"]).press("Space")
    walk.button("keys.new_button").press("Enter")
    expect(page.get_by_role("alert")).to_be_visible()
    walk.look()
    page.get_by_label(walk.say["keys.label"]).fill("7号测试台")
    for scope in SCOPES:
        page.get_by_label(walk.say[f"keys.scope_{scope}"]).check()
    walk.button("keys.new_button").press("Enter")
    first = walk.secret()
    walk.look()
    assert opens(first)
    walk.button("keys.rotate_one", id=first.split("_")[1]).press("Enter")
    second = walk.secret()
    assert first != second and opens(first) and opens(second)
    expect(walk.button("keys.rotate_one", id=first.split("_")[1])).to_have_count(0)
    for key in (first, second):
        walk.button("keys.revoke_one", id=key.split("_")[1]).press("Enter")
        expect(walk.button("keys.revoke_one", id=key.split("_")[1])).to_have_count(0)
        assert not opens(key)
    walk.look()
    assert first not in page.content() and second not in page.content()


@pytest.mark.both_engines
def test_a_webhook_is_added_tried_disabled_and_removed_with_the_keyboard(walk: Walk, address: str) -> None:
    page, say = walk.page, walk.say
    page.goto(f"{address}/desk/webhooks")
    url = page.get_by_label(say["webhooks.url"], exact=True)
    url.fill("http://hooks.example.cn/batteries")
    walk.button("webhooks.add_button").press("Enter")
    expect(page.get_by_role("alert")).to_be_visible()
    expect(url).to_have_value("http://hooks.example.cn/batteries")
    walk.look()
    url.fill(f"https://hooks.example.cn/{walk.locale}")
    page.get_by_label(say["webhooks.tie_maker"]).press("Space")
    walk.button("webhooks.add_button").press("Enter")
    first = walk.secret()
    walk.look()
    walk.button("webhooks.rotate").press("Enter")
    expect(page.get_by_role("status").locator(".secret")).not_to_have_text(first)
    walk.button("webhooks.test").press("Enter")
    expect(page.get_by_role("status").locator(".secret")).to_have_count(0)
    walk.button("webhooks.disable").press("Enter")
    expect(walk.button("webhooks.enable")).to_be_visible()
    walk.look()
    walk.button("webhooks.enable").press("Enter")
    walk.button("webhooks.disable").press("Enter")
    walk.button("webhooks.remove").press("Enter")
    expect(page.locator("main")).to_contain_text(say["webhooks.none"])


@pytest.mark.both_engines
def test_a_document_is_added_fetched_and_removed_with_the_keyboard(walk: Walk, address: str, tmp_path: Path) -> None:
    page, say = walk.page, walk.say
    page.goto(f"{address}/desk/documents")
    subject, file = page.get_by_label(say["documents.subject"]), page.locator("#file")
    subject.fill(PACK)
    file.set_input_files({"name": "notes.txt", "mimeType": "text/plain", "buffer": b"not a document"})
    walk.button("documents.add").press("Enter")
    expect(page.get_by_role("alert")).to_be_visible()
    expect(subject).to_have_value(PACK)
    walk.look()
    page.get_by_label(say["documents.kind"]).select_option("declaration_of_conformity")
    file.set_input_files({"name": "符合性声明.pdf", "mimeType": "application/pdf", "buffer": PDF})
    walk.button("documents.add").press("Enter")
    expect(page.locator("main")).to_contain_text("符合性声明.pdf")
    walk.look()
    with page.expect_download() as begun:
        page.locator('main li a[href*="/desk/documents/"]').press("Enter")
    begun.value.save_as(tmp_path / "fetched.pdf")
    assert (tmp_path / "fetched.pdf").read_bytes() == PDF
    walk.button("documents.remove_one", name="符合性声明.pdf").press("Enter")
    expect(page.locator("main")).to_contain_text(say["documents.none"])


@pytest.mark.parametrize("locale", LANGUAGES)
def test_who_read_its_data_is_shown_to_whom_they_are_about(
    walk: Walk, address: str, client: FlaskClient, story: Story, browser: Browser
) -> None:
    page, say = walk.page, walk.say
    with story.register.write_beside() as connection:
        key = make_api_key(connection, READER, now=story.now[0], scopes=SCOPES)
    read = client.get(f"/v1/batteries/{PACK}/history", headers={"Authorization": f"Bearer {key}"})
    assert read.status_code == 200
    page.goto(f"{address}/desk/access")
    expect(page.locator("main li").first).to_contain_text(PACK)
    expect(page.locator("main")).to_contain_text(say["access.unbroken"])
    walk.look()
    page.get_by_label(say["access.subject"]).fill("model:NONE")
    walk.button("access.look").press("Enter")
    expect(page.locator("main")).to_contain_text(say["access.none"])
    walk.look()
    reader = open_page(
        browser, address, walk.locale, sign_in(story, READER, f"wang.{walk.locale[:2]}", PersonRole.READER)
    )
    reader.goto(f"{address}/desk/access")
    expect(reader.locator("main")).to_contain_text(say["access.none"])
    reader.context.close()
