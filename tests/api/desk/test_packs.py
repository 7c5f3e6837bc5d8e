"""The maker's desk: overview, list, pasted lists, one battery, registering one, putting one together."""

import csv
import io
import re
from collections.abc import Iterator
from datetime import date
from threading import Event
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from api.app import create_app
from service.db.access_tables import access_reading
from service.db.packlist_tables import battery_list
from service.domain.gbt34014 import make_code
from service.exports.stamp import END
from service.packlist.following import follow
from service.packlist.pasting import KEPT, forget_old
from service.people.roles import PersonRole
from tests.api.desk.visiting import browser_of, new_person, send
from tests.pages.life import (
    CONSUMED,
    DISMANTLED,
    GTIN,
    HOSTILE,
    MODULES,
    NAMES,
    NEVER,
    PACK,
    RECYCLED,
    Story,
    listed_story,
    vin,
)

HIDDEN = re.compile(r'name="id" value="([0-9a-f-]{36})"')
PACKS = (PACK, RECYCLED, DISMANTLED, CONSUMED, HOSTILE)


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    with listed_story(tmp_path_factory.mktemp("maker") / "register") as told:
        yield told


@pytest.fixture(scope="module")
def app(story: Story) -> Flask:
    return create_app(story.register, story.recorder)


def sign_in(app: Flask, story: Story) -> FlaskClient:
    """The maker's administrator. Each event that is told moves the clock on, and a session does not outlast many."""
    return browser_of(app, new_person(story.register, PersonRole.ADMIN, "cq-cells"))


@pytest.fixture
def maker(app: Flask, story: Story) -> FlaskClient:
    return sign_in(app, story)


@pytest.fixture
def stranger(app: Flask, story: Story) -> FlaskClient:
    return browser_of(app, new_person(story.register, PersonRole.RECORDER, "cq-lab"))


def code_of(serial: int, prefix: str = "001PE12", day: date = date(2026, 2, 20)) -> str:
    return make_code(prefix, day, serial=serial, traceability="ABCDEFG").text


def rows_of(client: FlaskClient, path: str) -> list[list[str]]:
    answer = client.get(path)
    assert answer.status_code == 200, answer.text
    return list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig"))))


def listed(html: str) -> list[str]:
    return re.findall(r'name="code" value="([0-9A-Z]+)"', html)


def test_the_start_leads_to_what_there_is_to_do(maker: FlaskClient, app: Flask, story: Story) -> None:
    page = maker.get("/desk?lang=en").text
    path = re.search(r'href="(/desk/packs[^"]*label=none[^"]*)">\s*<b>(\d+)</b>', page)
    assert path is not None and path[2] == str(len(PACKS))
    assert len(listed(maker.get(path[1].replace("&amp;", "&")).text)) == len(PACKS)
    assert "Incomplete passports" in page and "Newest entries of your organisation" in page
    assert f"/desk/packs/{PACK}" in page and "Late duties" not in page
    authority = browser_of(app, new_person(story.register, PersonRole.ADMIN, "cq-city")).get("/desk?lang=zh").text
    assert "逾期的报送义务" in authority and "待审核的入驻申请" in authority and "待打印的标签" not in authority
    outlet = browser_of(app, new_person(story.register, PersonRole.RECORDER, "cq-outlet")).get("/desk?lang=en").text
    assert "Waiting for your receipt" in outlet and "Labels to print" not in outlet


def test_filters_stand_in_the_address_and_count_what_they_leave(maker: FlaskClient) -> None:
    page = maker.get("/desk/packs?lang=en&level=pack&state=IN_USE")
    assert listed(page.text) == [PACK, RECYCLED]
    assert "2 of 10 batteries" in page.text and "Registered (2)" in page.text and "Module (0)" not in page.text
    assert "level=pack&amp;state=IN_USE&amp;lang=zh" in page.text, "the other language keeps the filter"
    assert "没有符合筛选条件的电池" in maker.get("/desk/packs?lang=zh&state=RECYCLED").text
    assert listed(maker.get("/desk/packs?state=nonsense&after=zzz").text) == []
    assert len(listed(maker.get("/desk/packs?after=999-x").text)) == 10


def test_the_file_has_the_whole_filtered_list_and_says_so(maker: FlaskClient) -> None:
    header, *rows, end = rows_of(maker, "/desk/packs.csv?level=pack&lang=en")
    assert header[0] == "code" and {row[0] for row in rows} == set(PACKS)
    assert end[0] == END and '"count":5' in end[1] and '"level":"pack"' in end[1]
    [hostile] = [row for row in rows if row[0] == HOSTILE]
    assert hostile[8] == "incomplete" and "13" in hostile[9].split()


