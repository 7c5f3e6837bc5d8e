"""How much of an element can be in a batch, and how much its products carry away.

Content of a salt is stoichiometry: nickel sulfate hexahydrate holds 58.693 / 262.843 of nickel, 22.33 %. Products whose
content is not a matter of formula (black mass, slag) count for nothing. What goes in is the declared composition of the
model. An element missing from it counts as none for the metals a maker must declare, else as anything up to the mass.
Atomic weights: IUPAC abridged, in thousandths.
"""

from __future__ import annotations

from collections.abc import Iterable

from service.domain.bodies import Output
from service.domain.states import BatteryState, Model
from service.domain.words import Material, Product

PPM = 1_000_000
ATOMIC_WEIGHT = {
    "H": 1_008,
    "Li": 6_940,
    "C": 12_011,
    "O": 15_999,
    "Al": 26_982,
    "P": 30_974,
    "S": 32_060,
    "Mn": 54_938,
    "Fe": 55_845,
    "Co": 58_933,
    "Ni": 58_693,
    "Cu": 63_546,
}
SYMBOLS = {
    "Li": Material.LITHIUM,
    "Ni": Material.NICKEL,
    "Co": Material.COBALT,
    "Mn": Material.MANGANESE,
    "Cu": Material.COPPER,
    "Al": Material.ALUMINIUM,
    "Fe": Material.IRON,
    "P": Material.PHOSPHORUS,
}
FORMULAS: dict[Product, dict[str, int]] = {
    Product.NICKEL_SULFATE: {"Ni": 1, "S": 1, "O": 10, "H": 12},
    Product.COBALT_SULFATE: {"Co": 1, "S": 1, "O": 11, "H": 14},
    Product.MANGANESE_SULFATE: {"Mn": 1, "S": 1, "O": 5, "H": 2},
    Product.LITHIUM_CARBONATE: {"Li": 2, "C": 1, "O": 3},
    Product.LITHIUM_HYDROXIDE: {"Li": 1, "O": 2, "H": 3},
    Product.LITHIUM_PHOSPHATE: {"Li": 3, "P": 1, "O": 4},
    Product.IRON_PHOSPHATE: {"Fe": 1, "P": 1, "O": 4},
    Product.NICKEL: {"Ni": 1},
    Product.COBALT: {"Co": 1},
    Product.COPPER: {"Cu": 1},
    Product.ALUMINIUM: {"Al": 1},
}
# Source: Regulation (EU) 2023/1542, Annex XIII, 1(b): critical raw materials and chemistry are public, so declared.
ALWAYS_DECLARED = frozenset({Material.LITHIUM, Material.NICKEL, Material.COBALT, Material.MANGANESE})


def _content(formula: dict[str, int]) -> dict[Material, int]:
    whole = sum(ATOMIC_WEIGHT[symbol] * count for symbol, count in formula.items())
    return {
        SYMBOLS[symbol]: ATOMIC_WEIGHT[symbol] * count * PPM // whole
        for symbol, count in formula.items()
        if symbol in SYMBOLS
    }


CONTENT_PPM: dict[Product, dict[Material, int]] = {
    **{product: _content(formula) for product, formula in FORMULAS.items()},
    Product.GRAPHITE: {Material.GRAPHITE: PPM},
}


def recovered_mg(outputs: Iterable[Output]) -> dict[Material, int]:
    """Milligrams of each element in these products."""
    total: dict[Material, int] = {}
    for output in outputs:
        for element, ppm in CONTENT_PPM.get(output.material, {}).items():
            total[element] = total.get(element, 0) + output.mass_g * ppm // 1_000
    return total


def available_g(element: Material, inputs: Iterable[tuple[BatteryState, Model | None]]) -> int:
    """The most grams of `element` these batteries can hold."""
    total = 0
    for state, model in inputs:
        composition = None if model is None else model.body.composition_g
        if composition is None or (element not in composition and element not in ALWAYS_DECLARED):
            total += state.mass_g
        else:
            total += composition.get(element, 0)
    return total
