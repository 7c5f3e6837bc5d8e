"""Evidence: a battery's entries, their proofs and the keys that signed them, in one file that is checked offline.

Of a code that nothing is recorded of there is evidence too: that the register's map holds no entry of it.
"""

from collections.abc import Sequence

from ledger.bundle import Bundle, MapProof, Proven, format_bundle, verify_bundle
from ledger.entry import parse_entry
from ledger.epoch import look_up
from service.absence import find_absence
from service.errors import NotFoundError
from service.recording.listings import find_listed
from service.recording.registry import Registry
from service.work import ProvenEntry, Register, RegisterReader


def evidence_bundle(register: Register, code: str) -> bytes:
    """The bundle of a battery, verified by our own verifier before it leaves. Raises NotFoundError.

    Of a module or cell that is listed with its pack, and that no entry names yet, it is the bundle of the pack.
    """
    with register.read() as reader:
        indexes = [index for index in reader.history(code) if index < reader.size()]
        for listed in () if indexes else find_listed(reader.connection, [code]).values():
            code = listed.listing.pack
            indexes = [index for index in reader.history(code) if index < reader.size()]
        if not indexes:
            raise NotFoundError(f"{code} is not in this register")
        bundle = _bundle(register, reader, code, indexes)
    return _verified(register, bundle)


def absence_bundle(register: Register, code: str) -> bytes:
    """The proof that nothing is recorded of `code`, verified likewise: a bundle with a map and without entries.

    Raises NotFoundError where nothing proves that: there is no map yet, or something was recorded meanwhile.
    """
    with register.read() as reader:
        if find_absence(reader, code) is None:
            raise NotFoundError(f"nothing proves that {code} is not in this register")
        bundle = _bundle(register, reader, code, [])
    return _verified(register, bundle)


def _bundle(register: Register, reader: RegisterReader, code: str, indexes: Sequence[int]) -> Bundle:
    """What is recorded of `code`, or the map alone, under the newest cosigned checkpoint if that leaves nothing out."""
    answer = look_up(reader, code)
    head = reader.witnessed()
    under = head if head.size > max(indexes, default=answer.index if answer else 0) else None
    note, size = (under.note, under.size) if under else (reader.checkpoint(), reader.size())
    entries = reader.all_proven(indexes, under=under)
    registry = register.current_registry(reader.connection)
    keys = reader.all_proven(_key_indexes(registry, entries, size=size), under=under)
    mapped = reader.proven(answer.index, under=under) if answer and answer.index < size else None
    proof = MapProof(_proven(mapped), answer.lookup) if answer and mapped else None
    return Bundle(code, note, tuple(map(_proven, entries)), tuple(map(_proven, keys)), proof)


def _verified(register: Register, bundle: Bundle) -> bytes:
    verify_bundle(bundle, register.verifiers, origin=register.origin, require_all=True)
    return format_bundle(bundle)


def _key_indexes(registry: Registry, entries: list[ProvenEntry], *, size: int) -> list[int]:
    """The entries that made, ended or disputed keys of whoever signed these entries, and of the authority.

    A key is made by its own operator or by the authority, so with these the chain of trust closes. Those that name the
    log's own keys and origins say who signs the checkpoint.
    """
    operators = {registry.authority, *(parse_entry(found.entry).event.actor for found in entries)}
    keys = [key for key in registry.keys.values() if key.header.operator in operators]
    made = {max(key.since - 1, 0) for key in keys}
    ended = {key.until for key in keys if key.until is not None}
    told = {keys.index for keys in registry.ring.log_keys}
    told |= {each.index for each in registry.ring.disputes if each.kid.partition("/")[0] in operators}
    return sorted(index for index in made | ended | told if index < size)


def _proven(found: ProvenEntry) -> Proven:
    return Proven(found.index, found.entry, found.receipt.proof)
