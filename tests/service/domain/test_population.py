"""A few packs, modules and cars, and whatever operators may try with them in any order.

The machine tells events at random. Most are refused; after each one taken, what can never be must not be.
"""

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from service.domain.errors import RuleBreach
from service.domain.states import TERMINAL, BatteryState, OpState
from service.domain.words import Decision
from tests.service.domain.story import CAR, MODULES, NEW_MODULE, OTHER_CAR, PACK, SPARE, World, moment

PACKS = (PACK, SPARE)
PARTS = (*MODULES, NEW_MODULE)
EVERYTHING = (*PACKS, *PARTS)
CARS = (CAR, OTHER_CAR)
IN_A_CAR = {OpState.INSTALLED, OpState.IN_USE}


class Population(RuleBasedStateMachine):
    world: World
    before: dict[str, BatteryState]
    taken: list[str]

    @initialize(age=st.integers(0, 8))
    def begin(self, age: int) -> None:
        """The first steps of an ordinary life are taken already: none, or up to a tested pack and its modules."""
        self.world, self.before, self.taken = World(), {}, []
        self.world.now = moment("2034-06-21")
        steps: list[Callable[[], None]] = [
            self.register_everything,
            lambda: self.attempt("assemble", PACK, *MODULES, mass_g=300_000),
            lambda: self.attempt("install", PACK, vehicle=CAR),
            lambda: self.attempt("sell", PACK),
            *[partial(self.take_the_next_step, PACK)] * 4,
        ]
        for step in steps[:age]:
            step()

    def attempt(self, kind: str, *subjects: str, **details: Any) -> None:
        self.before = dict(self.world.states)
        self.taken = []
        self.world.now += timedelta(minutes=1)
        try:
            self.world.tell(kind, *subjects, **details)
        except RuleBreach:
            assert self.world.states == self.before
        else:
            self.taken = [*subjects]

    @rule(code=st.sampled_from(EVERYTHING))
    def register(self, code: str) -> None:
        if code in PACKS:
            self.attempt("register", code)
        else:
            made_on = "2026-02-24"
            self.attempt("register", code, model_id="CQ-50M", mass_g=90_000, energy_wh=17_000, made_on=made_on)

    def register_everything(self) -> None:
        for code in EVERYTHING:
            self.register(code)

    @rule(code=st.sampled_from(EVERYTHING))
    def take_the_next_step(self, code: str) -> None:
        """The step that comes next in an ordinary life, so that lives get to their ends."""
        state = self.world.states.get(code)
        match state.op_state if state else None:
            case OpState.IN_USE | OpState.REMOVED | OpState.IN_SWAP_POOL:
                self.retire(code)
            case OpState.RETIRED:
                self.collect(code)
            case OpState.COLLECTED:
                self.examine(code, Decision.SECOND_LIFE)
            case OpState.TESTED if state and state.children:
                self.dismantle(code, 0)
            case OpState.TESTED:
                self.repurpose(code, 1)

    @rule(pack=st.sampled_from(PACKS), parts=st.lists(st.sampled_from(PARTS), min_size=1, unique=True))
    def assemble(self, pack: str, parts: list[str]) -> None:
        self.attempt("assemble", pack, *parts, mass_g=380_000)

    @rule(pack=st.sampled_from(PACKS), car=st.sampled_from(CARS))
    def install(self, pack: str, car: str) -> None:
        self.attempt("install", pack, vehicle=car)

    @rule(pack=st.sampled_from(PACKS))
    def sell(self, pack: str) -> None:
        self.attempt("sell", pack)

    @rule(code=st.sampled_from(EVERYTHING), soce=st.integers(0, 10), cycles=st.integers(0, 5))
    def report_soh(self, code: str, soce: int, cycles: int) -> None:
        self.attempt("report_soh", code, soce_ppm=soce * 100_000, full_cycles=cycles)

    @rule(pack=st.sampled_from(PACKS), out=st.sampled_from(PARTS), put_in=st.sampled_from(PARTS[::-1]))
    def repair(self, pack: str, out: str, put_in: str) -> None:
        self.attempt("repair", pack, *{out: 0, put_in: 0}, removed=out, inserted=put_in)

    @rule(car=st.sampled_from(CARS), first=st.booleans())
    def swap(self, car: str, first: bool) -> None:
        self.attempt("swap", *(PACKS if first else PACKS[::-1]), vehicle=car)

    @rule(code=st.sampled_from(EVERYTHING))
    def retire(self, code: str) -> None:
        self.attempt("retire", code)

    @rule(code=st.sampled_from(EVERYTHING))
    def collect(self, code: str) -> None:
        self.attempt("collect", code, mass_g=self.mass(code))

    @rule(code=st.sampled_from(EVERYTHING), decision=st.sampled_from(Decision))
    def examine(self, code: str, decision: Decision) -> None:
        self.attempt("test", code, decision=decision.value)

    @rule(pack=st.sampled_from(PACKS), lost=st.integers(0, 1))
    def dismantle(self, pack: str, lost: int) -> None:
        state = self.world.states.get(pack)
        children = state.children if state else ()
        rest = self.mass(pack) - sum(self.mass(code) for code in children[lost:])
        details = {"missing": list(children[:lost]), "casing_mass_g": max(0, rest), "residual_mass_g": 0}
        self.attempt("dismantle", pack, *children, **details)

    @rule(code=st.sampled_from(EVERYTHING), serial=st.integers(1, 3))
    def repurpose(self, code: str, serial: int) -> None:
        self.attempt("repurpose", f"001{code[3]}E12R6M000000{serial}R{code[3]}", code, energy_wh=10_000)

    @rule(code=st.sampled_from(EVERYTHING))
    def recycle(self, code: str) -> None:
        mass = self.mass(code)
        outputs = [{"material": "black_mass", "mass_g": mass, "lot": "L"}]
        self.attempt("recycle", code, input_mass_g=mass, loss_mass_g=0, outputs=outputs)

    def mass(self, code: str) -> int:
        state = self.world.states.get(code)
        return state.mass_g if state else 90_000

    @invariant()
    def a_battery_has_one_parent_and_both_sides_agree(self) -> None:
        for code, state in self.world.states.items():
            for child in state.children:
                if state.op_state not in TERMINAL:
                    assert self.world.states[child].parent == code
            if state.parent is not None:
                assert code in self.world.states[state.parent].children
        named = [child for state in self.world.states.values() for child in state.children]
        assert len(named) == len(set(named))

    @invariant()
    def a_battery_is_in_a_car_exactly_while_its_state_says_so(self) -> None:
        for state in self.world.states.values():
            assert (state.vehicle is not None) == (state.op_state in IN_A_CAR)
            assert state.vehicle is None or state.parent is None

    @invariant()
    def nothing_changes_after_the_end(self) -> None:
        for code, state in self.before.items():
            if state.op_state in TERMINAL:
                assert self.world.states[code] is state

    @invariant()
    def only_the_subjects_change_and_each_counts_one_event(self) -> None:
        for code, state in self.world.states.items():
            before = self.before.get(code)
            if code in self.taken:
                assert state.count == (before.count if before else 0) + 1
            elif before is not None:
                assert state is before

    @invariant()
    def waste_comes_back_only_under_a_new_code(self) -> None:
        for code, before in self.before.items():
            if before.life_status == "waste":
                assert self.world.states[code].life_status == "waste"

    @invariant()
    def cycles_never_decrease(self) -> None:
        for code, before in self.before.items():
            assert self.world.states[code].full_cycles >= before.full_cycles

    @invariant()
    def what_is_stored_is_what_was_decided(self) -> None:
        for code in self.taken:
            state = self.world.states[code]
            assert BatteryState.from_mapping(state.to_mapping()) == state


TestPopulation = Population.TestCase
TestPopulation.settings = settings(max_examples=150, stateful_step_count=40, deadline=None)
