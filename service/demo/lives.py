"""The lives that batteries of the story lead, as rows: which share of the packs leads it, and how it goes.

`least` days lie at least between production and the end of the story, `most` at most. The share is of all packs, in
thousandths; each life is led by `fewest` packs even in the shortest story. The rest of the packs simply drive. What
should have ended by the end of the story ends two months before, so that late reports have come in.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import NamedTuple

from service.demo import driving, ends, second_lives
from service.demo.catalogue import LFP, MODELS, NMC, Line
from service.demo.making import made_day, make_pack
from service.demo.recovery import Yard
from service.demo.story import Battery, Story, morning
from service.demo.swapping import run_network


class Stage(NamedTuple):
    """What a life gets to work with: a pack and when it was made, and the yard of the recyclers."""

    story: Story
    yard: Yard
    line: Line
    pack: Battery
    made: datetime

    def is_driven(self, usage: driving.Usage, *, days: int, health: int = 0) -> datetime:
        """Sold, and driven until `days` before the end; then, if `health` says so, its health is that."""
        end = self.story.until - timedelta(days=days)
        sold = driving.put_on_the_road(self.story, self.pack, self.made, usage)
        driving.drive(self.story, self.pack, sold, end, usage)
        if health:
            self.pack.health = min(self.pack.health, self.story.around(health, 40))
        return max(sold, end)


def drives(stage: Stage) -> None:
    usage = stage.story.rng.choices((driving.PRIVATE, driving.RENTED, driving.PUBLIC, driving.RIDES), (70, 8, 7, 15))[0]
    stage.is_driven(usage, days=0)


def waits_for_assembly(stage: Stage) -> None:
    """Made as told, and nothing more: see `Life.assembled`."""


def waits_for_a_vehicle(stage: Stage) -> None:
    """Stands in the maker's store."""


def waits_for_a_buyer(stage: Stage) -> None:
    driving.install(stage.story, stage.pack, stage.made + stage.story.days(4, 12))


def gets_a_new_module(stage: Stage) -> Battery:
    """Gives the module that came out; it stays on the workshop's shelf."""
    at = stage.is_driven(driving.PRIVATE, days=stage.story.rng.randint(90, 200))
    removed = driving.replace_module(stage.story, stage.pack, stage.line, at)
    driving.report(stage.story, stage.pack, at + stage.story.days(20, 60), removed.holder, "charge_test")
    return removed


def gives_its_old_module_away(stage: Stage) -> None:
    removed = gets_a_new_module(stage)
    at = stage.story.until - stage.story.days(60, 80)
    retired = ends.retire(stage.story, removed, at, reason="replaced", by=removed.holder)
    collected = ends.collect(stage.story, removed, retired + stage.story.days(2, 20))
    stage.yard.bring(stage.story, [removed], collected)


def is_repaired(stage: Stage) -> None:
    at = stage.is_driven(driving.RENTED, days=stage.story.rng.randint(70, 300))
    driving.repair(stage.story, stage.pack, at)


def fails_its_safety_test(stage: Stage) -> None:
    at = stage.is_driven(driving.RIDES, days=stage.story.rng.randint(65, 90))
    driving.repair(stage.story, stage.pack, at, safe=False)


def is_retired_and_never_seen_again(stage: Stage) -> None:
    at = stage.is_driven(driving.PRIVATE, days=stage.story.rng.randint(70, 420), health=760_000)
    reason = stage.story.rng.choice(("capacity", "accident", "end_of_vehicle", "other"))
    ends.retire(stage.story, stage.pack, at, reason=reason)


def _is_collected(stage: Stage, *, days: int, health: int, reason: str = "capacity") -> datetime:
    at = stage.is_driven(driving.RIDES, days=days, health=health)
    retire = (
        ends.retire_from_fleet(stage.story, stage.pack, at)
        if reason == "capacity"
        else ends.retire(stage.story, stage.pack, at, reason=reason)
    )
    return ends.collect(stage.story, stage.pack, retire + stage.story.days(1, 20))


def waits_at_an_outlet(stage: Stage) -> None:
    _is_collected(stage, days=stage.story.rng.randint(150, 260), health=740_000, reason="end_of_vehicle")


def waits_after_its_test(stage: Stage) -> None:
    at = _is_collected(stage, days=stage.story.rng.randint(190, 330), health=720_000)
    decision = stage.story.rng.choice(("second_life", "dismantle", "recycle"))
    ends.test(stage.story, stage.pack, at + stage.story.days(3, 20), decision)


def is_quarantined(stage: Stage) -> None:
    at = _is_collected(stage, days=stage.story.rng.randint(200, 370), health=640_000, reason="accident")
    ends.test(stage.story, stage.pack, at + stage.story.days(1, 4), "quarantine")


def is_dismantled(stage: Stage, *, loses_one: bool = False) -> None:
    at = _is_collected(stage, days=stage.story.rng.randint(230, 420), health=690_000)
    at = ends.test(stage.story, stage.pack, at + stage.story.days(3, 20), "dismantle")
    at += stage.story.days(2, 15)
    modules = ends.dismantle(stage.story, stage.pack, at, loses_one=loses_one)
    stage.yard.bring(stage.story, modules, at + timedelta(days=2))


def loses_a_module(stage: Stage) -> None:
    is_dismantled(stage, loses_one=True)


def is_dismantled_lately(stage: Stage) -> None:
    at = _is_collected(stage, days=stage.story.rng.randint(150, 220), health=690_000)
    modules = ends.dismantle(stage.story, stage.pack, at + stage.story.days(3, 20))
    ends.test(stage.story, modules[0], at + stage.story.days(40, 50), "recycle")


