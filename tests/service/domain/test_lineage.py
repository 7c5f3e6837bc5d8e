"""Links between batteries follow from how an event changed them."""

from typing import Any

import pytest

from service.domain.lineage import SEEN_BACK, Edge, Link, edges_of
from tests.service.domain.scenes import KINDS_WITH_SCENES, scene
from tests.service.domain.story import MODULES, NEW_MODULE, PACK, SECOND_LIFE


def links(kind: str, **changes: Any) -> list[Edge]:
    """What the usual event of this kind adds as entry 7."""
    told = scene(kind, **changes)
    return list(edges_of(told.event, 7, told.world.states, told.world.decide(told.event)))


def test_parts_are_built_into_their_whole() -> None:
    assert links("assemble") == [Edge(code, PACK, Link.BUILT_INTO) for code in MODULES]


def test_a_replaced_part_leaves_and_another_enters() -> None:
    assert links("repair") == [Edge(MODULES[2], PACK, Link.TAKEN_OUT), Edge(NEW_MODULE, PACK, Link.BUILT_INTO)]


def test_dismantling_frees_what_was_found_and_tells_what_was_not() -> None:
    found = [Edge(code, PACK, Link.DISMANTLED_FROM) for code in MODULES[:2]]
    assert links("dismantle") == [*found, Edge(MODULES[2], PACK, Link.LOST_FROM)]


@pytest.mark.parametrize("kind", ["repurpose", "prepare_reuse", "remanufacture"])
def test_a_second_life_is_made_of_its_inputs(kind: str) -> None:
    told = scene(kind)
    output, *inputs = told.event.subjects
    assert links(kind) == [Edge(code, output, Link.CONSUMED_INTO) for code in inputs]


def test_a_batch_takes_batteries_in_and_gives_lots() -> None:
    assert links("recycle")[:2] == [
        Edge(MODULES[0], "batch:7", Link.RECYCLED_INTO),
        Edge("batch:7", "lot:cq-recycle/nickel_sulfate/NISO4-2607", Link.YIELDED),
    ]


@pytest.mark.parametrize("kind", KINDS_WITH_SCENES)
def test_no_link_is_told_twice_and_each_begins_or_ends_at_a_subject(kind: str) -> None:
    told = scene(kind)
    found = links(kind)
    assert len(set(found)) == len(found)
    for edge in found:
        assert {edge.source, edge.target} & {*told.event.subjects, "batch:7"}


def test_a_battery_that_is_not_changed_adds_no_link() -> None:
    told = scene("report_soh")
    state = told.world.states[told.event.subjects[0]].changed({"consumed_into": SECOND_LIFE})
    assert edges_of(told.event, 7, {state.code: state}, {state.code: state}) == ()


def test_every_link_reads_both_ways_in_both_languages() -> None:
    assert set(SEEN_BACK) == set(Link)
    assert all(link.en and link.zh and all(SEEN_BACK[link]) for link in Link)
