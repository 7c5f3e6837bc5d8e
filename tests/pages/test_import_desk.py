"""A maker's import in a real browser: sent in, explained, tried, its good rows recorded, the others handed back."""

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, expect
from werkzeug.serving import make_server

from api.app import create_app
from service.imports.running import run_job
from service.people import sessions
from service.people.accounts import Invited
from service.people.acts import By
from service.people.entering import make_person
from service.people.roles import PersonRole
from tests.pages.life import Story, open_story
from tests.pages.test_browser import LANGUAGES, MEASURE, TARGET
from tests.pages.test_desk import CHECKBOX, open_page

pytestmark = pytest.mark.browser

HEADER = "电池编码,型号,重量,额定容量（毫安时）,额定能量（瓦时）,生产日期,工厂"
MASS, SITE = "质量（千克）", "生产厂"
WORDS: dict[str, dict[str, str]] = {
    "zh-CN": {
        "kind": "文件内容", "file": "文件", "send": "上传并试运行", "leave": "可以离开本页", "known": "CSV、GB18030",
        "mass": MASS, "site": SITE, "try": "再次试运行",
        "foreseen": "新增2 + 无变化0 + 被拒绝1 + 无法预判0 + 未处理0 = 共3行", "reason": "科学计数法",
        "good": "仅合格行：登记没有错误的行", "record": "登记",
        "equation": "已记录2 + 无变化0 + 被拒绝1 + 未处理0 = 共3行", "errors": "被拒绝的行及原因，供改正（CSV）",
        "packs": "电池包",
    },
    "en-GB": {
        "kind": "What the file holds", "file": "File", "send": "Send in and try", "leave": "Leaving it is safe",
        "known": "CSV, GB18030", "mass": "Mass [kg]", "site": "Production site", "try": "Try again",
        "foreseen": "2 new + 0 unchanged + 1 refused + 0 not foreseeable + 0 not tried = 3 in all",
        "reason": "spreadsheet has shortened this number", "record": "Record",
        "good": "Good rows only: those without an error",
        "equation": "2 recorded + 0 unchanged + 1 refused + 0 not tried = 3 in all",
        "errors": "Refused rows with the reasons, to put right (CSV)", "packs": "Packs",
    },
}  # fmt: skip
FIRST = {"zh-CN": 101, "en-GB": 201}


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    told = open_story(tmp_path_factory.mktemp("imports") / "register")
    told.on("2026-03-01")
    yield told
    told.register.close()


@pytest.fixture(scope="module")
def app(story: Story) -> Flask:
    return create_app(story.register, story.recorder)


@pytest.fixture(scope="module")
def address(app: Flask) -> Iterator[str]:
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.port}"
    server.shutdown()
    thread.join()


@pytest.fixture(scope="module")
def cookie(story: Story) -> str:
    """Of a session of somebody at the maker who may record."""
    with story.register.write_beside() as connection:
        now = story.register.clock()
        person, _ = make_person(connection, Invited("cq-cells", "li.na", "李娜", PersonRole.RECORDER), By("", now))
        return sessions.begin(connection, person.id, sessions.FULL, now=now, device=sessions.Device("Chromium"))


def packs(first: int) -> bytes:
    masses = ("300.5", "301", "3E2")
    rows = [
        f"001PE12ABCDEFGG2T{first + at:07d},CQ-150,{mass},150000,52000,2026-02-26,重庆两江工厂"
        for at, mass in enumerate(masses)
    ]
    return "\r\n".join([HEADER, *rows, ""]).encode("gb18030")


def check(page: Page, axe: Any) -> None:
    """That the page fits a small phone and that axe finds nothing to object to."""
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    assert page.locator("h1").count() == 1
    measured = [each for each in page.evaluate(MEASURE) if each[1]]
    assert [each for each in measured if (each[1] < TARGET and each[1] != CHECKBOX) or each[2] < 24] == []
    tags = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
    found = axe.run(page, options=tags).response["violations"]
    assert [(each["id"], [node["html"] for node in each["nodes"]]) for each in found] == []


@pytest.mark.parametrize("locale", LANGUAGES)
def test_a_maker_imports_the_good_rows_of_a_file_with_chinese_headers(
    browser: Browser, address: str, cookie: str, story: Story, locale: str, tmp_path: Path
) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="missing: axe-playwright-python").Axe()
    said = WORDS[locale]
    page = open_page(browser, address, locale, cookie, bypass_csp=True)

    def work() -> None:
        run_job(story.recorder, page.url.partition("?")[0].rpartition("/")[2])
        page.reload()

    page.goto(f"{address}/desk/imports")
    check(page, axe)
    page.get_by_label(said["kind"]).select_option(label=said["packs"])
    page.get_by_label(said["file"], exact=True).set_input_files(
        {"name": "三月 packs.csv", "mimeType": "text/csv", "buffer": packs(FIRST[locale])}
    )
    page.get_by_role("button", name=said["send"]).click()
    expect(page.locator("h1")).to_have_text("三月 packs.csv")
    expect(page.get_by_role("progressbar")).to_be_visible()
    expect(page.locator("main")).to_contain_text(said["leave"])
    check(page, axe)
    with story.register.read() as reader:
        size = reader.size()

    work()
    expect(page.locator("main")).to_contain_text(said["known"])
    check(page, axe)
    page.get_by_label("重量").fill(said["mass"])
    page.get_by_label("工厂").fill(said["site"])
    page.get_by_role("button", name=said["try"]).click()
    work()
    expect(page.locator("main")).to_contain_text(said["foreseen"])
    expect(page.get_by_role("row").last).to_contain_text(said["reason"])
    check(page, axe)
    page.get_by_label(said["good"]).check()
    page.get_by_role("button", name=said["record"], exact=True).click()
    work()
    expect(page.locator("main")).to_contain_text(said["equation"])
    check(page, axe)
    with story.register.read() as reader:
        assert reader.size() == size + 2
    with page.expect_download() as begun:
        page.get_by_role("link", name=said["errors"]).click()
    begun.value.save_as(tmp_path / "refused.csv")
    refused = (tmp_path / "refused.csv").read_text(encoding="utf-8-sig").splitlines()
    assert refused[0].endswith(HEADER) and ",3E2," in refused[1]
    page.context.close()
