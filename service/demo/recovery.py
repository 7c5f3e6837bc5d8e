"""Recycling: batches in which the mass of everything adds up and no element appears from nowhere.

Some recyclers do everything at once. Others crush, and the black mass goes to a smelter as a lot with its analysis.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any

from service.demo.cast import with_role
from service.demo.story import Battery, Story
from service.domain.materials.products import BORNE, CONTENT_PPM, PPM
from service.domain.roles import Role
from service.domain.words import Material, Product

RECYCLERS = with_role(Role.RECYCLER)
BATCH = 24
SALTS: dict[str, tuple[tuple[Product, Material, int], ...]] = {
    "E": (
        (Product.NICKEL_SULFATE, Material.NICKEL, 985),
        (Product.COBALT_SULFATE, Material.COBALT, 984),
        (Product.LITHIUM_CARBONATE, Material.LITHIUM, 915),
    ),
    "B": (
        (Product.LITHIUM_CARBONATE, Material.LITHIUM, 908),
        (Product.IRON_PHOSPHATE, Material.IRON, 860),
        (Product.GRAPHITE, Material.GRAPHITE, 700),
    ),
}
"""By chemistry, what is smelted or leached: product, the element it recovers, and usually how much, in thousandths."""
SORTED = ((Product.COPPER, Material.COPPER, 983), (Product.ALUMINIUM, Material.ALUMINIUM, 981))
ANALYSED = (
    Material.NICKEL, Material.COBALT, Material.MANGANESE, Material.LITHIUM, Material.IRON, Material.PHOSPHORUS,
    Material.GRAPHITE,
)  # fmt: skip
POWDER = 985
"""Of the elements of the electrodes, how many thousandths come into the black mass."""


class Yard:
    """Where batteries wait until there is enough for a batch: one heap for each recycler and chemistry."""

    def __init__(self) -> None:
        self._heaps: dict[tuple[str, str], list[tuple[datetime, Battery]]] = {}
        self._batches = 0

    def bring(self, story: Story, batteries: Sequence[Battery], at: datetime) -> None:
        """Put them on a heap, of a recycler that the first of them decides."""
        recycler = story.rng.choice(RECYCLERS).id
        for battery in batteries:
            self._heaps.setdefault((recycler, battery.chemistry), []).append((at, battery))

    def recycle_all(self, story: Story) -> None:
        """All heaps, batch by batch."""
        for (recycler, _), heap in sorted(self._heaps.items(), key=_by_heap):
            heap.sort(key=_by_arrival)
            for start in range(0, len(heap), BATCH):
                batch = heap[start : start + BATCH]
                at = batch[-1][0] + timedelta(days=story.rng.randint(2, 9))
                batteries = [battery for _, battery in batch]
                if story.rng.random() < 0.5:
                    story.tell("recycle", recycler, batteries, at, self._at_once(story, batteries, at))
                else:
                    self._in_two_steps(story, recycler, batteries, at)

    def _at_once(self, story: Story, batteries: Sequence[Battery], at: datetime) -> dict[str, Any]:
        """The body of a batch that crushes and smelts."""
        batch = _Batch(story, sum(battery.mass_g for battery in batteries), self._number(at))
        for product, element, permille in (*SALTS[batteries[0].chemistry], *SORTED):
            batch.win(product, element, sum(_held(battery, element) for battery in batteries), permille)
        batch.add(Product.STEEL, batch.left * story.rng.randint(300, 400) // 1000)
        batch.add(Product.SLAG, batch.left * story.rng.randint(400, 600) // 1000)
        return batch.body()

    def _in_two_steps(self, story: Story, recycler: str, batteries: Sequence[Battery], at: datetime) -> None:
        """Crushed by one recycler, smelted by another some time later."""
        salts = SALTS[batteries[0].chemistry]
        held = {element: sum(_held(battery, element) for battery in batteries) for element in ANALYSED}
        batch = _Batch(story, sum(battery.mass_g for battery in batteries), self._number(at))
        for product, element, permille in SORTED:
            batch.win(product, element, sum(_held(battery, element) for battery in batteries), permille)
        batch.add(Product.STEEL, batch.left * story.rng.randint(200, 300) // 1000)
        powder = batch.left * story.rng.randint(800, 900) // 1000
        found = {element: grams * (POWDER + story.rng.randint(-8, 8)) // 1000 for element, grams in held.items()}
        content = {element.value: grams * PPM // powder for element, grams in found.items() if grams}
        lot = batch.add(Product.BLACK_MASS, powder, {"content_ppm": content} if content else {})
        story.tell("recycle", recycler, batteries, at, batch.body())
        later = story.told[-1].received_at + timedelta(days=story.rng.randint(5, 40))
        smelter = story.rng.choice(RECYCLERS).id
        second = _Batch(story, powder, self._number(later))
        for product, element, permille in salts:
            second.win(product, element, powder * content.get(element.value, 0) // PPM, permille)
        second.add(Product.SLAG, second.left * story.rng.randint(400, 600) // 1000)
        taken = {"from_operator": recycler, "material": Product.BLACK_MASS.value, "lot": lot, "mass_g": powder}
        story.tell("recycle", smelter, (), later, second.body() | {"input_lots": [taken]})

    def _number(self, at: datetime) -> str:
        self._batches += 1
        return f"{at:%y%m%d}-{self._batches:04d}"


class _Batch:
    """The outputs of one batch. left: grams of the input that are in none of them yet."""

    def __init__(self, story: Story, mass_g: int, number: str) -> None:
        self._story = story
        self._mass_g = mass_g
        self._number = number
        self._outputs: list[dict[str, Any]] = []
        self.left = mass_g

    def win(self, product: Product, element: Material, held: int, permille: int) -> None:
        """A product with about so many thousandths of the `held` grams of its element."""
        recovered = held * (permille + self._story.rng.randint(-14, 6)) // 1000
        self.add(product, recovered * PPM // CONTENT_PPM[product][element])

    def add(self, product: Product, mass_g: int, details: Mapping[str, Any] = MappingProxyType({})) -> str:
        """An output, as far as anything is left of the input; gives the number of its lot."""
        lot = "".join(word[0] for word in product.value.split("_")).upper() + "-" + self._number
        borne = BORNE[product].of(mass_g) // 1_000
        if 0 < borne <= self.left:
            self._outputs.append({"material": product.value, "mass_g": mass_g, "lot": lot, **details})
            self.left -= borne
        return lot

    def body(self) -> dict[str, Any]:
        """Outputs and loss, together what was put in."""
        return {
            "input_mass_g": self._mass_g,
            "loss_mass_g": self.left,
            "route": "hydrometallurgy",
            "outputs": self._outputs,
        }


def _held(battery: Battery, element: Material) -> int:
    return battery.model.composition_g.get(element, 0) if battery.model else 0


def _by_heap(item: tuple[tuple[str, str], object]) -> tuple[str, str]:
    return item[0]


def _by_arrival(item: tuple[datetime, Battery]) -> tuple[datetime, str]:
    return item[0], item[1].code
