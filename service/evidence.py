"""Evidence: a battery's entries, their proofs and the keys that signed them, in one file that is checked offline."""

from ledger.bundle import Bundle, Proven, format_bundle, verify_bundle
from ledger.entry import parse_entry
from service.errors import NotFoundError
from service.registry import Registry
from service.work import ProvenEntry, Register


def evidence_bundle(register: Register, code: str) -> bytes:
    """The bundle of a battery, verified by our own verifier before it leaves. Raises NotFoundError."""
    with register.read() as reader:
        note = reader.checkpoint()
        indexes = [index for index in reader.history(code) if index < reader.size()]
        if not indexes:
            raise NotFoundError(f"{code} is not in this register")
        entries = reader.all_proven(indexes)
        registry = register.current_registry(reader.connection)
        keys = reader.all_proven(_key_indexes(registry, entries, size=reader.size()))
    bundle = Bundle(code, note, tuple(map(_proven, entries)), tuple(map(_proven, keys)))
    verify_bundle(bundle, register.verifiers, origin=register.log.origin, require_all=True)
    return format_bundle(bundle)


def _key_indexes(registry: Registry, entries: list[ProvenEntry], *, size: int) -> list[int]:
    """The entries that made, and ended, the keys of whoever signed these entries, and those of the authority.

    A key is made by its own operator or by the authority, so with these the chain of trust closes.
    """
    operators = {registry.authority, *(parse_entry(found.entry).event.actor for found in entries)}
    keys = [key for key in registry.keys.values() if key.header.operator in operators]
    made = {max(key.since - 1, 0) for key in keys}
    ended = {key.until for key in keys if key.until is not None}
    return sorted(index for index in made | ended if index < size)


def _proven(found: ProvenEntry) -> Proven:
    return Proven(found.index, found.entry, found.receipt.proof)
