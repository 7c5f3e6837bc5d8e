"""One recycling batch in numbers: what went in, what came out, and the lots it gives.

What goes in is the declared composition of the models, or what the lots hold. An element missing from a composition is
none for the metals a maker must declare, else unknown: anything up to the mass. What comes out is known by formula or
analysis; what neither tells is bounded by what is left over.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from service.domain.bodies import InputLot, Output, Recycle
from service.domain.materials.lots import NO_LIMITS, Limits, Lot, lot_key
from service.domain.materials.products import BORNE, CONTENTS, FREE_OF_METALS, PPM, PRODUCTS
from service.domain.states import BatteryState, Model
from service.domain.words import Material, Word

# Source: Regulation (EU) 2023/1542, Annex XIII, 1(b): critical raw materials and chemistry are public, so declared.
ALWAYS_DECLARED = frozenset({Material.LITHIUM, Material.NICKEL, Material.COBALT, Material.MANGANESE})


class Family(Word):
    """Which recycling efficiency a battery must reach. Source: Regulation (EU) 2023/1542, Annex XII, part B."""

    LITHIUM = "lithium", "lithium-based", "锂系"
    LEAD_ACID = "lead_acid", "lead-acid", "铅酸"
    NICKEL_CADMIUM = "nickel_cadmium", "nickel-cadmium", "镍镉"
    OTHER = "other", "other", "其他"


LITHIUM_BASED = frozenset("BCDEG")
"""Chemistry letters of GB/T 34014-2017, position 5. No letter stands for lead-acid or nickel-cadmium alone."""


@dataclass(slots=True)
class Inputs:
    """known_mg: content that was declared. at_most_mg: the most that the rest can hold, which weighs unknown_g."""

    mass_g: int = 0
    families: set[str] = field(default_factory=set)
    known_mg: dict[Material, int] = field(default_factory=dict)
    at_most_mg: dict[Material, int] = field(default_factory=dict)
    unknown_g: dict[Material, int] = field(default_factory=dict)

    @property
    def family(self) -> Family:
        """That of a mixed batch is the one with the highest target among those with a letter."""
        return Family.LITHIUM if not self.families or Family.LITHIUM.value in self.families else Family.OTHER

    def limit_mg(self, element: Material) -> int:
        """The most milligrams of `element` that can be in it."""
        return self.known_mg.get(element, 0) + self.at_most_mg.get(element, 0)

    def _add(self, element: Material, *, known: int = 0, at_most: int = 0, unknown_g: int = 0) -> None:
        for table, amount in ((self.known_mg, known), (self.at_most_mg, at_most), (self.unknown_g, unknown_g)):
            if amount:
                table[element] = table.get(element, 0) + amount

    def add_battery(self, state: BatteryState, model: Model | None, most: Limits | None = None) -> None:
        """`most`: what a battery without a model can hold at most, as far as its origins tell."""
        self.mass_g += state.mass_g
        self.families.add((Family.LITHIUM if state.code[4] in LITHIUM_BASED else Family.OTHER).value)
        composition = None if model is None else model.body.composition_g
        for element in Material:
            if composition is not None and (element in composition or element in ALWAYS_DECLARED):
                self._add(element, known=composition.get(element, 0) * 1_000)
            else:
                limit = state.mass_g * 1_000 if most is None else min(most[element], state.mass_g * 1_000)
                self._add(element, at_most=limit, unknown_g=state.mass_g if limit else 0)

    def add_lot(self, lot: Lot, mass_g: int) -> None:
        """Add the next `mass_g` of a lot."""
        borne = lot.part(lot.borne_g, mass_g)
        self.mass_g += borne
        self.families.add(lot.family)
        for element, amount in lot.known_mg.items():
            self._add(element, known=lot.part(amount, mass_g))
        for element, amount in lot.at_most_mg.items():
            self._add(element, at_most=lot.part(amount, mass_g), unknown_g=borne)


Batteries = Iterable[tuple[BatteryState, Model | None]]


def limits_of(state: BatteryState, model: Model | None, origins: Sequence[Limits] = ()) -> Limits:
    """What a battery can hold: what its model says, else what its origins could hold, else anything up to its mass."""
    most = {element: sum(each[element] for each in origins) for element in Material} if origins else None
    inputs = Inputs()
    inputs.add_battery(state, model, most)
    return {element: inputs.limit_mg(element) for element in Material}


def inputs_of(
    batteries: Batteries, lots: Iterable[tuple[Lot, InputLot]] = (), limits: Mapping[str, Limits] = NO_LIMITS
) -> Inputs:
    """What goes into a batch of these batteries, or of parts of lots. limits: of those without a model, by code."""
    inputs = Inputs()
    for state, model in batteries:
        inputs.add_battery(state, model, limits.get(state.code) if model is None else None)
    for lot, taken in lots:
        inputs.add_lot(lot, taken.mass_g)
    return inputs


class Yield(NamedTuple):
    """An output in numbers. content_mg: of every element by formula or analysis; `open_to` the others it is unknown."""

    output: Output
    borne_mg: int
    content_mg: Mapping[Material, int]
    is_open: bool

    def holds(self, element: Material) -> int | None:
        """Milligrams of `element`; None where nobody has told."""
        known = self.content_mg.get(element)
        return known if known is not None else None if self.is_open else 0


def yield_of(output: Output) -> Yield:
    """Formula, analysis, or neither: what is known of an output."""
    product, told = output.material, output.content_ppm or {}
    pure = CONTENTS[product]
    content = {element: output.mass_g * ppm * 1_000 // PPM for element, ppm in told.items()}
    if not PRODUCTS[product].formula:
        borne = (output.mass_g - (output.reagents_mass_g or 0)) * 1_000
        return Yield(output, borne, content, is_open=product not in FREE_OF_METALS)
    content = {element: content.get(element, share.of(output.mass_g)) for element, share in pure.items()}
    whole = BORNE[product].of(output.mass_g)
    told_parts = [whole * content[each] // max(1, pure[each].of(output.mass_g)) for each in told.keys() & pure.keys()]
    return Yield(output, min([whole, *told_parts]), content, is_open=False)  # less of an element is less of the product


def recovered_mg(yields: Iterable[Yield]) -> dict[Material, int]:
    """Milligrams of each element that these outputs are known to hold."""
    total: dict[Material, int] = {}
    for each in yields:
        for element, amount in each.content_mg.items():
            total[element] = total.get(element, 0) + amount
    return total


@dataclass(frozen=True, slots=True)
class Maker:
    """Whose batch it is, when it was, and which entry says so."""

    operator: str
    at: datetime
    index: int


def lots_of(maker: Maker, inputs: Inputs, yields: Sequence[Yield]) -> Iterator[Lot]:
    """The lots that a batch gives."""
    found = recovered_mg(yields)
    for each in yields:
        output, borne_g = each.output, each.borne_mg // 1_000
        yield Lot(
            operator=maker.operator,
            product=output.material,
            number=output.lot,
            mass_g=output.mass_g,
            borne_g=borne_g,
            left_g=output.mass_g,
            made_at=maker.at,
            family=inputs.family.value,
            index=maker.index,
            known_mg={element: amount for element, amount in each.content_mg.items() if amount},
            at_most_mg=_bounds(each, inputs, yields, found) if each.is_open else {},
            to_operator=output.to_operator,
        )


def _bounds(lot: Yield, inputs: Inputs, yields: Sequence[Yield], found: Mapping[Material, int]) -> dict[Material, int]:
    """Of each element that nobody analysed here, this lot's share by mass of what the batch holds beyond `found`."""
    bounds = {}
    for element in Material:
        rest = inputs.limit_mg(element) - found.get(element, 0)
        if lot.holds(element) is None and rest > 0:
            whole = sum(each.borne_mg for each in yields if each.holds(element) is None)
            bounds[element] = min(rest * lot.borne_mg // max(1, whole), lot.borne_mg)
    return {element: amount for element, amount in bounds.items() if amount}


class Settled(NamedTuple):
    """A batch that was accepted: what it took and gave, and the lots as they are after it."""

    inputs: Inputs
    yields: tuple[Yield, ...]
    lots: tuple[Lot, ...]


def settle(
    maker: Maker,
    body: Recycle,
    batteries: Batteries,
    lots: Mapping[str, Lot],
    limits: Mapping[str, Limits] = NO_LIMITS,
) -> Settled:
    """What an accepted batch of these batteries does; `lots` are those before it, by key."""
    taken = taken_lots(body.input_lots or (), lots)
    inputs, yields = inputs_of(batteries, taken, limits), tuple(map(yield_of, body.outputs))
    left = [lot.without(part.mass_g) for lot, part in taken]
    return Settled(inputs, yields, (*left, *lots_of(maker, inputs, yields)))


def taken_lots(body_lots: Sequence[InputLot], lots: Mapping[str, Lot]) -> list[tuple[Lot, InputLot]]:
    """The lots that these inputs name, as they are before the batch; those that nobody gave are left out."""
    named = [(lots.get(key_of(taken)), taken) for taken in body_lots]
    return [(lot, taken) for lot, taken in named if lot is not None]


def key_of(taken: InputLot) -> str:
    """The key of the lot that an input names."""
    return lot_key(taken.from_operator, taken.material, taken.lot)
