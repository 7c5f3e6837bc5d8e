"""A crew of workers: results in the order of the tasks, errors told, nobody left behind."""

import multiprocessing
import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from ledger.verification.crew import AHEAD, KEPT, Crew, CrewError
from ledger.verification.stretch import UnsoundError


class Desk:
    """A tool that writes a line to a file when it is closed."""

    def __init__(self, file: Path) -> None:
        self.file = file

    def close(self) -> None:
        with self.file.open("a") as lines:
            lines.write(f"{os.getpid()}\n")


def square(_: Desk, number: int) -> int:
    time.sleep(0.002 * (number % 3))  # so that answers do not come in the order of the tasks
    return number * number


def tell_where(_: Desk, __: int) -> int:
    return os.getpid()


def object_to_seven(_: Desk, number: int) -> int:
    if number == 7:
        raise UnsoundError
    return number


def stumble_at_seven(_: Desk, number: int) -> int:
    return 1 // (number - 7)


def die_at_seven(_: Desk, number: int) -> int:
    if number == 7:
        os.kill(os.getpid(), signal.SIGKILL)
    return number


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path / "closed")


@pytest.mark.parametrize("workers", [1, 2, 3])
def test_results_come_in_the_order_of_the_tasks(desk: Desk, workers: int) -> None:
    with Crew(desk, workers) as crew:
        assert list(crew.run(square, range(60))) == [number * number for number in range(60)]
        assert list(crew.run(square, [])) == []
        assert list(crew.run(square, [5])) == [25]


def test_several_workers_are_other_processes_and_one_is_this_one(desk: Desk) -> None:
    with Crew(desk, 1) as crew:
        assert set(crew.run(tell_where, range(5))) == {os.getpid()}
    with Crew(desk, 3) as crew:
        found = set(crew.run(tell_where, range(30)))
    assert os.getpid() not in found and len(found) == 3


def test_tasks_are_taken_as_workers_become_free_and_results_do_not_pile_up(desk: Desk) -> None:
    taken: list[int] = []

    def tasks() -> Iterator[int]:
        for number in range(200):
            taken.append(number)
            yield number

    with Crew(desk, 2) as crew:
        results = crew.run(square, tasks())
        assert next(results) == 0
        assert 1 <= len(taken) <= 2 * (AHEAD + KEPT)
        assert list(results) == [number * number for number in range(1, 200)]


@pytest.mark.parametrize("workers", [1, 2])
def test_what_is_unsound_is_told_as_that(desk: Desk, workers: int) -> None:
    with pytest.raises(UnsoundError), Crew(desk, workers) as crew:
        list(crew.run(object_to_seven, range(20)))


@pytest.mark.parametrize(
    ("job", "words"), [(stumble_at_seven, "failed: ZeroDivisionError"), (die_at_seven, "ended in the middle")]
)
def test_a_worker_that_fails_or_dies_is_an_error_of_the_crew(desk: Desk, job: object, words: str) -> None:
    with pytest.raises(CrewError, match=words), Crew(desk, 2) as crew:
        list(crew.run(job, range(20)))  # type: ignore[arg-type]


def test_whoever_leaves_leaves_nobody_behind_and_closes_the_tool(desk: Desk) -> None:
    with Crew(desk, 2) as crew:
        assert list(crew.run(square, range(4))) == [0, 1, 4, 9]
        assert len(multiprocessing.active_children()) == 2
    assert multiprocessing.active_children() == []
    assert str(os.getpid()) in desk.file.read_text().split()


def test_a_worker_closes_its_tool_when_the_one_it_works_for_is_gone(desk: Desk) -> None:
    crew = Crew(desk, 2)
    found = set(crew.run(tell_where, range(30)))
    for end in crew._ends:
        end.close()
    for process in crew._processes:
        process.join(10)
        assert process.exitcode == 0
    assert {int(line) for line in desk.file.read_text().split()} == found
