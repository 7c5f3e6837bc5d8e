"""A stretch of entries on its own: what a worker finds out about the chains of a chunk, for the parent to join.

A worker knows nothing of the entries before its chunk. It follows the chains inside, and hands over where they come
from and where they lead: of the register the first `prev` and the last leaf hash, of each subject the link it begins
with and the link it ends with, of the tree the roots of tiles of 256 leaves. Of each subject that is one row, however
many entries it has.

Everything here is strict: bytes that are not exactly as an entry of section 4 ends make the whole stretch unsound. Then
the plain audit decides, so that speed never changes a verdict.
"""

import re
from binascii import b2a_base64
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from hashlib import sha256

from ledger.entry import LOG_MARK
from ledger.map import COMMIT_MAP
from ledger.signing.keyring import KEY_KINDS
from ledger.tile import TILE_HEIGHT, TILE_WIDTH
from ledger.tree import CompactRange, hash_pairs
from ledger.verification.uniques import pack_ids

BIRTH = b"0"
"""What a subject's first link continues."""

_HEAD = re.compile(re.escape(LOG_MARK) + rb'"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z","chain":\[\[', re.ASCII)
_AT, _CHAIN = len(LOG_MARK) + 1, len(LOG_MARK) + 36
_PREV, _END = b'],"prev":"', b'"}}'
_TAIL = len(_PREV) + 44 + len(_END)
_START = _CHAIN + 1
_BETWEEN = b"]],", b"prev", b":", _END[1:]
_FOLLOWING = {b",%d," % number: b",%d," % (number + 1) for number in range(1, 1000)}
"""The number of a subject's next entry by that of this one, between commas as in a chain."""
_PRECEDING = {following: number for number, following in _FOLLOWING.items()}
_TYPE, _ID = b'"type":"', b'"id":"'
_LOG_S_OWN = frozenset(kind.encode() for kind in KEY_KINDS | {COMMIT_MAP})


class UnsoundError(Exception):
    """Something is not as it should be. What, the plain audit tells."""


@dataclass(slots=True)
class Rows:
    """Where subjects' chains come from and lead to, each list joined with blanks.

    A link is a comma, the number of an entry, a comma, and its leaf hash; `before` is what the subject's first entry
    here continues, BIRTH for nothing, `after` its last entry here.
    """

    subjects: bytes = b""
    before: bytes = b""
    after: bytes = b""


@dataclass(slots=True)
class Stretch:
    """What was found in entries `first <= index < first + count`.

    `rows` stand in order, cut before each `commit_map`. `own` are the entries of the log's own kinds, with their
    indexes. `times` are runs of one time of receipt. `tiles` are roots of full tiles, joined, `rest` the compact range
    of the leaves after them. `marks` gives the compact range of the stretch's beginning for sizes asked for.
    """

    first: int
    count: int = 0
    previous: bytes = b""
    last: bytes = b""
    links: int = 0
    rows: list[Rows] = field(default_factory=list)
    own: list[tuple[int, bytes]] = field(default_factory=list)
    times: list[tuple[bytes, int]] = field(default_factory=list)
    tiles: bytes = b""
    rest: tuple[bytes, ...] = ()
    marks: dict[int, tuple[bytes, ...]] = field(default_factory=dict)
    ids: bytes = b""
    leaves: bytes = b""


