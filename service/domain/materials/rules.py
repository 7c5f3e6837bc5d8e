"""The rules of a recycling batch: inputs that are there, contents that can be, and the balance of mass and elements.

The balance counts what comes out of the input: of a salt its metal, not the water and sulfate that reagents bring, and
of slag or black mass not the reagents that are declared. With the losses it is the input, within the tolerance.
"""

from __future__ import annotations

from typing import NamedTuple

from service.domain.bodies import Recycle
from service.domain.breaches import breach
from service.domain.case import Case
from service.domain.materials.batch import Inputs, inputs_of, key_of, recovered_mg, taken_lots, yield_of
from service.domain.materials.lots import lot_key
from service.domain.materials.products import CONTENTS, PPM, PRODUCTS
from service.domain.words import Material, Product


class Tolerance(NamedTuple):
    """How far two statements of the same mass may lie apart, in parts per million of the first."""

    name: str
    ppm: int
    source: str


_RULE = "Conservation rule 4"
INPUT_MASS = Tolerance("input weighed against batteries recorded", 20_000, f"{_RULE}; the figure: source needed")
BATCH_MASS = Tolerance("outputs and losses against the input", 20_000, f"{_RULE}; the figure: source needed")
ELEMENT_MASS = Tolerance("an element recovered against the same contained", 0, _RULE)
TOLERANCES = (INPUT_MASS, BATCH_MASS, ELEMENT_MASS)


def is_near(value: int, target: int, tolerance: Tolerance) -> bool:
    """Whether `value` is within the tolerance of `target`."""
    return abs(value - target) * PPM <= target * tolerance.ppm


def batch_takes_one_kind_of_input(case: Case[Recycle]) -> None:
    """Batteries or lots: the rates that law asks for are those of one step."""
    if bool(case.states) is bool(case.body.input_lots):
        raise breach("batch-input", "/body/input_lots" if case.states else "/subjects")


def lots_can_be_taken(case: Case[Recycle]) -> None:
    """Each lot was made to be passed on, for whoever takes it, before this batch, and enough of it is left."""
    seen = set()
    for at, taken in enumerate(case.body.input_lots or ()):
        where, key = f"/body/input_lots/{at}", key_of(taken)
        if not PRODUCTS[taken.material].passed_on:
            names = taken.material
            raise breach("lot-final", f"{where}/material", product=names.en, product_zh=names.zh)
        lot = case.facts.lots.get(key)
        if lot is None:
            raise breach("lot-unknown", f"{where}/lot", lot=key)
        if key in seen:
            raise breach("lot-repeated", f"{where}/lot", lot=key)
        seen.add(key)
        if lot.to_operator not in (None, case.event.actor) and case.event.actor != lot.operator:
            raise breach("lot-for-another", f"{where}/lot", lot=key, operator=lot.to_operator)
        if case.event.occurred_at < lot.made_at:
            raise breach("lot-later", f"{where}/lot", lot=key, made_at=lot.made_at.isoformat())
        if taken.mass_g > lot.left_g:
            raise breach("lot-used-up", f"{where}/mass_g", lot=key, left=lot.left_g)


def lots_are_new(case: Case[Recycle]) -> None:
    seen = set()
    for at, output in enumerate(case.body.outputs):
        key = lot_key(case.event.actor, output.material, output.lot)
        if key in seen or key in case.facts.lots:
            raise breach("lot-number", f"/body/outputs/{at}/lot", lot=key)
        seen.add(key)
        if output.to_operator is not None and output.to_operator not in case.facts.operators:
            raise breach("operator-unknown", f"/body/outputs/{at}/to_operator", operator=output.to_operator)


def contents_can_be(case: Case[Recycle]) -> None:
    """A pure product holds no more of anything than its formula, and no output more than itself."""
    for at, output in enumerate(case.body.outputs):
        where, told = f"/body/outputs/{at}/content_ppm", output.content_ppm or {}
        if sum(told.values()) > PPM:
            raise breach("content-sum", where, sum=sum(told.values()))
        for element, ppm in told.items():
            limit = _most_ppm(output.material, element)
            if ppm > limit:
                raise breach(
                    "content-formula",
                    f"{where}/{element.value}",
                    limit=limit,
                    product=output.material.en,
                    product_zh=output.material.zh,
                    element=element.en,
                    element_zh=element.zh,
                )


def _most_ppm(product: Product, element: Material) -> int:
    """What the pure product holds of an element, rounded up; everything where it has no formula."""
    if not PRODUCTS[product].formula:
        return PPM
    share = CONTENTS[product].get(element)
    return 0 if share is None else -(-share.weight * PPM // share.whole)


def reagents_are_where_they_can_be(case: Case[Recycle]) -> None:
    for at, output in enumerate(case.body.outputs):
        where, added = f"/body/outputs/{at}/reagents_mass_g", output.reagents_mass_g or 0
        if added and not PRODUCTS[output.material].reagents:
            names = output.material
            raise breach("reagents-where", where, product=names.en, product_zh=names.zh)
        if (output.mass_g - added) * PPM < output.mass_g * sum((output.content_ppm or {}).values()):
            raise breach("reagents-mass", where, mass=output.mass_g)


def batch_is_balanced(case: Case[Recycle]) -> None:
    body = case.body
    recorded = batch_inputs(case).mass_g
    if not is_near(body.input_mass_g, recorded, INPUT_MASS):
        raise breach("input-mass", "/body/input_mass_g", recorded=recorded, mass=body.input_mass_g)
    borne_mg = sum(yield_of(output).borne_mg for output in body.outputs)
    if not is_near(body.loss_mass_g * 1_000 + borne_mg, body.input_mass_g * 1_000, BATCH_MASS):
        total = body.loss_mass_g + borne_mg // 1_000
        raise breach("batch-mass", "/body/outputs", sum=total, mass=body.input_mass_g)


def no_element_is_created(case: Case[Recycle]) -> None:
    inputs = batch_inputs(case)
    for element, milligrams in recovered_mg(map(yield_of, case.body.outputs)).items():
        limit = inputs.limit_mg(element)
        if milligrams * PPM > limit * (PPM + ELEMENT_MASS.ppm):
            raise breach(
                "element-mass",
                "/body/outputs",
                recovered=milligrams // 1_000,
                element=element.en,
                element_zh=element.zh,
                available=limit // 1_000,
            )


def batch_inputs(case: Case[Recycle]) -> Inputs:
    """What goes into the batch."""
    models = case.facts.models
    batteries = [(state, models.get(state.model_id) if state.model_id else None) for state in case.states]
    return inputs_of(batteries, taken_lots(case.body.input_lots or (), case.facts.lots), case.facts.limits)