def test_whatever_names_a_battery_leads_to_it(maker: FlaskClient) -> None:
    for typed in (
        PACK,
        PACK.lower(),
        f"{GTIN}/{PACK[7:]}",
        f"(8004){NAMES['giai']}",
        f"https://id.example.cn/b/{PACK}",
    ):
        answer = send(maker, "/desk/packs/find?lang=en", code=typed)
        assert answer.headers["Location"] == f"/desk/packs/{PACK}?lang=en", typed
    beginning = send(maker, "/desk/packs/find?lang=en", code=PACK[:18])
    assert beginning.status_code == 200 and len(listed(beginning.text)) == 4
    alike = send(maker, "/desk/packs/find?lang=en", code=PACK.replace("0", "O"))
    assert f"/desk/packs/{PACK}" in (alike.headers.get("Location") or alike.text)
    unknown = send(maker, "/desk/packs/find?lang=zh", code=NEVER)
    assert unknown.status_code == 404 and "本登记簿中没有" in unknown.text
    assert "names no battery" in send(maker, "/desk/packs/find?lang=en", code="<script>").text


def test_a_pasted_list_says_what_is_here_and_what_is_not(
    maker: FlaskClient, story: Story, stranger: FlaskClient
) -> None:
    text = f"{PACK}\n{RECYCLED.lower()}，{NEVER}; rubbish {vin(1)} {PACK.lower()}"
    answer = send(maker, "/desk/packs/lists?lang=en", names=text)
    path = answer.headers["Location"].partition("?")[0]
    page = maker.get(f"{path}?lang=en").text
    assert "2 found, 2 not" in page and "1 vehicle number was left out" in page and "1 name leads" in page
    assert f'value="{PACK} {RECYCLED}"' in page
    assert [row[0] for row in rows_of(maker, f"{path}.csv?part=missing")][1:-1] == [NEVER, "rubbish"]
    assert send(maker, "/desk/packs/lists", names=text).headers["Location"] == path, "the same list, the same address"
    assert stranger.get(path).status_code == 404, "a list is its organisation's own"
    assert vin(1).encode() not in _stored(story)
    labels = send(maker, "/desk/labels?lang=en", batteries=f"{PACK} {RECYCLED}", act="look")
    assert "2 in all" in labels.text
    many = " ".join(code_of(n) for n in range(1, 5_002))
    assert "up to 5,000 names" in send(maker, "/desk/packs/lists?lang=en", names=many).text
    assert "at least one" in send(maker, "/desk/packs/lists?lang=en", names=" ").text
    story.now[0] += KEPT * 2
    forget_old(story.register)
    story.now[0] -= KEPT * 2
    assert maker.get(path).status_code == 404


def test_a_selection_becomes_a_list(maker: FlaskClient) -> None:
    ticked = send(maker, "/desk/packs/lists", code=[PACK, MODULES[0]]).headers["Location"]
    assert [row[1] for row in rows_of(maker, f"{ticked}.csv")][1:-1] == [PACK, MODULES[0]]
    whole = send(maker, "/desk/packs/lists", code=[PACK], all="1", level="module").headers["Location"]
    assert len(rows_of(maker, f"{whole}.csv")) == 5 + 2


def test_a_battery_is_shown_whole_to_those_who_took_part(
    maker: FlaskClient, stranger: FlaskClient, app: Flask, story: Story
) -> None:
    page = maker.get(f"/desk/packs/{PACK}?lang=en").text
    assert "Chongqing Yangtze Motors" in page and "12 km" in page and vin(1) not in page
    assert all(f"/desk/packs/{module}" in page for module in MODULES)
    assert "data points are missing" in page and f"/desk/packs/{PACK}/passport" in page
    before = _readings(story)
    other = browser_of(app, new_person(story.register, PersonRole.RECORDER, "cq-motors"))
    page = other.get(f"/desk/packs/{PACK}?lang=en").text
    assert "12 km" in page and "data points are missing" in page
    assert f'"/desk/packs/{PACK}/passport' not in page, "only who answers for a passport writes it"
    assert f'"/b/{PACK}/passport?lang=en"' in page
    assert _readings(story) > before, "its owner is told who read it"
    seen = stranger.get(f"/desk/packs/{PACK}?lang=zh").text
    assert "12 公里" not in seen and "重庆长江汽车" not in seen and "仅显示公开内容" in seen
    assert "<meter" not in seen, "what is not public of a passport is counted for its own people"
    assert stranger.get(f"/desk/packs/{NEVER}").status_code == 404


