"""First lives: batteries go into vehicles, are sold, driven, measured, repaired, and one day taken out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from service.demo.cast import with_role
from service.demo.catalogue import Line
from service.demo.making import spare_module
from service.demo.story import Battery, Story, day_of
from service.domain.districts import CHONGQING
from service.domain.roles import Role

DISTRICTS = tuple(CHONGQING)
VEHICLE_MAKERS = with_role(Role.VEHICLE_MAKER)
DEALERS = with_role(Role.DEALER)
WORKSHOPS = with_role(Role.WORKSHOP)
FLEET = with_role(Role.FLEET)[0].id
REASONS = ("模块电压异常", "采样线束故障", "冷却液渗漏", "托底碰撞", "绝缘阻值偏低")


@dataclass(frozen=True, slots=True)
class Usage:
    """How a vehicle is driven: who owns it, who reports, how often, and what a year costs."""

    owner: str
    reporter: str
    days_between: int
    loss_ppm: int
    cycles: int


PRIVATE = Usage("private", "", 330, 21_000, 110)
GENTLE = Usage("private", "", 330, 11_000, 70)
RENTED = Usage("leasing", "", 240, 30_000, 180)
PUBLIC = Usage("public", "", 300, 24_000, 140)
RIDES = Usage("fleet", FLEET, 120, 62_000, 430)


def install(story: Story, pack: Battery, at: datetime, *, by: str = "") -> datetime:
    """Into a new vehicle, by its maker or, where `by` says so, by somebody else."""
    number = story.rng.randrange(len(VEHICLE_MAKERS))
    pack.vin = story.vehicle(number, day_of(at))
    pack.holder = by or VEHICLE_MAKERS[number].id
    body = {"odometer_km": story.rng.randint(90_000, 140_000) if by else story.rng.randint(3, 40)}
    return story.tell("install", pack.holder, [pack], at, body, vin=pack.vin)


def sell(story: Story, pack: Battery, at: datetime, usage: Usage) -> datetime:
    """To somebody in one of the districts."""
    district = DISTRICTS[min(int(story.rng.expovariate(0.09)), len(DISTRICTS) - 1)]
    pack.holder = story.rng.choice(DEALERS).id
    body = {"sold_on": day_of(at).isoformat(), "region": district, "owner_type": usage.owner}
    return story.tell("sell", pack.holder, [pack], at, body)


def put_on_the_road(story: Story, pack: Battery, made: datetime, usage: Usage) -> datetime:
    """Installed and sold; gives the day of sale."""
    installed = install(story, pack, made + story.days(4, 25))
    return sell(story, pack, installed + story.days(3, 40), usage)


def drive(story: Story, pack: Battery, since: datetime, until: datetime, usage: Usage) -> None:
    """Time passes on the road, with reports of health."""
    at = since
    reporter = usage.reporter or story.rng.choice(VEHICLE_MAKERS).id
    while True:
        step = timedelta(days=usage.days_between * story.rng.randint(80, 125) // 100)
        if at + step > until:
            return
        at += step
        age(story, pack, step, usage)
        report(story, pack, at, reporter)


def age(story: Story, pack: Battery, time: timedelta, usage: Usage) -> None:
    """What time does to a battery: health falls, cycles rise."""
    loss = usage.loss_ppm * time.days // 365
    pack.health = max(pack.health - story.around(loss, 400), 520_000)
    pack.cycles += story.around(usage.cycles * time.days // 365, 200)


def report(story: Story, pack: Battery, at: datetime, reporter: str, method: str = "bms") -> datetime:
    """A report of health."""
    body = {
        "soce_ppm": pack.health,
        "remaining_capacity_mah": pack.remaining_mah,
        "full_cycles": pack.cycles,
        "method": method,
        "temperature_mc": story.rng.randint(8, 34) * 1000,
    }
    return story.tell("report_soh", reporter, [pack], at, body)


def repair(story: Story, pack: Battery, at: datetime, *, safe: bool = True) -> datetime:
    """A workshop opens the pack; nothing is replaced."""
    pack.holder = story.rng.choice(WORKSHOPS).id
    body = {"reason": story.rng.choice(REASONS), "soce_ppm": pack.health, "safety_test_passed": safe}
    return story.tell("repair", pack.holder, [pack], at, body)


def replace_module(story: Story, pack: Battery, line: Line, at: datetime) -> Battery:
    """A workshop replaces a module by a new one; gives the one that came out."""
    fresh = spare_module(story, line, day_of(at) - timedelta(days=story.rng.randint(20, 60)))
    place = story.rng.randrange(len(pack.parts))
    removed = pack.parts[place]
    pack.parts[place] = fresh
    pack.health = min(pack.health + 25_000, 1_000_000)
    pack.mass_g += fresh.mass_g - removed.mass_g
    removed.health, removed.holder = pack.health - 180_000, story.rng.choice(WORKSHOPS).id
    body = {
        "reason": story.rng.choice(REASONS),
        "soce_ppm": pack.health,
        "safety_test_passed": True,
        "removed": removed.code,
        "inserted": fresh.code,
    }
    pack.holder = removed.holder
    story.tell("repair", pack.holder, [pack, removed, fresh], at, body)
    return removed
