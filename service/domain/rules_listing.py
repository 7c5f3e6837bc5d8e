"""Rules of a registration that lists the modules and cells of its pack.

Who lists a code claims it for ever, so only codes of the pack's own manufacturer and chemistry can be listed; parts of
another maker are registered by him and linked by `assemble`. No code is listed twice, nor one that is registered, and
the parts weigh no more than the whole.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from service.domain.bodies.listing import RegisterPack
from service.domain.breaches import breach
from service.domain.case import Case, listing_of
from service.domain.gbt34014 import parse_code
from service.domain.listing import LAST_SERIAL, Place, told_mass
from service.domain.rules_use import MASS_TOLERANCE_PERCENT
from service.domain.states import Model
from service.domain.words import Level


def something_is_listed(case: Case[RegisterPack]) -> None:
    if case.body.modules is None and case.body.cells is None:
        raise breach("nothing-listed", "/body/modules")


def listed_codes_fit(case: Case[RegisterPack]) -> None:
    """Level, manufacturer and chemistry of each code, its date, and that no run is longer than a day's serials.

    A run shares all but its serial number, so one look at each prefix is enough.
    """
    for code, pointer, level in _written(case.event.subjects[0], case.body):
        if code[3] != level:
            raise _misfit(pointer, code, ("the level", "产品类型"), code[3], level)
    seen = set[str]()
    for place in listing_of(case).places:
        if place.run.last > LAST_SERIAL:
            raise breach("listed-run", place.pointer, code=place.run.code(), last=LAST_SERIAL)
        if place.run.prefix not in seen:
            seen.add(place.run.prefix)
            _prefix_fits(case, place)


def _written(pack: str, body: RegisterPack) -> Iterator[tuple[str, str, str]]:
    """Each code as it stands in the event, where, and the letter of the level it must have."""
    yield pack, "/subjects/0", "P"
    for at, module in enumerate(body.modules or ()):
        yield module.code, f"/body/modules/{at}/code", "M"
        for n, row in enumerate(module.cells or ()):
            yield row.first, f"/body/modules/{at}/cells/{n}/first", "C"
    for n, row in enumerate(body.cells or ()):
        yield row.first, f"/body/cells/{n}/first", "C"


def _prefix_fits(case: Case[RegisterPack], place: Place) -> None:
    code, pack = parse_code(place.run.code()), case.event.subjects[0]
    if code.manufacturer != pack[:3]:
        raise _misfit(place.pointer, code.text, ("the manufacturer", "厂商代码"), code.manufacturer, pack[:3])
    if code.chemistry != pack[4]:
        raise _misfit(place.pointer, code.text, ("the chemistry", "电池类型"), code.chemistry, pack[4])
    if code.date > case.body.made_on:
        raise breach("made-before-parts", place.pointer, made_on=case.body.made_on, code=code.text)


def _misfit(pointer: str, code: str, field: tuple[str, str], found: str, expected: str) -> Exception:
    en, zh = field
    return breach("listed-code", pointer, field=en, field_zh=zh, code=code, found=found, expected=expected)


def nothing_is_listed_twice(case: Case[RegisterPack]) -> None:
    for one, next_ in pairwise(listing_of(case).places):
        if one.run.prefix == next_.run.prefix and next_.run.first <= one.run.last:
            raise breach("listed-twice", next_.pointer, code=next_.run.code())


def listed_models_fit(case: Case[RegisterPack]) -> None:
    """The models named for modules and cells are the maker's own, and their codes begin as the model says."""
    body = case.body
    for name, model_id, level in (
        ("module_model_id", body.module_model_id, Level.MODULE),
        ("cell_model_id", body.cell_model_id, Level.CELL),
    ):
        if model_id is None:
            continue
        model = case.facts.models.get(model_id)
        if model is None:
            raise breach("model-unknown", f"/body/{name}", model_id=model_id)
        if model.maker != case.event.actor:
            raise breach("not-the-maker", f"/body/{name}", what=model_id, maker=model.maker)
        _codes_fit_model(case, model, level, f"/body/{name}")


def _codes_fit_model(case: Case[RegisterPack], model: Model, level: Level, pointer: str) -> None:
    body = model.body
    if body.level is not level:
        raise _unlike_model(pointer, ("the level", "产品类型"), level.value, body.level.value)
    letter = "M" if level is Level.MODULE else "C"
    start = f"{body.manufacturer_code}{letter}{body.chemistry}{body.specification}"
    for place in listing_of(case).places:
        if place.run.prefix[3] == letter and not place.run.prefix.startswith(start):
            raise _unlike_model(place.pointer, ("the beginning", "前7位"), place.run.prefix[:7], start)


def _unlike_model(pointer: str, field: tuple[str, str], found: str, expected: str) -> Exception:
    en, zh = field
    return breach("model-mismatch", pointer, field=en, field_zh=zh, found=found, expected=expected)


def listed_parts_weigh_no_more(case: Case[RegisterPack]) -> None:
    """Modules, loose cells and housing weigh no more than the pack; the cells of a module no more than the module.

    What has no mass, neither listed nor of its model, counts for nothing.
    """
    body, pack, listing = case.body, case.event.subjects[0], listing_of(case)
    weights = {pack: body.housing_mass_g or 0}
    for place in listing.places:
        mass = told_mass(listing, place, case.facts.models) or 0
        weights[place.parent] = weights.get(place.parent, 0) + place.run.size * mass
    total = weights.pop(pack)
    if total * 100 > body.mass_g * (100 + MASS_TOLERANCE_PERCENT):
        raise breach("parts-mass", "/body/mass_g", sum=total, mass=body.mass_g)
    for at, module in enumerate(body.modules or ()):
        cells = weights.get(module.code, 0)
        if cells > module.mass_g:
            raise breach("cells-mass", f"/body/modules/{at}/mass_g", sum=cells, code=module.code, mass=module.mass_g)


def listed_parts_are_new(case: Case[RegisterPack]) -> None:
    """None of the codes is registered, or listed with another pack, already."""
    if not case.facts.taken:
        return
    for place in listing_of(case).places:
        for code in sorted(case.facts.taken):
            if code in place.run:
                state = case.facts.taken[code]
                raise breach("already-registered", place.pointer, current=state, code=code, maker=state.maker)
