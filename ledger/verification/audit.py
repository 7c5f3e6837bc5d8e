"""Verification of a whole register, streamed: every byte hashed, every chain followed, every signature checked.

What is checked, in index order:
- the register's chain: each entry names the leaf hash of the one before it;
- each battery's chain: its entries are numbered from 1 without a gap, each names the leaf hash of the previous one;
- time of receipt never runs backwards;
- the map that each `commit_map` commits to is that of the entries before it; without signatures, the newest one's;
- with signatures: the entry is canonical, its key was valid at that index, the signature matches, keys are made and
  ended only by those who may, no event id is recorded twice;
- at the end: number of entries and Merkle root are those of the signed checkpoint, and of older ones that are given.

This is the plain form: one entry after the other, in one process, each fault with its entry. `sweep` does the
same on many cores, and where it finds anything at all it leaves the verdict to this. Memory grows with the number of
batteries (their newest entries), not with the number of entries.
"""

from array import array
from binascii import a2b_base64, b2a_base64
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from hashlib import sha256
from itertools import islice

import orjson

from ledger.entry import LOG_MARK, is_subject, parse_entry, parse_hash
from ledger.errors import LedgerError, MalformedError
from ledger.map import COMMIT_MAP, MapTree, Row, key_of
from ledger.notes.checkpoint import Checkpoint
from ledger.signing.keyring import KEY_KINDS, KeyRing
from ledger.tree import CompactRange
from ledger.verification.findings import Anchor, Failure, Report, subject_of
from ledger.verification.headmap import claimed_map
from ledger.verification.stretch import kind_of
from ledger.verification.uniques import RUN, Uniques, pack_ids

__all__ = ["Anchor", "Audit", "Failure", "Report"]

BLOCK = 1024
MAX_FAILURES = 100
MAX_BROKEN = 10_000
_COMMIT_MAP = COMMIT_MAP.encode()
UNBORN = (0, "", -1)
"""The newest entry of a battery that has none: number 0, no hash."""


