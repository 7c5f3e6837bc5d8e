"""What products hold: against chemistry books and against slow fractions."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.domain.materials.products import (
    ATOMIC_WEIGHT,
    BORNE,
    CONTENT_PPM,
    CONTENTS,
    PRODUCTS,
    SYMBOLS,
)
from service.domain.words import Material, Product


@pytest.mark.parametrize(
    ("product", "element", "percent"),
    [
        (Product.NICKEL_SULFATE, Material.NICKEL, "22.33"),
        (Product.COBALT_SULFATE, Material.COBALT, "20.97"),
        (Product.MANGANESE_SULFATE, Material.MANGANESE, "32.51"),
        (Product.LITHIUM_CARBONATE, Material.LITHIUM, "18.79"),
        (Product.LITHIUM_HYDROXIDE, Material.LITHIUM, "16.54"),
        (Product.COPPER, Material.COPPER, "100.00"),
        (Product.GRAPHITE, Material.GRAPHITE, "100.00"),
    ],
)
def test_the_content_of_a_product_is_what_chemistry_books_say(
    product: Product, element: Material, percent: str
) -> None:
    assert f"{CONTENT_PPM[product][element] / 10_000:.2f}" == percent


def test_every_product_has_a_row_made_of_known_elements() -> None:
    assert set(PRODUCTS) == set(Product)
    for row in PRODUCTS.values():
        assert set(row.formula) <= set(ATOMIC_WEIGHT)
        assert set(row.borne) <= set(row.formula)
    assert set(SYMBOLS) <= set(ATOMIC_WEIGHT)


@given(st.sampled_from(sorted(CONTENTS)), st.integers(1, 50_000_000))
def test_content_is_the_exact_share_rounded_down_to_the_milligram(product: Product, mass_g: int) -> None:
    row = PRODUCTS[product]
    whole = sum(ATOMIC_WEIGHT[symbol] * count for symbol, count in row.formula.items())
    for element, share in CONTENTS[product].items():
        symbol = next(symbol for symbol, material in SYMBOLS.items() if material is element)
        exact = Fraction(ATOMIC_WEIGHT[symbol] * row.formula[symbol], whole) * mass_g * 1_000
        assert 0 <= exact - share.of(mass_g) < 1
        assert share.of(mass_g) <= BORNE[product].of(mass_g) <= mass_g * 1_000


def test_water_and_acid_of_a_salt_do_not_come_out_of_the_batteries() -> None:
    assert BORNE[Product.NICKEL_SULFATE].of(1_000) == CONTENTS[Product.NICKEL_SULFATE][Material.NICKEL].of(1_000)
    assert BORNE[Product.LITHIUM_PHOSPHATE].of(1_000) == 179_808
    assert Material.PHOSPHORUS not in CONTENTS[Product.LITHIUM_PHOSPHATE]
    assert BORNE[Product.IRON_PHOSPHATE].of(1_000) == 1_000_000
    assert BORNE[Product.SLAG].of(1_000) == 1_000_000
