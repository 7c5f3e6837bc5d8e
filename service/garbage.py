"""When Python looks for garbage in a process of this service.

A batch makes some 100,000 objects and drops them again: by its own rule Python would look at each of them a dozen
times, and at all modules every so often.
"""

import gc
from collections.abc import Iterator
from contextlib import contextmanager

COLLECT_AFTER = (20_000, 20, 20)


def collect_seldom() -> None:
    """What is there now stays and is not looked at again; what comes is looked at after 20,000 objects."""
    gc.freeze()
    gc.set_threshold(*COLLECT_AFTER)
    gc.enable()


@contextmanager
def undisturbed() -> Iterator[None]:
    """While modules are loaded: nothing of them is garbage, and looking would take a fifth of the time."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()