@dataclass
class Audit:
    """Feed entries in index order, then finish against a checkpoint. `tick(n)` is told how many were read so far."""

    signatures: bool = True
    anchors: Sequence[Anchor] = ()
    keyring: KeyRing = field(default_factory=KeyRing)
    failures: list[Failure] = field(default_factory=list)
    _tree: CompactRange = field(default_factory=CompactRange)
    _heads: dict[str, tuple[int, str, int]] = field(default_factory=dict)
    _last: str = ""
    _last_at: str = ""
    _links: int = 0
    _maps: int = 0
    _map: MapTree = field(default_factory=MapTree)
    _news: set[str] = field(default_factory=set)
    _map_failure: Failure | None = None
    _broken: set[int] = field(default_factory=set)
    _suspect: int | None = None
    _forks: list[tuple[int, int, str]] = field(default_factory=list)
    _roots: dict[int, bytes] = field(default_factory=dict)
    _recent: deque[bytes] = field(default_factory=lambda: deque(maxlen=3))
    _uniques: Uniques = field(default_factory=Uniques)
    _ids: list[tuple[str, int]] = field(default_factory=list)
    _kids: dict[str, int] = field(default_factory=dict)
    _signers: "array[int]" = field(default_factory=lambda: array("I"))

    @property
    def size(self) -> int:
        return self._tree.size

    def run(self, entries: Iterable[bytes], *, tick: Callable[[int], None] | None = None) -> None:
        """Feed all of `entries`."""
        stream = iter(entries)
        while block := list(islice(stream, BLOCK)):
            self.feed(block)
            if tick:
                tick(self.size)

    def feed(self, block: Sequence[bytes]) -> list[bytes]:
        """Check the next entries. Gives their leaf hashes, for comparison with what a store holds."""
        leaves = [sha256(b"\0" + entry).digest() for entry in block]
        first = self.size
        self._follow(first, block, leaves)
        if self.signatures:
            for index, entry in enumerate(block, first):
                self._check_signature(index, entry)
        self._grow(leaves)
        return leaves

    def fail(self, index: int | None, what: str, battery: str | None = None) -> None:
        """Note a failure, once per entry."""
        if index is not None:
            if index in self._broken:
                return
            if len(self._broken) < MAX_BROKEN:
                self._broken.add(index)
        if len(self.failures) < MAX_FAILURES:
            self.failures.append(Failure(index, what, battery))

    def finish(self, checkpoint: Checkpoint) -> Report:
        """Compare with the signed checkpoint and report."""
        self.settle()
        if self.keyring.origin and self.signatures:
            self._check_origin(checkpoint)
        self._compare(checkpoint)
        checked = {"entries": self.size, "battery_links": self._links, "batteries": len(self._heads)}
        checked["signatures"] = self.size if self.signatures else 0
        checked["maps"] = self._maps if self.signatures else min(1, self._maps)
        checked["disputed_entries"] = self._count_disputed()
        if self.keyring.lost_entries:
            checked["lost_entries"] = self.keyring.lost_entries
        ordered = sorted(self.failures, key=lambda failure: (failure.index is None, failure.index or 0))
        return Report(self.size, self._tree.root(), checked, tuple(ordered))

    def settle(self) -> None:
        """After the last entry: note what only shows now. `finish` does it, if nobody did."""
        if self._suspect is not None:
            self._recent.append(b"")
            self._blame(self._suspect, next_matches=False)
        self._settle_forks()
        self._check_ids()
        if self._map_failure is not None and self._map_failure.index is not None:
            self.fail(self._map_failure.index, self._map_failure.what)

    def _grow(self, leaves: list[bytes]) -> None:
        """Add to the tree, keeping the roots of the sizes that there are anchors for."""
        done = 0
        for size in sorted({anchor.size for anchor in self.anchors}):
            if self.size < size <= self.size + len(leaves) - done:
                part = size - self.size
                self._tree.extend(leaves[done : done + part])
                done += part
                self._roots[size] = self._tree.root()
        self._tree.extend(leaves[done:])

    def _follow(self, first: int, block: Sequence[bytes], leaves: Sequence[bytes]) -> None:
        """Follow the chains. Only the log's part is parsed: it stands at the end, behind a mark found from there."""
        heads, last, last_at, links = self._heads, self._last, self._last_at, 0
        for index, (entry, digest) in enumerate(zip(block, leaves, strict=True), first):
            leaf = b2a_base64(digest, newline=False).decode()
            self._recent.append(entry)
            try:
                start = entry.rindex(LOG_MARK)
                log = orjson.loads(entry[start + 7 : -1])
                previous, at = log["prev"], log["at"]
                if previous != last or self._suspect is not None:
                    parse_hash(previous)  # a text that is no hash is this entry's own fault
                    self._weigh(index, continues=previous == last)
                for subject, seq, before in log["chain"]:
                    if not is_subject(subject):
                        raise ValueError
                    head = heads.get(subject, UNBORN)
                    if seq != head[0] + 1 or before != head[1]:
                        self._misfit(index, subject, seq, head)
                    heads[subject] = (seq, leaf, index)
                    self._news.add(subject)
                    links += 1
                if at < last_at:
                    self.fail(index, "received before the entry ahead of it", subject_of(entry))
                last_at = at
                if not log["chain"]:
                    self._look(index, entry, kind_of(entry, start))
            except (ValueError, KeyError, TypeError, MalformedError):  # among them what orjson and rindex raise
                self.fail(index, "not an entry")
            last = leaf
        self._last, self._last_at = last, last_at
        self._links += links

    def _misfit(self, index: int, subject: str, seq: int, head: tuple[int, str, int]) -> None:
        """Entry `index` does not follow `head`, the subject's newest entry so far."""
        if seq != head[0] + 1:
            self.fail(index, f"{subject} goes from number {head[0]} to {seq}", subject)
        elif head is UNBORN:
            self.fail(index, f"{subject} starts by continuing an entry that is not there", subject)
        elif len(self._forks) < MAX_FAILURES:
            self._forks.append((head[2], index, subject))

    def _weigh(self, index: int, *, continues: bool) -> None:
        """Entry `index` does not continue its predecessor, or comes right after one that did not."""
        if self._suspect is not None:
            self._blame(self._suspect, next_matches=continues)
        elif not continues:
            self._suspect = index

    def _check_map(self, index: int, entry: bytes) -> None:
        """Compute the map of the entries before `index` and compare. Without signatures only the newest one counts."""
        self._maps += 1
        self._map_failure = None
        for subject in self._news:
            seq, leaf, _ = self._heads[subject]
            self._map.set(Row(key_of(subject), seq, a2b_base64(leaf)))
        self._news.clear()
        try:
            if claimed_map(index, entry) != self._map.commitment(index):
                self._map_failure = Failure(index, "commits to another map than that of the entries before it")
        except MalformedError as error:
            self._map_failure = Failure(index, str(error))
        if self._map_failure is not None and self.signatures:
            self.fail(index, self._map_failure.what)

    def _look(self, index: int, entry: bytes, kind: bytes) -> None:
        """An entry without subjects may be one of the log's own. Keys are wanted in any case, for the checkpoint."""
        if kind == _COMMIT_MAP:
            self._check_map(index, entry)
        elif not self.signatures and kind.decode(errors="replace") in KEY_KINDS:
            with suppress(LedgerError):  # without signatures nobody asked
                parsed = parse_entry(entry)
                self.keyring.check(index, parsed.event, parsed.jws)
                self.keyring.apply(index, parsed.event)

    def _check_signature(self, index: int, entry: bytes) -> None:
        try:
            parsed = parse_entry(entry)
            self.keyring.check(index, parsed.event, parsed.jws)
            if parsed.event.type in KEY_KINDS:
                self.keyring.apply(index, parsed.event)
        except LedgerError as error:
            self.fail(index, str(error), subject_of(entry))
            self._signers.append(0)
            return
        self._signers.append(self._kids.setdefault(parsed.jws.header.kid, len(self._kids) + 1))
        self._ids.append((parsed.event.id, index))
        if len(self._ids) == RUN:
            self._uniques.add(pack_ids(self._ids))
            self._ids.clear()

    def _check_ids(self) -> None:
        self._uniques.add(pack_ids(self._ids))
        self._ids.clear()
        for twice in self._uniques.twice():
            self.fail(twice.later, f"event {twice.id} is recorded as entry {twice.earlier} already")
        self._uniques.close()

    def _count_disputed(self) -> int:
        """Entries whose signing key is disputed for a stretch that they lie in."""
        disputed = set[int]()
        for dispute in self.keyring.disputes:
            kid = self._kids.get(dispute.kid, 0)
            stretch = enumerate(self._signers[dispute.start : dispute.end], dispute.start)
            disputed.update(index for index, signer in stretch if signer == kid != 0)
        return len(disputed)

    def _check_origin(self, checkpoint: Checkpoint) -> None:
        try:
            self.keyring.check_origin(checkpoint.origin)
        except LedgerError as error:
            self.fail(None if self.failures else 0, str(error))  # an epoch that is refused is at fault itself

    def _compare(self, checkpoint: Checkpoint) -> None:
        """Hold the tree against what was signed. What is found here is told however much was found before."""
        found = []
        good = 0
        for anchor in sorted(self.anchors, key=lambda anchor: anchor.size):
            if anchor.size > self.size:
                found.append(f"{anchor.what} {anchor.size} entries, here are {self.size}")
            elif anchor.size and self._roots[anchor.size] != anchor.root:
                found.append(f"the first {anchor.size} entries are not those that {anchor.what}")
            else:
                good = anchor.size
            try:
                self.keyring.require_signed([anchor])
            except LedgerError as error:
                found.append(f"the older checkpoint of size {anchor.size}: {error}")
        if self.size != checkpoint.size:
            found.append(f"the checkpoint signs {checkpoint.size} entries, here are {self.size}")
            self._shift_blame()
        elif self._tree.root() != checkpoint.root:
            what = "the tree does not have the root that the checkpoint signs"
            if self.failures or not self.size:
                found.append(what)
            else:
                since = f"a stretch made anew after entry {good - 1}" if good else "a stretch made anew"
                where = f"{what}: entry {self.size - 1}, or {since} of which it is the last"
                self.failures.append(Failure(self.size - 1, where))
        del self.failures[max(0, MAX_FAILURES - len(found)) :]
        self.failures += [Failure(None, what) for what in found]

    def _blame(self, suspect: int, *, next_matches: bool) -> None:
        """Entry `suspect` does not continue the one before it. If the next continues `suspect`, it is the other one."""
        self._suspect = None
        if next_matches and suspect > 0:
            what = f"entry {suspect} continues another entry than this"
            self.fail(suspect - 1, what, subject_of(self._recent[0]))
        else:
            self.fail(suspect, "does not continue the entry before it", subject_of(self._recent[-2]))

    def _settle_forks(self) -> None:
        """Where a battery's entry names another previous one than is there, and neither was found changed, say so."""
        for earlier, later, subject in self._forks:
            if earlier not in self._broken and later not in self._broken:
                self.fail(later, f"does not continue {subject} from entry {earlier}", subject)

    def _shift_blame(self) -> None:
        """Entries are missing or extra: a broken link then shows where, so name the entry after it."""
        for position, failure in enumerate(self.failures):
            if failure.what.endswith("continues another entry than this") and failure.index is not None:
                what = "does not continue the entry before it: entries are missing or were put in here"
                self.failures[position] = Failure(failure.index + 1, what)
