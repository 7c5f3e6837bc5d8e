"""A battery of very many parts is taken apart by one event that has them in runs; every part is found afterwards."""

from typing import Any

import pytest

from service.domain.states import OpState
from service.errors import FaultyError
from service.figures.following import Follower
from service.genealogy import Direction, trace
from service.history import battery_history, battery_now
from service.packlist.following import fold
from service.recording.listings import load_known
from service.recording.rebuilding import rebuild
from tests.service.town import WORKSHOP, Town, cell, module, pack, whole_pack
from tests.service.verification.test_register import verify

NUMBER, TALL, FLAT = 73, pack(8_000_073), pack(8_000_074)
MODULES = [module(NUMBER * 100 + n) for n in range(12)]
CELLS = [cell(NUMBER * 1_000 + n) for n in range(12 * 96)]
LOOSE = [cell(4_000_000 + n) for n in range(200)]
DOWN = Direction.DOWN


def runs(*rows: tuple[str, int, str]) -> list[dict[str, Any]]:
    return [{"first": first, "count": count, "outcome": outcome} for first, count, outcome in rows]


def listed(town: Town) -> None:
    """A pack of 12 modules of 96 cells, and a pack of 200 cells without modules; both collected as waste."""
    rows = whole_pack(NUMBER, cells=96)
    for each in rows["modules"]:
        each["cells"][0]["mass_g"] = 200
    loose = {"cells": [{"first": LOOSE[0], "count": 200, "mass_g": 1_200}], "housing_mass_g": 40_000, "modules": None}
    for code, parts in ((TALL, rows), (FLAT, loose)):
        town.must(town.tell("cq-cells", "register_pack", code, **parts))
    town.clock.move(minutes=1)
    town.must(*(town.sign(WORKSHOP, "retire", code) for code in (TALL, FLAT)))
    town.must(*(town.tell("cq-outlet", "collect", code, mass_g=300_000) for code in (TALL, FLAT)))
    town.clock.move(minutes=1)


def apart(town: Town, code: str, *subjects: str, parts: Any, rest: int) -> Any:
    return town.tell("cq-recycle", "dismantle", code, *subjects, parts=parts, casing_mass_g=rest, residual_mass_g=0)


WHOLE = runs((MODULES[0], 12, "dismantled"), (CELLS[0], 1_150, "recovered"), (CELLS[1_150], 2, "missing"))


def states(town: Town, codes: list[str]) -> Any:
    with town.register.read() as reader:
        return load_known(reader.connection, codes, {})


def test_a_pack_of_12_modules_of_96_cells_is_taken_apart_by_one_event(either_town: Town) -> None:
    town = either_town
    listed(town)
    before = town.size()
    town.must(apart(town, TALL, parts=WHOLE, rest=70_000))
    assert town.size() == before + 1
    found = states(town, [TALL, *MODULES, *CELLS])
    assert {found[code].op_state for code in (TALL, *MODULES)} == {OpState.DISMANTLED}
    assert {found[code].op_state for code in CELLS[:1_150]} == {OpState.COLLECTED}
    assert {found[code].op_state for code in CELLS[1_150:]} == {OpState.LOST}
    assert {state.parent for state in found.values()} == {None}
    assert {found[code].holder for code in CELLS[:1_150]} == {"cq-recycle"}
    assert {found[code].count for code in (*MODULES, *CELLS)} == {1}


def test_a_cell_of_it_says_where_it_was_accounted_for_and_goes_on_by_itself(either_town: Town) -> None:
    town = either_town
    listed(town)
    town.must(apart(town, FLAT, parts=runs((LOOSE[0], 200, "recovered")), rest=60_000))
    town.clock.move(minutes=1)
    history = battery_history(town.register, LOOSE[150])
    assert history.accounted is not None
    assert history.accounted.kind == "dismantle"
    assert history.accounted.event["subjects"] == (FLAT,)
    assert (history.steps, history.count) == ((), 0)
    town.must(town.tell("cq-recycle", "hand_over", LOOSE[150], to_operator="cq-outlet"))
    assert battery_now(town.register, LOOSE[150]).state.handed_to == "cq-outlet"
    assert battery_history(town.register, LOOSE[150]).count == 1


@pytest.mark.parametrize(
    ("parts", "subjects", "slug", "pointer"),
    [
        ([(LOOSE[0], 199, "recovered")], (), "parts-missing", "/subjects"),
        ([(LOOSE[0], 200, "recovered"), (LOOSE[7], 1, "missing")], (), "part-twice", "/body/parts/1/first"),
        ([(LOOSE[0], 200, "recovered")], (LOOSE[3],), "part-twice", "/body/parts/0/first"),
        ([(LOOSE[0], 200, "recovered"), (CELLS[0], 1, "recovered")], (), "not-a-part", "/body/parts/1/first"),
        ([(LOOSE[0], 201, "recovered")], (), "subject-unknown", "/body/parts/0/first"),
        ([(LOOSE[0], 199, "recovered"), (LOOSE[199], 1, "dismantled")], (), "not-composed", "/body/parts/1/first"),
        ([(LOOSE[0], 5_001, "recovered")], (), "parts-too-many", "/body/parts"),
        (None, (), "parts-missing", "/subjects"),
        (None, tuple(LOOSE[:63]), "parts-missing", "/subjects"),
    ],
)
def test_every_part_is_accounted_for_exactly_once(
    town: Town, parts: Any, subjects: tuple[str, ...], slug: str, pointer: str
) -> None:
    listed(town)
    size = town.size()
    event = apart(town, FLAT, *subjects, parts=parts and runs(*parts), rest=60_000)
    [refused] = town.recorder.record([event])
    assert isinstance(refused, FaultyError)
    assert [(fault.code, fault.pointer) for fault in refused.faults] == [(slug, pointer)]
    assert refused.faults[0].message_zh
    assert town.size() == size
    assert states(town, [LOOSE[0]])[LOOSE[0]].op_state is OpState.ASSEMBLED


