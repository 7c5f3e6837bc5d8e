"""Packs recorded with all their parts: each part is found by its code, and none is listed or registered twice."""

from typing import Any

import pytest

from ledger.entry import parse_entry
from service.db import tables
from service.domain.states import OpState
from service.errors import ConflictError, RefusedError
from service.history import battery_history, battery_now
from service.recording.listings import load_known
from service.recording.rebuilding import rebuild
from service.recording.recorder import Recorded
from tests.service.town import LAB, WORKSHOP, Town, cell, module, pack, whole_pack

NUMBER = 71
PACK = pack(8_000_071)
MODULE, CELL = module(NUMBER * 100 + 2), cell(NUMBER * 1_000 + 2 * 8)


def listed(town: Town, code: str = PACK, number: int = NUMBER) -> None:
    town.must(town.tell("cq-cells", "register_pack", code, **whole_pack(number)))
    town.clock.move(minutes=1)


def count(town: Town, table: str) -> int:
    with town.register.read() as reader:
        found: int = reader.connection.exec_driver_sql(f"SELECT count(*) FROM {table}").scalar_one()
    return found


def test_a_pack_with_its_108_parts_is_one_entry_and_every_part_is_found(either_town: Town) -> None:
    town, before = either_town, either_town.size()
    runs = count(town, "listed_run")
    listed(town)
    assert town.size() == before + 1
    assert count(town, "listed_run") == runs + 3, "the pack, its modules and its cells"
    modules = [module(NUMBER * 100 + n) for n in range(12)]
    cells = [cell(NUMBER * 1_000 + n) for n in range(96)]
    with town.register.read() as reader:
        models = town.register.current_registry(reader.connection).models
        states = load_known(reader.connection, [*modules, *cells], models)
    assert list(states) == [*modules, *cells]
    assert {states[code].parent for code in modules} == {PACK}
    assert [states[code].parent for code in cells] == [code for code in modules for _ in range(8)]
    assert {state.op_state for state in states.values()} == {OpState.ASSEMBLED}


def test_what_stands_beside_a_run_is_not_listed(either_town: Town) -> None:
    listed(either_town)
    beside = [cell(NUMBER * 1_000 - 1), cell(NUMBER * 1_000 + 96), module(NUMBER * 100 + 12)]
    with either_town.register.read() as reader:
        assert load_known(reader.connection, beside, {}) == {}


def test_a_listed_part_gets_a_life_of_its_own_when_an_event_names_it(either_town: Town) -> None:
    town = either_town
    listed(town)
    town.must(town.tell("cq-motors", "report_soh", CELL))
    history = battery_history(town.register, CELL)
    assert [step.kind for step in history.steps] == ["report_soh"]
    assert (history.count, history.now.state.count) == (1, 1)
    assert history.declared is not None
    assert history.declared.kind == "register_pack"
    assert parse_entry(history.declared.entry).event.subjects == (PACK,)


def test_a_listed_module_is_replaced_tested_and_its_pack_dismantled(either_town: Town) -> None:
    town, spare = either_town, module(9_999)
    listed(town)
    usual: dict[str, Any] = {"model_id": "CQ-50M", "mass_g": 20_000, "energy_wh": 17_000, "made_on": "2026-02-24"}
    town.must(town.tell("cq-cells", "register", spare, **usual))
    town.must(town.tell("cq-motors", "install", PACK, private={"vin": "LSVAU2A34N2183294"}))
    town.clock.move(minutes=1)
    town.must(town.sign(WORKSHOP, "repair", PACK, MODULE, spare, removed=MODULE, inserted=spare))
    assert battery_now(town.register, MODULE).state.op_state is OpState.REMOVED
    town.clock.move(minutes=1)
    town.must(town.sign(WORKSHOP, "retire", PACK))
    town.must(town.tell("cq-outlet", "collect", PACK))
    town.clock.move(minutes=1)
    parts = [code for n in range(12) if (code := module(NUMBER * 100 + n)) != MODULE]
    fractions: dict[str, Any] = {"casing_mass_g": 60_000, "residual_mass_g": 0}
    [refused] = town.recorder.record([town.tell("cq-recycle", "dismantle", PACK, *parts, **fractions)])
    assert isinstance(refused, ConflictError), "the part that was put in is missing"
    town.must(town.tell("cq-recycle", "dismantle", PACK, *parts, spare, **fractions))
    town.clock.move(minutes=1)
    town.must(town.sign(LAB, "test", parts[0]))
    assert battery_now(town.register, parts[0]).state.op_state is OpState.TESTED