def is_recycled_whole(stage: Stage) -> None:
    at = _is_collected(stage, days=stage.story.rng.randint(260, 420), health=600_000, reason="accident")
    at = ends.test(stage.story, stage.pack, at + stage.story.days(3, 20), "recycle")
    stage.yard.bring(stage.story, [stage.pack], at + timedelta(days=3))


def becomes_a_cabinet(stage: Stage) -> None:
    """Its modules, tested one by one, become a storage cabinet or drive street lights."""
    at = _is_collected(stage, days=stage.story.rng.randint(240, 430), health=820_000)
    at += stage.story.days(2, 20)
    modules = ends.dismantle(stage.story, stage.pack, at)
    tested = [ends.test(stage.story, each, at + stage.story.days(25, 40), "second_life") for each in modules]
    kind = stage.story.rng.choice((second_lives.CABINET, second_lives.LIGHTS))
    output, at = second_lives.repurpose(stage.story, modules, max(tested) + stage.story.days(5, 12), kind)
    output.health = 985_000
    driving.report(stage.story, output, at + stage.story.days(30, 50), ends.LAB, "lab")


def becomes_storage(stage: Stage) -> None:
    """Never waste: the fleet's pack goes from the test bench straight into another use."""
    at = stage.is_driven(driving.RIDES, days=stage.story.rng.randint(200, 430), health=790_000)
    at = ends.retire_from_fleet(stage.story, stage.pack, at)
    at = ends.test(stage.story, stage.pack, at + stage.story.days(3, 12), "second_life")
    kind = stage.story.rng.choice((second_lives.STORAGE, second_lives.BACKUP, second_lives.SLOW))
    second_lives.repurpose(stage.story, [stage.pack], at + stage.story.days(8, 30), kind)


def is_reused(stage: Stage) -> None:
    at = _is_collected(stage, days=stage.story.rng.randint(250, 430), health=880_000, reason="end_of_vehicle")
    at = ends.test(stage.story, stage.pack, at + stage.story.days(3, 15), "second_life")
    _drives_again(stage, second_lives.REUSED, at)


def is_remanufactured(stage: Stage) -> None:
    at = stage.is_driven(driving.GENTLE, days=stage.story.rng.randint(230, 360))
    at = ends.retire(stage.story, stage.pack, at, reason="recall")
    at = ends.test(stage.story, stage.pack, at + stage.story.days(3, 15), "second_life")
    _drives_again(stage, second_lives.REMADE, at)


def _drives_again(stage: Stage, kind: second_lives.Kind, at: datetime) -> None:
    story = stage.story
    output, at = second_lives.repurpose(story, [stage.pack], at + story.days(5, 20), kind)
    workshop = story.rng.choice(driving.WORKSHOPS).id
    at = driving.install(story, output, at + story.days(10, 20), by=workshop)
    driving.sell(story, output, at + story.days(2, 6), driving.PRIVATE)


class Life(NamedTuple):
    """A row. `assembled` is False where the pack is not even put together."""

    lead: Callable[[Stage], object]
    share: int
    fewest: int
    least: int
    most: int
    assembled: bool = True


LIVES = (
    Life(waits_for_assembly, 12, 1, 3, 20, assembled=False),
    Life(waits_for_a_vehicle, 20, 1, 3, 45),
    Life(waits_for_a_buyer, 25, 1, 20, 60),
    Life(gets_a_new_module, 15, 1, 500, 1_300),
    Life(gives_its_old_module_away, 30, 1, 500, 1_300),
    Life(is_repaired, 30, 1, 450, 1_300),
    Life(fails_its_safety_test, 6, 1, 300, 900),
    Life(is_retired_and_never_seen_again, 30, 2, 700, 1_380),
    Life(waits_at_an_outlet, 18, 1, 600, 1_380),
    Life(waits_after_its_test, 14, 2, 600, 1_380),
    Life(is_quarantined, 5, 1, 500, 1_300),
    Life(is_dismantled, 55, 2, 750, 1_380),
    Life(loses_a_module, 5, 1, 750, 1_380),
    Life(is_dismantled_lately, 8, 1, 600, 1_380),
    Life(is_recycled_whole, 18, 1, 750, 1_380),
    Life(becomes_a_cabinet, 20, 1, 600, 1_300),
    Life(becomes_storage, 20, 1, 600, 1_380),
    Life(is_reused, 10, 1, 600, 1_300),
    Life(is_remanufactured, 8, 1, 500, 900),
)
DRIVES = Life(drives, 0, 0, 40, 1_390)
SWAPPED = 60
"""Thousandths of the packs that belong to the swap network."""
WITH_CELLS = 3
"""So many packs have their cells registered as well."""


def tell_all(story: Story) -> None:
    """The models, and all lives of the story."""
    for number, model in enumerate(MODELS):
        story.tell("publish_model", model.maker, [], story.opened + timedelta(hours=24 + number), model.body)
    yard = Yard()
    swapped = max(3, story.packs * SWAPPED // 1000)
    run_network(story, swapped)
    cells_wanted = WITH_CELLS
    for life in _cast_lives(story, story.packs - swapped):
        day = made_day(story, life.least, life.most)
        with_cells = life is DRIVES and cells_wanted > 0
        cells_wanted -= with_cells
        line = LFP if with_cells or story.rng.randrange(100) < 58 else NMC
        pack = make_pack(story, line, day, assembled=life.assembled, with_cells=with_cells)
        life.lead(Stage(story, yard, line, pack, morning(day, 600)))
    yard.recycle_all(story)


def _cast_lives(story: Story, packs: int) -> Iterable[Life]:
    """The life of each pack, mixed."""
    lives = [life for life in LIVES for _ in range(max(life.fewest, story.packs * life.share // 1000))]
    lives += [DRIVES] * max(0, packs - len(lives))
    story.rng.shuffle(lives)
    return lives
