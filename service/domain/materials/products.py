"""What can leave a recycling batch, as rows: its formula, and what of it comes out of the batteries.

Content of a salt is stoichiometry: nickel sulfate hexahydrate holds 58.693 / 262.839 of nickel, 22.33 %. Its water and
sulfate are reagents, so of 100 g only 22.33 g count as output of the batteries: it is `borne`. What has no formula
(black mass, alloy, slag) holds what its analysis says. Atomic weights: IUPAC abridged, in thousandths.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

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
    "C": Material.GRAPHITE,
}
Formula = Mapping[str, int]


class ProductRow(NamedTuple):
    """formula: atoms by symbol, empty where the content is a matter of analysis. borne: its symbols that come out of
    the batteries, empty for all of them; the others come with reagents.

    refined: made by smelting, leaching or repair, not by taking apart. passed_on: not a final product, another process
    follows. lost: it is recovered as nothing. reagents: it may hold declared reagents, such as flux and moisture.
    """

    product: Product
    formula: Formula
    borne: tuple[str, ...] = ()
    refined: bool = False
    passed_on: bool = False
    lost: bool = False
    reagents: bool = False


_P = Product
PRODUCTS: dict[Product, ProductRow] = {
    row.product: row
    for row in (
        ProductRow(_P.NICKEL_SULFATE, {"Ni": 1, "S": 1, "O": 10, "H": 12}, ("Ni",), refined=True),
        ProductRow(_P.COBALT_SULFATE, {"Co": 1, "S": 1, "O": 11, "H": 14}, ("Co",), refined=True),
        ProductRow(_P.MANGANESE_SULFATE, {"Mn": 1, "S": 1, "O": 5, "H": 2}, ("Mn",), refined=True),
        ProductRow(_P.LITHIUM_CARBONATE, {"Li": 2, "C": 1, "O": 3}, ("Li",), refined=True),
        ProductRow(_P.LITHIUM_HYDROXIDE, {"Li": 1, "O": 2, "H": 3}, ("Li",), refined=True),
        ProductRow(_P.LITHIUM_PHOSPHATE, {"Li": 3, "P": 1, "O": 4}, ("Li",), refined=True),
        # The phosphate of an iron phosphate is that of the cathode.
        ProductRow(_P.IRON_PHOSPHATE, {"Fe": 1, "P": 1, "O": 4}, refined=True),
        ProductRow(_P.NICKEL, {"Ni": 1}, refined=True),
        ProductRow(_P.COBALT, {"Co": 1}, refined=True),
        ProductRow(_P.COPPER, {"Cu": 1}),
        ProductRow(_P.ALUMINIUM, {"Al": 1}),
        ProductRow(_P.GRAPHITE, {"C": 1}),
        ProductRow(_P.STEEL, {}),
        ProductRow(_P.PLASTIC, {}),
        ProductRow(_P.BLACK_MASS, {}, passed_on=True, reagents=True),
        ProductRow(_P.ALLOY, {}, refined=True, passed_on=True),
        ProductRow(_P.MIXED_HYDROXIDE, {}, refined=True, passed_on=True, reagents=True),
        ProductRow(_P.CATHODE_MATERIAL, {}, refined=True, reagents=True),
        ProductRow(_P.SLAG, {}, lost=True, reagents=True),
    )
}
FREE_OF_METALS = frozenset({Product.STEEL, Product.PLASTIC})
"""Without a formula, and without the elements that are balanced: nobody analyses them for nickel."""


class Content(NamedTuple):
    """A share of the mass: weight / whole, exactly."""

    weight: int
    whole: int

    def of(self, mass_g: int) -> int:
        """Milligrams in this many grams, rounded down."""
        return mass_g * 1_000 * self.weight // self.whole


def _contents(row: ProductRow) -> dict[Material, Content]:
    whole = _weight(row.formula, tuple(row.formula))
    borne = row.borne or tuple(row.formula)
    return {SYMBOLS[symbol]: Content(_weight(row.formula, (symbol,)), whole) for symbol in borne if symbol in SYMBOLS}


def _weight(formula: Formula, symbols: tuple[str, ...]) -> int:
    return sum(ATOMIC_WEIGHT[symbol] * formula[symbol] for symbol in symbols)


def _borne(row: ProductRow) -> Content:
    """What of the whole comes out of the batteries. All of what has no formula."""
    if not row.formula:
        return Content(1, 1)
    return Content(_weight(row.formula, row.borne or tuple(row.formula)), _weight(row.formula, tuple(row.formula)))


CONTENTS: dict[Product, dict[Material, Content]] = {product: _contents(row) for product, row in PRODUCTS.items()}
"""By product, what a pure one holds of each element that comes out of the batteries."""
CONTENT_PPM: dict[Product, dict[Material, int]] = {
    product: {element: share.weight * PPM // share.whole for element, share in contents.items()}
    for product, contents in CONTENTS.items()
    if contents
}
"""The same in parts per million, rounded down: to read, not to reckon with."""
BORNE: dict[Product, Content] = {product: _borne(row) for product, row in PRODUCTS.items()}
