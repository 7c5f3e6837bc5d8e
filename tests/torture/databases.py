"""R-11: PostgreSQL killed under a serving register, whole or in part, or full. The register finds back by itself."""

import os
import random
import signal
import tempfile
import time
from contextlib import ExitStack, suppress
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
    """Kill the server, a backend or its checkpointer, stop it at once, cut every connection, or take them all."""
    with PostgresServer.start() as postgres, tempfile.TemporaryDirectory(prefix="packtrail-torture-") as folder:
        scene = set_scene(Path(folder), packs=20, database_url=postgres.create_database())
        slow: list[float] = []

        def fault(_: Server, chance: random.Random, journal: Journal) -> None:
            for number in range(kills):
                time.sleep(chance.uniform(0.1, 0.4))
                HARMS[number % len(HARMS)](postgres, chance)
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


def _kill_checkpointer(postgres: PostgresServer, _: random.Random) -> None:
    with psycopg.connect(postgres.url("postgres"), autocommit=True) as connection:
        query = "SELECT pid FROM pg_stat_activity WHERE backend_type = 'checkpointer'"
        [(pid,)] = connection.execute(query).fetchall()
    os.kill(pid, signal.SIGKILL)
    _await_server(postgres)


def _crowd_out(postgres: PostgresServer, chance: random.Random) -> None:
    """Others take every connection that there is, those of the register too; then they let go."""
    with ExitStack() as others:
        others.enter_context(first := psycopg.connect(postgres.url("postgres"), autocommit=True))
        give_up, full = time.monotonic() + 30, 0
        while time.monotonic() < give_up:
            try:
                others.enter_context(psycopg.connect(postgres.url("postgres"), connect_timeout=5))
            except psycopg.OperationalError:
                if not full:
                    give_up = time.monotonic() + chance.uniform(0.3, 1.0)
                full += 1
                first.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname LIKE 't\\_%'")
        assert full, "there was always room for another connection"


HARMS = (_kill_all, _crowd_out, _kill_backend, _stop_at_once, _cut_all, _kill_checkpointer)


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
