"""The verdict on a whole register: a sweep over all cores, and the plain audit where that finds anything wrong."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from ledger.errors import LedgerError
from ledger.notes.checkpoint import Checkpoint, open_checkpoint
from ledger.notes.note import Verifier
from ledger.signing.keyring import KeyRing
from ledger.signing.keys import read_head
from ledger.verification.audit import Audit
from ledger.verification.findings import Anchor, Failure, Report
from ledger.verification.source import Source
from ledger.verification.stretch import Stretch, UnsoundError
from ledger.verification.sweep import Progress, Sweep
from ledger.verification.verified import State, StateError

Save = Callable[[State], None]


@dataclass(frozen=True, slots=True)
class Wishes:
    """How to verify. `verified` is the state of an earlier run, `save` is told of every new one.

    `anchors` are what the register must still hold to. `workers`: None for one a core.
    """

    signatures: bool = True
    anchors: tuple[Anchor, ...] = ()
    verified: State | None = None
    save: Save | None = None
    workers: int | None = None
    tick: Progress | None = None

    @property
    def all_anchors(self) -> tuple[Anchor, ...]:
        return self.anchors if self.verified is None else (*self.anchors, self.verified.anchor)


def verify_register(
    source: Source, entries: Callable[[], Iterable[bytes]], note: bytes, verifiers: Sequence[Verifier], wishes: Wishes
) -> Report:
    """Verify the entries of `source` against the checkpoint in `note`; `entries` gives the same in one stream.

    Raises StateError for an earlier state of another log.
    """
    try:
        head = read_head(note)
    except LedgerError as error:
        return refused(error)
    try:
        return sweep(source, note, verifiers, wishes)[0]
    except UnsoundError:
        return _audit(entries(), note, head, verifiers, wishes)
    except StateError:
        raise
    except LedgerError as error:
        return refused(error)


def judge(keyring: KeyRing, note: bytes, verifiers: Sequence[Verifier]) -> Checkpoint:
    """Open a checkpoint with the keys that the entries put in force, all `verifiers` among them.

    Raises SignatureError. Where the entries name no keys, the given ones alone vouch for it.
    """
    if keyring.log_keys_at(read_head(note).size) is None:
        return open_checkpoint(note, verifiers, origin=verifiers[0].name, require_all=True)
    return keyring.open_checkpoint(note, verifiers)


def sweep(
    source: Source,
    note: bytes,
    verifiers: Sequence[Verifier],
    wishes: Wishes,
    *,
    watch: Callable[[Stretch], None] | None = None,
) -> tuple[Report, KeyRing]:
    """A report without failures and what the entries say of keys, or UnsoundError. `watch` is shown each stretch.

    Raises StateError for an earlier state of another log, another LedgerError where the entries name other keys than
    those that signed the checkpoint.
    """
    head = read_head(note)
    run = Sweep(source, head.size, signatures=wishes.signatures, workers=wishes.workers)
    anchors = wishes.all_anchors
    run.chains(marks=[anchor.size for anchor in anchors], times=watch, tick=wishes.tick)
    joiner = run.joiner
    if (joiner.size, joiner.root()) != (head.size, head.root):
        raise UnsoundError
    if any(anchor.size and joiner.marks.get(anchor.size) != anchor.root for anchor in anchors):
        raise UnsoundError
    _judge_swept(joiner.keyring, note, verifiers)
    try:
        joiner.keyring.require_signed(anchors)
    except LedgerError:
        raise UnsoundError from None
    if wishes.signatures:
        _check_signatures(run, wishes)
    checked = {"entries": joiner.size, "battery_links": joiner.links, "batteries": joiner.batteries}
    checked["signatures"] = joiner.size if wishes.signatures else 0
    checked["maps"] = joiner.maps if wishes.signatures else min(1, joiner.maps)
    checked["disputed_entries"] = run.disputed
    if joiner.keyring.lost_entries:
        checked["lost_entries"] = joiner.keyring.lost_entries
    return Report(joiner.size, head.root, checked, ()), joiner.keyring


def _judge_swept(keyring: KeyRing, note: bytes, verifiers: Sequence[Verifier]) -> None:
    """As `judge`. A checkpoint not even signed by the keys that the entries name was changed, and entries perhaps too:
    UnsoundError, so that they are named. One that only other keys were given for is refused at once.
    """
    try:
        judge(keyring, note, verifiers)
    except LedgerError:
        if keyring.log_keys_at(read_head(note).size) is not None:
            try:
                keyring.open_checkpoint(note)
            except LedgerError:
                raise UnsoundError from None
        raise


def refused(error: Exception) -> Report:
    """The report on a checkpoint that cannot be believed: nothing else was looked at."""
    return Report(0, b"", {}, (Failure(None, f"checkpoint: {error}"),))


def _check_signatures(run: Sweep, wishes: Wishes) -> None:
    keyring, verified = run.joiner.keyring, wishes.verified
    if verified is not None and keyring.origin_at(verified.size - 1) != verified.origin:
        raise StateError(f"the state of the earlier verification is of another log, {verified.origin}")

    def save(size: int, root: bytes) -> None:
        if wishes.save:
            wishes.save(State(keyring.origin_at(size - 1), size, root))

    run.signatures(since=verified.size if verified else 0, tick=wishes.tick, save=save)


def _audit(
    entries: Iterable[bytes], note: bytes, head: Checkpoint, verifiers: Sequence[Verifier], wishes: Wishes
) -> Report:
    """The plain audit, which names what is wrong."""
    tick = wishes.tick
    audit = Audit(signatures=wishes.signatures, anchors=wishes.all_anchors)
    audit.run(entries, tick=(lambda done: tick("naming what is wrong", done, head.size)) if tick else None)
    report = audit.finish(head)
    try:
        judge(audit.keyring, note, verifiers)
    except LedgerError as error:
        if report.ok:
            return refused(error)
        if not _is_signed(note, verifiers):
            return replace(report, failures=(*report.failures[:99], *refused(error).failures))
    return report


def _is_signed(note: bytes, verifiers: Sequence[Verifier]) -> bool:
    """Whether the given keys alone vouch for the checkpoint."""
    try:
        open_checkpoint(note, verifiers, origin=verifiers[0].name, require_all=True)
    except LedgerError:
        return False
    return True
