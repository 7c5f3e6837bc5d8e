"""Verification of a whole register, streamed: every byte hashed, every chain followed, every signature checked.

What is checked, in index order:
- the register's chain: each entry names the leaf hash of the one before it;
- each battery's chain: its entries are numbered from 1 without a gap, each names the leaf hash of the previous one;
- time of receipt never runs backwards;
- with signatures: the entry is canonical, its key was valid at that index, the signature matches, keys are made and
  ended only by those who may;
- at the end: number of entries and Merkle root are those of the signed checkpoint.

Memory grows with the number of batteries (their newest entries), not with the number of entries.
"""

from binascii import b2a_base64
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from itertools import islice

import orjson

from ledger.checkpoint import Checkpoint
from ledger.entry import LOG_MARK, parse_entry
from ledger.errors import LedgerError
from ledger.keyring import KeyRing
from ledger.tree import CompactRange

BLOCK = 1024
MAX_FAILURES = 100
UNBORN = (0, "", -1)
"""The newest entry of a battery that has none: number 0, no hash."""


@dataclass(frozen=True, slots=True)
class Failure:
    """Something that is wrong. `index` is the entry it was found at, or None where no entry can be named."""

    index: int | None
    what: str


@dataclass(frozen=True, slots=True)
class Report:
    """What was checked and what was found. `checked` counts by name; without failures the register is intact."""

    size: int
    root: bytes
    checked: dict[str, int]
    failures: tuple[Failure, ...]

    @property
    def ok(self) -> bool:
        return not self.failures


@dataclass
class Audit:
    """Feed entries in index order, then finish against a checkpoint. `tick(n)` is told how many were read so far."""

    signatures: bool = True
    keyring: KeyRing = field(default_factory=KeyRing)
    failures: list[Failure] = field(default_factory=list)
    _tree: CompactRange = field(default_factory=CompactRange)
    _heads: dict[str, tuple[int, str, int]] = field(default_factory=dict)
    _last: str = ""
    _last_at: str = ""
    _links: int = 0
    _broken: set[int] = field(default_factory=set)
    _suspect: int | None = None
    _forks: list[tuple[int, int, str]] = field(default_factory=list)

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
        self._tree.extend(leaves)
        return leaves

    def fail(self, index: int | None, what: str) -> None:
        """Note a failure, once per entry."""
        if index is not None:
            if index in self._broken:
                return
            self._broken.add(index)
        if len(self.failures) < MAX_FAILURES:
            self.failures.append(Failure(index, what))

    def finish(self, checkpoint: Checkpoint) -> Report:
        """Compare with the signed checkpoint and report."""
        root = self._tree.root()
        if self.keyring.origin:
            self._check_origin(checkpoint)
        if self._suspect is not None:
            self._blame(self._suspect, next_matches=False)
        self._settle_forks()
        if self.size != checkpoint.size:
            self.fail(None, f"the checkpoint signs {checkpoint.size} entries, here are {self.size}")
            self._shift_blame()
        elif root != checkpoint.root and not self.failures:
            self.fail(self.size - 1 if self.size else None, "the tree does not have the root that the checkpoint signs")
        elif root != checkpoint.root:
            self.fail(None, "the tree does not have the root that the checkpoint signs")
        checked = {"entries": self.size, "battery_links": self._links, "batteries": len(self._heads)}
        checked["signatures"] = self.size if self.signatures else 0
        ordered = sorted(self.failures, key=lambda failure: (failure.index is None, failure.index or 0))
        return Report(self.size, root, checked, tuple(ordered))

    def _follow(self, first: int, block: Sequence[bytes], leaves: Sequence[bytes]) -> None:
        """Follow the chains. Only the log's part is parsed: it stands at the end, behind a mark found from there."""
        heads, last, last_at, links = self._heads, self._last, self._last_at, 0
        for index, (entry, digest) in enumerate(zip(block, leaves, strict=True), first):
            leaf = b2a_base64(digest, newline=False).decode()
            try:
                log = orjson.loads(entry[entry.rindex(LOG_MARK) + 7 : -1])
                previous, at = log["prev"], log["at"]
                if previous != last or self._suspect is not None:
                    self._weigh(index, continues=previous == last)
                for subject, seq, before in log["chain"]:
                    head = heads.get(subject, UNBORN)
                    if seq != head[0] + 1 or before != head[1]:
                        self._misfit(index, subject, seq, head)
                    heads[subject] = (seq, leaf, index)
                    links += 1
                if at < last_at:
                    self.fail(index, "received before the entry ahead of it")
                last_at = at
            except (ValueError, KeyError, TypeError):  # among them what orjson and rindex raise
                self.fail(index, "not an entry")
            last = leaf
        self._last, self._last_at = last, last_at
        self._links += links

    def _misfit(self, index: int, subject: str, seq: int, head: tuple[int, str, int]) -> None:
        """Entry `index` does not follow `head`, the subject's newest entry so far."""
        if seq != head[0] + 1:
            self.fail(index, f"{subject} goes from number {head[0]} to {seq}")
        elif head is UNBORN:
            self.fail(index, f"{subject} starts by continuing an entry that is not there")
        elif len(self._forks) < MAX_FAILURES:
            self._forks.append((head[2], index, subject))

    def _weigh(self, index: int, *, continues: bool) -> None:
        """Entry `index` does not continue its predecessor, or comes right after one that did not."""
        if self._suspect is not None:
            self._blame(self._suspect, next_matches=continues)
        elif not continues:
            self._suspect = index

    def _check_signature(self, index: int, entry: bytes) -> None:
        try:
            parsed = parse_entry(entry)
            self.keyring.check(index, parsed.event, parsed.jws)
            self.keyring.apply(index, parsed.event)
        except LedgerError as error:
            self.fail(index, str(error))

    def _check_origin(self, checkpoint: Checkpoint) -> None:
        try:
            self.keyring.check_origin(checkpoint.origin)
        except LedgerError as error:
            self.fail(0, str(error))

    def _blame(self, suspect: int, *, next_matches: bool) -> None:
        """Entry `suspect` does not continue the one before it. If the next continues `suspect`, it is the other one."""
        self._suspect = None
        if next_matches and suspect > 0:
            self.fail(suspect - 1, f"entry {suspect} continues another entry than this")
        else:
            self.fail(suspect, "does not continue the entry before it")

    def _settle_forks(self) -> None:
        """Where a battery's entry names another previous one than is there, and neither was found changed, say so."""
        for earlier, later, subject in self._forks:
            if earlier not in self._broken and later not in self._broken:
                self.fail(later, f"does not continue {subject} from entry {earlier}")

    def _shift_blame(self) -> None:
        """Entries are missing or extra: a broken link then shows where, so name the entry after it."""
        for position, failure in enumerate(self.failures):
            if failure.what.endswith("continues another entry than this") and failure.index is not None:
                what = "does not continue the entry before it: entries are missing or were put in here"
                self.failures[position] = Failure(failure.index + 1, what)