class Follower:
    """Follows the chains of one stretch. Feed blocks of a multiple of 256 entries, only the last of another length."""

    def __init__(self, first: int, *, marks: Sequence[int] = (), ids: bool = False, leaves: bool = False) -> None:
        """`marks` are sizes within the stretch, `ids` asks for event ids, `leaves` for leaf hashes."""
        self.found = Stretch(first)
        self._marks = [mark for mark in sorted(set(marks)) if mark > first]
        self._begun = CompactRange()
        self._ids: list[tuple[str, int]] | None = [] if ids else None
        self._leaves = leaves
        self._last: bytes | None = None
        self._head = b""
        self._at_start = 0
        self._heads: dict[bytes, tuple[bytes, bytes]] = {}
        self._before: list[bytes] = []

    def feed(self, block: Sequence[bytes]) -> None:
        """Follow the next entries. Raises UnsoundError."""
        sha, name = sha256, b2a_base64
        digests = [sha(b"\0" + entry).digest() for entry in block]
        names = [name(digest, newline=False) for digest in digests]
        self._grow(digests)
        try:
            self._follow(self.found.first + self.found.count, block, names)
        except (ValueError, IndexError) as error:
            raise UnsoundError from error
        self.found.count += len(block)

    def finish(self) -> Stretch:
        """What was found."""
        found = self.found
        self._cut()
        found.last = self._last or b""
        if self._head:
            found.times.append((self._head[_AT : _AT + 24], found.count - self._at_start))
        if self._ids:
            found.ids = pack_ids(self._ids)
        return found

    def _grow(self, digests: list[bytes]) -> None:
        found = self.found
        start = found.first + found.count
        while self._marks and self._marks[0] <= start + len(digests):
            mark = self._marks.pop(0)
            begun = CompactRange(self._begun.size, self._begun.hashes)
            begun.extend(digests[: mark - start])
            found.marks[mark] = begun.hashes
        if self._marks:
            self._begun.extend(digests)
        if self._leaves:
            found.leaves += b"".join(digests)
        full = len(digests) - len(digests) % TILE_WIDTH
        row = digests[:full]
        for _ in range(TILE_HEIGHT):
            row = hash_pairs(row)
        found.tiles += b"".join(row)
        if full < len(digests):
            rest = CompactRange()
            rest.extend(digests[full:])
            found.rest = rest.hashes

    def _follow(self, first: int, block: Sequence[bytes], names: list[bytes]) -> None:
        """The loop where a verifier without signatures spends its time: an entry of one link is cut once, not parsed.

        Whatever does not look like such an entry is read again from the beginning, as is the first of a stretch.
        """
        heads, begin, last, head, links = self._heads, self._before.append, self._last, self._head, 0
        for index, (entry, leaf) in enumerate(zip(block, names, strict=True), first):
            try:
                start, subject, seq, before, closed, word, colon, previous, end = entry.rsplit(b'"', 8)
            except ValueError:
                start, previous = b"", b"-"  # what no entry has
            if start[-_START:] != head or previous != last or (closed, word, colon, end) != _BETWEEN:
                self._last = last
                links += self._take_entry(index, entry, leaf)
                head = self._head
            else:
                links += 1
                seen = heads.get(subject)
                if seen is None:
                    number = _PRECEDING.get(seq)
                    if number and len(before) == 44 and subject.isalnum():
                        begin(number + before)
                    else:
                        self._take_first(subject, seq, before)
                elif seq != _FOLLOWING.get(seen[0]) or before != seen[1]:
                    self._take_next(seen, seq, before)
                heads[subject] = seq, leaf
            last = leaf
        self._last = last
        self.found.links += links
        if self._ids is not None:
            self._ids += [(_id_of(entry), index) for index, entry in enumerate(block, first)]

    def _take_entry(self, index: int, entry: bytes, leaf: bytes) -> int:
        """Follow one entry of any number of links; gives that number."""
        start = entry.rindex(LOG_MARK)
        if entry[start : start + _CHAIN] + b"[" != self._head:
            self._turn(index, entry[start : start + _CHAIN] + b"[")
        if self._last is None:
            chain = self._begin(index, entry, start)
        elif entry[-_TAIL:] == b'],"prev":"%b"}}' % self._last:
            chain = entry[start + _CHAIN : -_TAIL]
        else:
            raise UnsoundError
        if not chain:
            self._look(index, entry, start)
            return 0
        if chain[:2] != b'["' or chain[-2:] != b'"]':
            raise UnsoundError
        links = chain[2:-2].split(b'"],["')
        for link in links:
            subject, seq, before = link.split(b'"')
            if seen := self._heads.get(subject):
                self._take_next(seen, seq, before)
            else:
                self._take_first(subject, seq, before)
            self._heads[subject] = seq, leaf
        return len(links)

    def _turn(self, index: int, head: bytes) -> None:
        """The log's part of entry `index` begins otherwise than the one before: with another time."""
        if not _HEAD.fullmatch(head) or head < self._head:
            raise UnsoundError
        place = index - self.found.first
        if self._head:
            self.found.times.append((self._head[_AT : _AT + 24], place - self._at_start))
        self._head, self._at_start = head, place

    def _begin(self, index: int, entry: bytes, start: int) -> bytes:
        """The first entry: note what it continues, give its chain."""
        tail = _TAIL if index else len(_PREV) + len(_END)
        found = entry[-tail:]
        self.found.previous = found[len(_PREV) : -len(_END)]
        if found != _PREV + self.found.previous + _END:
            raise UnsoundError
        return entry[start + _CHAIN : -tail]

    def _look(self, index: int, entry: bytes, start: int) -> None:
        """An entry without subjects may be one of the log's own."""
        kind = kind_of(entry, start)
        if kind in _LOG_S_OWN:
            self.found.own.append((index, entry))
            if kind == COMMIT_MAP.encode():
                self._cut()

    def _take_first(self, subject: bytes, seq: bytes, before: bytes) -> None:
        """A subject's first link here: `seq` stands between commas, `before` is the leaf hash that it continues."""
        if not subject.isalnum():
            raise UnsoundError
        if seq == b",1," and not before:
            self._before.append(BIRTH)
            return
        number = int(seq[1:-1]) - 1
        if number < 1 or seq != b",%d," % (number + 1) or len(before) != 44:
            raise UnsoundError
        self._before.append(b",%d,%b" % (number, before))

    def _take_next(self, seen: tuple[bytes, bytes], seq: bytes, before: bytes) -> None:
        if seq != b",%d," % (int(seen[0][1:-1]) + 1) or before != seen[1]:
            raise UnsoundError

    def _cut(self) -> None:
        after = b" ".join([seq + leaf for seq, leaf in self._heads.values()])
        self.found.rows.append(Rows(b" ".join(self._heads), b" ".join(self._before), after))
        self._heads.clear()
        self._before.clear()


def follow(blocks: Iterable[Sequence[bytes]], follower: Follower) -> Stretch:
    """Feed all `blocks`. Raises UnsoundError."""
    for block in blocks:
        follower.feed(block)
    try:
        return follower.finish()
    except ValueError as error:  # an event id that is none
        raise UnsoundError from error


def kind_of(entry: bytes, end: int) -> bytes:
    """The event's type in canonical entry bytes whose log part starts at `end`. Raises ValueError.

    After `type` an event has only `v`, and a quote inside a string is escaped: the last such mark is the event's own.
    """
    start = entry.rindex(_TYPE, 0, end) + len(_TYPE)
    return entry[start : entry.index(b'"', start)]


def _id_of(entry: bytes) -> str:
    """The event's id, likewise: what follows it in an event holds no objects."""
    start = entry.rindex(_ID, 0, entry.rindex(LOG_MARK)) + len(_ID)
    return entry[start : entry.index(b'"', start)].decode()


def split_rows(rows: Rows) -> Iterator[list[bytes]]:
    """Subjects, what they continue, and where they lead to: three lists of one length."""
    for joined in (rows.subjects, rows.before, rows.after):
        yield joined.split(b" ") if joined else []
