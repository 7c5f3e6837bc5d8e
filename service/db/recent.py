"""The subjects' newest entries since the last merge, kept in the memory of each process.

Writing every subject's row with every entry would touch a page of the database per entry, scattered over the table.
So the rows are brought up to date rarely, all at once and in order, and what came since is read from the entries
themselves, once in each process.
"""

import threading
from collections.abc import Callable, Iterable, Iterator
from hashlib import sha256

import orjson

from ledger.entry import LOG_MARK
from ledger.store import Head

Heads = dict[str, list[Head]]
ReadEntries = Callable[[int, int], Iterator[bytes]]


class Recent:
    """Of one log, for all threads of a process. Whoever reads brings it up to the size that he sees himself."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._since = 0
        self._until = 0
        self._heads: Heads = {}

    def as_of(self, since: int, until: int, read: ReadEntries) -> "View":
        """The newest entries among those of `since <= index < until`. A reader of the past gets a view of its own."""
        with self._lock:
            if since > self._since:
                self._since, self._until, self._heads = since, since, {}
            if since < self._since:
                return View(_collect({}, since, read(since, until)), until)
            if self._until < until:
                _collect(self._heads, self._until, read(self._until, until))
                self._until = until
            return View(self._heads, until)

    def extend(self, since: int, first: int, until: int, heads: Iterable[tuple[str, Head]]) -> None:
        """Take in what was just committed, entries `first <= index < until`, if nothing is missing before it."""
        with self._lock:
            if (since, first) == (self._since, self._until):
                for subject, head in heads:
                    self._heads.setdefault(subject, []).append(head)
                self._until = until


class View:
    """What one reader sees."""

    def __init__(self, heads: Heads, until: int) -> None:
        self._heads = heads
        self._until = until

    def get(self, subject: str) -> Head | None:
        """The subject's newest entry, if it is a recent one."""
        for head in reversed(self._heads.get(subject, ())):
            if head.index < self._until:
                return head
        return None

    def items(self) -> Iterator[tuple[str, Head]]:
        """All subjects with recent entries."""
        for subject in list(self._heads):
            if head := self.get(subject):
                yield subject, head


def _collect(heads: Heads, first: int, entries: Iterable[bytes]) -> Heads:
    """Only the log's part of each entry is parsed."""
    for index, entry in enumerate(entries, first):
        chain = orjson.loads(entry[entry.rindex(LOG_MARK) + 7 : -1])["chain"]
        leaf = sha256(b"\0" + entry).digest() if chain else b""
        for position, (subject, seq, _) in enumerate(chain):
            heads.setdefault(subject, []).append(Head(seq, leaf, index, position))
    return heads
