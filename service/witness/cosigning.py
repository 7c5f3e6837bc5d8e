"""Cosigning: what a witness does with a request, in three steps.

    admit    read it and check who signed it; needs nothing that changes
    decide   judge it against what is kept, and keep the new checkpoint: for many requests in one transaction
    cosign   sign, after the commit

A witness that dies before the commit has said nothing; one that dies after has kept what it might have said. A
transaction never waits for a signature, and costs one sync of the disk however many requests are in it.
"""

import time
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from ledger.notes.note import NoteSignature, Verifier, format_note, parse_vkey, sign_text, split_note
from ledger.notes.witness import (
    NOTHING_KEPT,
    AddCheckpoint,
    Kept,
    Verdict,
    authenticate,
    checked_note,
    judge,
    parse_add_checkpoint,
)
from service.clock import Clock, wall_clock
from service.witness.keys import Cosigner
from service.witness.store import Newest, WitnessStore, read_kept, write_newest

KEYS_SECONDS = 1.0
"""How long a process may go on with the keys of a log that it read: what `add-log` adds is known after that."""

MAX_REMEMBERED = 4096
"""Logs whose keys or cosignatures a process has at hand."""


@dataclass(frozen=True, slots=True)
class Answer:
    """`size`: what is kept now. `cosignatures`: of the submitted checkpoint, if the verdict is to cosign."""

    verdict: Verdict
    size: int = 0
    cosignatures: tuple[NoteSignature, ...] = ()


@dataclass(eq=False, slots=True)
class Case:
    """A request signed by its log. `note` is what will be kept; the rest stands after the decision."""

    request: AddCheckpoint
    note: bytes
    verdict: Verdict = Verdict.CONFLICT
    kept: Kept = NOTHING_KEPT
    at: int = 0


class Witness:
    """One witness, opened by one process. Other processes may have it open too.

    `admit`, `cosign` and `newest` are for one thread at a time; `decide` may run beside them in a second one.
    """

    def __init__(self, store: WitnessStore, cosigners: Sequence[Cosigner], *, clock: Clock = wall_clock) -> None:
        self._store = store
        self._cosigners = tuple(cosigners)
        self._clock = clock
        self._known: OrderedDict[str, tuple[float, tuple[Verifier, ...]]] = OrderedDict()
        self._made: OrderedDict[tuple[str, Kept], tuple[NoteSignature, ...]] = OrderedDict()

    @property
    def vkeys(self) -> tuple[str, ...]:
        """The public keys this witness cosigns with."""
        return tuple(cosigner.vkey for cosigner in self._cosigners)

    def add_checkpoint(self, body: bytes) -> Answer:
        """All three steps for one request. MalformedError if it is none; BusyError, with nothing changed."""
        case = self.admit(body)
        if isinstance(case, Answer):
            return case
        self.decide([case])
        return self.cosign(case)

    def admit(self, body: bytes) -> Case | Answer:
        """A case to decide, or the answer if the log is unknown or has not signed. MalformedError."""
        request = parse_add_checkpoint(body)
        keys = self._keys(request.checkpoint.origin)
        refused = authenticate(keys, request)
        return Case(request, checked_note(keys, request)) if refused is None else Answer(refused)

    def decide(self, cases: Sequence[Case]) -> None:
        """Judge in order, each case against what those before it left, and keep what follows.

        All in one transaction: nothing comes between reading what is kept and replacing it. Raises BusyError, and has
        kept nothing, if the lock is not to be had.
        """
        with self._store.write() as connection:
            now = self._now()
            kept = read_kept(connection, {case.request.checkpoint.origin for case in cases})
            changed = {}
            for case in cases:
                new = case.request.checkpoint
                case.kept, case.at = kept.get(new.origin, NOTHING_KEPT), now
                case.verdict = judge(case.kept, case.request)
                if case.verdict is Verdict.COSIGN:
                    case.kept = kept[new.origin] = Kept(new.size, new.root)
                    changed[new.origin] = Newest(new.origin, case.kept, case.note, now)
            if changed:
                write_newest(connection, changed)

    def cosign(self, case: Case) -> Answer:
        """The answer to a case whose decision is committed."""
        if case.verdict is not Verdict.COSIGN:
            return Answer(case.verdict, case.kept.size)
        made = self._sign(case.request.checkpoint.origin, case.kept, case.request.text, case.at)
        return Answer(case.verdict, case.kept.size, made)

    def newest(self, hashed: str) -> bytes | None:
        """The newest checkpoint of the origin with this hash (ledger.notes.witness.origin_hash), with all cosignatures.

        A cosignature that is not at hand is made anew: it says what still holds now.
        """
        now = self._now()  # before the reading: at this moment nothing larger was known
        newest = self._store.newest(hashed)
        if newest is None:
            return None
        text, signatures = split_note(newest.note)
        made = self._made.get((newest.origin, newest.kept))
        if made is None:
            made = self._sign(newest.origin, newest.kept, text, max(now, newest.at))
        return format_note(text, [*signatures, *made])

    def _keys(self, origin: str) -> tuple[Verifier, ...]:
        now = time.monotonic()
        found = self._known.get(origin)
        if found is None or now - found[0] > KEYS_SECONDS:
            found = now, tuple(map(_read_vkey, self._store.vkeys(origin)))
            if found[1]:  # anybody may ask for unknown logs: they take no memory
                _remember(self._known, origin, found)
            else:
                self._known.pop(origin, None)
        return found[1]

    def _sign(self, origin: str, kept: Kept, text: bytes, at: int) -> tuple[NoteSignature, ...]:
        made = sign_text(text, [cosigner.at(at) for cosigner in self._cosigners])
        _remember(self._made, (origin, kept), made)
        return made

    def _now(self) -> int:
        return int(self._clock().timestamp())


_read_vkey = lru_cache(MAX_REMEMBERED)(parse_vkey)


def _remember(memory: OrderedDict[Any, Any], key: object, value: object) -> None:
    """Keep it, and forget the oldest beyond the limit."""
    memory[key] = value
    if len(memory) > MAX_REMEMBERED:
        memory.popitem(last=False)
