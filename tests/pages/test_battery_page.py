"""The page that opens when somebody scans a battery."""

import json
import re

import pytest
from flask.testing import FlaskClient

from api.pages.facts import FIRST, LAST
from tests.pages.asking import get, read
from tests.pages.life import (
    CONSUMED,
    DISMANTLED,
    FREED,
    GTIN,
    HOSTILE,
    HOSTILE_NAME,
    MODULES,
    OTHER_LICENCE,
    PACK,
    PERMIT,
    RECALLED,
    RECALLED_PART,
    RECYCLED,
    SCOPE,
    SECOND_LIFE,
    VOIDED,
    Story,
    vin,
)

LIMIT = 30_000
PRIVATE = (
    *(vin(1), vin(2), vin(9)),
    *("985", "98.5", "148000", "接插件", "冷却板", "YD-2026-001", "renjia", "重庆两江工厂", "500103"),
)


def test_status_comes_first_then_identity_safety_life_and_proof(client: FlaskClient) -> None:
    text = read(get(client, f"/b/{PACK}")).text
    order = ["使用中", "与实物核对", "安全与回收", "相关电池", "生命历程", "证明", "不能证明什么"]
    places = [text.index(each) for each in order]
    assert places == sorted(places)


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        (
            "zh",
            ["重庆两江电芯有限公司", "长江150", "2026-02-26", "三元", "150 安时", "52 千瓦时", "300 千克", "350 伏"],
        ),
        (
            "en",
            ["Chongqing Liangjiang Cells", "Yangtze 150", "2026-02-26", "ternary", "150 Ah", "52 kWh", "300 kg"],
        ),
    ],
)
def test_what_can_be_compared_with_the_plate_is_there(client: FlaskClient, language: str, expected: list[str]) -> None:
    text = read(get(client, f"/b/{PACK}", language=language)).text
    assert [each for each in expected if each not in text] == []


def test_the_code_is_grouped_for_the_eye_and_whole_for_the_clipboard(client: FlaskClient) -> None:
    html = get(client, f"/b/{PACK}").get_data(as_text=True)
    plate = re.search(r'<p class="plate">.*?</p>', html, re.DOTALL)
    assert plate is not None
    assert re.findall(r"<span>(\w+)</span>", plate[0]) == [PACK[n : n + 4] for n in range(0, 24, 4)]
    assert PACK in re.sub(r"<[^>]+>", "", plate[0])


def test_every_code_is_kept_from_machine_translation(client: FlaskClient) -> None:
    page = read(get(client, f"/b/{PACK}"))
    assert {each.get("translate") for each in page.all("code") if each.get("class") == "code"} == {"no"}


def test_a_status_is_a_shape_and_a_word_and_not_only_a_colour(client: FlaskClient) -> None:
    shapes = {}
    for code in (PACK, RECYCLED):
        html = get(client, f"/b/{code}").get_data(as_text=True)
        status = html[html.index('<section class="status') : html.index("</section>")]
        shapes[code] = re.findall(r"<(?:circle|rect|path)[^>]*>", status)
        assert re.search(r"<h1[^>]*>\w+</h1>", status)
    assert shapes[PACK][0] != shapes[RECYCLED][0]


def test_the_timeline_tells_what_when_and_by_which_kind_of_organisation(client: FlaskClient) -> None:
    text = read(get(client, f"/b/{PACK}", language="en")).text
    assert "2026-03-05 10:17 Installed in a vehicle Reported by: vehicle maker" in text


def test_the_time_of_receipt_stands_only_where_a_step_came_late(client: FlaskClient) -> None:
    text = read(get(client, f"/b/{PACK}", language="en")).text
    assert text.count("received by the register on") == 1
    assert "2026-04-28 10:34 Repaired Reported by: workshop · received by the register on 2026-05-04 10:34" in text


