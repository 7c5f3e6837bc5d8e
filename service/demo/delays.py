"""How long operators take to report: most in days, some far too late, so that there is something to supervise."""

from __future__ import annotations

from datetime import timedelta
from random import Random
from typing import NamedTuple


class Habit(NamedTuple):
    """Hours that a report usually takes at most; one in `late` takes up to `late_days` instead (0: never)."""

    hours: int
    late: int = 0
    late_days: int = 0


PROMPT = Habit(6)
HABITS: dict[str, Habit] = {
    "register": Habit(30),
    "assemble": Habit(30),
    "install": Habit(100),
    "sell": Habit(240, late=40, late_days=30),
    "report_soh": Habit(48),
    "repair": Habit(300, late=12, late_days=45),
    "swap": PROMPT,
    "retire": Habit(200, late=15, late_days=40),
    "collect": Habit(480, late=9, late_days=45),
    "test": Habit(120),
    "dismantle": Habit(360, late=15, late_days=40),
    "prepare_reuse": Habit(300),
    "repurpose": Habit(300),
    "remanufacture": Habit(300),
    "recycle": Habit(500, late=10, late_days=40),
}
"""By kind of event; what is not here is reported at once."""
NEGLIGENT = frozenset({"demo-workshop-qianjiang", "demo-outlet-kaizhou"})
"""Who is late three times as often as others."""


def delay_of(kind: str, actor: str, rng: Random) -> timedelta:
    """From the event to its receipt."""
    habit = HABITS.get(kind, PROMPT)
    odds = habit.late // 3 if actor in NEGLIGENT else habit.late
    if habit.late and rng.randrange(max(odds, 2)) == 0:
        return timedelta(days=rng.randint(habit.late_days // 2, habit.late_days), minutes=rng.randrange(600))
    return timedelta(minutes=rng.randint(1, habit.hours * 60))
