"""Beginnings: cells, modules and packs are registered and put together."""

from __future__ import annotations

from datetime import date, timedelta

from service.demo.catalogue import CELLS_IN_A_MODULE, MODULES_IN_A_PACK, Line, ModelRow
from service.demo.story import Battery, Story, day_of, morning

SITES = {
    "demo-cells-fuling": "重庆涪陵工厂",
    "demo-cells-yubei": "重庆渝北工厂",
    "demo-cells-bishan": "重庆璧山工厂",
}


def register(story: Story, model: ModelRow, made: date, *, mass_g: int | None = None) -> Battery:
    """A battery leaves the line and gets its code."""
    code = story.code(model.prefix, made, model.traceability)
    battery = Battery(
        code=code,
        prefix=model.prefix,
        maker=model.maker,
        mass_g=mass_g or story.around(model.mass_g, 4),
        capacity_mah=story.around(model.capacity_mah, 9),
        energy_wh=story.around(model.energy_wh, 9),
        model=model,
        holder=model.maker,
    )
    body = {
        "model_id": model.id,
        "mass_g": battery.mass_g,
        "capacity_mah": battery.capacity_mah,
        "energy_wh": battery.energy_wh,
        "made_on": made.isoformat(),
        "site": SITES[model.maker],
    }
    if model.level == "pack":
        body["gtin"] = model.gtin
    story.tell("register", model.maker, [battery], morning(made, story.rng.randrange(500)), body)
    return battery


def make_module(story: Story, line: Line, made: date, *, with_cells: bool = False) -> Battery:
    """A module, with its cells where they are registered too."""
    cells = []
    if with_cells and line.cell is not None:
        before = made - timedelta(days=story.rng.randint(4, 9))
        cells = [register(story, line.cell, before) for _ in range(CELLS_IN_A_MODULE)]
    module = register(story, line.module, made)
    if cells:
        _assemble(story, module, cells, made)
    return module


def make_pack(story: Story, line: Line, made: date, *, assembled: bool = True, with_cells: bool = False) -> Battery:
    """A pack and its modules. What is not `assembled` stands beside its modules still."""
    before = made - timedelta(days=story.rng.randint(1, 3))
    modules = [make_module(story, line, before, with_cells=with_cells) for _ in range(MODULES_IN_A_PACK)]
    around_modules = line.pack.mass_g - MODULES_IN_A_PACK * line.module.mass_g
    mass = sum(module.mass_g for module in modules) + story.around(around_modules, 20)
    pack = register(story, line.pack, made, mass_g=mass)
    if assembled:
        _assemble(story, pack, modules, made)
    return pack


def spare_module(story: Story, line: Line, made: date) -> Battery:
    """A module for a workshop's shelf."""
    return make_module(story, line, made)


def made_day(story: Story, least: int, most: int) -> date:
    """A working day between so many days before the end of the story."""
    day = day_of(story.until - timedelta(days=story.rng.randint(least, most)))
    return day - timedelta(days=max(0, day.weekday() - 4))


def _assemble(story: Story, parent: Battery, parts: list[Battery], made: date) -> None:
    parent.parts = parts
    at = morning(made, 500 + story.rng.randrange(200))
    story.tell("assemble", parent.maker, [parent, *parts], at, {"mass_g": parent.mass_g})
