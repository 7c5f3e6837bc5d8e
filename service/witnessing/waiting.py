"""Waiting for witnesses: whoever asked for a witnessed receipt waits a few seconds for it, and never in vain for long.

A request that waits occupies a thread. Only some of a process's threads may do so at once, the next ones get the answer
that there is: the event is recorded, and its witnessed receipt can be fetched later.
"""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from service.witnessing.head import WitnessedHead
from service.witnessing.roll import list_witnesses
from service.work import Register

SECONDS = 5.0
"""Shorter than what a server that stops leaves to running requests."""
PAUSE_SECONDS = 0.1
MOST_WAITING = 4

_places = threading.BoundedSemaphore(MOST_WAITING)


def wait_until_witnessed(register: Register, index: int, *, seconds: float | None = None) -> WitnessedHead | None:
    """The witnessed checkpoint that covers entry `index`; None where there is none in time, by default SECONDS."""
    allowed = SECONDS if seconds is None else seconds
    with _place() as is_free:
        give_up = time.monotonic() + (allowed if is_free else 0.0)
        while True:
            with register.read() as reader:
                head = reader.witnessed()
                if head.size > index:
                    return head
                if time.monotonic() >= give_up or not list_witnesses(reader.connection):
                    return None
            time.sleep(PAUSE_SECONDS)


@contextmanager
def _place() -> Iterator[bool]:
    is_free = _places.acquire(blocking=False)
    try:
        yield is_free
    finally:
        if is_free:
            _places.release()
