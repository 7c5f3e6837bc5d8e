"""What a stretch of entries adds to the figures, by the keys of their tables; amounts below zero take away."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache

from ledger.entry import parse_time
from service.db.figure_tables import TOTAL
from service.domain.rules_use import date_in_china
from service.figures.lives import Life

Key = tuple[str | int, ...]
Sums = dict[Key, list[int]]
MOVED, WEIGHED, HANDED, SHIPPED = "moved", "weighed", "handed", "shipped"


@dataclass(slots=True)
class Tally:
    """The sums by table. Those of stock and flow begin with organisation and model.

    The stock is worked out at the end, from what each battery was before the stretch and is now.
    """

    stock: Sums = field(default_factory=dict)
    flow: Sums = field(default_factory=dict)
    act: Sums = field(default_factory=dict)
    lot: Sums = field(default_factory=dict)
    item: Sums = field(default_factory=dict)
    health: Sums = field(default_factory=dict)

    def step(self, before: Life | None, after: Life, month: str, actor: str, sign: int = 1) -> None:
        """Count what an event changed about one battery; with -1, that it did not."""
        level, model, flow = after.code[3], after.model, self.flow
        if before is None:
            amounts = (sign, sign * after.mass_g, sign * after.energy_wh)
            add(flow, (actor, model, month, MOVED, level, "", after.state), amounts)
            return
        if before.state != after.state:
            amounts = (sign, sign * before.mass_g, sign * before.energy_wh)
            add(flow, (actor, model, month, MOVED, level, before.state, after.state), amounts)
        if before.holder != after.holder:
            amounts = (sign, sign * after.mass_g, sign * after.energy_wh)
            add(flow, (actor, model, month, HANDED, level, before.holder, after.holder), amounts)
        if before.mass_g != after.mass_g or before.energy_wh != after.energy_wh:
            more = (0, sign * (after.mass_g - before.mass_g), sign * (after.energy_wh - before.energy_wh))
            add(flow, (actor, model, month, WEIGHED, level, after.state, after.state), more)

    def ship(self, life: Life, countries: tuple[str, str], month: str, actor: str, sign: int = 1) -> None:
        """Count that a battery went from one country to another; with -1, that it did not."""
        amounts = (sign, sign * life.mass_g, sign * life.energy_wh)
        add(self.flow, (actor, life.model, month, SHIPPED, life.code[3], *countries), amounts)

    def settle(self, before: Life | None, after: Life | None) -> None:
        """Move a battery from where it counted in the stock to where it does now."""
        for life, sign in ((before, -1), (after, 1)):
            if life is not None:
                key = (life.holder, life.model, life.state, day_of(life.last_at)[:7], life.code[3])
                add(self.stock, key, (sign, sign * life.mass_g, sign * life.energy_wh))


def add(sums: Sums, key: Key, amounts: tuple[int, ...]) -> None:
    """Add to one sum."""
    known = sums.get(key)
    if known is None:
        sums[key] = list(amounts)
        return
    for at, amount in enumerate(amounts):
        known[at] += amount


def with_cuts(sums: Sums) -> Sums:
    """The sums by organisation and model four times: as a whole, by either of them, and by both."""
    found: Sums = {}
    for (operator, model, *rest), amounts in sums.items():
        for cut, names in enumerate(((TOTAL, TOTAL), (operator, TOTAL), (TOTAL, model), (operator, model))):
            add(found, (cut, *names, *rest), tuple(amounts))
    return found


def day_of(at: str) -> str:
    """The day in China of a time as entries write it."""
    return _day_of_hour(at[:13])


@lru_cache(maxsize=65_536)
def _day_of_hour(hour: str) -> str:
    return date_in_china(parse_time(f"{hour}:00:00.000Z")).isoformat()
