"""The page on which a reader verifies a battery's proofs, by script in a real browser and without."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import Browser, Page, expect

from api.pages.proof import fingerprint, script_names
from api.pages.rendering import format_moment, format_number
from ledger.entry import parse_time
from ledger.notes.note import Ed25519Signer
from service.evidence import evidence_bundle
from service.recording.mapping import keep_map
from tests.applications import app_on
from tests.pages.asking import get, get_raw
from tests.pages.axe import violations
from tests.pages.life import MODULES, NEVER, PACK, Story, whole_story
from tests.pages.test_browser import CONTRAST, MEASURE, TARGET, visit
from tests.verifier.forks import contradiction_case

PATH = f"/b/{PACK}/proof"
HOLDS, FAILS = "The proofs hold", "The proofs do not hold"
STRANGER = Ed25519Signer("another.example.cn/log", b"x" * 32).vkey


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    """A register that has committed to its map."""
    told = whole_story(tmp_path_factory.mktemp("mapped"))
    told.on("2026-09-02")
    keep_map(told.register)
    yield told
    told.register.close()


@pytest.fixture(scope="module")
def app(story: Story) -> Flask:
    return app_on(story.register, story.recorder)


@pytest.fixture
def evidence(story: Story, tmp_path: Path) -> Path:
    file = tmp_path / "evidence.json"
    file.write_bytes(evidence_bundle(story.register, PACK))
    return file


def vkeys(story: Story) -> str:
    return "".join(f"{verifier.vkey}\n" for verifier in story.register.verifiers)


def open_page(browser: Browser, address: str, locale: str = "en-GB") -> Page:
    return visit(browser, address + PATH, locale).page


def check(page: Page) -> str:
    """Press the button, wait for the result, and give what it says."""
    page.locator("#check button").click()
    result = page.locator("#result")
    expect(result).to_be_focused()
    return result.inner_text()


@pytest.mark.parametrize("language", ["en", "zh"])
def test_without_script_the_page_says_what_can_be_checked_and_how(client: FlaskClient, language: str) -> None:
    text = get(client, f"{PATH}?lang={language}").text
    for command in ("/log/vkeys", f"/v1/batteries/{PACK}/evidence", "python -m ledger verify", "node cli.js verify"):
        assert command in text
    assert "<noscript>" in text


def test_the_page_of_a_battery_leads_to_its_proofs(client: FlaskClient) -> None:
    assert f'href="{PATH}"' in get(client, f"/b/{PACK}").text


@pytest.mark.parametrize("path", [f"/b/{NEVER}/proof", "/b//proof", f"/b/{PACK}%2Fproof", f"/b/x/{PACK}/proof"])
def test_there_are_no_proofs_of_what_is_no_battery_of_ours(client: FlaskClient, path: str) -> None:
    assert get_raw(client, path).status_code in (400, 404)


def test_a_browser_keeps_the_modules_of_one_version_together(client: FlaskClient) -> None:
    page = get(client, PATH).text
    [script] = re.findall(r'<script type="module" src="([^"]*)">', page)
    assert script == f"/verifier/{fingerprint()}/page.js"
    for name in script_names():
        answer = get(client, f"/verifier/{fingerprint()}/{name}")
        assert answer.status_code == 200
        assert answer.headers["Content-Type"].startswith("text/javascript")
        assert "immutable" in answer.headers["Cache-Control"]
        assert set(re.findall(r'from "\./([a-z0-9]+\.js)"', answer.text)) <= set(script_names())
    assert get(client, "/verifier/0/page.js").headers["Cache-Control"] == "no-cache"
    assert get(client, f"/verifier/{fingerprint()}/cli.js").status_code == 404


@pytest.mark.browser
def test_what_is_public_is_checked_with_the_server_s_keys_and_the_page_says_so(browser: Browser, address: str) -> None:
    said = check(open_page(browser, address))
    assert HOLDS in said
    assert "events of this battery are in the log" in said
    assert "The keys that this server gave just now" in said
    assert "Whether the keys are the right ones" in said
    assert "Nothing is missing" in said
    assert "What the events say and who signed them" in said


@pytest.mark.browser
def test_keys_that_the_reader_brought_are_used(browser: Browser, address: str, story: Story) -> None:
    page = open_page(browser, address)
    page.fill("#keys", vkeys(story))
    said = check(page)
    assert HOLDS in said
    assert "The keys that you gave" in said
    assert "Whether the keys are the right ones" not in said


@pytest.mark.browser
def test_keys_of_another_log_refuse_everything(browser: Browser, address: str, tmp_path: Path) -> None:
    page = open_page(browser, address)
    keys = tmp_path / "keys"
    keys.write_text(STRANGER)
    page.set_input_files("#keyfile", keys)
    assert FAILS in check(page)


@pytest.mark.browser
def test_evidence_is_checked_on_the_device_and_goes_nowhere(
    browser: Browser, address: str, story: Story, evidence: Path
) -> None:
    visited = visit(browser, address + PATH, "en-GB")
    visited.page.fill("#keys", vkeys(story))
    visited.page.set_input_files("#evidence", evidence)
    fetched = len(visited.fetched)
    said = check(visited.page)
    assert HOLDS in said
    assert "Every entry is signed" in said
    assert "Nothing is missing" in said
    assert len(visited.fetched) == fetched
    assert visited.said == []


@pytest.mark.browser
def test_evidence_that_was_changed_is_found_out(browser: Browser, address: str, evidence: Path) -> None:
    members = json.loads(evidence.read_bytes())
    members["entries"][0]["entry"]["event"]["occurred_at"] = "2026-01-01T00:00:00.000Z"
    evidence.write_text(json.dumps(members))
    page = open_page(browser, address)
    page.set_input_files("#evidence", evidence)
    said = check(page)
    assert FAILS in said
    assert f"Entry {members['entries'][0]['index']}" in said


@pytest.mark.browser
def test_a_register_that_leaves_an_event_out_is_found_out(browser: Browser, address: str) -> None:
    """The answer is changed on its way: it tells of one event fewer than the register's own map."""
    page = open_page(browser, address)
    seen = page.request.get(f"{address}/v1/batteries/{PACK}/history").json()
    assert HOLDS in check(page)
    seen["count"] -= 1
    seen["steps"].pop()
    page.route("**/history", lambda route: route.fulfill(json=seen))
    assert FAILS in check(page)


