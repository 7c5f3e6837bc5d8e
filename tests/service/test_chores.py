"""Chores: each in one process only, again after a failure, over when the server stops."""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from service.chores import FOLDER, Chore, Chores, Done, last_done
from tests.needs import ROOT

HOLD = """
import sys, threading
from pathlib import Path
from service.chores import Chore, Chores
chores = Chores(Path(sys.argv[1]), lambda name, error: None)
chores.start([Chore("sweep", 3600, lambda: print("swept", flush=True))])
sys.stdin.read()
"""


def wait_for(is_so: Callable[[], bool]) -> None:
    give_up = time.monotonic() + 10
    while not is_so():
        assert time.monotonic() < give_up
        time.sleep(0.01)


class Told:
    """What was told of failures."""

    def __init__(self) -> None:
        self.all: list[tuple[str, str]] = []

    def __call__(self, who: str, error: Exception) -> None:
        self.all.append((who, str(error)))


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("service.chores.TAKE_OVER_SECONDS", 0.05)


def test_a_chore_is_done_again_and_again(tmp_path: Path) -> None:
    done: list[float] = []
    chores = Chores(tmp_path, Told())
    chores.start([Chore("sweep", 0.01, lambda: done.append(time.monotonic()))])
    wait_for(lambda: len(done) >= 3)
    chores.stop()
    before = len(done)
    assert last_done(tmp_path)["sweep"].succeeded == pytest.approx(time.time(), abs=5)
    time.sleep(0.05)
    assert len(done) == before


def test_a_chore_that_fails_is_told_kept_and_tried_again(tmp_path: Path) -> None:
    tries: list[int] = []

    def work() -> None:
        tries.append(1)
        if len(tries) < 3:
            raise OSError("the disk is full")

    told = Told()
    chores = Chores(tmp_path, told)
    chores.start([Chore("sweep", 0.05, work)])
    wait_for(lambda: len(tries) == 1 and bool(last_done(tmp_path)["sweep"].error))
    assert last_done(tmp_path)["sweep"].error == "OSError: the disk is full"
    wait_for(lambda: len(tries) >= 3 and not last_done(tmp_path)["sweep"].error)
    chores.stop()
    assert told.all[:2] == [("sweep", "the disk is full")] * 2


def test_a_slow_chore_holds_up_no_other_and_not_the_stop(tmp_path: Path) -> None:
    never, others = threading.Event(), list[int]()
    chores = Chores(tmp_path, Told())
    chores.start([Chore("slow", 1, lambda: never.wait(30) and None), Chore("quick", 0.01, lambda: others.append(1))])
    wait_for(lambda: len(others) >= 3)
    chores.stop(0.05)
    never.set()


def test_only_one_process_does_a_chore_and_another_takes_over_when_it_is_killed(tmp_path: Path) -> None:
    command = [sys.executable, "-c", HOLD, str(tmp_path)]
    other = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert other.stdout is not None
    assert other.stdout.readline() == b"swept\n"
    wait_for(lambda: last_done(tmp_path)["sweep"].succeeded > 0)
    (tmp_path / FOLDER / "sweep.lock").write_bytes(b"")  # as if it had never been done
    done: list[int] = []
    chores = Chores(tmp_path, Told())
    chores.start([Chore("sweep", 3600, lambda: done.append(os.getpid()))])
    time.sleep(0.2)
    assert done == []
    other.kill()
    other.communicate()
    wait_for(lambda: done == [os.getpid()])
    chores.stop()


def test_a_daily_chore_is_not_done_again_because_of_a_restart(tmp_path: Path) -> None:
    done: list[int] = []
    for _ in range(2):
        chores = Chores(tmp_path, Told())
        chores.start([Chore("daily", 86_400, lambda: done.append(1))])
        wait_for(lambda: last_done(tmp_path).get("daily", Done()).succeeded > 0)
        chores.stop()
    assert done == [1]


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"succeeded": "x"}', b"\xff" * 9])
def test_a_damaged_record_counts_as_never_done(tmp_path: Path, content: bytes) -> None:
    (tmp_path / FOLDER).mkdir()
    (tmp_path / FOLDER / "sweep.lock").write_bytes(content)
    assert last_done(tmp_path) == {"sweep": Done()}
