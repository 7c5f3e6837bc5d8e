"""R-16: the machine's clock jumps or stops under load. Order is by index; times of receipt never go back."""

import random
import tempfile
import time
from pathlib import Path

from ledger.entry import parse_entry
from service.work import Register
from tests.scene import Server, size_of
from tests.torture.clients import Manner
from tests.torture.journal import Journal
from tests.torture.load import fresh_scene, load_scene
from tests.torture.machine import Machine
from tests.torture.verdict import Verdict, require

HOUR, DAY = 3600, 86400
STILL = 0
JUMPS = (STILL, -HOUR, HOUR, -3650 * DAY, 360 * DAY, -1, 1, -60, 12 * 365 * DAY)
"""Seconds the clock is wrong by; STILL: it stands. The last one is past 2038."""

ANSWERS = 12
"""What the server says, yes or no, before the clock jumps again: three for each client."""


def jump(jumps: int, seed: int) -> Verdict:
    """Let the clock be wrong, now by a second, now by years, and right again at the end."""
    with tempfile.TemporaryDirectory(prefix="packtrail-torture-") as name:
        machine = Machine(Path(name))
        scene = fresh_scene(Path(name) / "data")
        before, stops = size_of(scene), list[int]()

        def fault(_server: Server, chance: random.Random, journal: Journal) -> None:
            for number in range(jumps):
                jump = JUMPS[number % len(JUMPS)]
                if jump == STILL:
                    stops.append(int(time.time() * 1000))
                    machine.stop_clock(stops[-1])
                else:
                    machine.set_clock(jump + chance.random())
                _let_answer(journal, ANSWERS)
            machine.set_clock(0)
            _let_answer(journal, ANSWERS)  # what was refused as too early or too late is accepted now

        manner = Manner(threads=4, stubborn=True, pause=0.02)
        verdict = load_scene(scene, fault, seed=seed, manner=manner, environment=machine.environment)
        register = Register(scene.settings)
        with register.read() as reader:
            times = [parse_entry(entry).at for entry in reader.entries(before, reader.size())]
        register.close()
        ahead = sum(1 for at in times if at.timestamp() > time.time() + 300 * DAY)
        still = sum(1 for at in times if round(at.timestamp() * 1000) in stops)
        return verdict + require(
            {"jumps": jumps, "entries from the future": ahead, "entries while it stood": still},
            the_jumps_were_felt=ahead > 0,
            the_clock_stood=still >= ANSWERS // 2,
            nothing_was_refused_for_ever=verdict.counts["acknowledged"] == verdict.counts["events"],
        )


def _let_answer(journal: Journal, number: int) -> None:
    """Wait until so many more requests were answered."""
    enough, give_up = sum(journal.answers.values()) + number, time.monotonic() + 20
    while sum(journal.answers.values()) < enough and time.monotonic() < give_up:
        time.sleep(0.01)
