"""A crew of processes that do the same work on many small tasks, each result handed over in the order of the tasks.

Workers share nothing and end by themselves when the one they work for is gone, however it ended. With one worker, or
where processes are not worth their start, the work is done in this process.
"""

import multiprocessing
import os
import signal
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from multiprocessing.connection import Connection, wait
from typing import Any, Protocol, TypeVar, cast

from ledger.verification.stretch import UnsoundError

Result = TypeVar("Result")
Job = Callable[[Any, Any], Result]
"""A function of module level: gets the crew's tool and a task."""
AHEAD = 2
"""Tasks given to a worker at once, so that it need not wait for the next."""
KEPT = 8
"""Results per worker that may wait for one before them."""


class Tool(Protocol):
    """What a worker works with, such as an open file: made before the workers, closed in each at its end."""

    def close(self) -> None: ...


class CrewError(OSError):
    """A worker ended in the middle of its work."""


class Crew:
    """Use in a `with`. Not safe for threads."""

    def __init__(self, tool: Tool, workers: int, *, forks: bool = True) -> None:
        """`forks`: whether a copy of this process may use the tool. A SQLite file that is open may not be forked."""
        self._tool = tool
        self._forks = forks
        self._ends: list[Connection] = []
        self._processes: list[Any] = []
        if workers > 1:
            self._start(workers)

    def __enter__(self) -> "Crew":
        return self

    def __exit__(self, *_exception: object) -> None:
        for end in self._ends:
            end.close()
        for process in self._processes:
            process.terminate()
            process.join()
        self._tool.close()

    def run(self, job: Job[Result], tasks: Iterable[Any]) -> Iterator[Result]:
        """The results of `job` in the order of `tasks`, which are taken as workers become free.

        Raises what the job raises if that is an UnsoundError, CrewError for everything else in a worker.
        """
        if not self._ends:
            yield from (job(self._tool, task) for task in tasks)
            return
        numbered = enumerate(tasks)
        waiting = {end: deque[int]() for end in self._ends}
        done: dict[int, Result] = {}
        due = 0
        while True:
            for end, given in waiting.items():
                room = AHEAD - len(given) if len(done) < KEPT * len(self._ends) else 0
                for number, task in islice(numbered, room):
                    end.send((job, task))
                    given.append(number)
            busy = [end for end, given in waiting.items() if given]
            if not busy:
                return
            for ready in wait(busy):
                end = cast(Connection, ready)
                done[waiting[end].popleft()] = _receive(end)
            while due in done:
                yield done.pop(due)
                due += 1

    def _start(self, workers: int) -> None:
        # A fork costs nothing, but it is for a process with one thread only.
        method = "fork" if self._forks and threading.active_count() == 1 and hasattr(os, "fork") else "spawn"
        context: Any = multiprocessing.get_context(method)
        for _ in range(workers):
            ours, theirs = context.Pipe()
            inherited = [*self._ends, ours] if method == "fork" else []
            process = context.Process(target=_work, args=(theirs, inherited, self._tool), daemon=True)
            process.start()
            theirs.close()
            self._ends.append(ours)
            self._processes.append(process)


def _receive(end: Connection) -> Any:
    try:
        kind, value = end.recv()
    except (EOFError, OSError):
        raise CrewError("a worker of the verification ended in the middle of its work") from None
    if kind == "unsound":
        raise UnsoundError
    if kind == "failed":
        raise CrewError(f"a worker of the verification failed: {value}")
    return value


def _work(end: Connection, inherited: list[Connection], tool: Tool) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the terminal interrupts all; who leads decides
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    for other in inherited:  # or they would keep each other alive
        other.close()
    while True:
        try:
            job, task = end.recv()
        except (EOFError, OSError):
            break
        try:
            answer = ("done", job(tool, task))
        except UnsoundError:
            answer = ("unsound", None)
        except Exception as error:
            answer = ("failed", f"{type(error).__name__}: {error}")
        try:
            end.send(answer)
        except OSError:
            break
    tool.close()
