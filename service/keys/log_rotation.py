"""Rotation of the log's own keys: first old and new ones sign, then the new ones alone. Each step is an entry."""

from ledger.errors import MalformedError
from ledger.notes.note import Signer
from ledger.signing.keyring import ANNOUNCE_LOG_KEYS
from ledger.signing.keys import parse_announcement
from service.errors import ConflictError, NotFoundError
from service.keys.logkeys import add_log_keys, keep_log_keys, read_signing_keys
from service.recording.own_entries import record_own
from service.recording.recorder import Recorded, Recorder
from service.recording.registry import Registry
from service.settings import Settings


def add_log_key(recorder: Recorder) -> tuple[Recorded, tuple[str, ...]]:
    """Make a pair of keys beside those in force and announce them: from its entry on all of them sign.

    Gives the entry and the new verifier keys. Keys that were made before but never announced are announced now. Where
    several hosts serve one register, the key file must be copied to all of them first: see `make_log_key`.
    """
    register = recorder.register
    registry = _present(recorder)
    new = _unannounced(register.settings, registry) or add_log_keys(register.settings, registry.origin)
    vkeys = tuple(signer.vkey for signer in new)
    recorded = _announce(recorder, registry, (*registry.log_keys.vkeys, *vkeys))
    return recorded, vkeys


def make_log_key(recorder: Recorder) -> tuple[str, ...]:
    """Only make the pair of keys, in the key file, so that it can be copied to other hosts before it is announced."""
    registry = _present(recorder)
    settings = recorder.register.settings
    new = _unannounced(settings, registry) or add_log_keys(settings, registry.origin)
    return tuple(signer.vkey for signer in new)


def retire_log_key(recorder: Recorder, name: str) -> tuple[Recorded, str]:
    """Announce all keys in force but the one with this key id (8 hex digits) or verifier key, and forget its secret."""
    register = recorder.register
    registry = _present(recorder)
    in_force = registry.log_keys.vkeys
    retired = [vkey for vkey in in_force if name in (vkey, vkey.split("+")[1])]
    if not retired:
        raise NotFoundError(f"{name} is none of the keys in force: `packtrail key log list` shows them")
    rest = tuple(vkey for vkey in in_force if vkey not in retired)
    recorded = _announce(recorder, registry, rest)
    keep_log_keys(register.settings, rest)
    return recorded, retired[0]


def _present(recorder: Recorder) -> Registry:
    with recorder.register.read() as reader:
        return recorder.register.current_registry(reader.connection)


def _announce(recorder: Recorder, registry: Registry, vkeys: tuple[str, ...]) -> Recorded:
    body = {"log_keys": list(vkeys)}
    try:
        parse_announcement(body, index=0, origin=registry.origin)
    except MalformedError as error:
        raise ConflictError(f"these cannot be the log's keys: {error}") from None
    return record_own(recorder, ANNOUNCE_LOG_KEYS, body)


def _unannounced(settings: Settings, registry: Registry) -> tuple[Signer, ...]:
    """Keys of the file for the present origin that no entry ever named."""
    named = {vkey for keys in registry.ring.log_keys for vkey in keys.vkeys}
    return tuple(
        each for each in read_signing_keys(settings) if each.name == registry.origin and each.vkey not in named
    )