@pytest.mark.parametrize("together", [False, True], ids=["later", "in one commit"])
def test_no_part_is_listed_twice(either_town: Town, together: bool) -> None:
    town, other = either_town, pack(8_000_072)
    events = [town.tell("cq-cells", "register_pack", code, **whole_pack(NUMBER)) for code in (PACK, other)]
    outcomes = town.recorder.record(events) if together else [town.recorder.record([each])[0] for each in events]
    assert isinstance(outcomes[0], Recorded)
    assert isinstance(outcomes[1], ConflictError)
    assert outcomes[1].faults[0].code == "already-registered"
    assert outcomes[1].faults[0].pointer.startswith("/body/modules/")


@pytest.mark.parametrize("together", [False, True], ids=["later", "in one commit"])
@pytest.mark.parametrize("first", ["register", "register_pack"])
def test_a_registered_part_is_not_listed_and_a_listed_one_not_registered(
    either_town: Town, first: str, together: bool
) -> None:
    town = either_town
    usual: dict[str, Any] = {"model_id": "CQ-50M", "mass_g": 20_000, "energy_wh": 17_000, "made_on": "2026-02-24"}
    alone = town.tell("cq-cells", "register", MODULE, **usual)
    whole = town.tell("cq-cells", "register_pack", PACK, **whole_pack(NUMBER))
    events = [alone, whole] if first == "register" else [whole, alone]
    outcomes = town.recorder.record(events) if together else [town.recorder.record([each])[0] for each in events]
    assert isinstance(outcomes[0], Recorded)
    assert isinstance(outcomes[1], ConflictError)
    assert outcomes[1].faults[0].code == "already-registered"


def test_what_is_listed_in_a_commit_can_be_named_in_it(either_town: Town) -> None:
    town = either_town
    events = [
        town.tell("cq-cells", "register_pack", PACK, **whole_pack(NUMBER)),
        town.tell("cq-motors", "report_soh", CELL),
    ]
    town.must(*events)
    assert battery_now(town.register, CELL).state.parent == MODULE


def test_a_batch_that_is_refused_leaves_no_listing(either_town: Town) -> None:
    town, runs = either_town, count(either_town, "listed_run")
    events = [
        town.tell("cq-cells", "register_pack", PACK, **whole_pack(NUMBER)),
        town.tell("cq-motors", "report_soh", pack(7_777_777)),
    ]
    assert not any(isinstance(each, Recorded) for each in town.recorder.record(events, atomic=True))
    assert count(town, "listed_run") == runs
    again = [
        town.tell("cq-cells", "register_pack", PACK, **whole_pack(NUMBER)),
        town.tell("cq-motors", "report_soh", pack(7_777_777)),
        town.tell("cq-cells", "register_pack", pack(8_000_072), **whole_pack(NUMBER)),
    ]
    first, second, third = town.recorder.record(again)
    assert isinstance(first, Recorded)
    assert isinstance(second, RefusedError)
    assert isinstance(third, ConflictError)


def test_two_listings_that_claim_one_event_id_are_not_taken_for_each_other(either_town: Town) -> None:
    town = either_town
    one = town.tell("cq-cells", "register_pack", PACK, **whole_pack(NUMBER))
    id_ = one.submission.event.id
    other = town.tell("cq-cells", "register_pack", pack(8_000_072), id=id_, **whole_pack(NUMBER + 1))
    outcomes = town.recorder.record([one, other])
    assert [isinstance(each, Recorded) for each in outcomes] == [True, False]
    assert battery_now(town.register, CELL).state.parent == MODULE
    with town.register.read() as reader:
        assert load_known(reader.connection, [module((NUMBER + 1) * 100)], {}) == {}


def test_runs_and_links_are_rebuilt_from_entries(either_town: Town) -> None:
    town = either_town
    listed(town)
    town.must(town.tell("cq-motors", "report_soh", CELL))
    before = {table.name: rows(town, table.name) for table in (tables.listed_run, tables.lineage, tables.battery)}
    assert all(before.values())
    rebuild(town.register)
    assert {name: rows(town, name) for name in before} == before


def rows(town: Town, table: str) -> list[tuple[object, ...]]:
    with town.register.read() as reader:
        found = reader.connection.exec_driver_sql(f"SELECT * FROM {table}").all()
    return sorted(tuple(bytes(value) if isinstance(value, memoryview) else value for value in row) for row in found)