def test_a_battery_is_registered_once_however_often_its_form_is_sent(maker: FlaskClient, story: Story) -> None:
    page = maker.get("/desk/register?lang=en&site=Works").text
    [id_] = HIDDEN.findall(page)
    code = code_of(91)
    form = {"id": id_, "model_id": "CQ-150", "code": code[:15] + "X" + code[16:], "site": "Works", "mass_g": "299.5"}
    wrong = send(maker, "/desk/register?lang=en", act="check", **form)
    assert wrong.status_code == 422 and "at position 16" in wrong.text and "<mark>X</mark>" in wrong.text
    size = _size(story)
    other = send(maker, "/desk/register?lang=zh", act="check", **(form | {"code": code_of(91, "001ME12")}))
    assert other.status_code == 422 and _size(story) == size
    check = send(maker, "/desk/register?lang=en", act="check", **(form | {"code": code}))
    assert "299.5 kg" in check.text and "2026-02-20" in check.text and _size(story) == size
    done = [send(maker, "/desk/register?lang=en", act="record", **(form | {"code": code})) for _ in range(2)]
    assert done[0].headers["Location"] == done[1].headers["Location"] == f"/desk/register/{size}?lang=en"
    assert _size(story) == size + 1
    assert f"Entry {size} of the register" in maker.get(done[0].headers["Location"]).text
    taken = send(maker, "/desk/register?lang=en", act="check", **(form | {"code": code, "id": ""}))
    assert taken.status_code in (409, 422) and 'role="alert"' in taken.text
    assert "number" in send(maker, "/desk/register?lang=en", act="check", **(form | {"mass_g": "heavy"})).text
    assert maker.get("/desk/register/1").status_code == 404


def test_a_pack_is_put_together_from_pasted_codes(app: Flask, story: Story) -> None:
    pack, parts = code_of(92), [code_of(n, "001ME12") for n in (93, 94)]
    _make(story, pack, parts)
    maker, path = sign_in(app, story), f"/desk/packs/{pack}/assemble?lang=en"
    [id_] = HIDDEN.findall(maker.get(path).text)
    form: dict[str, Any] = {"id": id_, "mass_g": "300"}
    assert "not in this register" in send(maker, path, act="check", parts=f"{parts[0]} {NEVER}", **form).text
    taken = send(maker, path, act="check", parts=f"{parts[0]} {MODULES[0]}", **form)
    assert taken.status_code == 422 and MODULES[0] in taken.text
    check = send(maker, path, act="check", parts=" ".join(parts), **form)
    assert "from 2 parts" in check.text and check.status_code == 200
    assert send(maker, path, act="record", parts=" ".join(parts), **form).status_code == 303
    page = maker.get(f"/desk/packs/{pack}").text
    assert all(part in page for part in parts)


def test_parts_end_with_their_whole_on_the_list_too(app: Flask, story: Story) -> None:
    pack, parts = code_of(95), [code_of(n, "001ME12") for n in (96, 97)]
    _make(story, pack, parts)
    story.tell("cq-cells", "assemble", (pack, *parts), mass_g=300_000)
    follow(story.register, Event())
    assert set(parts) <= set(listed(sign_in(app, story).get("/desk/packs?level=module&state=ASSEMBLED").text))
    story.tell("cq-repair", "retire", (pack,), reason="accident", soce_ppm=800_000)
    story.tell("cq-outlet", "collect", (pack,), mass_g=300_000, from_operator="cq-repair", transport_document="YD-1")
    outputs = [{"material": "black_mass", "mass_g": 180_000, "lot": "BM-9"}]
    story.tell("cq-recycle", "recycle", (pack,), input_mass_g=300_000, loss_mass_g=120_000, outputs=outputs,
               route="hydrometallurgy")  # fmt: skip
    follow(story.register, Event())
    assert set(listed(sign_in(app, story).get("/desk/packs?state=RECYCLED").text)) == {pack, *parts}


def test_who_only_reads_can_look_and_not_record(app: Flask, story: Story) -> None:
    reader = browser_of(app, new_person(story.register, PersonRole.READER, "cq-cells"))
    page = reader.get("/desk/packs?lang=en").text
    assert "/desk/register" not in page and len(listed(page)) > 5
    assert reader.get("/desk/register").status_code == 403


def _make(story: Story, pack: str, parts: list[str]) -> None:
    made: dict[str, Any] = {"made_on": "2026-02-20", "site": "重庆两江工厂"}
    rated: dict[str, Any] = {"mass_g": 300_000, "capacity_mah": 150_000, "energy_wh": 52_000}
    story.tell("cq-cells", "register", (pack,), model_id="CQ-150", **rated, **made)
    for part in parts:
        module: dict[str, Any] = {"mass_g": 90_000, "capacity_mah": 150_000, "energy_wh": 17_000}
        story.tell("cq-cells", "register", (part,), model_id="CQ-50M", **module, **made)


def _size(story: Story) -> int:
    with story.register.read() as reader:
        return reader.size()


def _readings(story: Story) -> int:
    folder = story.register.settings.data / "access"
    with story.register.read() as reader:
        stored = len(reader.connection.execute(access_reading.select()).all())
    return stored + sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())


def _stored(story: Story) -> bytes:
    with story.register.read() as reader:
        return b"".join(bytes(row.names) for row in reader.connection.execute(battery_list.select()))
