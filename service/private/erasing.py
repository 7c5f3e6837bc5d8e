"""Erasing restricted values of a battery: on the word of the authority, or of the operator that told them."""

from collections.abc import Iterable
from dataclasses import dataclass

from ledger.entry import format_hash, format_time, parse_entry
from ledger.erasure import ERASE_VALUES, MAX_COMMITMENTS, commitments_in
from service.errors import ConflictError
from service.operators import CustodialEvent, admit_custodial, current_registry
from service.private.scrubbing import scrub
from service.private.values import find_rows
from service.recording.recorder import Recorded, Recorder
from service.work import Register


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to be erased and why. `names` of fields; none means all. `basis`: law and clause."""

    basis: str
    reason: str
    names: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Erased:
    """What was erased: how many values, under which entries."""

    count: int
    entries: tuple[Recorded, ...]


def erase_values(recorder: Recorder, code: str, wish: Wish, *, operator: str) -> Erased:
    """Erase restricted values of a battery on the word of `operator`, signed with the key held for it.

    The authority erases any, another operator those that it told itself. Raises ConflictError where there is nothing
    to erase, and the refusals of recording. What was erased is gone from the database file when this returns.
    """
    register = recorder.register
    wanted = find_erasable(register, code, wish.names, operator=operator)
    if not wanted:
        raise ConflictError(f"nothing to erase: the register holds no such value of {code} that {operator} may erase")
    entries = []
    for start in range(0, len(wanted), MAX_COMMITMENTS):
        some = [format_hash(commitment) for commitment in wanted[start : start + MAX_COMMITMENTS]]
        body = {"basis": wish.basis, "commitments": some, "reason": wish.reason}
        members = {"type": ERASE_VALUES, "subjects": [code], "body": body, "occurred_at": format_time(register.clock())}
        [outcome] = recorder.record([admit_custodial(register, operator, CustodialEvent(members, {}))])
        if not isinstance(outcome, Recorded):
            raise outcome
        entries.append(outcome)
    scrub(register.store.engine)
    return Erased(len(wanted), tuple(entries))


def find_erasable(register: Register, code: str, names: Iterable[str], *, operator: str) -> list[bytes]:
    """The commitments of a battery whose values are still there, in the order of its entries."""
    authority, wanted = current_registry(register).authority, set(names)
    found: list[bytes] = []
    with register.read() as reader:
        indexes = reader.history(code)
        entries = reader.entries_at(indexes)
        for index in indexes:
            event = parse_entry(entries[index]).event
            if operator in (authority, event.actor):
                found += commitments_in(event)
        rows = find_rows(reader.connection, found)
    there = {bytes(row.commitment) for row in rows if row.sealed is not None and (not wanted or row.name in wanted)}
    return [commitment for commitment in found if commitment in there]
