"""What one batch adds to the sums of its recycler: by step, family of batteries and measure.

Rates are of one step or of a whole chain, so the step is part of the key. It follows from what went in and out; nobody
declares it. In milligrams: what was put in, what came out as final product, and what was passed on to another step.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from service.domain.bodies import Recycle
from service.domain.materials.batch import Inputs, Yield
from service.domain.materials.products import PRODUCTS
from service.domain.words import Fate, Material, Product, Route, Word


class Stage(Word):
    PRETREATMENT = "pretreatment", "dismantling and crushing", "拆解破碎"
    SMELTING = "smelting", "smelting of others' lots", "冶炼（外购物料）"
    OWN_SMELTING = "own_smelting", "smelting of own lots", "冶炼（自产物料）"
    REPAIR = "repair", "material repair", "材料修复"
    WHOLE = "whole", "all in one batch", "一体化处理"
    CHAIN = "chain", "all steps", "全流程"


FED_WITH_BATTERIES = frozenset({Stage.PRETREATMENT, Stage.REPAIR, Stage.WHOLE})


class Measure(Word):
    """What is measured: an element (the same word as the material), or one of the others below."""

    LITHIUM = "lithium", "lithium", "锂"
    NICKEL = "nickel", "nickel", "镍"
    COBALT = "cobalt", "cobalt", "钴"
    MANGANESE = "manganese", "manganese", "锰"
    COPPER = "copper", "copper", "铜"
    ALUMINIUM = "aluminium", "aluminium", "铝"
    LEAD = "lead", "lead", "铅"
    IRON = "iron", "iron", "铁"
    PHOSPHORUS = "phosphorus", "phosphorus", "磷"
    GRAPHITE = "graphite", "graphite", "石墨"
    POWDER = "powder", "electrode powder", "电极粉料"
    POWDER_ALUMINIUM = "powder_aluminium", "aluminium in the powder", "粉料杂质铝"
    POWDER_COPPER = "powder_copper", "copper in the powder", "粉料杂质铜"
    TARGET_MATERIAL = "target_material", "target material", "目标材料"
    EFFICIENCY = "efficiency", "whole battery", "整体（再生利用效率）"
    ENERGY_RECOVERY = "energy_recovery", "used for energy", "能量回收"
    BACKFILLING = "backfilling", "used as filling", "回填"
    DISPOSAL = "disposal", "slag and disposal", "炉渣与处置"
    LOSS = "loss", "losses", "损耗"


ELEMENTS = {Material(each.value): each for each in Measure if each.value in set(Material)}
ACTIVE = (Material.LITHIUM, Material.NICKEL, Material.COBALT, Material.MANGANESE)
"""The elements that stand for electrode powder and for target material. How law measures these: source needed."""
IMPURITIES = {Measure.POWDER_ALUMINIUM: Material.ALUMINIUM, Measure.POWDER_COPPER: Material.COPPER}
EXCLUDED = {
    Fate.ENERGY_RECOVERY: Measure.ENERGY_RECOVERY,
    Fate.BACKFILLING: Measure.BACKFILLING,
    Fate.DISPOSAL: Measure.DISPOSAL,
}


class Key(NamedTuple):
    stage: Stage
    family: str
    measure: Measure


class Sum(NamedTuple):
    """unknown_in_g: of the inputs, what may hold the material in unknown amount; unknown_out_g: of what is passed on.

    The others are milligrams. batches: how many there were.
    """

    in_mg: int = 0
    out_mg: int = 0
    passed_mg: int = 0
    unknown_in_g: int = 0
    unknown_out_g: int = 0
    batches: int = 0

    def plus(self, other: Sum) -> Sum:
        return Sum(*(one + another for one, another in zip(self, other, strict=True)))


def stage_of(actor: str, body: Recycle) -> Stage:
    """The step that a batch is."""
    if body.input_lots:
        own = all(taken.from_operator == actor for taken in body.input_lots)
        return Stage.OWN_SMELTING if own else Stage.SMELTING
    if body.route is Route.DIRECT:
        return Stage.REPAIR
    refined = any(PRODUCTS[output.material].refined for output in body.outputs)
    return Stage.WHOLE if refined else Stage.PRETREATMENT


def sums_of(actor: str, body: Recycle, inputs: Inputs, yields: Sequence[Yield]) -> dict[Key, Sum]:
    """What the batch adds. Cost: its outputs times the elements."""
    stage, family = stage_of(actor, body), inputs.family.value
    found: dict[Key, Sum] = {}
    for measure, amount in (
        *((measure, _element(element, inputs, yields)) for element, measure in ELEMENTS.items()),
        *_step(stage, inputs, yields),
        (Measure.EFFICIENCY, _efficiency(body, yields)),
        *_excluded(body, yields),
    ):
        if amount.in_mg or amount.out_mg or amount.passed_mg:
            key = Key(stage, family, measure)
            found[key] = found.get(key, Sum(batches=1)).plus(amount)
    return found


def _is_final(each: Yield) -> bool:
    row = PRODUCTS[each.output.material]
    return not row.passed_on and not row.lost and each.output.fate in (None, Fate.RECYCLING)


def _is_passed_on(each: Yield) -> bool:
    return PRODUCTS[each.output.material].passed_on and each.output.fate in (None, Fate.RECYCLING)


def _element(element: Material, inputs: Inputs, yields: Sequence[Yield]) -> Sum:
    final = [each for each in yields if _is_final(each)]
    passed = [each for each in yields if _is_passed_on(each)]
    return Sum(
        in_mg=inputs.known_mg.get(element, 0),
        out_mg=sum(each.holds(element) or 0 for each in final),
        passed_mg=sum(each.holds(element) or 0 for each in passed),
        unknown_in_g=inputs.unknown_g.get(element, 0),
        unknown_out_g=sum(each.borne_mg // 1_000 for each in passed if each.holds(element) is None),
    )


def _step(stage: Stage, inputs: Inputs, yields: Sequence[Yield]) -> Iterator[tuple[Measure, Sum]]:
    """What is measured in one step only."""
    if stage is Stage.REPAIR:
        yield Measure.TARGET_MATERIAL, _active_in(Product.CATHODE_MATERIAL, inputs, yields)
    if stage is not Stage.PRETREATMENT:
        return
    yield Measure.POWDER, _active_in(Product.BLACK_MASS, inputs, yields)
    powder = [each for each in yields if each.output.material is Product.BLACK_MASS]
    for measure, element in IMPURITIES.items():
        analysed = [each for each in powder if each.holds(element) is not None]
        mass = sum(each.output.mass_g for each in analysed) * 1_000
        yield measure, Sum(in_mg=mass, out_mg=sum(each.holds(element) or 0 for each in analysed))


def _active_in(product: Product, inputs: Inputs, yields: Iterable[Yield]) -> Sum:
    """Of what the electrodes are known to hold of the active elements, what is found in this product."""
    outputs = [each for each in yields if each.output.material is product]
    elements = [element for element in ACTIVE if inputs.limit_mg(element)]
    return Sum(
        in_mg=sum(inputs.known_mg.get(element, 0) for element in elements),
        out_mg=sum(each.holds(element) or 0 for each in outputs for element in elements),
        unknown_in_g=max((inputs.unknown_g.get(element, 0) for element in elements), default=0),
        unknown_out_g=sum(
            each.borne_mg // 1_000 for each in outputs if any(each.holds(element) is None for element in elements)
        ),
    )


def _efficiency(body: Recycle, yields: Iterable[Yield]) -> Sum:
    """Source: Regulation (EU) 2023/1542, Annex XII, part B; slag counts for nothing: source needed (2025/606)."""
    final, passed = 0, 0
    for each in yields:
        final += each.borne_mg if _is_final(each) else 0
        passed += each.borne_mg if _is_passed_on(each) else 0
    return Sum(in_mg=body.input_mass_g * 1_000, out_mg=final, passed_mg=passed)


def _excluded(body: Recycle, yields: Iterable[Yield]) -> Iterator[tuple[Measure, Sum]]:
    """The fractions that count for nothing, so that they are seen."""
    whole = body.input_mass_g * 1_000
    masses = {Measure.LOSS: body.loss_mass_g * 1_000}
    for each in yields:
        if not _is_final(each) and not _is_passed_on(each):
            measure = EXCLUDED.get(each.output.fate or Fate.DISPOSAL, Measure.DISPOSAL)
            masses[measure] = masses.get(measure, 0) + each.borne_mg
    for measure, mass in masses.items():
        if mass:
            yield measure, Sum(in_mg=whole, out_mg=mass)


def chain(sums: Iterable[tuple[Key, Sum]], *, everybody: bool) -> dict[Key, Sum]:
    """All steps in one: of the whole register where `everybody`, else of a recycler with the smelting of its own lots.

    What was passed on is what was not taken up again. A period that begins with a stock may give more than it takes in.
    """
    found: dict[Key, Sum] = {}
    for key, amount in sums:
        later = key.stage is Stage.OWN_SMELTING or (everybody and key.stage is Stage.SMELTING)
        if key.measure not in CHAINED or not (later or key.stage in FED_WITH_BATTERIES):
            continue
        whole = Key(Stage.CHAIN, key.family, key.measure)
        if later:  # what it takes in was passed on before
            amount = amount._replace(in_mg=0, passed_mg=amount.passed_mg - amount.in_mg, unknown_in_g=0)
        found[whole] = found.get(whole, Sum()).plus(amount)
    return {key: amount._replace(passed_mg=max(0, amount.passed_mg)) for key, amount in found.items() if amount.in_mg}


CHAINED = frozenset({*ELEMENTS.values(), Measure.EFFICIENCY})
