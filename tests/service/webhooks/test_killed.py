"""A real process that delivers is killed, at each moment that matters: nothing is skipped, and the order is kept."""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from service.errors import ServiceError
from service.imports.working import worker_environment
from service.webhooks import outbox
from service.webhooks.outbox import Progress
from service.webhooks.subscriptions import Reason, disable_webhook
from service.webhooks.working import WebhookWork
from tests.needs import ROOT
from tests.service.town import Town
from tests.service.webhooks.receiver import (
    OK,
    TRIAL,
    Receiver,
    answer,
    delivering,
    receiving,
    reload,
    rounds,
    subscribe,
)
from tests.service.webhooks.test_delivering import FIRST, register_packs

HOLDER = "killed"
COUNT = 40


def free_lease(town: Town) -> None:
    """As a server's chore does when the process has ended."""
    with town.register.write_beside() as connection:
        outbox.end_lease(connection, HOLDER)


def start(town: Town) -> "subprocess.Popen[bytes]":
    """The process that delivers."""
    free_lease(town)
    environment = worker_environment(town.settings) | TRIAL.environment()
    command = [sys.executable, "-m", "service.webhooks.working", HOLDER]
    return subprocess.Popen(command, cwd=ROOT, env=environment, start_new_session=True)


def wait_for(is_so: Callable[[], bool], seconds: float = 30) -> None:
    give_up = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < give_up
        time.sleep(0.02)


class Killer:
    """Kills the process that delivers once, at a moment of a request."""

    def __init__(self) -> None:
        self.process: subprocess.Popen[bytes] | None = None

    def kill(self) -> None:
        assert self.process is not None
        os.kill(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def unanswered(self, _connection: socket.socket) -> bool:
        """The request is in, no answer is out."""
        self.kill()
        return False

    def answered(self, connection: socket.socket) -> bool:
        """The answer is out and not noted."""
        connection.sendall(OK)
        self.kill()
        return False


def check_whole(receiver: Receiver, indexes: list[int]) -> None:
    """Each entry came, the first time of each in order, and always with one id."""
    assert list(dict.fromkeys(each.index for each in receiver.received)) == indexes
    pairs = {(each.index, each.event["id"]) for each in receiver.received}
    assert len(pairs) == len({id_ for _, id_ in pairs}) == len(indexes)


@pytest.mark.parametrize("moment", ["unanswered", "answered"])
def test_a_kill_in_the_middle_of_a_delivery_skips_nothing(town: Town, moment: str) -> None:
    killer = Killer()
    with receiving() as receiver:
        hook, _ = subscribe(town, receiver)
        indexes = register_packs(town, COUNT)
        receiver.acts.extend([answer()] * (COUNT // 2))
        receiver.acts.append(getattr(killer, moment))
        killer.process = start(town)
        wait_for(lambda: killer.process is not None and killer.process.poll() is not None)
        assert len(receiver.received) == COUNT // 2 + 1
        free_lease(town)
        with delivering(town) as deliverer:
            rounds(deliverer, lambda: reload(town, hook).cursor == town.size())
        check_whole(receiver, indexes)


def test_the_chore_goes_on_after_a_kill_where_it_was_noted_and_ends_when_the_server_does(town: Town) -> None:
    town.register.settings = replace(town.settings, webhooks=TRIAL)
    stopping, failed = threading.Event(), list[str]()
    work = WebhookWork(town.register, stopping, lambda who, error: None)

    def attend() -> None:
        try:
            work.work()
        except ServiceError as error:
            failed.append(str(error))

    with receiving() as receiver:
        hook, _ = subscribe(town, receiver)
        indexes = register_packs(town, COUNT)
        chore = threading.Thread(target=attend)
        chore.start()
        wait_for(lambda: reload(town, hook).cursor == town.size())
        [child] = Path(f"/proc/{os.getpid()}/task/{chore.native_id}/children").read_text().split()
        assert os.getpriority(os.PRIO_PROCESS, int(child)) >= 10  # it gives way to recording
        os.kill(int(child), signal.SIGKILL)
        chore.join(10)
        assert len(failed) == 1 and "ended with -9" in failed[0]
        indexes += register_packs(town, 5, FIRST + COUNT)
        again = threading.Thread(target=attend)
        again.start()
        wait_for(lambda: reload(town, hook).cursor == town.size())
        stopping.set()
        again.join(10)
        assert not again.is_alive() and len(failed) == 1
        check_whole(receiver, indexes)
        assert len(receiver.received) == COUNT + 5
        with town.register.write_beside() as connection:
            assert outbox.take_lease(connection, "next", now=town.clock.now)  # who ends gives it back


def test_the_chore_tells_once_of_a_webhook_that_was_disabled_and_starts_nothing_for_it(town: Town) -> None:
    told = list[str]()
    work = WebhookWork(town.register, threading.Event(), lambda who, error: told.append(f"{who} {error}"))
    with receiving() as receiver:
        hook, _ = subscribe(town, receiver)
        asked, _ = subscribe(town, receiver)
    with town.register.write_beside() as connection:
        disable_webhook(connection, asked.id, Reason.ASKED, now=town.clock.now)
    work._tell_of_disabled()
    with town.register.write_beside() as connection:
        outbox.note(connection, [Progress(hook.id, hook.cursor, end=Reason.GONE)], [], now=town.clock.now)
    work.work()
    work.work()
    assert told == [f"webhook {hook.id} of cq-cells is disabled: gone"]
