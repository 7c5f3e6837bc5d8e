"""Lots: outputs of a batch that another batch may take in, by mass, until all of it is used.

What a lot holds of an element is known (by formula or analysis) or bounded: its share by mass of what the batch held
and did not find elsewhere. Parts are taken so that all of them together hold exactly what the lot held.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any

from service.domain.words import Material, Product

Limits = Mapping[Material, int]
"""Of each element, the most milligrams that can be there."""
NO_LIMITS: Mapping[str, Limits] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Lot:
    """operator: whose batch gave it. borne_g: of its mass, what came from the input. left_g: not yet taken in.

    family: of the batteries it comes from. known_mg: what it holds, by formula or analysis. at_most_mg: for the other
    elements, the most it can hold; an element in neither is not in it. index: of the entry that gave it.
    """

    operator: str
    product: Product
    number: str
    mass_g: int
    borne_g: int
    left_g: int
    made_at: datetime
    family: str
    index: int
    known_mg: Mapping[Material, int]
    at_most_mg: Mapping[Material, int]
    to_operator: str | None = None

    @property
    def key(self) -> str:
        return lot_key(self.operator, self.product, self.number)

    def without(self, mass_g: int) -> Lot:
        """What is left of it after `mass_g` was taken."""
        return dataclasses.replace(self, left_g=self.left_g - mass_g)

    def part(self, amount: int, mass_g: int) -> int:
        """Of `amount` in the whole lot, what is in the next `mass_g` to be taken. All parts add up to the amount."""
        used = self.mass_g - self.left_g
        return amount * (used + mass_g) // self.mass_g - amount * used // self.mass_g

    def to_mapping(self) -> dict[str, Any]:
        """Plain JSON types, without what the key and the columns beside say."""
        return {
            "mass_g": self.mass_g,
            "borne_g": self.borne_g,
            "made_at": self.made_at.isoformat(),
            "family": self.family,
            "known_mg": {element.value: amount for element, amount in self.known_mg.items()},
            "at_most_mg": {element.value: amount for element, amount in self.at_most_mg.items()},
            "to_operator": self.to_operator,
        }

    @classmethod
    def from_mapping(cls, key: str, left_g: int, index: int, mapping: Mapping[str, Any]) -> Lot:
        """Inverse of `to_mapping`, which is the only source it trusts."""
        operator, product, number = key.split("/", 2)
        return cls(
            operator=operator,
            product=Product(product),
            number=number,
            mass_g=mapping["mass_g"],
            borne_g=mapping["borne_g"],
            left_g=left_g,
            made_at=datetime.fromisoformat(mapping["made_at"]),
            family=mapping["family"],
            index=index,
            known_mg={Material(name): amount for name, amount in mapping["known_mg"].items()},
            at_most_mg={Material(name): amount for name, amount in mapping["at_most_mg"].items()},
            to_operator=mapping["to_operator"],
        )


def lot_key(operator: str, product: Product, number: str) -> str:
    """`cq-recycle/black_mass/BM-1`: a lot number is unique for its maker and product."""
    return f"{operator}/{product.value}/{number}"
