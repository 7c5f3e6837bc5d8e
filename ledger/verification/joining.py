"""Joining stretches: what workers found in chunks of a register, held against each other in index order.

Here stands all that must be remembered from the beginning to the end, so this decides the memory of a verification:
each subject's newest link, about 250 bytes a subject, and with its place in the map about 350. Nothing grows with the
number of entries.
"""

from ledger.entry import LOG_MARK, parse_entry
from ledger.errors import LedgerError, MalformedError
from ledger.map import COMMIT_MAP, Commitment
from ledger.signing.keyring import KeyRing
from ledger.tile import split_hashes
from ledger.tree import EMPTY_ROOT, CompactRange, fold
from ledger.verification.headmap import HeadMap, claimed_map
from ledger.verification.stretch import BIRTH, Rows, Stretch, UnsoundError, kind_of, split_rows
from ledger.verification.uniques import Uniques

_COMMIT_MAP = COMMIT_MAP.encode()


class Joiner:
    """Feed stretches in index order. Raises UnsoundError at the first that does not fit.

    With `signatures` each map is computed again; without, only the newest one is, at the end.
    """

    def __init__(self, *, signatures: bool) -> None:
        self.size = 0
        self.links = 0
        self.maps = 0
        self.batteries = 0
        self.keyring = KeyRing()
        self.uniques = Uniques()
        self.marks: dict[int, bytes] = {}
        """Root by size, for the sizes that were asked for."""
        self._signatures = signatures
        self._heads: dict[bytes, bytes] = {}
        self._map: HeadMap | None = None
        self._newest: Commitment | None = None
        self._since: dict[bytes, bytes] = {}
        self._last = b""
        self._last_at = b""
        self._tree = CompactRange()
        self._rest: tuple[bytes, ...] = ()

    def take(self, found: Stretch) -> None:
        """Join the next stretch."""
        if found.first != self.size or found.previous != self._last or self._rest:
            raise UnsoundError
        if found.times and found.times[0][0] < self._last_at:
            raise UnsoundError
        rows = iter(found.rows)
        self._take_rows(next(rows))
        for index, entry in found.own:
            if kind_of(entry, entry.rindex(LOG_MARK)) == _COMMIT_MAP:
                self._take_map(index, entry)
                self._take_rows(next(rows))
            else:
                self._take_key(index, entry)
        for mark, hashes in found.marks.items():
            self.marks[mark] = fold((*self._tree.hashes, *hashes))
        self.uniques.add(found.ids)
        self._tree.extend(split_hashes(found.tiles))
        self._rest = found.rest
        self._last, self.links, self.size = found.last, self.links + found.links, self.size + found.count
        self._last_at = found.times[-1][0] if found.times else self._last_at
        self.batteries = len(self._heads)

    def root(self) -> bytes:
        """The root of all entries so far."""
        hashes = (*self._tree.hashes, *self._rest)
        return fold(hashes) if hashes else EMPTY_ROOT

    def finish(self) -> None:
        """After the last stretch: what can only be told now."""
        if next(self.uniques.twice(), None) is not None:
            raise UnsoundError
        self.uniques.close()
        if self._newest is not None and not self._signatures:
            self._restore()
            if HeadMap(self._heads).commitment(self._newest.size) != self._newest:
                raise UnsoundError

    def _take_rows(self, rows: Rows) -> None:
        subjects, before, after = split_rows(rows)
        if not len(subjects) == len(before) == len(after):
            raise UnsoundError
        heads = self._heads
        if [heads.get(subject, BIRTH) for subject in subjects] != before:
            raise UnsoundError
        if self._map is not None:
            heads.update(zip(subjects, after, strict=True))
            born = [subject for subject, link in zip(subjects, before, strict=True) if link == BIRTH]
            self._map.touch(subjects, born=born)
            return
        if self._newest is not None and not self._signatures:
            since = self._since
            for subject, link in zip(subjects, before, strict=True):
                since.setdefault(subject, link)
        heads.update(zip(subjects, after, strict=True))

    def _take_key(self, index: int, entry: bytes) -> None:
        """An entry that makes, ends or disputes keys, or begins an epoch."""
        try:
            parsed = parse_entry(entry)
            self.keyring.check(index, parsed.event, parsed.jws)
            self.keyring.apply(index, parsed.event)
        except LedgerError as error:
            raise UnsoundError from error

    def _take_map(self, index: int, entry: bytes) -> None:
        """A commitment to the map of all entries before `index`."""
        try:
            self._newest = claimed_map(index, entry)
        except MalformedError as error:
            raise UnsoundError from error
        self.maps += 1
        self._since.clear()
        if not self._signatures:
            return
        if self._map is None:
            self._map = HeadMap(self._heads)
        if self._map.commitment(index) != self._newest:
            raise UnsoundError

    def _restore(self) -> None:
        """Lead the heads back to what they were at the newest map."""
        for subject, link in self._since.items():
            if link == BIRTH:
                del self._heads[subject]
            else:
                self._heads[subject] = link
