"""R-11: PostgreSQL killed under a serving register, whole or in part. The register finds back by itself."""

import os
import random
import signal
import tempfile
import time
from contextlib import suppress
from pathlib import Path

import psycopg

from tests.postgres import PostgresServer
from tests.scene import Server, set_scene
from tests.torture.clients import Manner
from tests.torture.journal import Journal
from tests.torture.load import load_scene
from tests.torture.verdict import Verdict, require

RECOVERY_SECONDS = 5


def kill_postgres(kills: int, seed: int) -> Verdict:
    """Kill the server, kill a backend (the server then restarts itself), stop it at once, cut every connection."""
    with PostgresServer.start() as postgres, tempfile.TemporaryDirectory(prefix="packtrail-torture-") as folder:
        scene = set_scene(Path(folder), packs=20, database_url=postgres.create_database())
        slow: list[float] = []

        def fault(_: Server, chance: random.Random, journal: Journal) -> None:
            for number in range(kills):
                time.sleep(chance.uniform(0.1, 0.4))
                (_kill_all, _kill_backend, _stop_at_once, _cut_all)[number % 4](postgres, chance)
                slow.append(_await_answer(journal))

        verdict = load_scene(scene, fault, seed=seed, manner=Manner(threads=4, pause=0.02))
        return verdict + require(
            {"kills": kills, "slowest recovery ms": int(max(slow) * 1000)},
            recovered_in_time=max(slow) <= RECOVERY_SECONDS,
        )


def _kill_all(postgres: PostgresServer, _: random.Random) -> None:
    postgres.kill()
    postgres.restart()


def _stop_at_once(postgres: PostgresServer, _: random.Random) -> None:
    """What `pg_ctl stop -m immediate` does: no checkpoint, no farewell."""
    postgres.quit()
    postgres.restart()


def _kill_backend(postgres: PostgresServer, chance: random.Random) -> None:
    found = _backends(postgres)
    if found:
        with suppress(ProcessLookupError):  # it may have ended by itself
            os.kill(chance.choice(found), signal.SIGKILL)
    _await_server(postgres)


def _cut_all(postgres: PostgresServer, _: random.Random) -> None:
    with psycopg.connect(postgres.url("postgres"), autocommit=True) as connection:
        connection.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname LIKE 't\\_%'")


def _backends(postgres: PostgresServer) -> list[int]:
    with psycopg.connect(postgres.url("postgres"), autocommit=True) as connection:
        rows = connection.execute("SELECT pid FROM pg_stat_activity WHERE datname LIKE 't\\_%'").fetchall()
    return [pid for (pid,) in rows]


def _await_server(postgres: PostgresServer) -> None:
    """Wait until the server takes connections again."""
    give_up = time.monotonic() + 30
    time.sleep(0.05)
    while True:
        try:
            psycopg.connect(postgres.url("postgres"), connect_timeout=5).close()
            return
        except psycopg.OperationalError:
            assert time.monotonic() < give_up, postgres.log()[-2000:]
            time.sleep(0.02)


def _await_answer(journal: Journal) -> float:
    """Seconds until the next event is recorded."""
    started, before = time.monotonic(), journal.answers["201"]
    while journal.answers["201"] == before and time.monotonic() < started + 6 * RECOVERY_SECONDS:
        time.sleep(0.005)
    return time.monotonic() - started
