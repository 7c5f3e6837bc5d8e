"""A working day told by forms alone: no script, one phone, every refusal with its words."""

import csv
import html
import io
import re

from flask import Flask
from werkzeug.test import TestResponse

from api.csrf import FIELD, token_for
from ledger.entry import parse_entry
from service.history import battery_history
from service.private.shown import private_beside
from tests.api.workshop.bench import CAR, DRIVEN, FIT, FREE, PARTS, RETIRED, TOKEN, WITH_PARTS, Bench, Phone
from tests.pages.life import PACK
from tests.service.pictures.photographs import label, photo_of

PRODUCT = "001PE12G920000001RP"  # made on 2026-09-02


def words(response: TestResponse) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", response.text)).split())


def entry_of(phone: Phone, response: TestResponse) -> int:
    """The entry that a form was recorded as, as the page says it."""
    assert response.status_code == 303, words(response)
    index = int(response.headers["Location"].removeprefix("/w/done/"))
    page = words(phone.get(response.headers["Location"]))
    assert "Recorded" in page and f"It is entry {index} of the register" in page
    return index


def last_kind(bench: Bench, code: str) -> str:
    return battery_history(bench.story.register, code).steps[-1].kind


def test_a_long_list_is_read_whole_and_an_endless_number_is_refused(bench: Bench, app: Flask) -> None:
    phone, many = bench.phone(app, "cq-recycle"), [f"001PE12ABCDEFGG2T00009{n:02}" for n in range(40)]
    sent = phone.record(FIT, "repurpose", other_before=PRODUCT, other_after="\n".join(many), mass_g="9" * 5_000)
    assert sent.status_code == 422
    assert f"{many[-1]}</textarea>" in sent.text and 'id="e-other_after"' not in sent.text
    assert "too many digits" in sent.text


def test_a_dismantlers_day_without_script(bench: Bench, app: Flask) -> None:
    phone, register = bench.phone(app, "cq-recycle"), bench.story.register
    assert "Nothing recorded yet today" in words(phone.get("/w"))

    sent = phone.send("/w/photo", photo=(io.BytesIO(photo_of(label(WITH_PARTS).resize((900, 900)))), "a.jpg"))
    assert sent.headers["Location"] == f"/w/b/{WITH_PARTS}"

    form = phone.get(f"/w/b/{WITH_PARTS}/dismantle").text
    assert all(f'name="missing" value="{part}"' in form for part in PARTS)
    index = entry_of(
        phone,
        phone.record(WITH_PARTS, "dismantle", casing_mass_g="120", residual_mass_g="9.5", missing=PARTS[1]),
    )
    with register.read() as reader:
        event = parse_entry(reader.entry(index) or b"").event
    assert event.subjects == (WITH_PARTS, *PARTS)
    assert event.body == {"casing_mass_g": 120_000, "residual_mass_g": 9_500, "missing": [PARTS[1]]}
    assert "It is recorded as missing" in words(phone.get(f"/w/b/{PARTS[1]}"))
    entry_of(phone, phone.record(PARTS[1], "report_found"))

    measured = {"soce_ppm": "78.5", "remaining_capacity_mah": "117.75", "resistance_uohm": "1.9", "decision": "recycle"}
    index = entry_of(
        phone, phone.record(PARTS[0], "test", **measured, insulation_kohm="２０", standard="GB/T 34015-2017")
    )
    with register.read() as reader:
        entry = reader.entry(index) or b""
    assert parse_entry(entry).event.body["standard"] == "GB/T 34015-2017"
    shown = {name: value["value"] for name, value in private_beside(register, entry).items()}
    assert shown["soce_ppm"] == 785_000 and shown["remaining_capacity_mah"] == 117_750
    assert shown["insulation_kohm"] == 20_000
    assert 'value="GB/T 34015-2017"' in phone.get(f"/w/b/{FIT}/test").text, "what was told last is offered"

    entry_of(
        phone,
        phone.record(
            FIT, "repurpose", other_before=PRODUCT.lower(), operation="preparation_for_repurposing",
            application="stationary_storage", capacity_mah="110", energy_wh="40", mass_g="305", made_on="2026-09-02",
        ),
    )  # fmt: skip
    assert f"It became part of {PRODUCT}" in words(phone.get(f"/w/b/{FIT}"))

    day = phone.get("/w/day")
    assert "4 entries; batteries named in them: 5" in words(day)
    assert "Dismantled 1" in words(day) and "Given a second life 1" in words(day)
    rows = list(csv.reader(io.StringIO(phone.get("/w/day.csv").get_data().decode("utf-8-sig"))))
    assert [row[1] for row in rows[1:-1]] == ["repurpose", "test", "report_found", "dismantle"]
    assert rows[-1][0] == "packtrail_end" and '"count":4' in rows[-1][1]


