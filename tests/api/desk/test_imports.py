"""The pages of imports: sent in, tried, explained, recorded; and nothing recorded that nobody decided on."""

import io
import re
from dataclasses import replace

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from api.edge import edge_of
from service.imports.jobs import PAGE, load_job
from service.imports.running import run_job
from service.people.roles import PersonRole
from service.work import Register
from tests.api.desk.visiting import browser_of, new_person, send
from tests.api.town import LAB, pack, size

PATH = "/desk/imports"
HEADER = "电池编码,型号,重量,额定容量（毫安时）,额定能量（瓦时）,生产日期,生产厂"
MAPPED = {"column-2": "质量（千克）"}


def packs(*numbers: int, bad: int = 0, header: str = HEADER) -> bytes:
    """A CSV in GB18030; the last rows have no mass that can be read."""
    rows = [f"{pack(number)},CQ-150,300,150000,52000,2026-02-26,厂" for number in numbers]
    worse = [f"{pack(number)},CQ-150,1E5,150000,52000,2026-02-26,<b>厂" for number in range(1, bad + 1)]
    return "\n".join([header, *rows, *worse]).encode("gb18030")


def send_in(browser: FlaskClient, data: bytes, *, kind: str = "packs", lang: str = "en") -> TestResponse:
    return send(browser, f"{PATH}?lang={lang}", kind=kind, file=(io.BytesIO(data), "C:\\packs<i>.csv"))


def work(app: Flask, answer: TestResponse) -> str:
    """Do the import that an answer leads to; gives its address."""
    assert answer.status_code == 303, answer.text
    address = answer.headers["Location"].partition("?")[0]
    run_job(edge_of(app).recorder, address.rpartition("/")[2])
    return address


def choices(page: str) -> dict[str, str]:
    """What each column is taken for, by the name of its field."""
    return dict(re.findall(r'name="(column-\d+)" type="text" list="titles" value="([^"]*)"', page))


def tried(app: Flask, browser: FlaskClient, data: bytes) -> str:
    """The address of an import whose columns were explained and which was tried."""
    address = work(app, send_in(browser, data))
    page = browser.get(f"{address}?lang=zh").text
    return work(app, send(browser, f"{address}/try", **(choices(page) | MAPPED)))


def test_a_file_is_sent_in_explained_tried_and_its_good_rows_recorded(
    app: Flask, maker: FlaskClient, register: Register
) -> None:
    before = size(register)
    sent = send_in(maker, packs(101, 102, bad=1))
    waiting = maker.get(sent.headers["Location"])
    assert waiting.headers["Refresh"] == "5" and "<progress" in waiting.text and "Leaving it is safe" in waiting.text
    assert "packs&lt;i&gt;.csv" in waiting.text and "<i>" not in waiting.text
    address = work(app, sent)
    page = maker.get(f"{address}?lang=zh")
    assert "CSV、GB18030" in page.text and "无法识别的列" in page.text and "Refresh" not in page.headers
    first = choices(page.text)
    if first["column-2"] == "":  # else another test has said what it means
        assert first["column-1"] == "型号"
    work(app, send(maker, f"{address}/try", **(first | MAPPED)))
    page = maker.get(f"{address}?lang=en")
    assert "2 new + 0 unchanged + 1 refused + 0 not foreseeable + 0 not tried = 3 in all" in page.text
    assert '<th scope="row">4</th>' in page.text and '<td><bdi translate="no">重量</bdi></td>' in page.text
    assert '<bdi translate="no">300</bdi> │ <bdi translate="no">300</bdi>' in page.text  # what stands in the column
    assert "Mass [kg]" in choices(page.text)["column-2"] and size(register) == before

    assert send(maker, f"{address}/record?lang=en", mode="good").headers["Location"] == f"{address}?lang=en"
    assert "<progress" in maker.get(address).text
    run_job(edge_of(app).recorder, address.rpartition("/")[2])
    told = maker.get(f"{address}?lang=en").text
    assert "2 recorded + 0 unchanged + 1 refused + 0 not tried = 3 in all" in told and size(register) == before + 2
    [refused, every, receipts] = re.findall(r'href="(/v1/imports/[^"]+)"', told)
    assert maker.get(refused).text.count("\r\n") == 3 and maker.get(every).text.count("\r\n") == 5
    assert maker.get(receipts).text.count('"proof"') == 2
    kept = maker.get(send(maker, f"{address}/list").headers["Location"]).text
    assert pack(101) in kept and pack(102) in kept and pack(1) not in kept
    assert "Fix and import only these" in told and "mode-good" not in told
    assert "packs&lt;i&gt;.csv" in maker.get(f"{PATH}?lang=en").text


