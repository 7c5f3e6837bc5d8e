"""However batches and lots follow each other, nobody recovers more of an element than the batteries ever held.

The machine keeps a book of its own: what the batteries held, and what every accepted output was said to hold. Lots may
be analysed or not, be taken whole or in parts, by anybody, and give lots again.
"""

from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from service.domain.case import parts_of
from service.domain.errors import RuleBreach
from service.domain.events import KINDS
from service.domain.materials.batch import Maker, settle
from service.domain.materials.products import CONTENT_PPM, PRODUCTS
from service.domain.states import LifeStatus, OpState
from service.domain.words import Material, Product
from tests.service.domain.story import MODULES, NEW_MODULE, World, register_modules

ELEMENTS = (Material.NICKEL, Material.LITHIUM, Material.COBALT)
PASSED_ON = [Product.BLACK_MASS, Product.MIXED_HYDROXIDE, Product.ALLOY]
FINAL = [Product.NICKEL, Product.NICKEL_SULFATE, Product.LITHIUM_CARBONATE, Product.COBALT, Product.SLAG]
shares = st.dictionaries(st.sampled_from(ELEMENTS), st.integers(0, 400_000), max_size=2)
outputs = st.lists(
    st.tuples(st.sampled_from(FINAL + PASSED_ON), st.integers(1, 1_000), st.none() | shares), min_size=1, max_size=4
)


class Recyclers(RuleBasedStateMachine):
    """Four modules, each 12 kg of nickel, 2 kg of lithium and 4 kg of cobalt."""

    @initialize()
    def begin(self) -> None:
        self.world = World()
        register_modules(self.world, (*MODULES, NEW_MODULE))
        for code in (*MODULES, NEW_MODULE):
            self.world.put(code, op_state=OpState.TESTED, life_status=LifeStatus.WASTE)
        self.world.now = self.world.now.replace(year=2034)
        self.fed = dict.fromkeys(ELEMENTS, 0)
        self.final = dict.fromkeys(ELEMENTS, 0)
        self.lots_given = 0

    @rule(code=st.sampled_from((*MODULES, NEW_MODULE)), given=outputs)
    def crush(self, code: str, given: list[tuple[Product, int, dict[Material, int] | None]]) -> None:
        if self.record((code,), given, 90_000, {}):
            for element in ELEMENTS:
                self.fed[element] += {"nickel": 12_000, "lithium": 2_000, "cobalt": 4_000}[element.value] * 1_000

    @precondition(lambda self: any(lot.left_g and lot.product in PASSED_ON for lot in self.world.lots.values()))
    @rule(given=outputs, which=st.integers(0, 30), part=st.integers(1, 1_000))
    def refine(self, given: list[tuple[Product, int, dict[Material, int] | None]], which: int, part: int) -> None:
        left = [lot for lot in self.world.lots.values() if lot.left_g and lot.product in PASSED_ON]
        lot = left[which % len(left)]
        mass = max(1, lot.left_g * part // 1_000)
        taken = {"from_operator": lot.operator, "material": lot.product.value, "lot": lot.number, "mass_g": mass}
        self.record((), given, max(1, lot.part(lot.borne_g, mass)), {"input_lots": [taken]})

    def record(self, subjects: tuple[str, ...], given: Any, input_g: int, details: dict[str, Any]) -> bool:
        """Send a batch whose outputs share the input in proportion; whether it was accepted."""
        whole = sum(weight for _, weight, _ in given)
        told = []
        for product, weight, analysis in given:
            self.lots_given += 1
            mass = max(1, input_g * weight // whole)
            if product in CONTENT_PPM:  # as much salt as holds a part of that mass
                mass = max(1, mass // 8)
            row: dict[str, Any] = {"material": product.value, "mass_g": mass, "lot": f"L{self.lots_given}"}
            if analysis and not PRODUCTS[product].formula:
                row["content_ppm"] = {element.value: ppm for element, ppm in analysis.items()}
            told.append(row)
        for loss in (0, input_g // 2, input_g):
            body: dict[str, Any] = {"input_mass_g": input_g, "loss_mass_g": loss, "outputs": told} | details
            event = self.world.event("recycle", *subjects, **body)
            try:
                after = self.world.decide(event)
            except RuleBreach:
                continue
            assert len(parts_of(event, KINDS["recycle"])) == len(subjects)
            batteries = [
                (self.world.states[code], self.world.models[str(self.world.states[code].model_id)]) for code in subjects
            ]
            settled = settle(Maker(event.actor, event.occurred_at, 1), event.body, batteries, self.world.lots)  # type: ignore[arg-type]
            self.world.states.update(after)
            self.world.lots.update((lot.key, lot) for lot in settled.lots)
            for each in settled.yields:
                if each.output.material not in PASSED_ON:
                    for element in ELEMENTS:
                        self.final[element] += each.holds(element) or 0
            return True
        return False

    @invariant()
    def nothing_was_recovered_that_was_not_there(self) -> None:
        for element in ELEMENTS if self.world.lots else ():
            waiting = 0
            for lot in self.world.lots.values():
                if lot.product in PASSED_ON:
                    waiting += lot.part(lot.known_mg.get(element, 0) + lot.at_most_mg.get(element, 0), lot.left_g)
            assert self.final[element] + waiting <= self.fed[element]

    @invariant()
    def no_lot_is_used_beyond_its_mass(self) -> None:
        assert all(0 <= lot.left_g <= lot.mass_g for lot in self.world.lots.values())


TestRecyclers = Recyclers.TestCase
TestRecyclers.settings = settings(max_examples=60, stateful_step_count=20, deadline=None)
