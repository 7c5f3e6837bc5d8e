"""What the passports of all packs for the Union give and lack, for the authority: by model and part of Annex XIII.

Read from the groups of the list of batteries, each pack once, by its maker: as many as there are models, states and
months, never as many as there are packs. Of a model the newest published version counts, as on the lists.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from sqlalchemy import func, select

from service.db.packlist_tables import pack_group
from service.domain.passport.datapoints import APPLIES_FROM, DATA_POINTS, Status, status_of
from service.domain.passport.publication import model_subject
from service.domain.passport.tiers import Tier
from service.domain.rules_use import date_in_china
from service.domain.words import Category, Level
from service.packlist.following import read_cursor
from service.packlist.groups import Eu, Tie, judge
from service.passports.keeping import Published, find_parts, find_versions
from service.work import Register, RegisterReader

FOOTPRINT, CLASS = "17", "18"
"""Data points: the declared carbon footprint, and its class of performance. Source: Annex XIII, 1(c)."""
MOST_MODELS = 500
"""So many models' declarations are opened."""
_group = pack_group.c


class PartGiven(NamedTuple):
    """Of the packs of one model and one part: the mandatory data points that are asked of them all, and those given."""

    model: str
    tier: Tier
    packs: int
    asked: int
    given: int


class Footprint(NamedTuple):
    """What a model's newest passport declares. grams: of CO2 equivalent a kWh. performance: its class, or empty."""

    model: str
    packs: int
    grams: int
    performance: str


@dataclass(frozen=True, slots=True)
class Overview:
    """parts: by model and tier. complete, incomplete, unknown: packs; unknown are those of no known category.

    size: entries that are counted; lag: those that are recorded and not counted yet.
    """

    parts: tuple[PartGiven, ...]
    footprints: tuple[Footprint, ...]
    complete: int
    incomplete: int
    unknown: int
    size: int
    lag: int


def read_overview(register: Register, *, model: str = "") -> Overview:
    """The passports of all packs, or of those of one model."""
    today = date_in_china(register.clock())
    with register.read() as reader:
        registry = register.current_registry(reader.connection)
        groups = _groups(reader, model)
        models = sorted({each for each, _, _ in groups if each})
        versions = find_versions(reader.connection, [model_subject(each) for each in models])
        newest = {each: versions[model_subject(each)][-1] for each in models if model_subject(each) in versions}
        packs = Counter[str]()
        for name, _, count in groups:
            packs[name] += count
        footprints = _footprints(register, reader, newest, packs)
        folded = read_cursor(reader.connection)
        size = reader.size()
    asked = {category: _asked(category, today) for category in Category}
    sums: dict[tuple[str, Tier], list[int]] = {}
    packs_of = dict.fromkeys(Eu, 0)
    for name, passport, count in groups:
        given = newest[name].numbers if name in newest else frozenset[int]()
        verdict, missing = judge(passport, registry.models.get(name), given, today)
        packs_of[verdict] += count
        if verdict is Eu.UNKNOWN:
            continue
        for tier, numbers in asked[Category(passport.partition(":")[0])].items():
            amounts = sums.setdefault((name, tier), [0, 0, 0])
            lacking = len(numbers.intersection(missing))
            for at, amount in enumerate((count, count * len(numbers), count * (len(numbers) - lacking))):
                amounts[at] += amount
    parts = tuple(PartGiven(*key, *sums[key]) for key in sorted(sums))
    counts = (packs_of[Eu.COMPLETE], packs_of[Eu.INCOMPLETE], packs_of[Eu.UNKNOWN])
    return Overview(parts, footprints, *counts, min(folded, size), max(0, size - folded))


def _groups(reader: RegisterReader, model: str) -> list[tuple[str, str, int]]:
    """Models, what packs of theirs give by themselves, and how many packs: each pack on its maker's list."""
    query = select(_group.model, _group.passport, func.sum(_group.batteries)).where(
        _group.ties % (2 * Tie.MADE) >= Tie.MADE, _group.level == Level.PACK.value, _group.passport != "",
        _group.batteries > 0,
    )  # fmt: skip
    if model:
        query = query.where(_group.model == model)
    rows = reader.connection.execute(query.group_by(_group.model, _group.passport))
    return sorted((str(row[0]), str(row[1]), int(row[2])) for row in rows)


def _asked(category: Category, today: date) -> dict[Tier, frozenset[int]]:
    """The mandatory data points of a category, by part; before the law applies as if it did."""
    day = max(today, APPLIES_FROM)
    found: dict[Tier, set[int]] = {}
    for nr, row in DATA_POINTS.items():
        if status_of(nr, category, day) is Status.MANDATORY:
            found.setdefault(row.tier, set()).add(nr)
    return {tier: frozenset(numbers) for tier, numbers in found.items()}


def _footprints(
    register: Register, reader: RegisterReader, newest: dict[str, Published], packs: Mapping[str, int]
) -> tuple[Footprint, ...]:
    """Of the models that declare one, which is public."""
    found = []
    for model in [each for each in sorted(newest) if int(FOOTPRINT) in newest[each].numbers][:MOST_MODELS]:
        public: dict[Tier, str] = {Tier.PT1: newest[model].digests[Tier.PT1]}
        for part in find_parts(reader.connection, register.vault, public).values():
            if FOOTPRINT in part.points:
                performance = part.points.get(CLASS, {}).get("performance_class", "")
                found.append(Footprint(model, packs[model], int(part.points[FOOTPRINT]["total_g"]), performance))
    return tuple(found)
