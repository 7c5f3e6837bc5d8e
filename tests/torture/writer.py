"""python -m tests.torture.writer FOLDER ACKS: a process that records through the library, and says what is recorded.

Each acknowledgement is one line `<event id> <index> <leaf hash>` that is appended to the file ACKS with one call, so
that it stands in a trace of system calls at its place among the writes and syncs.
"""

import argparse
import os
import random
import sys
import threading
import time
from pathlib import Path

from ledger.entry import parse_entry
from ledger.errors import LedgerError
from ledger.tree import hash_leaf
from service.domain.uuid7 import make_uuid7
from service.errors import BusyError, ConflictError, RefusedError, ServiceError
from service.operators import CustodialEvent, admit_custodial
from service.recording.recorder import Recorded, Recorder
from service.settings import read_settings
from service.work import Register
from tests.scene import MAKER, set_scene
from tests.torture.lifebook import OUTLET

PASSING = ("hand_over", "receive")
CODES = tuple(f"0TTPB01ABCDEFGG11{number:07d}" for number in range(1, 21))


class Writer:
    """Threads that record batches until so many events are recorded."""

    def __init__(self, register: Register, acks: int, *, seed: int, batch: int, passing: float = 0.0) -> None:
        """`passing`: the share of events that hand a battery on or take it, whoever has it. From 0 to 1."""
        self.recorder = Recorder(register)
        self.busy = 0
        self._register = register
        self._acks = acks
        self._seed = seed
        self._batch = batch
        self._passing = passing

    def run(self, count: int, threads: int) -> None:
        """Record `count` events with each of the threads."""
        workers = [threading.Thread(target=self._work, args=(number, count)) for number in range(threads)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()

    def _work(self, number: int, count: int) -> None:
        chance = random.Random(f"{self._seed}/{number}")
        while count > 0:
            events = [self._told(chance) for _ in range(min(count, chance.randint(1, self._batch)))]
            admitted = [admit_custodial(self._register, actor, event) for actor, event in events]
            try:
                outcomes = self.recorder.record(admitted)
            except BusyError:
                self.busy += 1
                continue
            for item, outcome in zip(admitted, outcomes, strict=True):
                if isinstance(outcome, Recorded):
                    self._say(f"{item.submission.event.id} {outcome.index} {outcome.leaf_hash.hex()}")
                elif item.submission.event.type in PASSING and isinstance(outcome, ConflictError | RefusedError):
                    self._say(f"declined {item.submission.event.id}")
                else:
                    self._say(f"refused {outcome}")
            count -= len(events)

    def _say(self, line: str) -> None:
        os.write(self._acks, line.encode() + b"\n")

    def _told(self, chance: random.Random) -> tuple[str, CustodialEvent]:
        """Who tells what: the maker of health, or one of two that a battery goes from the one to the other."""
        event = self._event(chance)
        members = dict(event.members)
        if chance.random() >= self._passing:
            return MAKER, event
        giver, taker = chance.sample((MAKER, OUTLET), 2)
        if chance.random() < 0.5:
            body = {"to_operator": taker, "transport_document": "YD-1"}
            return giver, CustodialEvent(members | {"type": "hand_over", "body": body}, {})
        return taker, CustodialEvent(members | {"type": "receive", "body": {"from_operator": giver}}, {})

    def _event(self, chance: random.Random) -> CustodialEvent:
        body = {"soce_ppm": 990_000, "remaining_capacity_mah": 148_000, "full_cycles": 10, "method": "bms"}
        members = {
            "id": make_uuid7(int(time.time() * 1000), os.urandom(10)),
            "type": "report_soh",
            "subjects": [chance.choice(CODES)],
            "occurred_at": "2026-06-01T08:00:00.000Z",
            "body": body,
        }
        return CustodialEvent(members, {})


def main() -> int:
    """Found a register if there is none, then write."""
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("acks", type=Path)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=50, help="events of each thread")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--batch", type=int, default=4)
    parser.add_argument("--rounds", type=int, default=1, help="how often the register is opened, written to and closed")
    parser.add_argument("--passing", type=float, default=0.0, help="share of events that hand on or take")
    parser.add_argument("--pragma", default="", help="run on each connection, to see whether it is noticed")
    options = parser.parse_args()
    settings = read_settings(data=options.folder)
    acks = os.open(options.acks, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    if not settings.log_key_file.exists():
        set_scene(options.folder, packs=len(CODES))
        _say_what_is_there(Register(settings), acks)
    for number in range(options.rounds):
        try:
            register = Register(settings)
        except (ServiceError, LedgerError) as error:
            os.write(acks, f"refused {error}\n".encode())
            return 1
        if options.pragma:
            _meddle(register, options.pragma)
        writer = Writer(register, acks, seed=options.seed * 1000 + number, batch=options.batch, passing=options.passing)
        writer.run(options.count, options.threads)
        if writer.busy:
            os.write(acks, f"busy {writer.busy}\n".encode())
        register.close()
    return 0


def _say_what_is_there(register: Register, acks: int) -> None:
    with register.read() as reader:
        for index, entry in enumerate(reader.entries(0, reader.size())):
            os.write(acks, f"{parse_entry(entry).event.id} {index} {hash_leaf(entry).hex()}\n".encode())
    register.close()


def _meddle(register: Register, pragma: str) -> None:
    """Change a promise behind the register's back: what watches over it must notice."""
    from sqlalchemy import event

    register.store.engine.dispose()
    event.listen(register.store.engine, "connect", lambda raw, _: raw.execute(f"PRAGMA {pragma}").close())


if __name__ == "__main__":
    sys.exit(main())
