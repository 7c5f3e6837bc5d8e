"""Conservation rule 3 for parts in runs: each part of what is taken apart is accounted for exactly once, and no other.

The rules are compared with a slow oracle that counts codes one by one, over packs of modules, of cells, and of both.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, NamedTuple

from hypothesis import given
from hypothesis import strategies as st

from service.domain.accounting import PARTS_AT_ONCE, accounted_for, in_few_words, told_codes
from service.domain.bodies import ListedCells
from service.domain.errors import RuleBreach
from service.domain.listing import first_state, joined, run_of
from service.domain.states import BatteryState, LifeStatus, OpState
from service.domain.words import Outcome
from tests.service.domain.story import PACK, World, assembled_world
from tests.service.domain.test_listing import CELLS, MODULES_, listing

OF_OUTCOME = {"recovered": OpState.COLLECTED, "missing": OpState.LOST, "dismantled": OpState.DISMANTLED}
SLUGS = {"parts-missing", "part-twice", "not-a-part", "not-composed", "subject-unknown"}
Row = tuple[str, str]


class Yard(NamedTuple):
    """A pack with all its parts at a recycler. modules: each with its cells. loose: cells without a module."""

    world: World
    states: dict[str, BatteryState]
    modules: dict[str, list[str]]
    loose: list[str]

    def tell(self, rows: list[Row], named: list[str], lost: list[str]) -> dict[str, BatteryState]:
        """Dismantle the pack: runs of (code, outcome), and parts that the event names, some of them missing."""
        found = {code for code, outcome in rows if outcome == "recovered"} | ({*named} - {*lost})
        mass = sum(self.states[code].mass_g for code in found & self.states.keys())
        rest = max(0, self.states[PACK].mass_g - mass)
        event = self.world.event(
            "dismantle", PACK, *named, missing=lost, parts=runs_of(rows) or None, casing_mass_g=rest, residual_mass_g=0
        )
        children = {PACK: (*self.modules, *self.loose)} | {code: tuple(cells) for code, cells in self.modules.items()}
        return self.world.decide(event, states=self.states, children=children)


def yard(modules: int, cells: int, loose: int) -> Yard:
    world = assembled_world()
    world.tell("retire", PACK, on="2034-06-01")
    world.tell("collect", PACK)
    first = modules * cells + 1
    told = listing(modules, cells)
    if loose:
        told = replace(told, body=replace(told.body, cells=(ListedCells(f"{CELLS}{first:07d}", loose),)))
    inner = {
        f"{MODULES_}{n:07d}": [f"{CELLS}{(n - 1) * cells + m:07d}" for m in range(1, cells + 1)]
        for n in range(1, modules + 1)
    }
    outer = [f"{CELLS}{first + n:07d}" for n in range(loose)]
    parts = [*inner, *(code for each in inner.values() for code in each), *outer]
    states = {code: first_state(told, code, {}).changed({"children": (), "mass_g": 100}) for code in parts}
    states[PACK] = world.states[PACK].changed({"children": ()})
    return Yard(world, states, inner, outer)


def runs_of(rows: list[Row]) -> list[dict[str, Any]]:
    """The rows in order, as few runs as they allow."""
    found: list[dict[str, Any]] = []
    for code, outcome in rows:
        last = found[-1] if found else None
        if last and last["outcome"] == outcome and code in run_of(last["first"], last["count"] + 1):
            last["count"] += 1
            if code == run_of(last["first"], last["count"]).code(last["count"] - 1):
                continue
            last["count"] -= 1
        found.append({"first": code, "count": 1, "outcome": outcome})
    return found


def needed(place: Yard, rows: list[Row]) -> Iterator[str]:
    """What has to be accounted for: the pack's parts, and those of the modules that are said to be taken apart."""
    apart = {code for code, outcome in rows if outcome == "dismantled"}
    yield from (*place.modules, *place.loose)
    for code, cells in place.modules.items():
        yield from cells if code in apart else ()


