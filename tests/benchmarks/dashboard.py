"""The sixteen figures: how fast entries are folded into them, and how long a dashboard over a million packs takes.

Folding is of the demonstration's story. For the reading, rows are loaded straight into the figures' tables: a million
packs of forty models, three hundred organisations, sixty months; ten thousand late duties and a thousand missing packs
and alerts, for the line that says how the register is. The floor of folding is reading and parsing the same entries;
that of reading is one count of the packs in use, over the index of the same rows. Last the page itself, as the
authority's browser gets it: asked through the application, with everything that stands on it.
"""

import random
import tempfile
import time
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import orjson
from flask.testing import FlaskClient
from sqlalchemy import Connection, func, select

from api.app import create_app
from api.desk.figures.cards import BY
from api.desk.figures.pages import PATH
from api.session_cookie import SESSION
from ledger.entry import format_time
from service.db import bulk
from service.db.batch_tables import recovery_sum
from service.db.duty_tables import duty_case, vehicle_case
from service.db.figure_tables import (
    TOTAL,
    figure_act,
    figure_battery,
    figure_cursor,
    figure_delay,
    figure_flow,
    figure_health,
    figure_item_sum,
    figure_lot,
    figure_stock,
)
from service.db.scan_tables import copy_alert
from service.demo.staging import Programme, open_stage
from service.domain.districts import CHONGQING
from service.domain.duties.rows import DUTIES
from service.figures.figures import FIGURES
from service.figures.following import Follower, forget_figures
from service.figures.reading import read_figure
from service.figures.shapes import Filter
from service.figures.storing import VERSION, sum_months
from service.figures.tally import Sums, add, with_cuts
from service.founding import Founder
from service.operators import enrol_operator
from service.people import sessions
from service.people.accounts import Invited
from service.people.acts import By
from service.people.entering import make_person
from service.people.roles import PersonRole
from service.recording.recorder import Recorder
from service.settings import read_settings
from service.work import Register
from tests.benchmarks.figures import Figure, each_ms, figure, rate
from tests.scene import set_scene

GROUP = "The sixteen figures, SQLite"
FOUNDER = Founder("bench.example/log", "authority", "示例登记机构", "Bench Authority", "500000")
OPERATORS, MODELS, MONTHS = 300, 40, 60
ROLES = ("maker", "vehicle_maker", "dealer", "workshop", "collector", "recycler")
STATES = ("IN_USE",) * 14 + ("RETIRED", "COLLECTED", "RECYCLED", "RECYCLED", "INSTALLED", "IN_SWAP_POOL")
STEPS = (("", "REGISTERED"), ("REGISTERED", "INSTALLED"), ("INSTALLED", "IN_USE"), ("IN_USE", "RETIRED"))
MEASURES = ("lithium", "nickel", "cobalt", "manganese", "copper", "aluminium", "efficiency", "loss", "disposal")


def run(*, quick: bool) -> Iterator[Figure]:
    """Entries folded per second; then each figure over a large register."""
    yield from _folding(packs=40 if quick else 400, runs=1 if quick else 3)
    yield from _reading(packs=10_000 if quick else 1_000_000, count=3 if quick else 9)


def _folding(*, packs: int, runs: int) -> Iterator[Figure]:
    with tempfile.TemporaryDirectory(prefix="packtrail-bench-") as name:
        settings = read_settings({}, data=Path(name) / "var")
        with open_stage(settings, Programme(1, packs, "2026-11-01T00:00:00.000Z"), FOUNDER) as stage:
            stage.perform(tick=lambda *_: None)
        register = Register(settings)

        def parse() -> int:
            with register.read() as reader:
                return sum(1 for data in reader.entries(0, reader.size()) if orjson.loads(data))

        def fold() -> int:
            forget_figures(register)
            follower, count = Follower(register), 0
            while folded := follower.fold_some():
                count += folded
            return count

        floor, found = rate(parse, runs=1), rate(fold, runs=runs)
        yield figure(
            GROUP, "folding, restricted values opened", found, "/s", target=10_000.0, beside=floor[0],
            beside_name="reading and parsing",
        )  # fmt: skip
        began = time.process_time()
        count = fold()
        spent = (time.process_time() - began) * 1_000_000 / count
        yield figure(GROUP, "processor time of an entry", (spent,), "us", target=100.0)
        register.close()


