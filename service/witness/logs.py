"""The logs a witness knows: added by who runs it, never by who asks."""

from collections.abc import Sequence

from ledger.errors import MalformedError
from ledger.notes.note import parse_vkey
from ledger.notes.treehead import is_line
from ledger.notes.vkey import ED25519, MLDSA44_COSIGNATURE, split_vkey
from service.witness.keys import MAX_NAME
from service.witness.store import WitnessStore

LOG_KINDS = (ED25519, MLDSA44_COSIGNATURE)


def add_log(store: WitnessStore, vkeys: Sequence[str], *, origin: str | None = None) -> str:
    """Know a log by these keys, beside those known before; gives its origin.

    The origin is the name of its keys unless it is given: a few logs have another. Raises MalformedError.
    """
    names = {_read_name(vkey) for vkey in vkeys}
    if origin is None:
        if len(names) != 1:
            raise MalformedError("keys of several names: add one log at a time, or give its origin")
        origin = names.pop()
    if not is_line(origin) or len(origin.encode()) > MAX_NAME:
        raise MalformedError("an origin is one line of at most 255 bytes")
    store.add_keys(origin, vkeys)
    return origin


def _read_name(vkey: str) -> str:
    name, kind, _ = split_vkey(vkey)
    if kind not in LOG_KINDS:
        raise MalformedError("a log signs with a key of kind 0x01 (Ed25519) or 0x06 (ML-DSA-44)")
    parse_vkey(vkey)
    return name