def test_a_form_sent_twice_is_recorded_once_and_says_so(bench: Bench, app: Flask) -> None:
    phone = bench.phone(app, "cq-scrap")
    shown = TOKEN.search(phone.get(f"/w/b/{RETIRED[0]}/collect").text)
    assert shown is not None
    told = {"event_id": shown[1], "mass_g": "298.5", "from_operator": "渝中维修服务站", "transport_document": "YD-77"}
    first = phone.send(f"/w/b/{RETIRED[0]}/collect", **told)
    index = entry_of(phone, first)
    again = phone.send(f"/w/b/{RETIRED[0]}/collect", **(told | {"mass_g": "1"}))
    assert again.headers["Location"] == f"/w/done/{index}/again"
    assert "was recorded once" in words(phone.get(again.headers["Location"]))
    assert last_kind(bench, RETIRED[0]) == "collect"
    stranger = bench.phone(app, "cq-repair").get(f"/w/done/{index}")
    assert stranger.status_code == 404


def test_errors_stand_at_their_fields_and_values_are_kept(bench: Bench, app: Flask) -> None:
    phone = bench.phone(app, "cq-scrap")
    sent = phone.record(RETIRED[1], "collect", mass_g="3,5", from_operator="nobody", occurred_at="2026-09-01T10:00")
    page = sent.text
    assert sent.status_code == 422
    assert '<a href="#f-mass_g">Mass</a>' in page and 'id="e-mass_g"' in page
    assert 'value="3,5"' in page and 'value="nobody"' in page and 'value="2026-09-01T10:00"' in page
    assert "no organisation of this id or name is enrolled" in page
    phone.language = "zh-CN"
    chinese = phone.record(RETIRED[1], "collect", mass_g="", from_operator="cq-repair", transport_document="x")
    assert "尚未登记，请更正" in chinese.text and "<title>错误：" in chinese.text
    phone.language = "en"
    late = phone.record(
        RETIRED[1], "collect", mass_g="298", from_operator="cq-repair", transport_document="x",
        occurred_at="2026-09-01T10:00",
    )  # fmt: skip
    assert late.status_code == 409 and 'href="#f-late_reason"' in late.text
    assert last_kind(bench, RETIRED[1]) == "hand_over"


def test_a_conflict_shows_both_what_was_wanted_and_what_is_recorded(bench: Bench, app: Flask) -> None:
    """While the form was open, somebody else took the battery."""
    phone, other = bench.phone(app, "cq-lab"), bench.phone(app, "cq-outlet")
    shown = TOKEN.search(phone.get(f"/w/b/{RETIRED[4]}/test").text)
    assert shown is not None
    told = {"remaining_capacity_mah": "100", "soce_ppm": "70", "resistance_uohm": "2", "insulation_kohm": "9"}
    entry_of(
        other, other.record(RETIRED[4], "collect", mass_g="300", from_operator="cq-repair", transport_document="Y")
    )
    entry_of(other, other.record(RETIRED[4], "hand_over", to_operator="cq-scrap", transport_document="Y"))
    refused = phone.send(
        f"/w/b/{RETIRED[4]}/test", event_id=shown[1], **told, standard="s", decision="recycle",
        occurred_at="2026-09-03T09:00",
    )  # fmt: skip
    page = words(refused)
    assert refused.status_code == 409
    assert "The register says something else" in page
    assert "You wanted to record: Residual capacity tested" in page
    assert "Status Collected" in page and "江北回收服务网点" in page
    gone = bench.phone(app, "cq-swap").send(f"/w/b/{RETIRED[4]}/install", event_id="nonsense")
    assert gone.status_code == 409 and "Nothing was recorded: Installed in a vehicle" in words(gone)