def test_what_columns_mean_is_remembered_for_the_next_file(app: Flask, maker: FlaskClient) -> None:
    tried(app, maker, packs(111))
    page = maker.get(f"{work(app, send_in(maker, packs(112)))}?lang=zh").text
    assert "试运行、已完成" in page and choices(page)["column-2"] == "质量（千克）"


def test_all_or_nothing_is_the_default_and_may_be_given_up(app: Flask, maker: FlaskClient, register: Register) -> None:
    address, before = tried(app, maker, packs(121, bad=1)), size(register)
    assert re.search(r'value="all" checked', maker.get(address).text)
    work(app, send(maker, f"{address}/record"))
    page = maker.get(f"{address}?lang=en").text
    assert "0 recorded + 0 unchanged + 1 refused + 1 not tried = 2 in all" in page and size(register) == before
    work(app, send(maker, f"{address}/record", mode="good"))
    assert size(register) == before + 1
    again = send(maker, f"{address}/record?lang=en", mode="good")
    assert again.status_code == 409 and "has recorded rows" in again.text and size(register) == before + 1


def test_the_same_file_leads_to_the_import_that_recorded_it(app: Flask, maker: FlaskClient, register: Register) -> None:
    data = packs(131)
    first = tried(app, maker, data)
    work(app, send(maker, f"{first}/record"))
    second, before = tried(app, maker, data), size(register)
    assert f'href="{first}?lang=en">This very file was imported before' in maker.get(f"{second}?lang=en").text
    assert send(maker, f"{second}/record").headers["Location"] == first
    assert send(maker, f"{second}/record", again="1").headers["Location"] == second
    run_job(edge_of(app).recorder, second.rpartition("/")[2])
    assert size(register) == before


def test_a_file_of_which_nothing_can_be_recorded_says_so(app: Flask, maker: FlaskClient) -> None:
    page = maker.get(f"{tried(app, maker, packs(bad=60))}?lang=en").text
    assert "No row can be recorded" in page and "60 rows with an error" in page and "/record" not in page
    assert page.count('<th scope="row">') == 50


def test_every_row_is_shown_as_it_stands_beside_what_became_of_it(app: Flask, maker: FlaskClient) -> None:
    address = tried(app, maker, packs(161, *range(201, 260), bad=2))
    first = maker.get(f"{address}/rows?lang=en").text
    assert first.count('<th scope="row">') == 50 and "can be recorded" in first
    [rest] = re.findall(r'rel="next" href="([^"]+)"', first)
    assert rest == f"{address}/rows?lang=en&amp;rows=all&amp;from=50"
    second = maker.get(rest.replace("&amp;", "&")).text
    assert second.count('<th scope="row">') == 12 and 'rel="next"' not in second and "From the beginning" in second
    [refused] = set(re.findall(r'href="([^"]+rows=refused)">', maker.get(f"{address}?lang=en").text)) - {
        f"/v1/imports/{address.rpartition('/')[2]}/rows?rows=refused"
    }
    page = maker.get(refused.replace("&amp;", "&")).text
    assert page.count('<th scope="row">') == 2 and "<b>" not in page and "can be recorded" not in page
    both = r'shortened this number[^<]*<br><small lang="zh-Hans">[^<]*科学计数法'
    assert re.search(both, page), "the reason in both languages"
    assert "│ <bdi>1E5</bdi> │" in page and "&lt;b&gt;厂" in page, "the row, verbatim"
    assert "There are no such rows" in maker.get(f"{address}/rows?lang=en&from=999999").text
    assert maker.get(f"{address}/rows?from=x").status_code == 200


