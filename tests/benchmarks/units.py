"""Packs registered with their modules and cells in one entry each, and the genealogy of a pack among a million parts.

As in the service, two processes check what they got and take turns at the log. The floor is the same rows, copied out
of the finished register and inserted in the same batches, without rules, signatures and ledger.
"""

import gc
import multiprocessing
import os
import random
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from multiprocessing.synchronize import Barrier
from pathlib import Path
from typing import Any

from sqlalchemy import Table, insert, select

from ledger.entry import build_event, format_time
from ledger.signing.jws import Ed25519EventSigner, sign_event
from service import operators
from service.db import tables
from service.db.engine import open_engine, writing
from service.domain.gbt34014 import make_code
from service.domain.uuid7 import make_uuid7
from service.genealogy import Direction, trace
from service.operators import desk, register_own_key
from service.recording.listings import load_known
from service.recording.recorder import Recorded, Recorder
from service.settings import Settings
from service.work import Register
from tests.benchmarks.figures import Figure, each_ms, figure
from tests.benchmarks.stores import fresh_url
from tests.scene import MAKER, MODEL, set_scene

GROUP = "Packs with 12 modules and 96 cells, an entry each, SQLite, signatures verified"
TREE = "Genealogy of a pack with 200 cells through three lives, SQLite"
SIGNER = Ed25519EventSigner(f"{MAKER}/bench", b"\x07" * 32)
MODULES, CELLS = 12, 8
PARTS = MODULES * (1 + CELLS)
BATCH = 100
PROCESSES = 2
COPIED = (tables.entry, tables.event_id, tables.link, tables.battery, tables.listed_run)
Told = tuple[dict[str, Any], str]


def run(*, quick: bool) -> Iterator[Figure]:
    """Packs per second and what they cost, beside the floor; then three lives of one pack, told and traced."""
    packs, runs = (400, 1) if quick else (3_000, 3)
    with tempfile.TemporaryDirectory(prefix="packtrail-bench-") as name:
        settings = _found(Path(name))
        found = [_register_all(settings, _registrations(n * packs, packs, settings)) for n in range(runs)]
        rates, costs = tuple(rate for rate, _ in found), tuple(cost for _, cost in found)
        floor = _floor(settings, packs)
        beside = {"beside": floor, "beside_name": "plain insert"}
        yield figure(GROUP, f"{PROCESSES} processes, batches of {BATCH}", rates, "packs/s", target=400.0, **beside)
        parts = tuple(rate * (PARTS + 1) for rate in rates)
        yield figure(GROUP, "the same, linked parts", parts, "/s", target=44_000.0)
        yield figure(GROUP, "processor time of a pack, both processes", costs, "ms")
        total = runs * packs
        yield figure(GROUP, f"a cell found by its code, {total * PARTS:,} parts", _find(settings, total, quick), "ms")
        grown = total if quick else 1_000_000 // PARTS + 1
        if grown > total:
            _register_all(settings, _registrations(total, grown - total, settings))
        yield from _trace(settings, grown * PARTS, quick=quick)


def _found(folder: Path) -> Settings:
    settings = set_scene(folder, packs=0).settings
    register = Register(settings)
    recorder = Recorder(register)
    register_own_key(recorder, SIGNER.header.kid, SIGNER.public_key)
    roles = ["workshop", "vehicle_maker", "dealer", "collector", "tester", "recycler", "dismantler"]
    body = {"operator_id": "bench-town", "name": "测试", "roles": roles, "region": "500103"}
    operators.enrol_operator(recorder, body)
    operators.make_custodial_key(recorder, "bench-town")
    register.close()
    return settings


def _pack(number: int) -> str:
    return f"0TTPB01ABCDEFGG11{number:07d}"


def _module(number: int) -> str:
    return f"0TTMB01ABCDEFGG11{number:07d}"


def _cell(number: int) -> str:
    """Cells are numbered through, in days of five million."""
    return f"0TTCB01ABCDEFGF1{'123456789'[number // 5_000_000]}{number % 5_000_000 + 1:07d}"