def test_a_swap_names_both_batteries_in_their_order(bench: Bench, app: Flask) -> None:
    phone = bench.phone(app, "cq-swap")
    told = {"vin": CAR.lower(), "station": "S-1", "soc_out_ppm": "11", "soc_in_ppm": "97.5"}
    index = entry_of(phone, phone.record(FREE, "swap", other_before=DRIVEN, **told))
    with bench.story.register.read() as reader:
        assert parse_entry(reader.entry(index) or b"").event.subjects == (DRIVEN, FREE)
    without = phone.record(FREE, "swap", **told)
    assert without.status_code == 422 and '<a href="#f-other_after">' in without.text


def test_a_batch_says_what_will_happen_and_its_results_add_up(bench: Bench, app: Flask) -> None:
    phone = bench.phone(app, "cq-scrap")
    codes = "\n".join([*RETIRED[2:4], RETIRED[2], PACK, "nonsense"])
    look = phone.send("/w/batch", codes=codes, kind="receive", act="look")
    assert "2 can be recorded + 1 not possible + 1 not found + 1 repeated = 5 lines" in words(look)
    found = re.search(r'name="batch_id" value="([0-9a-f-]{36})"', look.text)
    assert found is not None
    ids = dict(re.findall(r'data-code="(\w+)" data-event-id="([0-9a-f-]{36})"', look.text))
    told = {"codes": codes, "kind": "receive", "batch_id": found[1], "act": "record"}
    missing = phone.send("/w/batch", **told)
    assert missing.status_code == 422 and '<a href="#f-from_operator">' in missing.text
    told |= {"from_operator": "cq-repair", "transport_document": "YD-77"}
    first, second = phone.send("/w/batch", **told), phone.send("/w/batch", **(told | {"transport_document": "YD-8"}))
    sums = "{} recorded + {} recorded before + 1 refused + 1 not found + 1 repeated = 5 lines"
    assert sums.format(2, 0) in words(first)
    assert sums.format(0, 2) in words(second)
    assert [last_kind(bench, code) for code in RETIRED[2:4]] == ["receive", "receive"]
    with bench.story.register.read() as reader:
        assert set(ids) == set(RETIRED[2:4]) and len(reader.find(list(ids.values()))) == 2, "a script sends the same"
    never = phone.send("/w/batch", **(told | {"batch_id": "ffffffff-ffff-7fff-bfff-ffffffffffff"}))
    assert never.status_code == 200 and "0 recorded + 0 recorded before" in words(never)
    assert "these are 201" in words(phone.send("/w/batch", codes="X " * 201, kind="receive"))
    assert "choose an action" in words(phone.send("/w/batch", codes="X", kind="recycle"))


def test_a_photo_with_no_code_or_several_says_what_to_do(bench: Bench, app: Flask) -> None:
    phone = bench.phone(app, "cq-scrap")
    nothing = phone.send("/w/photo", photo=(io.BytesIO(photo_of()), "a.jpg"))
    assert nothing.status_code == 422 and "Go nearer" in words(nothing)
    two = photo_of(*(label(code).resize((700, 700)) for code in RETIRED[:2]))
    several = phone.send("/w/photo", photo=(io.BytesIO(two), "a.jpg"))
    assert "2 codes were found" in words(several) and several.text.count('name="code"') == 2
    assert "cannot be read" in words(phone.send("/w/photo", photo=(io.BytesIO(b"no photo"), "a.jpg")))
    assert "choose or take a photo" in words(phone.send("/w/photo"))


def test_a_form_of_nobodys_making_records_nothing(bench: Bench, app: Flask) -> None:
    phone = bench.phone(app, "cq-lab")
    bad = phone.client.post(f"/w/b/{DRIVEN}/report_soh", data={FIELD: token_for("another")})
    assert bad.status_code == 403
