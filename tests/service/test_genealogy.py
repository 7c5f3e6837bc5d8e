"""Where a battery is now, what became of it and what it was made of, told through three lives on both engines."""

from typing import Any

import pytest

from service import genealogy
from service.domain.states import OpState
from service.domain.words import Material
from service.errors import NotFoundError
from service.genealogy import Direction, Genealogy, trace
from tests.service.town import LAB, WORKSHOP, Town, cell, module, pack, whole_pack

UP, DOWN, BACK = Direction
NUMBER = 71
PACK, SPARE = pack(8_000_071), module(9_999)
MODULES = [module(NUMBER * 100 + n) for n in range(12)]
REPLACED, CELL = MODULES[2], cell(NUMBER * 1_000)
SECOND, THIRD = "001PE12G520000001RP", "001PE12G520000002RP"


@pytest.fixture
def lives(either_town: Town) -> Town:
    """A pack whose third module is replaced; two others become a second and a third life, which is recycled."""
    town = either_town

    def tell(operator: str, kind: str, *subjects: str, **body: Any) -> None:
        town.must(town.tell(operator, kind, *subjects, **body))
        town.clock.move(minutes=1)

    tell("cq-cells", "register_pack", PACK, **whole_pack(NUMBER))
    usual = {"model_id": "CQ-50M", "mass_g": 20_000, "energy_wh": 17_000, "made_on": "2026-02-24"}
    tell("cq-cells", "register", SPARE, **usual)
    tell("cq-motors", "install", PACK, private={"vin": "LSVAU2A34N2183294"})
    town.must(town.sign(WORKSHOP, "repair", PACK, REPLACED, SPARE, removed=REPLACED, inserted=SPARE))
    town.clock.move(minutes=1)
    town.must(town.sign(WORKSHOP, "retire", PACK))
    town.clock.move(minutes=1)
    tell("cq-outlet", "collect", PACK)
    found = [code for code in (*MODULES, SPARE) if code != REPLACED]
    tell("cq-recycle", "dismantle", PACK, *found, casing_mass_g=60_000, residual_mass_g=0)
    for code in MODULES[:2]:
        town.must(town.sign(LAB, "test", code))
    town.clock.move(minutes=1)
    today = {"made_on": "2026-05-02", "mass_g": 40_000, "capacity_mah": 90_000}
    tell("cq-recycle", "repurpose", SECOND, *MODULES[:2], energy_wh=5_000, **today)
    for code, output in ((SECOND, THIRD), (THIRD, None)):
        town.must(town.sign(WORKSHOP, "retire", code))
        town.clock.move(minutes=1)
        tell("cq-outlet", "collect", code, mass_g=40_000)
        if output is not None:
            town.must(town.sign(LAB, "test", code))
            town.clock.move(minutes=1)
            tell("cq-recycle", "repurpose", output, code, energy_wh=3_000, **today)
    outputs = [
        {"material": "nickel", "mass_g": 1_000, "lot": "NI-1"},
        {"material": "black_mass", "mass_g": 24_000, "lot": "B-1"},
    ]
    tell("cq-recycle", "recycle", THIRD, input_mass_g=40_000, loss_mass_g=15_000, outputs=outputs)
    return town


def links(found: Genealogy) -> set[tuple[str, str, str]]:
    return {(link.source, link.link.value, link.target) for link in found.links}


def ids(found: Genealogy) -> list[str]:
    return [node.id for node in found.nodes]


def test_a_cell_is_followed_through_three_lives_to_the_batch_it_ended_in(lives: Town) -> None:
    found = trace(lives.register, CELL, UP)
    batch = next(node.id for node in found.nodes if node.id.startswith("batch:"))
    assert links(found) >= {
        (CELL, "built_into", MODULES[0]),
        (MODULES[0], "built_into", PACK),
        (MODULES[0], "dismantled_from", PACK),
        (MODULES[0], "consumed_into", SECOND),
        (SECOND, "consumed_into", THIRD),
        (THIRD, "recycled_into", batch),
        (batch, "yielded", "lot:cq-recycle/nickel/NI-1"),
    }
    assert found.complete
    times = [link.occurred_at for link in found.links]
    assert all(times)


