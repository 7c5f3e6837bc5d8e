"""The history of checkpoints: what must be in it follows from the entries, and nothing else must be."""

from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from service.verification.kept import KeptHistory
from tests.service.db.oracle import Expected, submission

START = datetime(2026, 5, 1, tzinfo=UTC)
WAITS = st.sampled_from([0, 0, 1, 1000, 1_799_999, 1_800_000, 3_599_999, 3_600_000, 9_000_000])
COMMITS = st.lists(st.tuples(st.integers(1, 300), WAITS), min_size=1, max_size=12)


def recorded(commits: list[tuple[int, int]]) -> Expected:
    """A log of commits of so many entries, each so many milliseconds after the one before."""
    log, at = Expected(), START
    for count, wait in commits:
        at += timedelta(milliseconds=wait)
        first = len(log.entries)
        log.append([submission(n, ()) for n in range(first, first + count)], at)
    return log


def judged(log: Expected, sizes: list[int], *, block: int = 1024) -> KeptHistory:
    history = KeptHistory(sizes)
    for start in range(0, len(log.entries), block):
        history.feed(log.entries[start : start + block])
    history.finish()
    return history


@settings(max_examples=50)
@given(COMMITS, st.sampled_from([1, 7, 256, 1024]))
def test_a_whole_history_lacks_nothing(commits: list[tuple[int, int]], block: int) -> None:
    log = recorded(commits)
    history = judged(log, log.kept, block=block)
    assert history.missing == []
    assert log.kept_at is not None
    assert history.kept_at == log.kept_at.strftime("%Y-%m-%dT%H:%M:%S.") + f"{log.kept_at.microsecond // 1000:03d}Z"


@settings(max_examples=50)
@given(COMMITS, st.data())
def test_each_checkpoint_of_commits_at_different_times_is_missed(
    commits: list[tuple[int, int]], data: st.DataObject
) -> None:
    log = recorded([(count, max(wait, 1)) for count, wait in commits])
    lost = data.draw(st.sampled_from(log.kept))
    history = judged(log, [size for size in log.kept if size != lost])
    assert any(start < lost <= end for start, end in history.missing)


def test_a_log_without_entries_has_no_history() -> None:
    history = judged(Expected(), [])
    assert (history.missing, history.kept_at) == ([], "")


def test_entries_without_a_time_are_left_to_the_audit() -> None:
    history = KeptHistory([1, 5])
    history.feed([b"", b"\xff", b'{"log":{"at":"never"', b"x" * 300, b"y"])
    history.finish()
    assert isinstance(history.missing, list)
