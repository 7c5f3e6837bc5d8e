"""The body of a registration that lists every module and cell of its pack, written in runs of consecutive codes."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Annotated

from service.domain.bodies.making import Register
from service.domain.bodies.markers import Mass, MassOrNone, ModelId
from service.domain.fields import Body, Items, Text
from service.domain.gbt34014 import parse_code
from service.domain.units import Quantity


def check_listed_code(text: str) -> None:
    """InvalidCode for what is no code. Codes of a pack share their beginnings, so each is looked at once."""
    _check_beginning(text[:17])
    if not text[17:].isdecimal() or text.endswith("0000000"):
        parse_code(text)


@lru_cache(maxsize=4096)
def _check_beginning(text: str) -> None:
    parse_code(f"{text}0000001")


ListedCode = Annotated[str, Text(24, r"[A-Z0-9]{24}", "code", check_listed_code)]
"""Not the 19 characters of a re-used product: that is registered by itself."""


@dataclass(frozen=True, slots=True)
class ListedCells(Body):
    """Cells whose codes count up from `first` in the serial number of the day. mass_g: of each."""

    first: ListedCode
    count: Annotated[int, Quantity("count", 1, 10_000)]
    mass_g: Mass | None = None


@dataclass(frozen=True, slots=True)
class ListedModule(Body):
    """mass_g: with its cells."""

    code: ListedCode
    mass_g: Mass
    cells: Annotated[tuple[ListedCells, ...], Items(ListedCells, 1, 64)] | None = None


@dataclass(frozen=True, slots=True)
class RegisterPack(Register):
    """A pack of modules, of cells without modules between (cell to pack), or of both.

    mass_g: of the pack with all its parts. housing_mass_g: of what is no part: casing, cooling, battery management.
    """

    modules: Annotated[tuple[ListedModule, ...], Items(ListedModule, 1, 64)] | None = None
    cells: Annotated[tuple[ListedCells, ...], Items(ListedCells, 1, 64)] | None = None
    housing_mass_g: MassOrNone | None = None
    module_model_id: ModelId | None = None
    cell_model_id: ModelId | None = None
