"""Scenarios 20 to 23: the regulator checks the register without trusting it, and sees what each may see."""

import json
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from pysqlite3 import dbapi2 as sqlite3

from ledger.receipt import parse_receipt
from ledger.tile import parse_bundle
from service.domain.passport.datapoints import DATA_POINTS
from tests.cli.conftest import call
from tests.journeys.scenarios.stage import (
    AUTHORITY,
    BRUSSELS,
    BUREAU,
    DEALER,
    GREEN,
    MAKER,
    MOTORS,
    REPAIR,
    VIN,
    Stage,
    code,
    copy_of,
)
from tests.needs import ROOT
from tests.service.passports.contents import content
from tests.verifier.node import run_cli

PACK = code(1)
OFFLINE = """
import runpy, socket, sys
def refuse(*_, **__): raise OSError("there is no network here")
socket.socket.connect = socket.create_connection = refuse
sys.argv[0] = "ledger"
sys.path.insert(0, sys.argv.pop(1))
runpy.run_module("ledger", run_name="__main__", alter_sys=False)
"""


def a_short_life(stage: Stage) -> None:
    stage.today("2026-05-04")
    stage.register_batteries(PACK, code(2), code(3))
    stage.must(MOTORS, "install", PACK, vin=VIN)
    stage.must(DEALER, "sell", PACK, sold_on="2026-05-04")
    for cycles in (10, 20, 30):
        stage.must(MOTORS, "report_soh", PACK, soce_ppm=999_000 - cycles, full_cycles=cycles)


def download(stage: Stage, folder: Path) -> Path:
    """The whole ledger, its checkpoint and its public keys as a regulator fetches them; the ledger's file."""
    file, size = folder / "ledger.ndjson", stage.size()
    bundle = stage.get(f"/log/tile/entries/000.p/{size}", BUREAU)
    assert bundle.status_code == 200
    file.write_bytes(b"".join(entry + b"\n" for entry in parse_bundle(bundle.data)))
    (folder / "ledger.ndjson.checkpoint").write_bytes(stage.get("/log/checkpoint").data)
    (folder / "vkeys").write_bytes(stage.get("/log/vkeys").data)
    return file


