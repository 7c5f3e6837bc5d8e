"""The story: the same every time, complete, and never refused."""

import shutil
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import orjson
import pytest
from sqlalchemy import select

from ledger.entry import parse_entry, parse_time
from ledger.tree import hash_leaf
from service.db import tables
from service.demo.cast import PLAYERS
from service.demo.catalogue import MODELS
from service.demo.play import COMMIT_EVENTS, COMMIT_SPAN, commits, play
from service.demo.staging import FOUNDING_ENTRIES, Programme, open_stage, read_programme, tell
from service.domain.districts import CHONGQING
from service.domain.gs1 import parse_gtin
from service.domain.states import LifeStatus, OpState
from service.domain.uscc import parse_uscc
from service.domain.vin import parse_vin
from service.domain.words import Decision
from service.errors import SettingsError, StoryError
from service.founding import Founder
from service.settings import Settings, read_settings
from service.verification.register import verify_database
from service.work import Register

UNTIL = "2026-11-01T00:00:00.000Z"
SHORT = Programme(7, 60, UNTIL)
FOUNDER = Founder("demo.example/log", "authority", "示例登记机构", "Demo Register Authority", "500000")
NOT_YET_POSSIBLE = {OpState.UNDER_SERVICE, OpState.EXPORTED, OpState.VOIDED}
"""States that no kind of event leads to so far."""


def perform(settings: Settings, programme: Programme = SHORT, *, stop_at: int | None = None) -> None:
    """Tell the story, or break it off once so many events are recorded."""

    def tick(done: int, total: int) -> None:
        if stop_at is not None and done >= stop_at:
            raise KeyboardInterrupt

    with open_stage(settings, programme, FOUNDER) as stage:
        stage.perform(tick=tick)


def leaves(settings: Settings) -> list[bytes]:
    register = Register(settings)
    with register.read() as reader:
        found = [hash_leaf(entry) for entry in reader.entries(0, reader.size())]
    register.close()
    return found


