"""Passkeys and the app in a real Chromium with a virtual authenticator (DevTools protocol, WebAuthn domain)."""

import threading
from collections.abc import Iterator
from io import BytesIO
from typing import Any

import pyotp
import pytest
import zxingcpp
from axe_playwright_python.sync_playwright import Axe
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Page, expect
from werkzeug.serving import make_server

from tests.api.desk.door import PASSWORD, Door, free_listener
from tests.pages.conftest import open_browser

pytestmark = pytest.mark.browser

WCAG = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}}


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Browser]:
    with open_browser(chromium) as browser:
        yield browser


@pytest.fixture(scope="module")
def door(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Door]:
    """Served at http://localhost, which browsers give passkeys to."""
    with free_listener() as listener:
        port = listener.getsockname()[1]
        door = Door(tmp_path_factory.mktemp("door") / "data", f"http://localhost:{port}")
        server = make_server("127.0.0.1", port, door.app, threaded=True, fd=listener.fileno())
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield door
        server.shutdown()
        thread.join()
        door.close()


class Authenticator:
    """The browser's virtual authenticator: built in, with a fingerprint that is always right."""

    def __init__(self, page: Page) -> None:
        self._line = page.context.new_cdp_session(page)
        self._line.send("WebAuthn.enable")
        options = {
            "protocol": "ctap2",
            "transport": "internal",
            "hasResidentKey": True,
            "hasUserVerification": True,
            "isUserVerified": True,
            "automaticPresenceSimulation": True,
        }
        self._id = self._line.send("WebAuthn.addVirtualAuthenticator", {"options": options})["authenticatorId"]

    def credentials(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self._line.send("WebAuthn.getCredentials", {"authenticatorId": self._id})[
            "credentials"
        ]
        return found

    def forget_person(self) -> None:
        """From now on the fingerprint is wrong."""
        self._line.send("WebAuthn.setUserVerified", {"authenticatorId": self._id, "isUserVerified": False})


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    context = browser.new_context(locale="en-GB", viewport={"width": 390, "height": 844})
    yield context
    context.close()


@pytest.fixture
def page(context: BrowserContext) -> Page:
    page = context.new_page()
    page.on("pageerror", lambda error: pytest.fail(f"script failed: {error}"))
    return page


def sign_in(page: Page, door: Door, login: str) -> None:
    page.goto(f"{door.register.settings.base_url}/login")
    page.get_by_label("Login").fill(login)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()


def sign_out(page: Page) -> None:
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()


def add_passkey(page: Page, name: str) -> None:
    page.get_by_label("Name of the new passkey").fill(name)
    page.get_by_role("button", name="Add a passkey").click()
    expect(page.locator("b", has_text=name)).to_be_visible()


def assert_clean(page: Page) -> None:
    """Nothing that axe finds, in either language."""
    for other in ("中文", "English"):
        found = Axe().run(page, options=WCAG)
        assert found.violations_count == 0, found.generate_report()
        if page.locator("header a.switch").count():
            page.get_by_role("link", name=other).click()


def test_an_official_sets_up_a_passkey_and_signs_in_with_it_alone(page: Page, door: Door) -> None:
    _, login = door.official()
    authenticator = Authenticator(page)
    sign_in(page, door, login)
    expect(page.get_by_role("heading", name="Second factors", exact=True)).to_be_visible()
    add_passkey(page, "my phone")
    assert [each["rpId"] for each in authenticator.credentials()] == ["localhost"]
    assert_clean(page)
    sign_out(page)
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page.get_by_role("button", name="Sign out")).to_be_visible()
    page.goto(f"{door.register.settings.base_url}/account/factors")
    expect(page.get_by_text("last used")).to_be_visible()
    sign_out(page)
    authenticator.forget_person()
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page.get_by_text("The passkey was not used")).to_be_visible()
    page.goto(f"{door.register.settings.base_url}/desk")
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()


def test_a_passkey_is_the_second_step_and_is_renamed_and_removed(page: Page, door: Door) -> None:
    _, login = door.join()
    Authenticator(page)
    sign_in(page, door, login)
    page.goto(f"{door.register.settings.base_url}/account/factors")
    add_passkey(page, "key")
    sign_out(page)
    sign_in(page, door, login)
    expect(page.get_by_role("heading", name="Second step of signing in")).to_be_visible()
    assert_clean(page)
    page.get_by_role("button", name="Use a passkey").click()
    expect(page.get_by_role("heading", name="Welcome")).to_be_visible()
    page.goto(f"{door.register.settings.base_url}/account/factors")
    page.get_by_label("Name of the passkey key").fill("steel key")
    page.get_by_role("button", name="Rename the passkey key").click()
    page.get_by_role("button", name="Remove the passkey steel key").click()
    expect(page.get_by_text("You have no passkey.")).to_be_visible()


def test_the_app_is_set_up_from_its_page_and_recovery_codes_are_kept(page: Page, door: Door) -> None:
    _, login = door.official()
    sign_in(page, door, login)
    page.get_by_role("button", name="Set up an authenticator app").click()
    picture = Image.open(BytesIO(page.get_by_role("img", name="QR code for the authenticator app").screenshot()))
    [scanned] = zxingcpp.read_barcodes(picture)
    app = pyotp.parse_uri(scanned.text)
    assert isinstance(app, pyotp.TOTP) and app.name == login
    assert_clean(page)
    page.get_by_text("Or type the key").click()
    assert page.locator(".secret").inner_text().replace(" ", "") == app.secret
    page.get_by_label("Code of the authenticator app").fill(app.at(door.clock.now))
    page.get_by_role("button", name="Confirm the code").click()
    page.get_by_role("button", name="Make new recovery codes").click()
    expect(page.locator(".secret li")).to_have_count(10)
    page.get_by_role("link", name="I have kept them").click()
    expect(page.get_by_role("heading", name="Welcome")).to_be_visible()
