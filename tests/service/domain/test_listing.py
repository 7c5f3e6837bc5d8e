"""Listed modules and cells: every code is found where it stands, and nothing else is."""

from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from service.domain.bodies import RegisterPack
from service.domain.events import parse_body
from service.domain.listing import NAMEABLE, Listing, Run, first_state, is_listable, joined, run_of, split, without
from service.domain.states import Model, OpState
from tests.service.domain.story import BODIES, MODULE_MODEL, PACK

CELLS, MODULES_ = "001CE12ABCDEFGG2R", "001ME12ABCDEFGG2R"
serials = st.integers(1, 400)
runs = st.builds(lambda first, size: Run(CELLS, first, first + size), serials, st.integers(0, 30))


def listing(modules: int = 12, cells: int = 8, **more: Any) -> Listing:
    """A pack of modules and cells that are numbered through from 1."""
    inner = [[{"first": f"{CELLS}{n * cells + 1:07d}", "count": cells}] for n in range(modules)]
    rows = [{"code": f"{MODULES_}{n:07d}", "mass_g": 20_000, "cells": each} for n, each in enumerate(inner, 1)]
    body = parse_body("register_pack", BODIES["register_pack"] | {"modules": rows} | more)
    assert isinstance(body, RegisterPack)
    return Listing(PACK, "cq-cells", datetime(2026, 2, 26, tzinfo=UTC), body)


def codes_of(found: tuple[Run, ...]) -> list[str]:
    return [code for run in found for code in run.codes()]


def test_a_pack_of_108_parts_is_two_runs() -> None:
    found = listing().runs
    assert [(run.prefix, run.size) for run in found] == [(CELLS, 96), (MODULES_, 12)]


def test_every_part_is_found_in_its_module_and_its_module_in_the_pack() -> None:
    whole = listing()
    for number in range(96):
        place = whole.find(f"{CELLS}{number + 1:07d}")
        assert place is not None
        assert place.parent == f"{MODULES_}{number // 8 + 1:07d}"
        above = whole.find(place.parent)
        assert above is not None
        assert above.parent == PACK


@given(text=st.text(max_size=30) | st.from_regex(r"[A-Z0-9]{24}", fullmatch=True))
def test_what_is_not_listed_is_not_found(text: str) -> None:
    assert listing().find(text) is None
    assert text not in run_of(f"{CELLS}0000001", 96)


@given(some=st.lists(runs, max_size=6))
def test_joined_runs_hold_the_same_codes_once_each(some: list[Run]) -> None:
    apart: list[Run] = []
    for run in some:
        if not any(run.first <= other.last and other.first <= run.last for other in apart):
            apart.append(run)
    found = joined(apart)
    assert codes_of(found) == sorted(code for run in apart for code in run.codes())
    assert all(one.last + 1 < two.first for one, two in pairwise(found))


@given(run=runs, gone=st.sets(serials))
def test_a_run_without_some_codes_holds_the_others(run: Run, gone: set[int]) -> None:
    taken = {f"{CELLS}{serial:07d}" for serial in gone}
    assert codes_of(without([run], taken)) == [code for code in run.codes() if code not in taken]


def test_a_listed_part_is_built_in_and_no_event_has_named_it() -> None:
    state = first_state(listing(), f"{MODULES_}0000003", {})
    assert (state.op_state, state.parent, state.count, state.maker) == (OpState.ASSEMBLED, PACK, 0, "cq-cells")
    assert state.mass_g == 20_000
    assert state.children == tuple(f"{CELLS}{n:07d}" for n in range(17, 25))


def test_parts_without_a_model_never_hold_more_together_than_the_whole() -> None:
    whole = listing(modules=7, cells=3)
    for letter, prefix in (("M", MODULES_), ("C", CELLS)):
        states = [first_state(whole, code, {}) for run in whole.runs if run.prefix[3] == letter for code in run.codes()]
        assert {state.code[:17] for state in states} == {prefix}
        assert sum(state.energy_wh for state in states) <= whole.body.energy_wh
        assert sum(state.mass_g for state in states) <= whole.body.mass_g


def test_the_model_of_the_modules_tells_their_energy() -> None:
    model: Any = parse_body("publish_model", MODULE_MODEL)
    models = {"CQ-50M": Model("cq-cells", model)}
    state = first_state(listing(module_model_id="CQ-50M"), f"{MODULES_}0000001", models)
    assert (state.model_id, state.rated_energy_wh, state.gtin) == ("CQ-50M", 17_000, "09521234000020")
    assert state.mass_g == 20_000, "the mass that is listed counts, not the model's"


def test_a_whole_with_more_parts_than_an_event_can_name_keeps_no_list_of_them() -> None:
    cells = [{"first": f"{CELLS}0000001", "count": NAMEABLE + 1}]
    body = BODIES["register_pack"] | {"cells": cells}
    parsed: Any = parse_body("register_pack", {name: value for name, value in body.items() if name != "modules"})
    found = Listing(PACK, "cq-cells", datetime(2026, 2, 26, tzinfo=UTC), parsed)
    assert found.children_of(PACK) == ()
    assert found.find(f"{CELLS}{NAMEABLE + 1:07d}") is not None


def test_only_modules_and_cells_in_the_long_form_can_be_listed() -> None:
    assert is_listable(f"{CELLS}0000001")
    assert not any(map(is_listable, (PACK, "001ME12R6M0000001RM", f"{CELLS}000000x", f"{CELLS}٠٠٠٠٠٠١", "")))
    assert split(f"{CELLS}0000009") == (CELLS, 9)