def test_an_import_that_is_cancelled_can_be_tried_again(app: Flask, maker: FlaskClient) -> None:
    sent = send_in(maker, packs(141, header=HEADER.replace("重量", MAPPED["column-2"])))
    address = sent.headers["Location"].partition("?")[0]
    assert send(maker, f"{address}/cancel").headers["Location"] == address
    assert "disabled" in maker.get(address).text
    work(app, sent)
    page = maker.get(f"{address}?lang=en").text
    assert "cancelled" in page and "0 new" in page and "/record" not in page
    work(app, send(maker, f"{address}/try", **(choices(page) | MAPPED)))
    assert "1 new" in maker.get(f"{address}?lang=en").text


def test_cancelling_what_has_ended_changes_nothing(app: Flask, maker: FlaskClient, register: Register) -> None:
    address = tried(app, maker, packs(142))
    assert send(maker, f"{address}/cancel").headers["Location"] == address
    with register.read() as reader:
        assert not load_job(reader.connection, address.rpartition("/")[2]).cancelled


@pytest.mark.parametrize(
    ("data", "kind", "status", "words"),
    [
        (b"", "packs", 422, "the file is empty"),
        (b"a,b\n1,2\n", "cars", 422, "choose what the file holds"),
        (b"x" * 3000, "packs", 422, "more than 2,000 bytes"),
        (b"x" * 1_100_000, "packs", 413, "too large"),
    ],
)  # fmt: skip
def test_a_file_that_is_not_taken_in_is_not_kept(
    maker: FlaskClient, register: Register, data: bytes, kind: str, status: int, words: str
) -> None:
    usual, folder = register.settings, register.settings.data / "imports"
    before = set(folder.glob("*"))
    register.settings = replace(usual, imports=replace(usual.imports, bytes=2_000))
    try:
        answer = send_in(maker, data, kind=kind)
    finally:
        register.settings = usual
    assert answer.status_code == status and words in answer.text
    assert set(folder.glob("*")) == before


def test_a_form_without_a_file_is_told_on_the_page(maker: FlaskClient) -> None:
    answer = send(maker, f"{PATH}?lang=en", kind="packs")
    assert answer.status_code == 422 and "choose a file" in answer.text


def test_who_may_not_record_sees_no_imports_and_sends_none(app: Flask, maker: FlaskClient, register: Register) -> None:
    address = send_in(maker, packs(151)).headers["Location"].partition("?")[0]
    reader = browser_of(app, new_person(register, PersonRole.READER))
    assert PATH not in reader.get("/desk").text and PATH in maker.get("/desk").text
    assert reader.get(PATH).status_code == 403 and send_in(reader, packs(152)).status_code == 403
    other = browser_of(app, new_person(register, PersonRole.ADMIN, operator=LAB))
    assert other.get(address).status_code == other.get(f"{address}/rows").status_code == 404
    for act in ("try", "record", "cancel"):
        assert send(other, f"{address}/{act}").status_code == 404
    assert app.test_client().post(PATH, data={"file": (io.BytesIO(b"x"), "x.csv")}).headers["Location"] == "/login"


def test_the_list_has_the_newest_and_the_form_the_kind_that_was_asked_for(maker: FlaskClient) -> None:
    page = maker.get(f"{PATH}?kind=units&lang=zh").text
    assert '<option value="units" selected>模块与单体' in page
    assert page.count("/desk/imports/") <= PAGE
    for address in re.findall(r'href="(/v1/imports/templates/(?:packs|units)[^"]+)"', page):
        assert maker.get(address.replace("&amp;", "&")).status_code == 200
