"""Who is offered what: each trade before batteries in every condition."""

import re

import pytest
from flask import Flask

from service.domain.gbt34014 import parse_code
from service.domain.gs1 import gtin_serial_for
from tests.api.workshop.bench import CAR, DRIVEN, FIT, FREE, RETIRED, STOLEN, UNSAFE, WITH_PARTS, Bench
from tests.pages.life import CONSUMED, FREED, GTIN, NEVER, PACK, RECYCLED, SECOND_LIFE

OFFERED = re.compile(r'<a class="big[^"]*" href="/w/b/[A-Z0-9]+/([a-z_]+)')
LEVEL = re.compile(r'data-level="([a-z]+)"')
ALWAYS = {"report_incident", "issue_notice"}

TABLE: tuple[tuple[str, str, str, str, set[str]], ...] = (
    # organisation, battery, verdict, primary, others that must be there
    ("cq-repair", PACK, "ok", "begin_service", {"report_soh", "repair", "replace_pack", "retire"}),
    ("cq-repair", WITH_PARTS, "check", "receive", {"load_bms_software"}),
    ("cq-swap", DRIVEN, "ok", "swap", {"report_soh", "retire", "transfer_ownership"}),
    ("cq-swap", FREE, "ok", "install", {"swap", "hand_over", "retire"}),
    ("cq-scrap", RETIRED[4], "check", "collect", {"receive", "test"}),
    ("cq-scrap", PACK, "ok", "scrap_vehicle", {"retire"}),
    ("cq-outlet", RETIRED[4], "check", "collect", {"receive"}),
    ("cq-lab", RETIRED[4], "check", "receive", {"test"}),
    ("cq-lab", PACK, "ok", "report_soh", set()),
    ("cq-recycle", WITH_PARTS, "ok", "test", {"dismantle", "hand_over"}),
    ("cq-recycle", FIT, "ok", "dismantle", {"repurpose", "prepare_reuse", "remanufacture", "test", "hand_over"}),
    ("cq-dealer", PACK, "ok", "transfer_ownership", {"replace_pack", "retire"}),
    ("cq-fleet", PACK, "ok", "report_soh", {"transfer_ownership", "retire"}),
    ("cq-motors", PACK, "ok", "report_soh", {"retire", "replace_pack", "transfer_ownership"}),
    ("cq-motors", FREE, "check", "receive", {"install", "place_on_market"}),
    ("cq-cells", SECOND_LIFE, "check", "receive", set()),
    ("cq-recycle", FREED[0], "ok", "test", {"dismantle", "hand_over"}),
)


@pytest.mark.parametrize(("operator", "code", "level", "primary", "others"), TABLE)
def test_each_trade_is_offered_what_its_roles_may_do_now(
    bench: Bench, app: Flask, operator: str, code: str, level: str, primary: str, others: set[str]
) -> None:
    page = bench.phone(app, operator).get(f"/w/b/{code}").text
    found = OFFERED.findall(page)
    assert LEVEL.findall(page) == [level]
    assert found[0] == primary
    assert others | ALWAYS <= set(found)
    roles = {kind for kind in found if kind not in others | ALWAYS | {primary}}
    forbidden = {
        "cq-lab": {"dismantle", "collect", "sell"},
        "cq-outlet": {"dismantle", "test", "repair"},
        "cq-fleet": {"begin_service", "swap", "install", "sell"},
    }
    assert roles.isdisjoint(forbidden.get(operator, set()) | {"register", "recycle", "correct", "print_label"})


def test_an_ended_battery_and_one_that_must_not_be_touched_say_stop_with_the_reason(bench: Bench, app: Flask) -> None:
    phone = bench.phone(app, "cq-recycle")
    for code, words in {
        RECYCLED: "was recycled and no longer exists",
        CONSUMED: SECOND_LIFE,
        STOLEN: "Reported stolen",
        UNSAFE: "Marked unsafe",
    }.items():
        page = phone.get(f"/w/b/{code}").text
        assert LEVEL.findall(page) == ["stop"] and words in page, code
    ended = phone.get(f"/w/b/{RECYCLED}").text
    assert OFFERED.findall(ended) == []
    assert "Your organisation can record nothing about this battery here and now" in ended
    assert "lift_notice" not in OFFERED.findall(phone.get(f"/w/b/{STOLEN}").text)
    assert "lift_notice" in OFFERED.findall(bench.phone(app, "cq-dealer").get(f"/w/b/{STOLEN}").text)


def test_what_was_handed_to_somebody_is_for_nobody_else_to_take(bench: Bench, app: Flask) -> None:
    for operator in ("cq-lab", "cq-outlet"):
        page = bench.phone(app, operator).get(f"/w/b/{RETIRED[0]}").text
        assert {"receive", "collect"}.isdisjoint(OFFERED.findall(page))
        assert f"{RETIRED[0]} was handed over to cq-scrap" in page


def test_an_unknown_code_says_stop_and_what_it_may_have_been(bench: Bench, app: Flask) -> None:
    phone = bench.phone(app, "cq-repair")
    unknown = phone.get(f"/w/b/{NEVER}")
    assert unknown.status_code == 404 and LEVEL.findall(unknown.text) == ["stop"]
    typed = phone.send("/w/find", code=PACK.replace("0", "O"))
    assert typed.status_code == 404 and f'value="{PACK}"' in typed.text
    wrong = phone.send("/w/find", code=PACK[:4] + "X" + PACK[5:])
    assert wrong.status_code == 404 and "<mark>X</mark>" in wrong.text
    assert "type or scan a code" in phone.send("/w/find", code=" ").text


SERIAL = gtin_serial_for(parse_code(PACK))
WIDE = "".join(chr(ord(each) + 0xFEE0) for each in PACK)


@pytest.mark.parametrize(
    "typed",
    [PACK, PACK.lower(), WIDE, f" {PACK[:12]} {PACK[12:]} ", f"https://id.example.cn/b/{PACK}",
     f"HTTPS://ID.EXAMPLE.CN/B/{PACK}", f"{GTIN}/{SERIAL}", f"https://id.example.cn/01/{GTIN}/21/{SERIAL}",
     "(8004)9521234BATT7", "https://id.maker.example/p/7"],
)  # fmt: skip
def test_whatever_names_the_battery_leads_to_it(bench: Bench, app: Flask, typed: str) -> None:
    found = bench.phone(app, "cq-repair").send("/w/find", code=typed)
    assert (found.status_code, found.headers["Location"]) == (303, f"/w/b/{PACK}")


def test_a_vin_leads_those_to_the_pack_who_took_part_in_its_life(bench: Bench, app: Flask) -> None:
    for operator, status in (("cq-swap", 303), ("cq-lab", 404)):
        assert bench.phone(app, operator).send("/w/find", code=CAR).status_code == status


def test_only_people_who_may_record_are_let_in(bench: Bench, app: Flask) -> None:
    nobody = app.test_client().get("/w", headers={"Accept": "text/html"})
    assert (nobody.status_code, nobody.headers["Location"]) == (303, "/login")
    token = bench.phone(app, "cq-repair").get("/w/token").get_json()
    assert token["organisation"] == "cq-repair" and len(token["csrf"]) > 20 and token["person"]
