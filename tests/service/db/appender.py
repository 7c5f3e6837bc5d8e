"""A process that appends to the log of a database: python -m tests.service.db.appender URL WRITER COUNT

Writes COUNT batches of one to three entries, all about one battery that the other writers write about too.
"""

import sys

from ledger.log import Log
from ledger.notes.note import Ed25519Signer
from service.clock import wall_clock
from service.db.engine import open_engine
from service.db.store import SqlStore
from tests.service.db.oracle import ORIGIN, submission

SHARED, SEED = "SHARED", b"log key of the store tests......"


def append(url: str, writer: int, count: int) -> None:
    """Each batch says who wrote it and where in this writer's order it stands."""
    log, store = Log(ORIGIN, [Ed25519Signer(ORIGIN, SEED)]), SqlStore(open_engine(url))
    number = 0
    for turn in range(count):
        with store.append() as tx:
            items = [submission(number + n, (SHARED, f"OWN{writer}"), writer=writer) for n in range(1 + turn % 3)]
            log.append(tx, items, wall_clock())
        number += len(items)
    store.engine.dispose()


if __name__ == "__main__":
    append(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