def test_measurements_are_counted_and_not_shown(client: FlaskClient) -> None:
    text = read(get(client, f"/b/{PACK}", language="en")).text
    assert "6 events, 5 listed here." in text
    assert "State of health" not in text


@pytest.mark.parametrize("accept", ["text/html", "application/json", "application/ld+json", "application/linkset+json"])
@pytest.mark.parametrize("code", [PACK, RECYCLED, CONSUMED, SECOND_LIFE, RECALLED])
def test_nothing_that_is_private_is_in_any_form(client: FlaskClient, code: str, accept: str) -> None:
    body = get(client, f"/b/{code}", accept).get_data(as_text=True)
    assert [each for each in PRIVATE if each in body] == []


def test_what_the_json_says_is_what_the_page_says(client: FlaskClient) -> None:
    text = read(get(client, f"/b/{PACK}", language="en")).text
    facts = json.loads(get(client, f"/b/{PACK}", "application/json", "en").data)
    assert set(facts) == {
        "id", "code", "status", "life_status", "level", "maker", "model", "made_on", "chemistry", "category", "rated",
        "mass_g", "safety", "related", "timeline", "timeline_skipped", "events", "register", "history", "gtin",
        "serial",
    }  # fmt: skip
    for said in (
        facts["status"]["name"], facts["status"]["meaning"], facts["life_status"]["name"], facts["maker"]["name_en"],
        facts["model"]["name_en"], facts["made_on"], facts["chemistry"]["name"], facts["category"]["name"],
        facts["safety"]["hazard"], facts["safety"]["extinguishing_agent"], facts["gtin"], facts["serial"],
        *facts["related"]["parts"], *(step["title"] for step in facts["timeline"]),
    ):  # fmt: skip
        assert said in text.replace(" ", "") or said in text
    assert f"{facts['events']} events, {len(facts['timeline'])} listed here" in text
    assert f"entry {facts['register']['last_entry']} of the register" in text
    assert f"covers {facts['register']['size']} entries" in text


def test_the_proof_says_what_it_covers_what_not_and_how_to_check(client: FlaskClient, story: Story) -> None:
    text = read(get(client, f"/b/{PACK}", language="en")).text
    with story.register.read() as reader:
        index, size = reader.history(PACK)[-1], reader.size()
    assert f"The last event is entry {index} of the register, received on 2026-05-04 10:34." in text
    assert f"checkpoint covers {size} entries; all 6 events of this battery are among them (published)" in text
    assert "That a measurement was right, that this label is on the battery it belongs to" in text
    assert f"packtrail verify https://id.example.cn --key '{story.register.signers[0].vkey}'" in text


def test_parts_lead_to_the_pack_and_the_pack_to_its_parts(client: FlaskClient) -> None:
    pack, module = read(get(client, f"/b/{PACK}")), read(get(client, f"/b/{MODULES[0]}"))
    links = [each["href"] for each in pack.all("a")]
    assert [f"/b/{code}" for code in MODULES if f"/b/{code}" not in links] == []
    assert f"/b/{PACK}" in [each["href"] for each in module.all("a")]
    assert "上级电池的状态为准" in module.text
    assert "使用中" in module.text


def test_a_second_life_names_its_origin_and_needs_no_model(client: FlaskClient) -> None:
    response = get(client, f"/b/{SECOND_LIFE}")
    page = read(response)
    assert response.status_code == 200
    assert f"/b/{CONSUMED}" in [each["href"] for each in page.all("a")]
    assert "生产企业未申报" in page.text
    assert "改变用途" in page.text


@pytest.mark.parametrize("code", [RECYCLED, DISMANTLED, CONSUMED, VOIDED])
def test_a_life_that_ended_is_gone_and_still_told(client: FlaskClient, code: str) -> None:
    response = get(client, f"/b/{code}")
    assert response.status_code == 410
    assert "登记" in read(response).text
    assert len(read(response).all("time")) >= 3


