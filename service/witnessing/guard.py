"""A register behind its own witnesses: its database is an old copy, whatever its pin says.

The pin stands on the same machine as the database and is often restored together with it. Witnesses are elsewhere.
So before the first append after a start the sizes that they hold are compared with the database.
"""

import threading
import time
from typing import NamedTuple

from ledger.errors import LedgerError, RollbackError
from ledger.notes.note import split_note
from ledger.notes.treehead import parse_checkpoint
from ledger.notes.witness import format_add_checkpoint
from service.pin import read_pin
from service.settings import Settings
from service.witnessing.asking import WitnessError, explain, fetch_held, read_held_size, submit
from service.witnessing.head import largest_known_size
from service.witnessing.roll import Witness, list_witnesses
from service.work import Register

SECONDS = 3.0
"""What a start waits for witnesses. Those that are silent are no reason not to start."""

SPARE_SECONDS = 0.5
"""Most requests that time out have ended by then, so that a server does not fork with threads still running."""


class HeldSize(NamedTuple):
    """What a witness holds of this register: the size of the newest checkpoint, or why that is not known."""

    name: str
    found: int | WitnessError


def witness_sizes(register: Register, *, seconds: float = SECONDS) -> list[HeldSize]:
    """Ask all witnesses at once; gives an answer for each, by name, after `seconds` at the latest."""
    with register.read() as reader:
        witnesses, note = list_witnesses(reader.connection), reader.state().checkpoint
    found: dict[str, int | WitnessError] = {}
    threads = [
        threading.Thread(target=_ask, args=(register, each, note, seconds, found), daemon=True) for each in witnesses
    ]
    give_up = time.monotonic() + seconds + SPARE_SECONDS
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(max(0.0, give_up - time.monotonic()))
    silent = WitnessError(f"no answer within {seconds:g} s")
    return [HeldSize(each.name, found.get(each.name, silent)) for each in witnesses]


def require_abreast(register: Register) -> None:
    """Raise RollbackError if a witness holds more than the database, by what is kept here or by what it says now.

    Asked before the first append of each open register; what was found holds for as long as that is open, because from
    then on the chore that submits checkpoints would hear of it.
    """
    if register.is_abreast:
        return
    with register.read() as reader:
        size, (known, names) = reader.size(), largest_known_size(reader.connection)
    if known > size:
        raise RollbackError(_refusal(f"witnesses ({names}) hold {known} entries, the database holds {size}"))
    for name, found in witness_sizes(register):
        if isinstance(found, int) and found > size:
            with register.read() as reader:  # another process may have recorded and submitted meanwhile
                size = reader.size()
            if found > size:
                raise RollbackError(_refusal(f"the witness {name} holds {found} entries, the database {size}"))
    register.is_abreast = True


def require_not_behind_pin(settings: Settings, size: int) -> None:
    """Raise RollbackError if more than `size` entries were signed. Asked under the log's lock, before each append."""
    pinned = read_pin(settings.pin_file)
    if pinned is not None and pinned.size > size:
        raise RollbackError(_refusal(f"{pinned.size} entries were signed, the database holds {size}"))


def _refusal(what: str) -> str:
    return (
        f"{what}: it is an old copy. Nothing will be recorded. Run packtrail restore-check, restore a newer copy, or "
        "see docs/operating.md#rollback. A witness that is wrong is left out with packtrail witness remove"
    )


def _ask(
    register: Register, witness: Witness, note: bytes, seconds: float, found: dict[str, int | WitnessError]
) -> None:
    try:
        found[witness.name] = _held(register, witness, note, seconds)
    except WitnessError as error:
        found[witness.name] = error


def _held(register: Register, witness: Witness, note: bytes, seconds: float) -> int:
    """By the checkpoint that it shows, and if it shows none, by offering ours from size 0 and reading its refusal.

    Whether the checkpoint bears our signatures is not asked: an old copy of the register may not know its newest keys.
    """
    shown = fetch_held(witness.url, register.origin, seconds=seconds)
    if shown.status == 200:
        try:
            checkpoint = parse_checkpoint(split_note(shown.body)[0])
        except LedgerError as error:
            raise WitnessError(f"shows what is no checkpoint: {error}") from None
        if checkpoint.origin == register.origin:
            return checkpoint.size
        raise WitnessError("shows a checkpoint of another log")
    if not note:
        return 0
    reply = submit(witness.url, format_add_checkpoint(0, (), note), seconds=seconds)
    if reply.status == 409:
        return read_held_size(reply)
    if reply.status == 200:  # it held nothing
        return 0
    raise WitnessError(explain(reply))