@pytest.fixture(scope="module")
def staged(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A register with the cast in it, where nothing has happened yet. Keys are random, so copies share them."""
    folder = tmp_path_factory.mktemp("staged") / "var"
    with open_stage(read_settings({}, data=folder), SHORT, FOUNDER):
        pass
    return folder


@pytest.fixture(scope="module")
def told(staged: Path, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """The same with the whole story told."""
    folder = shutil.copytree(staged, tmp_path_factory.mktemp("told") / "var")
    settings = read_settings({}, data=folder)
    perform(settings)
    return settings


def test_the_same_seed_gives_the_same_entries(staged: Path, told: Settings, tmp_path: Path) -> None:
    again = read_settings({}, data=shutil.copytree(staged, tmp_path / "again"))
    perform(again)
    assert leaves(again) == leaves(told)
    assert len(leaves(told)) > 1_000


def test_another_seed_gives_another_story() -> None:
    assert tell(SHORT) == tell(SHORT)
    assert {each.id for each in tell(SHORT)}.isdisjoint(each.id for each in tell(Programme(8, 60, UNTIL)))


def test_a_story_that_was_broken_off_ends_as_if_it_had_not_been(staged: Path, told: Settings, tmp_path: Path) -> None:
    again = read_settings({}, data=shutil.copytree(staged, tmp_path / "again"))
    with pytest.raises(KeyboardInterrupt):
        perform(again, stop_at=500)
    assert len(leaves(again)) < len(leaves(told))
    perform(again, replace(SHORT, until="2026-11-20T00:00:00.000Z"))
    assert leaves(again) == leaves(told)
    assert read_programme(again) == replace(SHORT, complete=True)


def test_a_damaged_programme_is_not_guessed_at(staged: Path, tmp_path: Path) -> None:
    again = read_settings({}, data=shutil.copytree(staged, tmp_path / "again"))
    (again.data / "demo.json").write_text("{")
    with pytest.raises(SettingsError, match="damaged"):
        perform(again)


def test_every_state_that_a_battery_can_be_in_is_shown(told: Settings) -> None:
    states = _states(told)
    assert {OpState(state["op_state"]) for state in states} == set(OpState) - NOT_YET_POSSIBLE
    assert {LifeStatus(state["life_status"]) for state in states} == set(LifeStatus)
    assert {flag for state in states for flag in state.get("flags", ())} == {"unsafe", "quarantined"}
    assert {state["level"] for state in states} == {"pack", "module", "cell"}
    packs = {state["op_state"] for state in states if state["level"] == "pack"}
    assert packs >= {"REGISTERED", "ASSEMBLED", "INSTALLED", "IN_USE", "IN_SWAP_POOL", "RETIRED", "COLLECTED", "TESTED"}
    assert packs >= {"DISMANTLED", "CONSUMED", "RECYCLED"}


def test_every_kind_of_event_and_every_decision_is_told() -> None:
    story = tell(SHORT)
    kinds = {each.kind for each in story}
    assert kinds == {
        "publish_model", "register", "assemble", "install", "sell", "report_soh", "repair", "swap", "retire", "collect",
        "test", "dismantle", "prepare_reuse", "repurpose", "remanufacture", "recycle",
    }  # fmt: skip
    long = tell(Programme(7, 400, UNTIL))
    assert {each.body["decision"] for each in long if each.kind == "test"} == set(Decision)
    assert {each.body["operation"] for each in story if each.kind == "repurpose"} == {
        "repurposing", "preparation_for_repurposing",
    }  # fmt: skip


def test_the_register_of_the_story_verifies_down_to_its_tables(told: Settings) -> None:
    register = Register(told)
    report = verify_database(told.database_url, register.verifiers, vault=register.vault)
    register.close()
    assert report.failures == ()
    assert report.checked["derived_rows"] > 1_000


def test_receipts_follow_the_events_in_the_time_of_the_story(told: Settings) -> None:
    register = Register(told)
    with register.read() as reader:
        entries = [parse_entry(data) for data in reader.entries(0, reader.size())]
    register.close()
    assert all(earlier.at <= later.at for earlier, later in pairwise(entries))
    assert all(entry.event.occurred_at <= entry.at for entry in entries)
    assert entries[-1].at <= parse_time(UNTIL) < datetime.now(UTC)
    assert entries[0].at == SHORT.opened
    delays = [entry.at - entry.event.occurred_at for entry in entries]
    assert sorted(delays)[len(delays) // 2] < timedelta(days=10) < max(delays) < timedelta(days=90)


def test_a_commit_is_bounded_in_events_and_in_time() -> None:
    story = tell(Programme(7, 400, UNTIL))
    split = list(commits(story))
    assert [each for commit in split for each in commit] == story
    for commit in split:
        assert len(commit) <= COMMIT_EVENTS
        assert commit[-1].received_at - commit[0].received_at <= COMMIT_SPAN
    assert any(len(commit) > 1 for commit in split)


def test_an_event_that_is_refused_fails_the_performance(staged: Path, tmp_path: Path) -> None:
    again = read_settings({}, data=shutil.copytree(staged, tmp_path / "again"))
    with open_stage(again, SHORT, FOUNDER) as stage:
        story = tell(SHORT)
        wrong = [each for each in story if each.kind != "publish_model"]
        with pytest.raises(StoryError, match="refused"):
            play(stage.recorder, wrong, stage.clock, tick=lambda done: None)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_vehicles_have_valid_numbers_and_one_battery_at_a_time(seed: int) -> None:
    inside: dict[str, str] = {}
    for each in tell(Programme(seed, 120, UNTIL)):
        if each.kind == "install":
            assert parse_vin(each.vin) not in inside.values()
            inside[each.subjects[0]] = each.vin
        elif each.kind == "swap":
            out, put_in = each.subjects
            assert inside.pop(out) == parse_vin(each.vin)
            assert put_in not in inside
            inside[put_in] = each.vin
        elif each.kind == "retire":
            inside.pop(each.subjects[0], None)
    assert len(inside) > 40


def test_no_vehicle_number_stands_in_an_entry(told: Settings) -> None:
    numbers = {each.vin.encode() for each in tell(SHORT) if each.vin}
    register = Register(told)
    with register.read() as reader:
        whole = b"".join(reader.entries(0, reader.size()))
    register.close()
    assert numbers and not any(number in whole for number in numbers)


def test_the_cast_is_of_chongqing_and_says_that_it_is_invented() -> None:
    assert len({player.id for player in PLAYERS}) == len(PLAYERS)
    for player in PLAYERS:
        assert player.region in CHONGQING
        assert player.id.startswith("demo-")
        assert player.name.startswith("示例") and player.name_en.startswith("Demo ")


def test_the_models_have_identifiers_that_hold() -> None:
    assert len({model.gtin for model in MODELS}) == len({model.prefix for model in MODELS}) == len(MODELS)
    for model in MODELS:
        assert parse_gtin(model.gtin).startswith("0952")
        assert sum(model.composition_g.values()) <= model.mass_g


def test_the_cast_has_credit_codes_that_hold(told: Settings) -> None:
    register = Register(told)
    with register.read() as reader:
        operators = register.current_registry(reader.connection).operators
    register.close()
    for player in PLAYERS:
        code = operators[player.id].enrolment.uscc
        assert code is not None
        assert parse_uscc(code)[2:8] == player.region


def test_a_story_fills_the_years_and_most_packs_still_drive() -> None:
    story = tell(Programme(1, 2000, UNTIL))
    assert 25_000 <= len(story) <= 40_000
    years = Counter(each.received_at.year for each in story)
    assert all(years[year] > 2_000 for year in (2023, 2024, 2025, 2026))
    packs = [each for each in story if each.kind == "register" and each.subjects[0][3] == "P"]
    retired = {code for each in story if each.kind == "retire" for code in each.subjects}
    assert len(packs) >= 1_990
    assert len(retired) < len(packs) // 3


def test_founding_entries_are_what_a_fresh_register_holds(staged: Path) -> None:
    register = Register(read_settings({}, data=staged))
    with register.read() as reader:
        kinds = [parse_entry(data).event.type for data in reader.entries(0, FOUNDING_ENTRIES)]
    register.close()
    assert kinds == ["open_log", "enrol_operator", "enrol_operator"], "its API keys are the demonstration's, no entries"


@pytest.mark.slow
def test_the_story_is_told_on_postgresql_as_well(postgres_url: str, tmp_path: Path) -> None:
    settings = read_settings({"PACKTRAIL_DATABASE_URL": postgres_url}, data=tmp_path / "var")
    perform(settings, Programme(7, 40, UNTIL))
    register = Register(settings)
    report = verify_database(postgres_url, register.verifiers, vault=register.vault)
    register.close()
    assert report.failures == ()


def _states(settings: Settings) -> list[dict[str, Any]]:
    register = Register(settings)
    with register.read() as reader:
        rows = reader.connection.execute(select(tables.battery.c.state)).scalars().all()
    register.close()
    return [orjson.loads(row) for row in rows]
