"""A whole life with values that stand out, told to a served register; then everything that leaves it is searched.

Nothing restricted appears in entries, tiles, exports, evidence, problems, pages, metrics or what the server prints, nor
readable in its database. The last test makes sure that the search would find what it looks for.
"""

import json
import re
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from service.access import SCOPES, make_api_key
from service.clock import wall_clock
from service.domain.restricted import RESTRICTED
from service.exporting import export_register
from service.operators import enrol_operator, make_custodial_key
from service.recording.recorder import Recorder
from service.settings import Settings
from service.work import Register
from tests.needs import ROOT
from tests.scene import free_port, set_scene, wait_for
from tests.service.domain.story import BODIES
from tests.service.town import vin

NOTE, FAULT = "车主王小明，电话13800138000", "module of owner Wang-Marker"
TOLD: Mapping[str, Mapping[str, Any]] = {
    "install": {"vin": vin(7_654_321), "odometer_km": 4_987_651},
    "sell": {"region": "500243", "owner_type": "leasing", "sold_on": "2026-03-01"},
    "report_soh": {
        "soce_ppm": 1_098_763, "remaining_capacity_mah": 98_765_432, "full_cycles": 987_652, "temperature_mc": 198_761,
        "note": NOTE, "throughput_wh": 987_654_321, "odometer_km": 4_987_661, "power_w": 9_876_541,
        "resistance_uohm": 98_765_435, "round_trip_efficiency_ppm": 987_655, "self_discharge_ppm": 987_656,
        "soc_ppm": 987_657,
    },
    "transfer_ownership": {"new_owner": "owner-7f3a-of-wang", "region": "500242", "owner_type": "leasing"},
    "report_incident": {
        "incident": "deep_discharge", "severity": "minor", "happened_on": "2026-01-13",
        "evidence_sha256": "MTIzNDU2Nzg5MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTI=",
    },
    "begin_service": {"reason": "smell that Wang-Marker reported"},
    "issue_notice": {"reason": "claim of Wang-Marker"},
    "lift_notice": {"reason": "settled with Wang-Marker"},
    "replace_pack": {"vin": vin(7_654_321), "reason": "replaced", "odometer_km": 4_987_655},
    "scrap_vehicle": {"vin": vin(7_654_321)},
    "correct": {
        "note": "as Wang-Marker said later", "region": "500241", "owner_type": "leasing", "soce_ppm": 1_098_760,
        "remaining_capacity_mah": 98_765_430, "full_cycles": 987_651, "odometer_km": 4_987_662,
        "soce_out_ppm": 1_098_757, "soce_in_ppm": 1_098_756, "visual": "cracked",
    },
    "repair": {"reason": FAULT, "soce_ppm": 1_098_764},
    "swap": {"vin": vin(7_654_321), "soc_out_ppm": 987_653, "soc_in_ppm": 987_654, "soce_out_ppm": 1_098_766,
             "soce_in_ppm": 1_098_767},
    "retire": {"reason": "replaced", "soce_ppm": 1_098_762, "vin": vin(7_654_321)},
    "test": {
        "remaining_capacity_mah": 98_765_431, "soce_ppm": 1_098_761, "resistance_uohm": 98_765_433,
        "insulation_kohm": 98_765_434, "decision": "recycle", "visual": "corroded",
    },
}  # fmt: skip
ROLES = {
    "rest-motors": "vehicle_maker",
    "rest-dealer": "dealer",
    "rest-repair": "workshop",
    "rest-swap": "swap_operator",
    "rest-outlet": "collector",
    "rest-lab": "tester",
    "rest-stranger": "tester",
    "rest-scrap": "dismantler",
}
LIFE = (
    ("rest-motors", "install", 1), ("rest-dealer", "sell", 1), ("rest-repair", "report_soh", 1),
    ("rest-repair", "begin_service", 1), ("rest-repair", "repair", 1), ("rest-dealer", "transfer_ownership", 1),
    ("rest-motors", "report_incident", 1), ("rest-motors", "issue_notice", 1), ("rest-motors", "lift_notice", 1),
    ("rest-swap", "swap", 2), ("rest-repair", "replace_pack", -2), ("rest-motors", "report_soh", 1),
    ("rest-swap", "retire", 1), ("rest-scrap", "scrap_vehicle", 1), ("rest-outlet", "collect", 1),
    ("rest-lab", "test", 1), ("rest-dealer", "correct", 1), ("rest-motors", "correct", 1),
    ("rest-swap", "correct", 2), ("rest-lab", "correct", 1),
)  # fmt: skip
"""Who tells what of how many packs: from the first on, or from the last back."""
CORRECTED = {"rest-dealer": ("sell", "region owner_type"), "rest-motors": (
    "report_soh", "soce_ppm remaining_capacity_mah full_cycles odometer_km"),
    "rest-swap": ("swap", "soce_out_ppm soce_in_ppm"), "rest-lab": ("test", "visual")}  # fmt: skip
