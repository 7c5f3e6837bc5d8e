"""The camera: a real browser reads a film of a real label; and what it says where there is no picture."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, expect

from api.pages.scripts import present_scripts, script_address
from tests.needs import missing
from tests.pages.life import PACK, SECOND_LIFE
from tests.pages.phones import Hall, open_hall
from tests.pages.test_browser import TARGET
from tests.pages.videos import film_label, film_nothing

GLOVE = 56
OWN_DETECTOR = """
globalThis.ownCode = null;
globalThis.BarcodeDetector = class BarcodeDetector {
  static async getSupportedFormats() { return ["code_128", "qr_code", "data_matrix"]; }
  constructor({ formats }) {
    if (formats.join() !== "qr_code,data_matrix") throw new TypeError(`asked for ${formats}`);
  }
  async detect(source) {
    if (!(source instanceof ImageData) || source.width === 0) throw new TypeError("no picture");
    if (ownCode === null) throw new DOMException("no service", "NotSupportedError");
    return [{ rawValue: ownCode, format: "qr_code", boundingBox: new DOMRect(), cornerPoints: [] }];
  }
};
"""
"""The interface of the standard, which this browser lacks. Source: WICG, Accelerated Shape Detection in Images."""


@pytest.fixture(scope="module")
def hall(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hall]:
    with open_hall(tmp_path_factory.mktemp("camera") / "register") as hall:
        yield hall


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the camera sees from its next start on: the file is read anew each time."""
    path = tmp_path_factory.mktemp("film") / "camera.mjpeg"
    film_nothing(path)
    return path


@pytest.fixture(scope="module")
def filming(browser: Browser, whole_chromium: str, film: Path) -> Iterator[Browser]:
    """A browser before whose camera the film runs, and which asks nobody for leave."""
    args = ["--no-sandbox", "--use-fake-device-for-media-stream", f"--use-file-for-fake-video-capture={film}"]
    filming = browser.browser_type.launch(executable_path=whole_chromium, args=args)
    yield filming
    filming.close()


@pytest.fixture
def page(filming: Browser, hall: Hall) -> Iterator[Page]:
    if "zxing/reader/index.js" not in present_scripts().packed:
        missing("zxing-wasm (make scanner fetches it)")
    context = hall.phone(filming, "cq-repair", permissions=["camera"])
    page = context.new_page()
    page.goto(f"{hall.address}/w")
    yield page
    context.close()


@pytest.mark.browser
@pytest.mark.parametrize("badly", [False, True], ids=["held well", "small, turned, blurred, dark"])
def test_the_camera_reads_a_label_and_its_battery_opens(page: Page, film: Path, badly: bool) -> None:
    film_label(PACK, film, badly=badly)
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.get_by_role("button", name="Scan with the camera").click()
    page.wait_for_url(f"**/w/b/{PACK}")
    expect(page.locator("h1").first).to_be_visible()
    assert said == []


@pytest.mark.browser
@pytest.mark.parametrize("works", [True, False], ids=["which works", "with nothing behind it"])
def test_the_browsers_own_detector_is_used_where_it_has_one(page: Page, film: Path, works: bool) -> None:
    """It is asked for both kinds of codes, and zxing-wasm is not even fetched; where it fails zxing-wasm takes over."""
    fetched: list[str] = []
    page.on("request", lambda request: fetched.append(request.url))
    page.add_init_script(OWN_DETECTOR)
    page.add_init_script(f"ownCode = {json.dumps(SECOND_LIFE if works else None)}")
    film_nothing(film) if works else film_label(PACK, film)
    page.reload()
    page.get_by_role("button", name="Scan with the camera").click()
    page.wait_for_url(f"**/w/b/{SECOND_LIFE if works else PACK}")
    assert any("zxing_reader.wasm" in each for each in fetched) != works


@pytest.mark.browser
def test_a_detector_that_cannot_read_both_kinds_of_codes_is_left_aside(page: Page, film: Path) -> None:
    film_label(PACK, film)
    page.add_init_script(OWN_DETECTOR.replace('"qr_code", "data_matrix"', '"qr_code"'))
    page.add_init_script(f"ownCode = {json.dumps(SECOND_LIFE)}")
    page.reload()
    page.get_by_role("button", name="Scan with the camera").click()
    page.wait_for_url(f"**/w/b/{PACK}")


@pytest.mark.browser
def test_the_camera_fills_the_screen_and_can_be_left_by_keyboard(page: Page, film: Path) -> None:
    film_nothing(film)
    opener = page.get_by_role("button", name="Scan with the camera")
    opener.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("Hold the code inside the frame")).to_be_visible()
    dialog = page.get_by_role("dialog", name="Camera")
    box = dialog.bounding_box()
    assert box is not None and (box["width"], box["height"]) == (360, 740)
    for button in dialog.get_by_role("button").all():
        size = button.bounding_box()
        assert size is not None and size["height"] >= GLOVE > TARGET
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(opener).to_be_focused()
    opener.click()
    dialog.get_by_role("button", name="Type code").click()
    expect(page.locator("#f-code")).to_be_focused()


@pytest.mark.browser
def test_a_camera_that_is_denied_says_so_and_leads_to_the_other_ways(filming: Browser, hall: Hall) -> None:
    for locale, words in (("en-GB", "camera is not allowed"), ("zh-CN", "浏览器未允许")):
        context = hall.phone(filming, "cq-repair", locale=locale)
        page = context.new_page()
        page.goto(f"{hall.address}/w")
        page.locator("[data-scan-open]").click()
        expect(page.locator("[data-scan-said]")).to_have_text(re.compile(words))
        expect(page.get_by_role("dialog")).to_have_count(0)
        expect(page.locator("#f-code")).to_be_focused()
        context.close()


def test_the_scanner_is_in_every_build(app: Flask) -> None:
    client = app.test_client()
    for name in ("main.js", "scan.js", "scanner.js", "decoder.js", "batch.js"):
        answer = client.get(script_address(name))
        assert (answer.status_code, answer.mimetype) == (200, "text/javascript")
        assert answer.headers["Cache-Control"].endswith("immutable")
    worker = client.get("/w/sw.js")
    assert worker.headers["Service-Worker-Allowed"] == "/w"
    assert present_scripts().version in worker.text
    assert client.get("/w/code/000000000000/scan.js").headers["Cache-Control"] == "no-store"
    assert client.get(script_address("none.js")).status_code == 404
    if "zxing/zxing_reader.wasm" not in present_scripts().packed:
        missing("zxing-wasm (make scanner fetches it)")
    wasm = client.get(script_address("zxing/zxing_reader.wasm"), headers={"Accept-Encoding": "gzip"})
    assert (wasm.mimetype, wasm.headers["Content-Encoding"]) == ("application/wasm", "gzip")
    assert client.get(script_address("zxing/zxing_reader.wasm")).data[:4] == b"\0asm"
