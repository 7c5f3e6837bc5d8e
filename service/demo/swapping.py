"""The swap network: vehicles whose packs change places with charged ones, day by day."""

from __future__ import annotations

import heapq
from collections import deque
from datetime import datetime, timedelta

from service.demo.cast import STATIONS, with_role
from service.demo.catalogue import SWAP
from service.demo.driving import Usage, age, install, report, sell
from service.demo.making import made_day, make_pack
from service.demo.story import Battery, Story, morning
from service.domain.roles import Role

OPERATOR = with_role(Role.SWAP_OPERATOR)[0].id
USAGE = Usage("fleet", OPERATOR, 0, 48_000, 320)
FIRST_DAY, LAST_DAY = 620, 420
"""Days before the end within which the packs are made."""
DAYS_BETWEEN = (5, 14)
REPORT_AFTER = timedelta(days=100)


def run_network(story: Story, packs: int) -> None:
    """Two thirds of `packs` go into vehicles, the rest onto the shelves of the stations."""
    days = sorted(made_day(story, LAST_DAY, FIRST_DAY) for _ in range(packs))
    made = [(make_pack(story, SWAP, day), morning(day)) for day in days]
    in_vehicles = made[: max(1, packs * 2 // 3)]
    shelf: deque[Battery] = deque(pack for pack, _ in made[len(in_vehicles) :])
    visits: list[tuple[datetime, int]] = []
    vehicles: list[tuple[str, Battery]] = []
    for pack, at in in_vehicles:
        sold = sell(story, pack, install(story, pack, at + story.days(4, 20)) + story.days(3, 20), USAGE)
        vehicles.append((pack.vin, pack))
        heapq.heappush(visits, (max(sold, made[-1][1] + timedelta(days=5)) + story.days(1, 20), len(vehicles) - 1))
    reported = dict.fromkeys((pack.code for pack, _ in made), made[-1][1])
    while visits and shelf:
        at, number = heapq.heappop(visits)
        if at > story.until:
            continue
        vin, out = vehicles[number]
        put_in = shelf.popleft()
        at = _swap(story, out, put_in, at, vin)
        if at - reported[out.code] > REPORT_AFTER:
            age(story, out, at - reported[out.code], USAGE)
            reported[out.code] = report(story, out, at + timedelta(hours=2), OPERATOR)
        shelf.append(out)
        vehicles[number] = (vin, put_in)
        heapq.heappush(visits, (at + story.days(*DAYS_BETWEEN), number))


def _swap(story: Story, out: Battery, put_in: Battery, at: datetime, vin: str) -> datetime:
    body = {
        "station": story.rng.choice(STATIONS),
        "soc_out_ppm": story.rng.randint(60, 300) * 1000,
        "soc_in_ppm": story.rng.randint(900, 990) * 1000,
    }
    out.vin, put_in.vin = "", vin
    out.holder = put_in.holder = OPERATOR
    return story.tell("swap", OPERATOR, [out, put_in], at, body, vin=vin)