def test_a_cell_ends_with_the_module_it_is_in(lives: Town) -> None:
    [cell_, module_, *_] = trace(lives.register, CELL, UP).nodes
    assert module_.state is not None
    assert cell_.state is not None
    assert cell_.state.op_state is module_.state.op_state is OpState.CONSUMED


def test_what_became_of_a_pack_reaches_the_lots_that_hold_its_nickel(lives: Town) -> None:
    found = trace(lives.register, PACK, DOWN)
    assert found.complete
    assert {REPLACED, SPARE, *MODULES, SECOND, THIRD} <= set(ids(found))
    lots = {node.lot.number: node.lot for node in found.nodes if node.lot is not None}
    assert lots["NI-1"].known_mg == {Material.NICKEL: 1_000_000}
    assert Material.NICKEL in lots["B-1"].at_most_mg
    assert (REPLACED, "taken_out", PACK) in links(found)


def test_the_origins_of_a_third_life_are_the_packs_modules_and_cells(lives: Town) -> None:
    found = trace(lives.register, THIRD, BACK)
    assert found.complete
    assert {SECOND, *MODULES[:2], PACK} <= set(ids(found))
    assert not {REPLACED, MODULES[3]} & set(ids(found)), "what went elsewhere is no origin"
    runs = {node.run.code(): node.run.size for node in found.nodes if node.run is not None}
    assert runs == {CELL: 8, cell(NUMBER * 1_000 + 8): 8}


def test_a_module_that_was_taken_out_is_nowhere_now(lives: Town) -> None:
    found = trace(lives.register, REPLACED, UP)
    assert links(found) == {(REPLACED, "built_into", PACK), (REPLACED, "taken_out", PACK)}


def test_a_pack_that_nothing_happened_to_is_shown_as_runs(either_town: Town) -> None:
    town = either_town
    town.must(town.tell("cq-cells", "register_pack", PACK, **whole_pack(NUMBER)))
    for direction in (DOWN, BACK):
        found = trace(town.register, PACK, direction)
        assert [(node.run.size if node.run else 1) for node in found.nodes] == [1, 12, 96]
        assert found.complete
    up = trace(town.register, CELL, UP)
    assert ids(up) == [CELL, MODULES[0], PACK]
    assert {link.entry for link in up.links} == {town.size() - 1}


def test_parts_that_were_linked_one_by_one_are_shown_too(either_town: Town) -> None:
    found = trace(either_town.register, pack(9_000_000), BACK)
    assert ids(found) == [pack(9_000_000), *(module(n) for n in (1, 2, 3))]


def test_depth_cuts_and_says_so(lives: Town) -> None:
    found = trace(lives.register, CELL, UP, depth=1)
    assert ids(found) == [CELL, MODULES[0]]
    assert not found.complete
    deeper = trace(lives.register, CELL, UP, depth=10)
    assert deeper.complete


def test_a_node_with_many_links_is_read_in_pages(lives: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = links(trace(lives.register, PACK, DOWN, depth=1))
    monkeypatch.setattr(genealogy, "WIDTH", 13)
    first = trace(lives.register, PACK, DOWN, depth=1)
    [more] = first.more
    assert (more.node, first.complete) == (PACK, False)
    second = trace(lives.register, PACK, DOWN, depth=1, since=more.since)
    assert not second.more
    assert links(first) | links(second) == whole
    assert links(second) - links(first)


def test_more_nodes_than_are_shown_are_left_out_and_it_is_said(lives: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(genealogy, "MOST", 2)
    monkeypatch.setattr(genealogy, "WIDTH", 1)
    found = trace(lives.register, pack(9_000_000), BACK)
    assert not found.complete
    assert len(found.nodes) <= 4


def test_what_is_not_registered_has_no_genealogy(either_town: Town) -> None:
    with pytest.raises(NotFoundError):
        trace(either_town.register, cell(1), UP)