def verify_offline(file: Path, verifier: Path) -> tuple[int, dict[str, Any]]:
    """Exit code and report of the verifier, which is a copied folder, has no network and knows the public keys."""
    command = [sys.executable, "-I", "-c", OFFLINE, str(verifier), "verify", str(file)]
    done = subprocess.run(
        [*command, "--key", str(file.with_name("vkeys")), "--json"],
        cwd=verifier, env={}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    return done.returncode, json.loads(done.stdout or "{}")


def test_20_a_regulator_downloads_the_ledger_and_verifies_it_offline(stage: Stage, tmp_path: Path) -> None:
    a_short_life(stage)
    file = download(stage, tmp_path)
    verifier = tmp_path / "verifier"
    verifier.mkdir()
    (verifier / "ledger").symlink_to(ROOT / "ledger")
    code_, report = verify_offline(file, verifier)
    assert (code_, report["ok"], report["size"]) == (0, True, stage.size())
    assert report["checked"]["signatures"] == stage.size()
    second = run_cli("verify", file, "--key", file.with_name("vkeys"), "--json")
    assert (second.returncode, json.loads(second.stdout)["root"]) == (0, report["root"])


@pytest.mark.parametrize("index", [0, 20, 38])
def test_20_a_regulator_flips_one_byte_and_the_verifier_names_the_record(
    stage: Stage, tmp_path: Path, index: int
) -> None:
    a_short_life(stage)
    file = download(stage, tmp_path)
    lines = file.read_bytes().splitlines(keepends=True)
    at = lines[index].index(b'"id":"') + 30  # a hexadecimal digit of the event's id: the JSON stays whole
    digit = b"0" if lines[index][at : at + 1] != b"0" else b"1"
    lines[index] = lines[index][:at] + digit + lines[index][at + 1 :]
    file.write_bytes(b"".join(lines))
    code_, report = verify_offline(file, ROOT)
    assert (code_, report["ok"]) == (1, False)
    assert report["failures"][0]["index"] == index
    second = run_cli("verify", file, "--key", file.with_name("vkeys"), "--json")
    assert second.returncode == 1
    assert json.loads(second.stdout)["failures"][0]["index"] == index


def meddle(folder: Path, *statements: str) -> None:
    """What an administrator does with the database file in hands: triggers fall first."""
    with closing(sqlite3.connect(folder / "register.db")) as database:
        for (name,) in list(database.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")):
            database.execute(f"DROP TRIGGER {name}")
        for statement in statements:
            assert database.execute(statement).rowcount > 0
        database.commit()


REORDERED = (
    "UPDATE entry SET idx = -1 WHERE idx = 36",
    "UPDATE entry SET idx = 36 WHERE idx = 37",
    "UPDATE entry SET idx = 37 WHERE idx = -1",
)


@pytest.mark.parametrize(
    ("statements", "named"),
    [
        (["DELETE FROM entry WHERE idx = 36"], 36),
        (["DELETE FROM entry WHERE idx = 53"], 53),
        (REORDERED, 36),
    ],
    ids=["one is deleted", "the newest is deleted", "two change places"],
)
def test_21_an_administrator_deletes_or_reorders_rows_and_the_next_audit_names_them(
    stage: Stage, tmp_path: Path, statements: list[str], named: int
) -> None:
    a_short_life(stage)
    receipt = stage.must(MOTORS, "report_soh", PACK, soce_ppm=990_000, full_cycles=40)
    assert (receipt["index"], stage.size()) == (53, 54)
    (tmp_path / "head").write_bytes(parse_receipt(receipt["proof"].encode()).checkpoint)
    (tmp_path / "vkeys").write_bytes(stage.get("/log/vkeys").data)
    stage.close()
    meddle(stage.settings.data, *statements)
    for more in ((), ("--since", tmp_path / "head")):
        audit = call("verify", stage.settings.data, "--key", tmp_path / "vkeys", "--json", *more)
        assert audit.exit_code == 1, audit.stdout
        assert named in [failure["index"] for failure in json.loads(audit.stdout)["failures"]]


def test_21_an_administrator_with_the_keys_tells_another_history_and_an_old_receipt_exposes_it(
    stage: Stage, tmp_path: Path
) -> None:
    """The other history is signed and sound in itself; only who holds a receipt of the first can tell."""
    a_short_life(stage)
    before = copy_of(stage.settings, tmp_path / "other")
    receipt = stage.must(MOTORS, "report_soh", PACK, soce_ppm=600_000, full_cycles=40)
    (tmp_path / "head").write_bytes(parse_receipt(receipt["proof"].encode()).checkpoint)
    other = Stage.open(before, stage.keys)
    other.clock.now = stage.clock.now
    rosier = other.must(MOTORS, "report_soh", PACK, soce_ppm=998_000, full_cycles=40)
    assert rosier["index"] == receipt["index"]
    other.close()
    assert call("verify", before.data, "--json").exit_code == 0
    audit = call("verify", before.data, "--json", "--since", tmp_path / "head")
    assert audit.exit_code == 1
    assert "older checkpoint" in json.loads(audit.stdout)["failures"][0]["what"]


def test_22_a_regulator_reads_who_is_late_each_by_the_law_of_its_day(stage: Stage) -> None:
    """2025: 30 working days (No. 35 of 2018, Art. 15). 2026: 30 calendar days (Order 73, Art. 24(7))."""
    old, in_time, new, on_time = (code(n, made) for n, made in ((1, "2025-02-26"), (2, "2025-02-26"), (3, "2026-02-26"),
                                                                 (4, "2026-02-26")))  # fmt: skip
    stage.today("2025-05-05")
    stage.register_batteries(old, in_time)
    for each in (old, in_time):
        stage.must(MOTORS, "retire", each)
    taken_in = {"from_operator": MOTORS, "mass_g": 300_000}
    stage.today("2025-06-18")  # the 30th working day after 6 May 2025, with the days off at the Dragon Boat Festival
    stage.must(GREEN, "collect", in_time, at="2025-05-06", **taken_in)
    stage.today("2025-06-19")
    stage.must(GREEN, "collect", old, at="2025-05-06", **taken_in)
    stage.today("2026-05-03")
    stage.register_batteries(new, on_time)
    for each in (new, on_time):
        stage.must(MOTORS, "retire", each)
    stage.today("2026-06-03")
    stage.must(GREEN, "collect", on_time, at="2026-05-04", **taken_in)
    stage.today("2026-06-10")
    stage.must(GREEN, "collect", new, at="2026-05-04", **taken_in)

    cases = stage.see("/v1/duties/late", BUREAU)["cases"]
    told = [(case["code"], case["duty"], case["due_on"], case["days_late"], case["article"]) for case in cases]
    assert told == [
        (old, "cn2018-recycler-in", "2025-06-18", 1, "MIIT Announcement No. 35 of 2018, Art. 15"),
        (new, "cn73-recycler-in", "2026-06-03", 7, "MIIT Order 73, Art. 24(7)"),
    ]
    assert {case["operator"] for case in cases} == {GREEN}
    assert stage.see("/v1/duties/late", GREEN)["cases"] == cases
    assert stage.see("/v1/duties/late", MOTORS)["cases"] == []
    printed = call("duties", "--data", stage.settings.data, "--late", "--json")
    assert printed.exit_code == 0, printed.stderr
    assert [case["code"] for case in json.loads(printed.stdout)["cases"]] == [old, new]


TIERS = {
    None: {"pt1"},
    BRUSSELS: {"pt1", "pt2", "pt3"},
    REPAIR: {"pt1", "pt2", "pt4"},
    GREEN: {"pt1", "pt2", "pt4"},
    BUREAU: {"pt1", "pt2", "pt3", "pt4"},
}


@pytest.mark.parametrize("reader", TIERS, ids=str)
def test_23_each_reader_sees_the_parts_that_are_theirs(stage: Stage, reader: str | None) -> None:
    stage.today("2027-06-01")
    stage.register_batteries(PACK)
    assert stage.publish_passport(content()).status_code == 201
    assert stage.place(PACK, on="2027-06-01").status_code == 201
    stage.must(REPAIR, "report_incident", PACK, incident="flood", severity="minor", happened_on="2027-06-01")

    passport = stage.see(f"/v1/batteries/{PACK}/passport", reader)
    assert {DATA_POINTS[int(nr)].tier.value for nr in passport["points"]} == TIERS[reader]
    assert set(passport["tiers"]) == TIERS[reader]
    marks = {"pt2": "NMC622-MARK-PT2", "pt3": "MARK-PT3", "pt4": "flood"}
    for path in (f"/v1/batteries/{PACK}/passport", f"/v1/dpps/{PACK}?representation=full"):
        shown = stage.get(path, reader).text
        assert {tier for tier, mark in marks.items() if mark in shown} == TIERS[reader] - {"pt1"}

    beyond = sorted(TIERS[reader] - {"pt1"})
    noted = [
        (each["operator"], each["subject"], each["parts"])
        for each in stage.see("/v1/access-log", AUTHORITY)["readings"]
    ]
    assert noted == ([(reader, PACK, beyond)] * 3 if beyond and reader != MAKER else [])
    told = {each["operator"] for each in stage.see("/v1/access-log", MAKER)["readings"]}
    assert told == ({reader} if noted and reader != BUREAU else set())