def _reading(*, packs: int, count: int) -> Iterator[Figure]:
    with tempfile.TemporaryDirectory(prefix="packtrail-bench-") as name:
        settings = set_scene(Path(name), packs=0).settings
        register = Register(settings)
        _enrol(register)
        _load(register, packs)
        query = select(func.count()).where(figure_battery.c.state == "IN_USE", figure_battery.c.last_at < "9")

        def scan(_: int) -> None:
            with register.read() as reader:
                reader.connection.execute(query).scalar_one()

        floor = sorted(each_ms(scan, count=count))[count // 2]
        period = {"since": "2025-12", "until": "2026-11"}
        for slug, each in FIGURES.items():
            for by in each.by:
                for months in ({}, period) if "since" in each.filters else ({},):
                    asked = Filter(by=by, **months)
                    runs = each_ms(partial(_read, register, slug, asked), count=count)
                    when = "12 months" if months else "all months" if "since" in each.filters else "now"
                    yield figure(
                        GROUP, f"{each.number} {slug} by {by}, {when}, {packs:,} packs", runs, "ms", target=300.0,
                        beside=floor, beside_name="one count",
                    )  # fmt: skip
        for months, when in (({}, "all months"), (period, "12 months")):
            runs = each_ms(partial(_read_all, register, months), count=count)
            yield figure(
                GROUP, f"all sixteen as on the dashboard, {when}, {packs:,} packs", runs, "ms", target=300.0,
                beside=floor, beside_name="one count",
            )  # fmt: skip
        yield from _pages(register, packs=packs, count=count, floor=floor)
        register.close()


def _pages(register: Register, *, packs: int, count: int, floor: float) -> Iterator[Figure]:
    """The dashboard as a page: health of the ledger, duties and alerts, names, all figures, drawn as HTML."""
    _load_cases(register)
    client = _desk(register)
    for query, when in (("", "all months"), ("?since=2025-12&until=2026-11", "12 months")):
        _ask(client, query, 0)  # templates are compiled by the first
        runs = each_ms(partial(_ask, client, query), count=count)
        name = f"GET {PATH}, the whole page, {when}, {packs:,} packs"
        yield figure(GROUP, name, runs, "ms", beside=floor, beside_name="one count")


def _desk(register: Register) -> FlaskClient:
    """The authority's browser, signed in."""
    with register.write_beside() as connection:
        now, invited = register.clock(), Invited(FOUNDER.authority, "bench", "李娜", PersonRole.ADMIN)
        person, _ = make_person(connection, invited, By("", now))
        cookie = sessions.begin(connection, person.id, sessions.FULL, now=now, device=sessions.Device("bench"))
    client = create_app(register, Recorder(register)).test_client()
    client.set_cookie(SESSION, cookie, domain="127.0.0.1", secure=True)
    return client


def _ask(client: FlaskClient, query: str, _: int) -> None:
    answer = client.get(PATH + query, base_url="https://127.0.0.1:8000")
    assert answer.status_code == 200, answer.get_data(as_text=True)[:600]
    page = answer.get_data(as_text=True)
    assert all(f"{PATH}/{slug}" in page for slug in FIGURES)


def _load_cases(register: Register) -> None:
    """Late duties, packs that no scrapped vehicle had in it, signs of copies: more than the page counts of each."""
    duties, at = sorted(DUTIES)[:10], format_time(register.clock())
    late = [(n, f"001PB11ABCDEFG1A1{n:07d}", duties[n % 10], _operator(n % OPERATORS), "2026-01-05", "2026-02-04", None,
             None, 0) for n in range(10_000)]  # fmt: skip
    missing = [(n, f"001PB11ABCDEFG1A1{n:07d}", "", f"HZ-{n}", _operator(5), "2026-01-05", None) for n in range(1_200)]
    alerts = [{"code": f"001PB11ABCDEFG1A1{n:07d}", "sign": "too_fast", "maker": _operator(0), "holder": _operator(1),
               "raised_at": at, "second_at": at, "second_cell": "u1x0e", "times": 1} for n in range(1_200)]  # fmt: skip
    with register.write_beside() as connection:
        bulk.writer(connection).insert(duty_case, late)
        bulk.writer(connection).insert(vehicle_case, missing)
        connection.execute(copy_alert.insert(), alerts)


def _read_all(register: Register, months: Mapping[str, str], _: int) -> None:
    for slug, each in FIGURES.items():
        taken = months if "since" in each.filters else {}
        read_figure(register, slug, Filter(by=BY.get(slug), **taken))


def _read(register: Register, slug: str, asked: Filter, _: int) -> None:
    read_figure(register, slug, asked)


def _operator(number: int) -> str:
    return f"bench-{number:03d}"


def _months() -> list[str]:
    return [f"{2021 + (n + 11) // 12}-{(n + 11) % 12 + 1:02d}" for n in range(MONTHS)]


def _enrol(register: Register) -> None:
    recorder, regions = Recorder(register), sorted(CHONGQING)
    for n in range(OPERATORS):
        body: dict[str, Any] = {"operator_id": _operator(n), "name": f"企业{n}", "region": regions[n % len(regions)]}
        enrol_operator(recorder, body | {"roles": [ROLES[n % len(ROLES)]]})


def _load(register: Register, packs: int) -> None:
    chance, months = random.Random(1), _months()
    at = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")
    with register.read() as reader:
        size = reader.size()
    with register.write_beside() as connection:
        write = bulk.writer(connection)
        write.upsert(figure_stock, _rows(with_cuts(_batteries(connection, packs, chance, months))))
        write.upsert(figure_flow, _rows(with_cuts(_flows(chance, months))))
        write.insert(figure_delay, list(_delays(chance, months)))
        write.insert(recovery_sum, list(_recovery(chance, months)))
        acts = sorted(_acts(chance, months))
        write.insert(figure_act, acts)
        sum_months(connection, {(actor, kind, day[:7]) for actor, kind, day, _ in acts})
        health = [(f"model-{m}", month, age, band * 50_000, 40) for m in range(MODELS) for month in months
                  for age in range(4) for band in range(15, 20)]  # fmt: skip
        write.insert(figure_health, health)
        lots = [(month, _operator(n), product, taker, 1000, 900) for month in months for n in range(5, OPERATORS, 6)
                for product in ("black_mass", "copper") for taker in ("", _operator(n - 5))]  # fmt: skip
        write.insert(figure_lot, lots)
        items = [(name, _operator(n), month, 3, 900_000, 950_000) for name in ("batches", "shortfall", "near")
                 for n in range(OPERATORS) for month in months]  # fmt: skip
        write.insert(figure_item_sum, items)
        write.upsert(figure_cursor, [(1, size, at, VERSION)])


def _batteries(connection: Connection, packs: int, chance: random.Random, months: list[str]) -> Sums:
    """Load the packs; gives their stock by organisation and model."""
    stock: Sums = {}
    for start in range(0, packs, 20_000):
        rows = []
        for n in range(start, min(start + 20_000, packs)):
            model, holder = f"model-{n % MODELS}", _operator(chance.randrange(OPERATORS))
            state, month = chance.choice(STATES), chance.choice(months)
            row = (f"001PB{n % 90 + 10}ABCDEFG1A1{n:07d}", state, "", holder, _operator(n % 6 * 6), model)
            rows.append((*row, 400_000, 60_000, "2022-01-01", f"{month}-11T04:00:00.000Z", 0, None))
            add(stock, (holder, model, state, month, "P"), (1, 400_000, 60_000))
        bulk.writer(connection).insert(figure_battery, sorted(rows))
    return stock


def _flows(chance: random.Random, months: list[str]) -> Sums:
    flows: Sums = {}
    for month in months:
        for n in range(OPERATORS):
            for before, after in STEPS:
                for model in chance.sample(range(MODELS), 3):
                    add(flows, (_operator(n), f"model-{model}", month, "moved", "P", before, after), (9, 9000, 900))
            giver = _operator((n + chance.randrange(1, 6)) % OPERATORS)
            add(flows, (_operator(n), "model-1", month, "handed", "P", giver, _operator(n)), (9, 9000, 900))
    return flows


def _delays(chance: random.Random, months: list[str]) -> Iterator[tuple[Any, ...]]:
    duties = sorted(DUTIES)[:10]
    years = sorted({month[:4] for month in months})
    for month in (*years, *months):
        for actor in (TOTAL, *map(_operator, range(OPERATORS))):
            for duty in (TOTAL, *duties) if month in months or actor == TOTAL else (TOTAL,):
                took = [(days, chance.randrange(1, 9)) for days in range(12)]
                due = [(f"{month[:4]}-11-{day:02d}", 1) for day in (9, 19, 29)]
                content = orjson.dumps({"took": took, "due": due})
                yield actor, duty, month, 60, 57, 3, 300, content


def _recovery(chance: random.Random, months: list[str]) -> Iterator[tuple[Any, ...]]:
    for n in range(5, OPERATORS, 6):
        for month in months:
            for stage in ("pretreatment", "smelting"):
                for measure in MEASURES:
                    recovered = chance.randrange(800, 1000)
                    yield _operator(n), month, stage, "lithium", measure, 1_000_000, recovered * 1000, 0, 0, 0, 3


def _acts(chance: random.Random, months: list[str]) -> Iterator[tuple[Any, ...]]:
    for n in range(5, OPERATORS, 6):
        for kind in ("collect", "dismantle", "recycle", "repurpose"):
            for month in months:
                for day in chance.sample(range(1, 29), 15):
                    yield _operator(n), kind, f"{month}-{day:02d}", 3


def _rows(sums: Sums) -> list[tuple[Any, ...]]:
    return [(*key, *amounts) for key, amounts in sorted(sums.items())]
