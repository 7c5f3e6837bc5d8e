"""packtrail duties, deadline and report: rows with their sources, who is late, files to hand in."""

import json
from pathlib import Path

from tests.cli.conftest import call


def test_duties_are_printed_with_both_names_days_and_source(founded: Path) -> None:
    result = call("duties", "--data", founded)
    assert result.exit_code == 0, result.stderr
    assert "cn73-recycler-in" in result.stdout and "综合利用企业入库后报送信息" in result.stdout
    assert "30 calendar days 日" in result.stdout
    assert "source needed 待查" in result.stdout
    assert "How days are counted 期限计算" in result.stdout


def test_duties_of_a_day_and_a_jurisdiction(founded: Path) -> None:
    value = json.loads(call("duties", "--data", founded, "--jurisdiction", "CN", "--on", "2026-03-31", "--json").stdout)
    assert value["duties"] and all(row["id"].startswith("cn2018-") for row in value["duties"])
    value = json.loads(call("duties", "--data", founded, "--jurisdiction", "EU", "--json").stdout)
    assert value["duties"] == [] and any(row["id"] == "eu-passport" for row in value["milestones"])


def test_thresholds_are_printed_with_jurisdiction_days_and_source(founded: Path) -> None:
    text = call("duties", "--data", founded, "--on", "2031-12-31").stdout
    heading, _, recovery = text.partition("Recovery and recycling efficiency 材料回收率与再生利用效率")
    assert heading and recovery
    lines = recovery.splitlines()
    [lithium] = [line for line in lines if " lithium 锂 " in line and " EU " in line and "Annex XII" in line]
    assert "at least 至少 80 %" in lithium and "2031-12-31" in lithium
    [powder] = [line for line in lines if "copper in the powder 粉料杂质铜" in line]
    assert "at most 至多 1.5 %" in powder and "source needed 待查" in powder and " CN " in powder
    [cobalt] = [line for line in lines if " cobalt 钴 " in line and "Art. 8" in line]
    assert "at least 至少 16 %" in cobalt and "2031-08-18" in cobalt and "2036-08-17" in cobalt
    assert "electric bicycle 电动自行车" in recovery and "MIIT Order 73, Art. 22" in recovery
    [permit] = [line for line in lines if "排污许可" in line and "recycler" in line]
    assert "judged 可判定" in permit and "MIIT Order 73, Art. 18" in permit
    assert "Recycled content" not in call("duties", "--data", founded, "--on", "2031-08-17").stdout


def test_thresholds_of_a_day_and_a_jurisdiction(founded: Path) -> None:
    value = json.loads(call("duties", "--data", founded, "--jurisdiction", "EU", "--on", "2027-12-30", "--json").stdout)
    assert {row["id"] for row in value["targets"]} == {
        f"eu-efficiency-{family}-2025" for family in ("lithium", "lead_acid", "nickel_cadmium", "other")
    }
    assert value["recycled_content"] == value["banned_applications"] == []
    assert {row["source"] for row in value["licences"]} == {"source needed"}
    value = json.loads(call("duties", "--data", founded, "--jurisdiction", "CN", "--json").stdout)
    assert {row["jurisdiction"] for row in value["targets"] + value["licences"]} == {"CN"}


def test_an_empty_register_has_nobody_late(founded: Path) -> None:
    result = call("duties", "--late", "--data", founded)
    assert result.exit_code == 0 and result.stdout == "nobody is late 无逾期\n"


def test_a_deadline_is_an_entry_and_shows_in_the_duties(founded: Path) -> None:
    given = ("--days", "30", "--clock", "working_days", "--from", "2026-04-01", "--source", "通知")
    result = call("deadline", "cn73-repair", *given, "--data", founded)
    assert result.exit_code == 0, result.stderr
    value = json.loads(call("duties", "--data", founded, "--json").stdout)
    [row] = [row for row in value["duties"] if row["id"] == "cn73-repair"]
    assert (row["days"], row["state"], row["source"]) == (30, "judged", "通知")
    assert call("deadline", "cn73-sale", *given, "--data", founded).exit_code == 2


def test_a_day_from_which_a_licence_has_to_be_told_is_an_entry_and_shows_in_the_duties(founded: Path) -> None:
    given = ("--from", "2026-07-01", "--source", "通知", "--data", founded)
    result = call("licence-day", "recycler", "pollutant_discharge", *given)
    assert result.exit_code == 0, result.stderr
    assert "排污许可" in result.stdout
    value = json.loads(call("duties", "--data", founded, "--json").stdout)
    [row] = [row for row in value["licences"] if (row["role"], row["licence"]) == ("recycler", "pollutant_discharge")]
    assert (row["told_from"], [day["source"] for day in row["told_days"]]) == ("2026-07-01", ["通知"])
    assert "told from 须报送自 2026-07-01" in call("duties", "--data", founded).stdout
    refused = call("licence-day", "tester", "test_accreditation", *given)
    assert refused.exit_code == 2
    assert "source" in refused.stderr


def test_a_report_is_a_file_of_what_an_operator_did(told: Path, tmp_path: Path) -> None:
    operators = json.loads(call("operator", "list", "--json", "--data", told).stdout)
    actors = [row["operator"] for row in operators if "vehicle_maker" in row["roles"]]
    out, period = tmp_path / "sales.json", ("--from", "2018-08-01", "--to", "2026-12-31")
    rows = []
    for actor in actors:
        for duty in ("cn2018-install", "cn73-install"):
            result = call("report", "--actor", actor, "--duty", duty, *period, "--out", out, "--data", told)
            assert result.exit_code == 0, result.stderr
            rows += json.loads(out.read_text(encoding="utf-8"))["rows"]
    assert rows and all(row["battery.code"] and len(row["body.vin"]) == 17 for row in rows)


def test_a_report_of_nobody_or_of_no_duty_is_refused_before_anything_is_written(founded: Path, tmp_path: Path) -> None:
    out, period = tmp_path / "report.csv", ("--from", "2018-08-01", "--to", "2026-12-31", "--data", founded)
    for actor, duty, file in (
        ("nobody", "cn73-sale", out),
        ("cq-authority", "cn73-nothing", out),
        ("cq-authority", "cn73-sale", tmp_path / "report.exe"),
    ):
        assert call("report", "--actor", actor, "--duty", duty, "--out", file, *period).exit_code == 2
        assert not file.exists()
