"""Named points at which the process can be told to die, so that each moment of a crash can be tried on purpose.

    PACKTRAIL_FAILPOINT=committed packtrail serve       # SIGKILL when an event is committed and the pin not yet moved
    PACKTRAIL_FAILPOINT=committed:7 packtrail serve     # at the seventh time

The whole process group is killed, the server's master with it, as when the machine goes away. Without the variable a
point is one comparison. Only `tests/torture` sets it.
"""

import os
import signal
from itertools import count

VARIABLE = "PACKTRAIL_FAILPOINT"

POINTS = {
    "secret-created": "a key file exists and is empty",
    "keys-made": "init: key files exist, no tables",
    "tables-made": "migrate: all steps are done, not committed",
    "tables-committed": "migrate: committed",
    "founded": "init: the first entries are committed, there is no pin",
    "locked": "an append has the lock and has judged nothing",
    "signed": "a checkpoint is signed, its entries are written, not committed",
    "entries-written": "entries are written, their tiles and state are not",
    "written": "all is written, not committed",
    "committed": "committed, the pin not moved",
    "pin-opened": "the pin file is open and locked, not written",
    "pinned": "committed and pinned, nobody was told",
    "answering": "the answer is made, not sent",
    "key-made": "a sealed key is stored, not registered",
    "tables-cleared": "rebuild: the derived tables are empty",
    "tables-derived": "rebuild: all is derived, not committed",
    "export-written": "export: the entries are in the unfinished file",
    "export-named": "export: the checkpoint has its name, the entries have not",
}
"""What holds at each point. A test sees to it that each is reached in the code, and tried."""

_ARMED, _, _at = os.environ.get(VARIABLE, "").partition(":")
_LEFT = count(int(_at or "1"), -1)


def reach(name: str) -> None:
    """Die here if this is the point, and the time, that the environment names."""
    if name == _ARMED and next(_LEFT) == 1:
        os.killpg(0, signal.SIGKILL)