def test_a_part_that_was_exchanged_is_the_one_to_account_for(either_town: Town) -> None:
    """The state of a whole with so many parts keeps no list of them: lineage knows what was put in since."""
    town, spare = either_town, module(9_999)
    loose = {"cells": [{"first": LOOSE[0], "count": 200, "mass_g": 1_200}], "housing_mass_g": 40_000, "modules": None}
    usual: dict[str, Any] = {"model_id": "CQ-50M", "mass_g": 1_200, "energy_wh": 17_000, "made_on": "2026-02-24"}
    town.must(
        town.tell("cq-cells", "register_pack", FLAT, **loose),
        town.tell("cq-cells", "register", spare, **usual),
        town.tell("cq-motors", "install", FLAT, private={"vin": "LSVAU2A34N2183294"}),
    )
    town.clock.move(minutes=1)
    town.must(town.sign(WORKSHOP, "repair", FLAT, LOOSE[9], spare, removed=LOOSE[9], inserted=spare))
    town.clock.move(minutes=1)
    town.must(town.sign(WORKSHOP, "retire", FLAT), town.tell("cq-outlet", "collect", FLAT, mass_g=300_000))
    town.clock.move(minutes=1)
    left = runs((LOOSE[0], 9, "recovered"), (LOOSE[10], 190, "recovered"))
    for parts, subjects in ((left, ()), (runs((LOOSE[0], 200, "recovered")), (spare,))):
        [refused] = town.recorder.record([apart(town, FLAT, *subjects, parts=parts, rest=60_000)])
        assert isinstance(refused, FaultyError), "one without the spare, one with the part that had left"
    town.must(apart(town, FLAT, spare, parts=left, rest=60_000))
    assert battery_now(town.register, spare).state.op_state is OpState.COLLECTED
    assert battery_now(town.register, LOOSE[9]).state.op_state is OpState.REMOVED


def test_listing_retirement_and_dismantling_in_one_commit_come_to_the_same(either_town: Town) -> None:
    town = either_town
    loose = {"cells": [{"first": LOOSE[0], "count": 200, "mass_g": 1_200}], "housing_mass_g": 40_000, "modules": None}
    town.must(
        town.tell("cq-cells", "register_pack", FLAT, **loose),
        town.sign(WORKSHOP, "retire", FLAT),
        town.tell("cq-outlet", "collect", FLAT, mass_g=300_000),
        apart(town, FLAT, parts=runs((LOOSE[0], 200, "recovered")), rest=60_000),
        town.tell("cq-recycle", "hand_over", LOOSE[5], to_operator="cq-outlet"),
    )
    found = states(town, LOOSE)
    assert {state.op_state for state in found.values()} == {OpState.COLLECTED}
    assert {code for code, state in found.items() if state.count == 2} == {LOOSE[5]}


def test_rebuilding_and_verification_agree_with_what_was_recorded(either_town: Town) -> None:
    town = either_town
    listed(town)
    town.must(apart(town, TALL, parts=WHOLE, rest=70_000))
    Follower(town.register).catch_up()
    while fold(town.register):
        pass
    found = states(town, [TALL, *MODULES, *CELLS])
    assert verify(town.settings).failures == ()
    rebuild(town.register)
    assert states(town, [TALL, *MODULES, *CELLS]) == found
    assert verify(town.settings).failures == ()


def test_what_became_of_it_is_shown_as_runs(either_town: Town) -> None:
    town = either_town
    listed(town)
    town.must(apart(town, TALL, parts=WHOLE, rest=70_000))
    town.clock.move(minutes=1)
    found = trace(town.register, TALL, DOWN)
    assert found.complete
    sizes = [node.run.size for node in found.nodes if node.run is not None and not node.run.is_modules]
    single = {node.id for node in found.nodes if node.run is None}
    assert sum(sizes) + len(single & set(CELLS)) == len(CELLS)
    assert {*MODULES, *CELLS[1_150:]} <= single
    assert {link.link.value for link in found.links} == {"built_into", "dismantled_from", "lost_from"}
    [cell_, *_] = trace(town.register, CELLS[3], Direction.UP).nodes
    assert cell_.state is not None
    assert cell_.state.op_state is OpState.COLLECTED