def test_a_recycled_battery_in_front_of_somebody_is_a_warning(client: FlaskClient) -> None:
    assert "复制或移动过来的" in read(get(client, f"/b/{RECYCLED}")).text
    assert "复制或移动过来的" not in read(get(client, f"/b/{CONSUMED}")).text


@pytest.mark.parametrize(
    ("language", "first", "second", "state"),
    [("zh", "正在召回", "存在争议", "登记状态：使用中"), ("en", "Recalled", "Disputed", "Apart from that: In use")],
)
def test_what_stands_against_a_battery_comes_before_its_state(
    client: FlaskClient, language: str, first: str, second: str, state: str
) -> None:
    response = get(client, f"/b/{RECALLED}", language=language)
    html = response.get_data(as_text=True)
    band = html[html.index('<section class="status stop"') : html.index("</section>")]
    assert response.status_code == 200
    assert f'<h1 id="status">{first}</h1>' in band and f"<title>{first} · {RECALLED}" in html
    assert band.index(first) < band.index(second) < band.index(state)
    assert html.index(first) < html.index('id="identity"')


def test_programs_are_told_what_stands_against_a_battery_the_worst_first(client: FlaskClient) -> None:
    status = json.loads(get(client, f"/b/{RECALLED}", "application/json", "en").data)["status"]
    assert [(each["flag"], each["name"]) for each in status["warnings"]] == [
        ("recalled", "Recalled"),
        ("disputed", "Disputed"),
    ]
    assert status["op_state"] == "IN_USE"
    assert json.loads(get(client, f"/b/{PACK}", "application/json").data)["status"]["warnings"] == []


def test_a_part_of_a_recalled_pack_is_recalled_with_it(client: FlaskClient) -> None:
    part = read(get(client, f"/b/{RECALLED_PART}", language="en")).text
    assert "Recalled It is called back" in part and "This holds for the battery that it is built into." in part
    warnings = json.loads(get(client, f"/b/{RECALLED_PART}", "application/json").data)["status"]["warnings"]
    assert [(each["flag"], each["of"]) for each in warnings] == [("recalled", RECALLED), ("disputed", RECALLED)]


def test_a_voided_registration_says_that_there_is_no_such_battery(client: FlaskClient) -> None:
    text = read(get(client, f"/b/{VOIDED}", language="en")).text
    assert text.index("Voided It was registered by mistake; no such battery exists.") < text.index("Compare with")
    assert "its label was probably copied or moved" in text


def test_a_consumed_battery_leads_to_what_it_became(client: FlaskClient) -> None:
    page = read(get(client, f"/b/{CONSUMED}"))
    assert f"/b/{SECOND_LIFE}" in [each["href"] for each in page.all("a")]
    assert json.loads(get(client, f"/b/{CONSUMED}", "application/json").data)["related"]["consumed_into"] == SECOND_LIFE


def test_a_dismantled_battery_leads_to_its_modules(client: FlaskClient) -> None:
    links = [each["href"] for each in read(get(client, f"/b/{DISMANTLED}")).all("a")]
    assert [code for code in FREED if f"/b/{code}" not in links] == []


@pytest.mark.parametrize("language", ["zh", "en"])
def test_hostile_names_are_shown_and_do_nothing(client: FlaskClient, language: str) -> None:
    response = get(client, f"/b/{HOSTILE}", language=language)
    page = read(response)
    assert response.status_code == 200
    assert page.all("script") == page.all("img") == page.all("style") == page.all("iframe") == []
    assert HOSTILE_NAME in page.text
    assert not any(name.startswith("on") or name == "style" for _, each in page.tags for name in each)


def test_names_are_isolated_so_that_their_direction_stays_inside(client: FlaskClient) -> None:
    html = get(client, f"/b/{HOSTILE}").get_data(as_text=True)
    assert "<bdi>&lt;script&gt;" in html