def _body(modules: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    body = {name: MODEL[name] for name in ("model_id", "mass_g", "capacity_mah", "energy_wh")}
    return body | {"made_on": "2026-01-01", "site": "hall 1", "housing_mass_g": 50_000, "modules": list(modules)}


def _modules(first: int, count: int, cells: int) -> list[dict[str, Any]]:
    """Modules from number `first` on, each with its cells."""
    return [
        {"code": _module(n + 1), "mass_g": 30_000, "cells": [{"first": _cell(n * cells), "count": cells}]}
        for n in range(first, first + count)
    ]


def _registrations(start: int, count: int, settings: Settings) -> list[Told]:
    """Signed registrations of packs, made before the clock runs."""
    register = Register(settings)
    origin = register.origin
    register.close()
    return [
        _sign(_pack(n + 1), _body(_modules(n * MODULES, MODULES, CELLS)), origin) for n in range(start, start + count)
    ]


def _sign(pack: str, body: dict[str, Any], origin: str) -> Told:
    members = {
        "actor": MAKER,
        "body": body,
        "id": make_uuid7(int(time.time() * 1000), os.urandom(10)),
        "log": origin,
        "occurred_at": "2026-01-01T08:00:00.000Z",
        "subjects": [pack],
        "type": "register_pack",
        "v": 1,
    }
    return members, sign_event(build_event(members).data, SIGNER)


def _register_all(settings: Settings, told: Sequence[Told]) -> tuple[float, float]:
    """Packs per second from when all processes are ready to when the last has ended, and processor ms of a pack."""
    gc.collect()
    gc.freeze()
    batches = [told[start : start + BATCH] for start in range(0, len(told), BATCH)]
    context = multiprocessing.get_context("fork")
    barrier, used = context.Barrier(PROCESSES + 1), context.Queue()
    workers = [
        context.Process(target=_work, args=(settings, batches[n::PROCESSES], barrier, used)) for n in range(PROCESSES)
    ]
    for worker in workers:
        worker.start()
    barrier.wait()
    begun = time.perf_counter()
    spent = sum(used.get() for _ in workers)
    taken = time.perf_counter() - begun
    for worker in workers:
        worker.join()
    if any(worker.exitcode for worker in workers):
        raise RuntimeError("a process that registers failed")
    return len(told) / taken, 1000 * spent / len(told)


def _work(settings: Settings, batches: Sequence[Sequence[Told]], barrier: Barrier, used: Any) -> None:
    register = Register(settings)
    recorder = Recorder(register)
    barrier.wait()
    begun = time.process_time()
    for batch in batches:
        admitted = [desk(register).admit_signed(members, jws, {}) for members, jws in batch]
        for outcome in recorder.record(admitted):
            if not isinstance(outcome, Recorded):
                raise outcome
    used.put(time.process_time() - begun)
    register.close()


def _floor(settings: Settings, packs: int) -> float:
    """Packs per second of plain inserts of the last `packs` packs' rows."""
    engine = open_engine(settings.database_url)
    with engine.connect() as connection:
        found = {table: [row._asdict() for row in connection.execute(select(table))] for table in COPIED}
    engine.dispose()
    with fresh_url("SQLite") as url:
        target = open_engine(url)
        for table in COPIED:
            table.create(target)
        begun = time.perf_counter()
        for start in range(0, packs, BATCH):
            with target.connect() as connection:
                for table, rows in found.items():
                    writing(connection).execute(insert(table), _share(rows, table, start, packs))
                connection.commit()
        taken = time.perf_counter() - begun
        target.dispose()
    return packs / taken


def _share(rows: list[dict[str, Any]], table: Table, start: int, packs: int) -> list[dict[str, Any]]:
    """The rows of one batch, from the end of the table."""
    each = 3 if table is tables.listed_run else 1
    rows = rows[-packs * each :]
    return rows[start * each : (start + BATCH) * each]


def _find(settings: Settings, packs: int, quick: bool) -> tuple[float, ...]:
    register = Register(settings)
    chance = random.Random(1)
    wanted = [_cell(chance.randrange(packs * MODULES * CELLS)) for _ in range(50 if quick else 1_000)]
    with register.read() as reader:
        models = register.current_registry(reader.connection).models

        def find(n: int) -> None:
            assert load_known(reader.connection, [wanted[n]], models)[wanted[n]].parent

        found = each_ms(find, count=len(wanted))
    register.close()
    return found


def _trace(settings: Settings, parts: int, *, quick: bool) -> Iterator[Figure]:
    register = Register(settings)
    pack, cell, last = _live_three_lives(register)
    among = f"among {parts:,} parts"
    count = 20 if quick else 200
    for name, code, direction in (
        ("what became of the pack", pack, Direction.DOWN),
        ("where one of its cells is", cell, Direction.UP),
        ("origins of the last product", last, Direction.BACK),
    ):
        first = trace(register, code, direction)
        assert first.complete and len(first.links) >= 4
        runs = each_ms(partial(_ask, register, code, direction), count=count)
        yield figure(TREE, f"{name}, {len(first.nodes)} nodes, {among}", runs, "ms", target=20.0)
    register.close()


def _ask(register: Register, code: str, direction: Direction, _: int) -> None:
    trace(register, code, direction)


def _live_three_lives(register: Register) -> tuple[str, str, str]:
    """Twenty modules of ten cells: dismantled, made into a store of energy, that into another, and this recycled."""
    clock = datetime.now(UTC) - timedelta(days=1)
    recorder = Recorder(register)

    def tell(kind: str, *subjects: str, **body: Any) -> None:
        nonlocal clock
        clock += timedelta(seconds=1)
        event = {"type": kind, "subjects": list(subjects), "occurred_at": format_time(clock), "body": body}
        told = operators.CustodialEvent(event, {})
        [outcome] = recorder.record([operators.admit_custodial(register, "bench-town", told)])
        if not isinstance(outcome, Recorded):
            raise outcome

    pack = _pack(9_000_000)
    rows = [row | {"mass_g": 18_000} for row in _modules(400_000, 20, 10)]
    members, jws = _sign(pack, _body(rows), register.origin)
    [outcome] = recorder.record([desk(register).admit_signed(members, jws, {})])
    if not isinstance(outcome, Recorded):
        raise outcome
    today = clock.date()
    second, third = (make_code("0TTPB01", today, serial=n).text for n in (1, 2))
    modules = [row["code"] for row in rows]
    collected = {"from_operator": "bench-town", "transport_document": "T-1"}
    test: dict[str, Any] = {
        "remaining_capacity_mah": 100_000,
        "soce_ppm": 700_000,
        "resistance_uohm": 1_900,
        "insulation_kohm": 20_000,
    }
    test |= {"standard": "GB/T 34015-2017", "decision": "second_life"}
    made = {"operation": "preparation_for_repurposing", "application": "stationary_storage", "capacity_mah": 90_000}
    made |= {"made_on": today.isoformat()}
    tell("retire", pack, reason="capacity")
    tell("collect", pack, mass_g=410_000, **collected)
    tell("dismantle", pack, *modules, casing_mass_g=50_000, residual_mass_g=0, missing=[])
    for module in modules:
        tell("test", module, **test)
    tell("repurpose", second, *modules, energy_wh=30_000, mass_g=360_000, **made)
    tell("retire", second, reason="capacity")
    tell("collect", second, mass_g=360_000, **collected)
    tell("test", second, **test)
    tell("repurpose", third, second, energy_wh=20_000, mass_g=360_000, **made)
    tell("retire", third, reason="capacity")
    tell("collect", third, mass_g=360_000, **collected)
    outputs = [
        {"material": "black_mass", "mass_g": 200_000, "lot": "BM-1"},
        {"material": "copper", "mass_g": 40_000, "lot": "CU-1"},
    ]
    tell("recycle", third, input_mass_g=360_000, loss_mass_g=120_000, route="hydrometallurgy", outputs=outputs)
    return pack, _cell(400_000 * 10), third