@pytest.mark.parametrize(("language", "said"), [("en", "Provably nothing recorded"), ("zh", "可以证明没有任何记录")])
def test_the_page_of_an_unknown_code_says_as_of_when_nothing_is_recorded(
    client: FlaskClient, story: Story, language: str, said: str
) -> None:
    with story.register.read() as reader:
        mapped = reader.state().mapped
    assert mapped is not None
    text = get(client, f"/b/{NEVER}?lang={language}").text
    assert said in text
    assert format_number(mapped.size) in text
    assert format_moment(parse_time(mapped.at)) in text
    assert f'href="/v1/batteries/{NEVER}/evidence"' in text
    absence = get(client, f"/b/{NEVER}", accept="application/json").get_json()["absence"]
    assert (absence["size"], absence["at"]) == (mapped.size, mapped.at)


@pytest.mark.browser
def test_that_a_code_is_absent_is_checked_on_the_device(browser: Browser, address: str, tmp_path: Path) -> None:
    page = open_page(browser, address)
    file = tmp_path / "absent.json"
    file.write_bytes(page.request.get(f"{address}/v1/batteries/{NEVER}/evidence").body())
    page.set_input_files("#evidence", file)
    said = check(page)
    assert HOLDS in said
    assert f"Battery {NEVER} is absent up to" in said
    assert f"This battery: the file is about {NEVER}" in said


@pytest.mark.browser
def test_a_contradiction_is_proven_on_the_device(browser: Browser, address: str, tmp_path: Path) -> None:
    """And changed it is none."""
    case = contradiction_case("two histories")
    file = tmp_path / "contradiction.json"
    for data, said in ((case.file, "Proven: the log signed two histories"), (case.file.replace(b'":4', b'":5'), FAILS)):
        page = open_page(browser, address)
        page.fill("#keys", case.vkeys)
        file.write_bytes(data)
        page.set_input_files("#evidence", file)
        found = check(page)
        assert said in found
        assert HOLDS not in found


@pytest.mark.browser
def test_what_is_no_evidence_is_called_so(browser: Browser, address: str, tmp_path: Path) -> None:
    file = tmp_path / "evidence.json"
    file.write_text("{}")
    page = open_page(browser, address)
    page.set_input_files("#evidence", file)
    assert "This can not be checked" in check(page)


@pytest.mark.browser
@pytest.mark.parametrize(("locale", "scheme"), [("zh-CN", "light"), ("en-GB", "dark")])
def test_page_and_result_are_for_everybody(browser: Browser, address: str, locale: str, scheme: str) -> None:
    page = visit(browser, address + PATH, locale, bypass_csp=True, color_scheme=scheme).page
    check(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    assert [each for each in page.evaluate(MEASURE) if each[1] < TARGET] == []
    assert [each for each in page.evaluate(CONTRAST) if each[0] < 4.5] == []
    assert violations(page) == []


@pytest.mark.browser
def test_a_part_has_proofs_too(browser: Browser, address: str) -> None:
    assert HOLDS in check(visit(browser, f"{address}/b/{MODULES[0]}/proof", "en-GB").page)