@pytest.mark.parametrize("code", [PACK, RECYCLED, MODULES[0], HOSTILE])
def test_a_page_with_its_stylesheet_is_small(client: FlaskClient, code: str) -> None:
    page = get(client, f"/b/{code}", language="en")
    [style] = [each["href"] for each in read(page).all("link") if each["rel"] == "stylesheet"]
    icon = client.get("/static/icon.svg")
    total = len(page.data) + len(client.get(str(style)).data) + len(icon.data)
    assert total < LIMIT


def test_a_page_loads_from_nowhere_else_and_sets_nothing(client: FlaskClient) -> None:
    response = get(client, f"/b/{PACK}")
    page = read(response)
    loaded = [
        each.get("src") or each.get("href") for tag in ("img", "script", "iframe", "source") for each in page.all(tag)
    ]
    loaded += [each["href"] for each in page.all("link") if each["rel"] in ("stylesheet", "icon", "preload")]
    assert [each for each in loaded if not str(each).startswith("/static/")] == []
    assert "Set-Cookie" not in response.headers
    assert page.all("script") == []
    assert "script-src 'self'" in response.headers["Content-Security-Policy"]


def test_text_in_another_language_says_so(client: FlaskClient) -> None:
    page = read(get(client, f"/b/{HOSTILE}", language="zh"))
    assert ("en", HOSTILE_NAME) in page.spoken
    for language, tag, switch in (("zh", "zh-Hans", ("en", "English")), ("en", "en", ("zh-Hans", "中文"))):
        page = read(get(client, f"/b/{PACK}", language=language))
        assert page.all("html")[0]["lang"] == tag
        assert switch in page.spoken


def test_an_address_in_the_gs1_form_shows_the_same_battery(client: FlaskClient) -> None:
    page = read(get(client, f"/01/{GTIN}/21/{PACK[7:]}"))
    assert page.text == read(get(client, f"/b/{PACK}")).text


def test_a_long_life_is_cut_in_the_middle_and_keeps_its_end(tmp_path_factory: pytest.TempPathFactory) -> None:
    from tests.applications import app_on
    from tests.pages.life import make_batteries, open_story

    story = open_story(tmp_path_factory.mktemp("long"))
    make_batteries(story)
    for number in range(FIRST + LAST):
        story.tell("cq-repair", "repair", (PACK,), reason=f"r{number}", soce_ppm=900_000, safety_test_passed=True)
    story.tell("cq-repair", "retire", (PACK,), reason="other")
    client = app_on(story.register, story.recorder).test_client()
    response = get(client, f"/b/{PACK}", language="en")
    page = read(response)
    assert len(page.all("time")) == FIRST + LAST
    assert "5 events are left out here" in page.text
    assert page.text.index("Repaired") < page.text.index("are left out here") < page.text.rindex("Repaired")
    assert page.text.index("are left out here") < page.text.rindex("Retired Reported by: workshop")
    facts = json.loads(get(client, f"/b/{PACK}", "application/json").data)
    assert (facts["timeline_skipped"], len(facts["timeline"])) == (5, FIRST + LAST)
    assert len(response.data) < LIMIT
    story.register.close()


def test_a_step_that_needs_a_licence_shows_it_with_its_days_and_scope(client: FlaskClient) -> None:
    text = read(get(client, f"/b/{RECYCLED}")).text
    assert f"依据：排污许可（登记），编号{PERMIT}，有效期2024-01-01至2036-12-31，范围：{SCOPE}" in text
    assert OTHER_LICENCE not in text
    [step] = [
        step
        for step in json.loads(get(client, f"/b/{RECYCLED}", accept="application/json").data)["timeline"]
        if step["event"] == "recycle"
    ]
    days = {"valid_from": "2024-01-01", "valid_until": "2036-12-31"}
    assert step["licences"] == [{"licence": "pollutant_discharge", "number": PERMIT, "scope": SCOPE} | days]
    assert PERMIT not in read(get(client, f"/b/{PACK}")).text
