"""Endings of a first life: retired, collected, tested, dismantled."""

from __future__ import annotations

from datetime import datetime

from service.demo.cast import with_role
from service.demo.driving import DEALERS, FLEET, WORKSHOPS
from service.demo.story import Battery, Story
from service.domain.roles import Role

OUTLETS = with_role(Role.COLLECTOR)
DISMANTLERS = with_role(Role.DISMANTLER)
LAB = with_role(Role.TESTER)[0].id
STANDARD = "GB/T 34015-2017"


def retire(story: Story, pack: Battery, at: datetime, *, reason: str = "capacity", by: str = "") -> datetime:
    """Out of its vehicle for good."""
    pack.holder = by or story.rng.choice((*WORKSHOPS, *DEALERS, *DISMANTLERS)).id
    pack.vin = ""
    return story.tell("retire", pack.holder, [pack], at, {"reason": reason, "soce_ppm": pack.health})


def retire_from_fleet(story: Story, pack: Battery, at: datetime) -> datetime:
    """The ride-hailing fleet gives a worn pack away."""
    return retire(story, pack, at, by=FLEET)


def collect(story: Story, battery: Battery, at: datetime) -> datetime:
    """An outlet or a dismantler takes it in, weighed."""
    giver, battery.holder = battery.holder, story.rng.choice((*OUTLETS, *DISMANTLERS)).id
    battery.mass_g = story.around(battery.mass_g, 2)
    number = story.rng.randrange(1_000_000)
    body = {
        "mass_g": battery.mass_g,
        "from_operator": giver,
        "transport_document": f"YD-{at.year}-{number:06d}",
    }
    return story.tell("collect", battery.holder, [battery], at, body)


def test(story: Story, battery: Battery, at: datetime, decision: str, *, by: str = LAB) -> datetime:
    """Remaining capacity is measured, and where the battery goes is decided."""
    battery.holder = by
    body = {
        "remaining_capacity_mah": battery.remaining_mah,
        "soce_ppm": battery.health,
        "resistance_uohm": story.rng.randint(900, 2_400),
        "insulation_kohm": story.rng.randint(15, 90) if decision == "quarantine" else story.rng.randint(2_000, 30_000),
        "standard": STANDARD,
        "decision": decision,
    }
    return story.tell("test", by, [battery], at, body)


def dismantle(story: Story, pack: Battery, at: datetime, *, loses_one: bool = False) -> list[Battery]:
    """The pack is taken apart; gives the modules that were found. Their wear is the pack's, more or less."""
    pack.holder = story.rng.choice(DISMANTLERS).id
    missing = pack.parts[:1] if loses_one else []
    found = pack.parts[len(missing) :]
    rest = max(pack.mass_g - sum(module.mass_g for module in pack.parts), 0)
    casing = rest * 82 // 100
    body = {
        "casing_mass_g": casing,
        "residual_mass_g": rest - casing,
        "missing": [module.code for module in missing],
    }
    story.tell("dismantle", pack.holder, [pack, *pack.parts], at, body)
    for module in found:
        module.holder = pack.holder
        module.health = min(story.around(pack.health, 40), 1_000_000)
    pack.parts = []
    return found
