"""What the law asks recyclers to win back: dated rows, by step where the law says so.

A row without a first day is in force as far as is known: "source needed" stands in its source. Not here, because no
event tells them: re-use of process water (90 %), energy for lithium carbonate, the 97 % for other metals of drafts.
"""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

from service.domain.materials.batch import Family
from service.domain.recovery.sums import Measure, Stage
from service.domain.words import Material

PPM = 1_000_000


class Target(NamedTuple):
    """ppm: the share to reach, or with `at_most` the share to stay below. until: the first day it no longer holds.

    families: of batteries, empty for all. stages: where the rate is measured.
    """

    id: str
    jurisdiction: str
    measure: Measure
    ppm: int
    stages: frozenset[Stage]
    since: date | None
    until: date | None
    source: str
    families: frozenset[Family] = frozenset()
    at_most: bool = False


_M, _S = Measure, Stage
_CN = "MIIT Announcement 2024 No. 42 (规范条件2024年本, voluntary list); first day: source needed"
_B = "Regulation (EU) 2023/1542, Annex XII, part B; Delegated Regulation (EU) 2025/606"
_C = "Regulation (EU) 2023/1542, Annex XII, part C; Delegated Regulation (EU) 2025/606"
_SMELTED = frozenset({_S.SMELTING, _S.OWN_SMELTING, _S.WHOLE})
_TAKEN_APART = frozenset({_S.PRETREATMENT, _S.WHOLE})
_BATTERIES = frozenset({_S.PRETREATMENT, _S.WHOLE, _S.REPAIR, _S.CHAIN})
_FIRST, _SECOND = date(2027, 12, 31), date(2031, 12, 31)
_EFFICIENT, _MORE_EFFICIENT = date(2025, 12, 31), date(2030, 12, 31)


def _cn(name: str, measure: Measure, ppm: int, stages: frozenset[Stage], *, at_most: bool = False) -> Target:
    return Target(f"cn-{name}", "CN", measure, ppm, stages, None, None, _CN, at_most=at_most)


def _eu_b(family: Family, percent: int, since: date, until: date | None) -> Target:
    name = f"eu-efficiency-{family.value}-{since.year}"
    families = frozenset({family})
    return Target(name, "EU", _M.EFFICIENCY, percent * 10_000, _BATTERIES, since, until, _B, families)


def _eu_c(measure: Measure, percent: int, since: date, until: date | None) -> Target:
    name = f"eu-{measure.value}-{since.year}"
    return Target(name, "EU", measure, percent * 10_000, _BATTERIES, since, until, _C)


TARGETS: tuple[Target, ...] = (
    _cn("copper", _M.COPPER, 980_000, _TAKEN_APART),
    _cn("aluminium", _M.ALUMINIUM, 980_000, _TAKEN_APART),
    _cn("powder", _M.POWDER, 980_000, frozenset({_S.PRETREATMENT})),
    _cn("powder-aluminium", _M.POWDER_ALUMINIUM, 15_000, frozenset({_S.PRETREATMENT}), at_most=True),
    _cn("powder-copper", _M.POWDER_COPPER, 15_000, frozenset({_S.PRETREATMENT}), at_most=True),
    _cn("lithium", _M.LITHIUM, 900_000, _SMELTED),
    _cn("nickel", _M.NICKEL, 980_000, _SMELTED),
    _cn("cobalt", _M.COBALT, 980_000, _SMELTED),
    _cn("manganese", _M.MANGANESE, 980_000, _SMELTED),
    _cn("target-material", _M.TARGET_MATERIAL, 990_000, frozenset({_S.REPAIR})),
    _eu_b(Family.LITHIUM, 65, _EFFICIENT, _MORE_EFFICIENT),
    _eu_b(Family.LITHIUM, 70, _MORE_EFFICIENT, None),
    _eu_b(Family.LEAD_ACID, 75, _EFFICIENT, _MORE_EFFICIENT),
    _eu_b(Family.LEAD_ACID, 80, _MORE_EFFICIENT, None),
    _eu_b(Family.NICKEL_CADMIUM, 80, _EFFICIENT, None),
    _eu_b(Family.OTHER, 50, _EFFICIENT, None),
    *(_eu_c(measure, 90, _FIRST, _SECOND) for measure in (_M.COBALT, _M.COPPER, _M.LEAD, _M.NICKEL)),
    _eu_c(_M.LITHIUM, 50, _FIRST, _SECOND),
    *(_eu_c(measure, 95, _SECOND, None) for measure in (_M.COBALT, _M.COPPER, _M.LEAD, _M.NICKEL)),
    _eu_c(_M.LITHIUM, 80, _SECOND, None),
)
POWDER_PPM = 980_000
"""The target of the step before smelting, for batches that do both at once. Source: row cn-powder."""


class RecycledContent(NamedTuple):
    """The least share of a material in a new battery that comes from waste, by model, year and plant."""

    material: Material
    ppm: int
    since: date
    until: date | None
    source: str = "Regulation (EU) 2023/1542, Art. 8 (industrial above 2 kWh, electric vehicle, SLI batteries)"
    jurisdiction: str = "EU"


_ART8, _ART8_MORE = date(2031, 8, 18), date(2036, 8, 18)
RECYCLED_CONTENT: tuple[RecycledContent, ...] = (
    RecycledContent(Material.COBALT, 160_000, _ART8, _ART8_MORE),
    RecycledContent(Material.LEAD, 850_000, _ART8, None),
    RecycledContent(Material.LITHIUM, 60_000, _ART8, _ART8_MORE),
    RecycledContent(Material.NICKEL, 60_000, _ART8, _ART8_MORE),
    RecycledContent(Material.COBALT, 260_000, _ART8_MORE, None),
    RecycledContent(Material.LITHIUM, 120_000, _ART8_MORE, None),
    RecycledContent(Material.NICKEL, 150_000, _ART8_MORE, None),
)
"""Copper has a recovery target and none here."""
