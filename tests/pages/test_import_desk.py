"""A maker's import in a real browser: sent in, explained, tried, its good rows recorded, the others handed back."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from service.imports.running import run_job
from service.people.roles import PersonRole
from tests.pages.desk import check, open_page, sign_in
from tests.pages.life import Story, open_story

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
def story(tmp_path_factory: pytest.TempPathFactory, database_url: str) -> Iterator[Story]:
    told = open_story(tmp_path_factory.mktemp("imports") / "register", database_url)
    told.on("2026-03-01")
    yield told
    told.register.close()


@pytest.fixture(scope="module")
def cookie(story: Story) -> str:
    """Of a session of somebody at the maker who may record."""
    return sign_in(story, "cq-cells", "li.na", PersonRole.RECORDER)


def packs(first: int) -> bytes:
    masses = ("300.5", "301", "3E2")
    rows = [
        f"001PE12ABCDEFGG2T{first + at:07d},CQ-150,{mass},150000,52000,2026-02-26,重庆两江工厂"
        for at, mass in enumerate(masses)
    ]
    return "\r\n".join([HEADER, *rows, ""]).encode("gb18030")


@pytest.mark.both_engines
def test_a_maker_imports_the_good_rows_of_a_file_with_chinese_headers(
    browser: Browser, address: str, cookie: str, story: Story, locale: str, tmp_path: Path
) -> None:
    said = WORDS[locale]
    page = open_page(browser, address, locale, cookie, bypass_csp=True)

    def work() -> None:
        run_job(story.recorder, page.url.partition("?")[0].rpartition("/")[2])
        page.reload()

    page.goto(f"{address}/desk/imports")
    check(page, locale)
    page.get_by_label(said["kind"]).select_option(label=said["packs"])
    page.get_by_label(said["file"], exact=True).set_input_files(
        {"name": "三月 packs.csv", "mimeType": "text/csv", "buffer": packs(FIRST[locale])}
    )
    page.get_by_role("button", name=said["send"]).click()
    expect(page.locator("h1")).to_have_text("三月 packs.csv")
    expect(page.get_by_role("progressbar")).to_be_visible()
    expect(page.locator("main")).to_contain_text(said["leave"])
    check(page, locale)
    with story.register.read() as reader:
        size = reader.size()

    work()
    expect(page.locator("main")).to_contain_text(said["known"])
    check(page, locale)
    page.get_by_label("重量").fill(said["mass"])
    page.get_by_label("工厂").fill(said["site"])
    page.get_by_role("button", name=said["try"]).click()
    work()
    expect(page.locator("main")).to_contain_text(said["foreseen"])
    expect(page.get_by_role("row").last).to_contain_text(said["reason"])
    check(page, locale)
    page.get_by_label(said["good"]).check()
    page.get_by_role("button", name=said["record"], exact=True).click()
    work()
    expect(page.locator("main")).to_contain_text(said["equation"])
    check(page, locale)
    with story.register.read() as reader:
        assert reader.size() == size + 2
    with page.expect_download() as begun:
        page.get_by_role("link", name=said["errors"]).click()
    begun.value.save_as(tmp_path / "refused.csv")
    refused = (tmp_path / "refused.csv").read_text(encoding="utf-8-sig").splitlines()
    assert refused[0].endswith(HEADER) and ",3E2," in refused[1]
    page.context.close()
