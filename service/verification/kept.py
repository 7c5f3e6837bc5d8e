"""Which checkpoints the history must hold, told from the entries alone, so that one that was taken out shows.

The entries of one commit bear one time of receipt. `ledger.log` keeps the checkpoint of the first commit, of each that
fills a tile of entries, and of each that comes an hour after the one kept last. So among the entries that bear one
time, one commit or several, there must be a kept checkpoint where one of these holds.
"""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from itertools import groupby

from ledger.entry import LOG_MARK, parse_time
from ledger.errors import MalformedError
from ledger.log import KEEP_EVERY
from ledger.tile import TILE_WIDTH

AT = len(LOG_MARK) + 1


class KeptHistory:
    """Feed entries in index order, then finish. `kept_at` is the time of the newest kept checkpoint fed so far."""

    def __init__(self, sizes: Sequence[int]) -> None:
        """`sizes` of the checkpoints in the history, ascending."""
        self.kept_at = ""
        self.missing: list[tuple[int, int]] = []
        self._sizes = sizes
        self._start = 0
        self._end = 0
        self._at = ""

    def feed(self, entries: Sequence[bytes]) -> None:
        """Take in the next entries."""
        self.feed_times((at, sum(1 for _ in same)) for at, same in groupby(entries, time_of))

    def feed_times(self, runs: Iterable[tuple[str, int]]) -> None:
        """Take in the next entries by their times of receipt, each with the number of entries in a row that bear it."""
        for at, count in runs:
            if at != self._at:
                self.finish()
                self._start, self._at = self._end, at
            self._end += count

    def finish(self) -> None:
        """Judge the entries that bear the present time, `start` to `end`; `missing` grows by (start, end)."""
        low, high = bisect_right(self._sizes, self._start), bisect_right(self._sizes, self._end)
        newest = self._sizes[high - 1] if high > low else 0
        full = self._end // TILE_WIDTH * TILE_WIDTH
        if (newest < full and full > self._start) or (not newest and self._is_due()):
            self.missing.append((self._start, self._end))
        if newest:
            self.kept_at = self._at

    def _is_due(self) -> bool:
        if not self._end:
            return False
        try:
            return not self.kept_at or parse_time(self._at) - parse_time(self.kept_at) >= KEEP_EVERY
        except MalformedError:  # an entry without a time is found by the audit
            return False


def time_of(entry: bytes) -> str:
    """The time of receipt in canonical entry bytes, cut out without parsing."""
    start = entry.rfind(LOG_MARK) + AT
    return entry[start : start + 24].decode(errors="replace")