"""What each corrects, and by which fields."""


def markers() -> dict[str, re.Pattern[bytes]]:
    """For each restricted value told, what would give it away, however it is written."""
    found = {}
    for kind, rows in RESTRICTED.items():
        for name in rows:
            value = TOLD[kind][name]
            if isinstance(value, int):
                digits = f"{value:,}".replace(",", "[,.]?")
                pattern = rf"(?<![\w+/.-]){digits}(?![\w+/=])"
            else:
                escaped = json.dumps(value)[1:-1]
                pattern = (
                    rf'"{value}"' if value.isalpha() or value.isdigit() else f"{re.escape(value)}|{re.escape(escaped)}"
                )
            found[f"{kind}.{name}"] = re.compile(pattern.encode())
    return found


def given_away(outputs: Mapping[str, bytes]) -> list[str]:
    return [
        f"{name} in {place}"
        for place, data in outputs.items()
        for name, pattern in markers().items()
        if pattern.search(data)
    ]


@dataclass(frozen=True)
class Told:
    """A served register after the life was told. `refusals`: the problems that came on the way."""

    settings: Settings
    port: int
    keys: Mapping[str, str]
    packs: tuple[str, ...]
    refusals: dict[str, bytes]
    printed: Path

    def ask(self, path: str, operator: str = "", accept: str = "*/*", body: object = None) -> tuple[int, bytes]:
        headers = {"Accept": accept, "Content-Type": "application/json"}
        headers |= {"Authorization": f"Bearer {self.keys[operator]}"} if operator else {}
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", data, headers)
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return answer.status, answer.read()
        except urllib.error.HTTPError as error:
            return error.code, error.read()


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Told]:
    folder = tmp_path_factory.mktemp("restricted")
    scene = set_scene(folder / "var", packs=2)
    keys = {"scene-maker": scene.api_key}
    register = Register(scene.settings)
    recorder = Recorder(register)
    for operator, role in ROLES.items():
        enrol_operator(recorder, {"operator_id": operator, "name": "经营者", "roles": [role], "region": "500112"})
        make_custodial_key(recorder, operator)
        with register.write_beside() as connection:
            keys[operator] = make_api_key(connection, operator, now=wall_clock(), scopes=SCOPES)
    register.close()
    printed, port = folder / "printed", free_port()
    command = [sys.executable, "-c", "from api.cli import main; main()", "serve", "--data", str(scene.settings.data)]
    with printed.open("wb") as out:
        process = subprocess.Popen(
            [*command, "--port", str(port), "--workers", "1"], cwd=ROOT, stdout=out, stderr=subprocess.STDOUT
        )
    try:
        wait_for(port)
        served = Told(scene.settings, port, keys, scene.packs, {}, printed)
        tell_life(served)
        yield served
    finally:
        process.terminate()
        process.wait(20)


def tell_life(served: Told) -> None:
    """The life, with refusals of every rule that looks at a restricted value, and of what is malformed."""
    ids: dict[str, str] = {}
    for number, (operator, kind, count) in enumerate(LIFE):
        subjects = list(served.packs[:count]) if count > 0 else list(served.packs[::-1][:-count])
        body = {name: value for name, value in BODIES[kind].items() if name not in RESTRICTED.get(kind, {})}
        body |= {"pack_found": subjects[0]} if kind == "scrap_vehicle" else {}
        body |= {"from_operator": "rest-swap"} if kind == "collect" else {}
        body |= {"mass_g": 410_000} if kind == "collect" else {}
        body |= TOLD.get(kind, {})
        if kind == "correct":
            corrected, names = CORRECTED[operator]
            body = {name: TOLD[kind][name] for name in ("note", *names.split())}
            body |= {"event_id": ids[corrected], "reason": "incorrect_data"}
        event = {"type": kind, "subjects": subjects, "occurred_at": f"2026-03-{number + 1:02d}T01:00:00.000Z"}
        status, answer = served.ask("/v1/events", operator, body=event | {"body": body})
        assert status == 201, answer
        ids[kind] = json.loads(answer)["entry"]["event"]["id"]
        served.refusals[f"answer {number}"] = answer
        if kind == "report_soh":
            for change in ({"soce_ppm": 1_099_999}, {"full_cycles": 1}, {"soce_ppm": "1098763"}, {"note": f"{NOTE}\n"}):
                status, answer = served.ask("/v1/events", operator, body=event | {"body": body | change})
                assert status in (409, 422), answer
                served.refusals[f"{kind} {change.keys()}"] = answer
        if kind == "install":
            status, answer = served.ask("/v1/events", operator, body=event | {"body": body})
            assert status == 409, answer
            served.refusals["installed twice"] = answer


