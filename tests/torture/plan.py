"""All faults in one table: which row of the protocol, how often, what it needs, and what runs it."""

import shutil
from collections.abc import Callable
from dataclasses import dataclass

from tests.browsers import find_shell
from tests.postgres import PostgresMissingError, PostgresServer, installed_binaries
from tests.torture import (
    clocks,
    databases,
    disks,
    kills,
    lives,
    mutants,
    mutations,
    order,
    phone,
    power,
    retries,
    rollback,
    signing,
    verifiers,
    webhooks,
    writers,
)
from tests.torture.machine import compiler
from tests.torture.trace import may_trace
from tests.torture.verdict import Verdict

Run = Callable[[int, int], Verdict]
"""From how many and the seed."""


@dataclass(frozen=True)
class Fault:
    """One way to do harm. `count` is what the protocol asks for, `quick` a few seconds' worth."""

    name: str
    row: str
    unit: str
    quick: int
    count: int
    run: Run
    needs: str = ""


def postgres_writers(events: int, seed: int) -> Verdict:
    """Several writing processes on PostgreSQL."""
    with PostgresServer.start() as server:
        return writers.write_at_once(events, seed, database_url=server.create_database())


FAULTS = (
    Fault("kill-workers", "R-1", "kills", 2, 200, kills.kill_workers),
    Fault("kill-server", "R-2", "kills", 1, 100, kills.kill_server),
    Fault("fail-points", "R-2", "kills", 2, 180, kills.fail_points),
    Fault("write-deaths", "R-2", "kills", 1, 60, disks.die_in_writes, "cc"),
    Fault("sync-order", "R-3", "requests", 40, 1_000, order.sync_first, "strace"),
    Fault("power", "R-4", "images", 60, 2_000, power.cut_power, "strace"),
    Fault("retries", "R-5", "events", 80, 20_000, retries.send_again),
    Fault("full-disk", "R-7", "fillings", 1, 10, disks.fill_disk, "cc"),
    Fault("full-writes", "R-7", "faults", 5, 200, disks.fail_writes, "cc"),
    Fault("sync-errors", "R-8", "faults", 5, 100, disks.fail_syncs, "cc"),
    Fault("read-errors", "R-8", "faults", 2, 50, disks.fail_reads, "cc"),
    Fault("write-errors", "R-8", "faults", 2, 50, disks.break_writes, "cc"),
    Fault("database-errors", "R-8", "faults", 2, 30, disks.fail_database, "cc"),
    Fault("writers", "R-9", "events", 64, 20_000, writers.write_at_once),
    Fault("writers-postgres", "R-9", "events", 64, 20_000, postgres_writers, "postgres"),
    Fault("kill-postgres", "R-11", "kills", 2, 100, databases.kill_postgres, "postgres"),
    Fault("mutations", "R-14", "mutations", 24, 10_000, mutations.mutate),
    Fault("mutations-postgres", "R-14", "mutations", 3, 1_000, mutations.mutate_postgres, "postgres"),
    Fault("rollback", "R-15", "rounds", 6, 54, rollback.roll_back),
    Fault("clock", "R-16", "jumps", 5, 200, clocks.jump, "cc"),
    Fault("two-signers", "R-19", "deaths", 1, 40, signing.two_signers),
    Fault("wrong-keys", "R-19", "rounds", 1, 10, signing.wrong_keys),
    Fault("webhooks", "R-20", "events", 60, 10_000, webhooks.deliver_in_chaos),
    Fault("offline-queue", "R-21", "records", 20, 500, phone.scan_offline, "chromium"),
    Fault("model", "R-24", "steps", 100, 30_000, lives.walk_lives),
    Fault("verifiers", "R-25", "files", 20, 10_000, verifiers.both_agree, "node"),
    Fault("mutants", "R-25", "mutants", 6, 300, mutants.mutate_verifier, "node"),
)
BY_NAME = {fault.name: fault for fault in FAULTS}


def lacking(need: str) -> str:
    """What this machine lacks, in words; nothing if it has it."""
    if need == "strace" and not may_trace():
        return "strace, or the right to trace (make tracer installs it)"
    if need == "node" and shutil.which("node") is None:
        return "Node.js"
    if need == "cc" and compiler() is None:
        return "a C compiler (make tracer installs one)"
    if need == "chromium" and find_shell() is None:
        return "Chromium (make browser installs it)"
    if need == "postgres":
        try:
            installed_binaries()
        except PostgresMissingError as error:
            return f"PostgreSQL: {error}"
    return ""