@given(
    sizes=st.tuples(st.integers(1, 3), st.integers(1, 4), st.integers(0, 90)),
    spoiled=st.sampled_from(["", "", "left out", "twice", "foreign", "a cell of a module that stays whole"]),
    data=st.data(),
)
def test_each_part_is_accounted_for_exactly_once(
    sizes: tuple[int, int, int], spoiled: str, data: st.DataObject
) -> None:
    place = yard(*sizes)
    rows: list[Row] = []
    for code in place.modules:
        rows.append((code, data.draw(st.sampled_from(list(OF_OUTCOME)), label=code)))
    lost = data.draw(st.integers(0, sizes[2]), label="loose cells that are missing")
    inner = [cell for code, outcome in rows if outcome == "dismantled" for cell in place.modules[code]]
    rows += [(code, "recovered") for code in inner]
    rows += [(code, "missing" if n < lost else "recovered") for n, code in enumerate(place.loose)]
    named = [code for code, outcome in rows if outcome != "dismantled"][: data.draw(st.integers(0, 5), label="named")]
    missing = [code for code, outcome in rows if outcome == "missing" and code in named]
    rows = [row for row in rows if row[0] not in named]
    if spoiled == "left out" and rows:
        rows.pop(data.draw(st.integers(0, len(rows) - 1)))
    elif spoiled == "twice":
        rows.append((data.draw(st.sampled_from([*place.modules, *place.loose, *named])), "recovered"))
    elif spoiled == "foreign":
        rows.append((f"{CELLS}9000001", "recovered"))
    elif spoiled:
        rows += [(cells[0], "recovered") for cells in place.modules.values()]
    told = Counter([code for code, _ in rows] + named)
    possible = told == Counter(needed(place, rows))
    try:
        after = place.tell(rows, named, missing)
    except RuleBreach as breach:
        assert not possible, breach
        assert breach.rule in SLUGS
        assert breach.pointer.startswith(("/body/parts/", "/subjects"))
        assert breach.message_zh
        return
    assert possible
    assert set(after) == {PACK, *told}
    for code, outcome in [*rows, *((code, "missing" if code in missing else "recovered") for code in named)]:
        state = after[code]
        assert (state.op_state, state.life_status) == (OF_OUTCOME[outcome], LifeStatus.WASTE)
        assert (state.parent, state.count) == (None, place.states[code].count + 1)


@given(loose=st.integers(64, 200), as_cells=st.booleans())
def test_a_cell_is_taken_apart_no_further(loose: int, as_cells: bool) -> None:
    place = yard(1, 1, loose)
    rows = [(code, "recovered") for code in place.modules]
    rows += [(code, "dismantled" if as_cells and n == 0 else "recovered") for n, code in enumerate(place.loose)]
    try:
        place.tell(rows, [], [])
    except RuleBreach as breach:
        assert (as_cells, breach.rule, breach.pointer) == (True, "not-composed", "/body/parts/1/first")
        return
    assert not as_cells


def test_an_entry_from_before_that_accounts_for_none_of_so_many_parts_stays_valid() -> None:
    place = yard(1, 1, 100)
    event = place.world.event("dismantle", PACK, casing_mass_g=place.states[PACK].mass_g, residual_mass_g=0)
    facts: dict[str, Any] = {"states": place.states, "children": {PACK: (*place.modules, *place.loose)}}
    assert place.world.decide(event, replaying=True, **facts)[PACK].op_state is OpState.DISMANTLED
    try:
        place.world.decide(event, **facts)
    except RuleBreach as breach:
        assert breach.rule == "parts-missing"
        assert f"{place.loose[0]}*100" in breach.message_en, "in few words"
    else:
        raise AssertionError("a new event has to account for them")


def test_one_event_accounts_for_so_many_parts_and_no_more() -> None:
    world = assembled_world()
    runs = [{"first": f"{CELLS}0000001", "count": PARTS_AT_ONCE, "outcome": "recovered"}]
    assert sum(1 for _ in accounted_for(world.event("dismantle", PACK, parts=runs).body)) == PARTS_AT_ONCE
    runs.append({"first": f"{CELLS}0900000", "count": 1, "outcome": "missing"})
    event = world.event("dismantle", PACK, parts=runs)
    assert list(accounted_for(event.body)) == []
    try:
        world.decide(event)
    except RuleBreach as breach:
        assert (breach.rule, breach.pointer) == ("parts-too-many", "/body/parts")
    else:
        raise AssertionError("these are too many")


def test_a_recorded_event_tells_the_same_codes_as_its_body() -> None:
    runs = [{"first": f"{CELLS}0000001", "count": 70, "outcome": "missing"}]
    event = {"type": "dismantle", "subjects": [PACK], "body": {"parts": runs}}
    assert told_codes(event) == [PACK, *run_of(runs[0]["first"], 70).codes()]
    assert [each.outcome for each in accounted_for(World().event("dismantle", PACK, parts=runs).body)] == (
        [Outcome.MISSING] * 70
    )


@given(numbers=st.sets(st.integers(1, 60), min_size=1))
def test_many_codes_are_told_in_few_words(numbers: set[int]) -> None:
    codes = [f"{CELLS}{n:07d}" for n in sorted(numbers)]
    words = in_few_words(codes).split(", ")
    assert len(words) <= 9
    if len(codes) > 8 and words[-1] != "…":
        assert len(words) == len(joined(map(run_of, codes)))