def outputs(told: Told, tmp_path: Path) -> dict[str, bytes]:
    """All that the public, an auditor or an operator that has no part in it gets to see."""
    register = Register(told.settings)
    with register.read() as reader:
        found = {f"entry {n}": entry for n, entry in enumerate(reader.entries(0, reader.size()))}
        size = reader.size()
    export_register(register, tmp_path / "export", tick=lambda *_: None)
    register.close()
    found |= {file.name: file.read_bytes() for file in tmp_path.iterdir()}
    found |= {f"answer: {name}": answer for name, answer in told.refusals.items()}
    found["printed"] = told.printed.read_bytes()
    pages = [f"/b/{code}?lang={language}" for code in told.packs for language in ("zh", "en")]
    for path in pages:
        for accept in ("text/html", "application/json", "application/ld+json"):
            found[f"{path} as {accept}"] = told.ask(path, accept=accept)[1]
    public = [f"/v1/batteries/{code}{rest}" for code in told.packs for rest in ("", "/history")]
    public += [f"/v1/entries/{index}" for index in range(size)]
    public += ["/log/checkpoint", "/log/tile/0/000.p/1", f"/log/tile/0/000.p/{size}", "/metrics", "/readyz"]
    for path in public:
        for operator in ("", "rest-stranger"):
            found[f"{path} for {operator or 'the public'}"] = told.ask(path, operator)[1]
    found["evidence"] = told.ask(f"/v1/batteries/{told.packs[0]}/evidence", "rest-motors")[1]
    return found


def test_nothing_restricted_leaves_the_register(told: Told, tmp_path: Path) -> None:
    found = outputs(told, tmp_path)
    assert len(found) > 100
    assert all(found.values())
    assert given_away(found) == []


def test_nothing_restricted_is_readable_in_the_database_nor_beside_it(told: Told) -> None:
    files = {str(file): file.read_bytes() for file in told.settings.data.rglob("*") if file.is_file()}
    assert any(name.endswith("register.db") for name in files)
    assert given_away(files) == []


def test_those_who_took_part_see_the_values_and_can_check_them(told: Told) -> None:
    """The same search, where it has to find: all but the vehicle, which is for nobody."""
    path = f"/v1/batteries/{told.packs[0]}/history"
    _, data = told.ask(path, "rest-motors")
    seen = {found.partition(" in ")[0] for found in given_away({"history": data})}
    everything = {f"{kind}.{name}" for kind, rows in RESTRICTED.items() for name in rows}
    assert everything - seen == {
        f"{kind}.vin" for kind in ("install", "swap", "retire", "replace_pack", "scrap_vehicle")
    }
    _, state = told.ask(f"/v1/batteries/{told.packs[0]}", "rest-motors")
    assert json.loads(state)["state"]["soce_ppm"] == TOLD["test"]["soce_ppm"]


def test_after_an_erasure_those_who_took_part_see_that_it_was_erased(told: Told) -> None:
    code = told.packs[0]
    wish = {"basis": "PIPL, Art. 47", "reason": "asked for"}
    status, answer = told.ask(f"/v1/batteries/{code}/erasures", "rest-stranger", body=wish)
    assert status == 409, answer
    status, answer = told.ask(f"/v1/batteries/{code}/erasures", "rest-lab", body=wish)
    assert (status, json.loads(answer)["erased"]) == (201, 7)
    steps = json.loads(told.ask(f"/v1/batteries/{code}/history", "rest-motors")[1])["steps"]
    [tested] = [step for step in steps if step["type"] == "test"]
    assert tested["private"]["soce_ppm"] == {"erased": True}
    assert steps[-1]["title_zh"] == "已依法删除"
    assert "soce_ppm" not in json.loads(told.ask(f"/v1/batteries/{code}", "rest-motors")[1])["state"]
    assert "已依法删除" in told.ask(f"/b/{code}?lang=zh", accept="text/html")[1].decode()


def test_the_search_would_find_each_value_in_a_page_or_an_entry() -> None:
    for kind, rows in RESTRICTED.items():
        body = {name: TOLD[kind][name] for name in rows}
        plain = json.dumps(body, separators=(",", ":"), ensure_ascii=False).encode()
        assert {f"{kind}.{name}" for name in rows} <= {each.partition(" in ")[0] for each in given_away({"x": plain})}
    shown = b"<dd>98,765,432 mAh</dd><dd>987,652</dd>" + json.dumps({"note": NOTE}).encode()
    assert {each.partition(" in ")[0] for each in given_away({"x": shown})} == {
        "report_soh.remaining_capacity_mah", "report_soh.full_cycles", "report_soh.note",
    }  # fmt: skip
