"""Recycling: batches in which the mass of everything adds up and no element appears from nowhere.

A salt weighs more than the metal in it, because water and sulfate come from reagents; the register counts the whole
salt against the mass put in. So the products with the metals are made first, the rest as far as the mass reaches.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from service.demo.cast import with_role
from service.demo.story import Battery, Story
from service.domain.composition import CONTENT_PPM
from service.domain.roles import Role
from service.domain.words import Material, Product

RECYCLERS = with_role(Role.RECYCLER)
BATCH = 24
PRODUCTS: dict[str, tuple[tuple[Product, Material, int], ...]] = {
    "E": (
        (Product.NICKEL_SULFATE, Material.NICKEL, 985),
        (Product.COBALT_SULFATE, Material.COBALT, 984),
        (Product.LITHIUM_CARBONATE, Material.LITHIUM, 915),
        (Product.COPPER, Material.COPPER, 982),
        (Product.ALUMINIUM, Material.ALUMINIUM, 978),
    ),
    "B": (
        (Product.LITHIUM_CARBONATE, Material.LITHIUM, 908),
        (Product.COPPER, Material.COPPER, 983),
        (Product.ALUMINIUM, Material.ALUMINIUM, 980),
        (Product.IRON_PHOSPHATE, Material.IRON, 860),
        (Product.GRAPHITE, Material.GRAPHITE, 700),
    ),
}
"""By chemistry: product, the element it recovers, and usually how much of it, in thousandths."""


class Yard:
    """Where batteries wait until there is enough for a batch: one heap for each recycler and chemistry."""

    def __init__(self) -> None:
        self._heaps: dict[tuple[str, str], list[tuple[datetime, Battery]]] = {}

    def bring(self, story: Story, batteries: Sequence[Battery], at: datetime) -> None:
        """Put them on a heap, of a recycler that the first of them decides."""
        recycler = story.rng.choice(RECYCLERS).id
        for battery in batteries:
            self._heaps.setdefault((recycler, battery.chemistry), []).append((at, battery))

    def recycle_all(self, story: Story) -> None:
        """All heaps, batch by batch."""
        for (recycler, chemistry), heap in sorted(self._heaps.items(), key=_by_heap):
            heap.sort(key=_by_arrival)
            for start in range(0, len(heap), BATCH):
                batch = heap[start : start + BATCH]
                at = batch[-1][0] + timedelta(days=story.rng.randint(2, 9))
                batteries = [battery for _, battery in batch]
                story.tell("recycle", recycler, batteries, at, _balance(story, batteries, chemistry, at))


def _balance(story: Story, batteries: Sequence[Battery], chemistry: str, at: datetime) -> dict[str, Any]:
    """The body of a batch: recovered products, black mass, and the loss, together what was put in."""
    mass = sum(battery.mass_g for battery in batteries)
    left = mass
    outputs: list[dict[str, Any]] = []
    lot = f"{at:%y%m%d}-{story.rng.randrange(1000):03d}"
    for product, element, permille in PRODUCTS[chemistry]:
        held = sum(_held(battery, element) for battery in batteries)
        recovered = held * (permille + story.rng.randint(-14, 6)) // 1000
        amount = min(recovered * 1_000_000 // CONTENT_PPM[product][element], left * 97 // 100)
        if amount > 0:
            outputs.append({"material": product.value, "mass_g": amount, "lot": _lot(product, lot)})
            left -= amount
    rest = left * story.rng.randint(550, 800) // 1000
    if rest > 0:
        outputs.append({"material": Product.BLACK_MASS.value, "mass_g": rest, "lot": _lot(Product.BLACK_MASS, lot)})
        left -= rest
    return {"input_mass_g": mass, "loss_mass_g": left, "route": "hydrometallurgy", "outputs": outputs}


def _lot(product: Product, number: str) -> str:
    """The initials of the product and the number of the batch."""
    return "".join(word[0] for word in product.value.split("_")).upper() + "-" + number


def _held(battery: Battery, element: Material) -> int:
    return battery.model.composition_g.get(element, 0) if battery.model else 0


def _by_heap(item: tuple[tuple[str, str], object]) -> tuple[str, str]:
    return item[0]


def _by_arrival(item: tuple[datetime, Battery]) -> tuple[datetime, str]:
    return item[0], item[1].code
