"""When a log owes a map: after so many entries, or so long after the last one if anything came."""

from datetime import UTC, datetime, timedelta

import pytest

from ledger.entry import format_time
from ledger.epoch import is_map_due, is_map_full
from ledger.map import MAP_SPAN
from ledger.store import LogState, Mapped

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def state(news: int, *, mapped: bool) -> LogState:
    """A log with so many entries since its last map, which was made at noon, or since its beginning then."""
    if not mapped:
        return LogState(size=news, kept_at=format_time(NOON))
    return LogState(size=5_000 + 1 + news, kept_at=format_time(NOON + HOUR), mapped=Mapped(5_000, 9, format_time(NOON)))


@pytest.mark.parametrize("mapped", [True, False])
@pytest.mark.parametrize(("news", "full"), [(0, False), (1, False), (MAP_SPAN - 1, False), (MAP_SPAN, True)])
def test_a_map_is_owed_after_so_many_entries_of_which_it_is_none_itself(news: int, full: bool, mapped: bool) -> None:
    found = state(news, mapped=mapped)
    assert is_map_full(found) is full
    assert is_map_due(found, NOON, HOUR) is full


@pytest.mark.parametrize("mapped", [True, False])
def test_a_map_is_owed_some_time_after_the_last_one_if_anything_came(mapped: bool) -> None:
    for news, after, due in ((1, HOUR, True), (1, HOUR - timedelta(milliseconds=1), False), (0, 9 * HOUR, False)):
        assert is_map_due(state(news, mapped=mapped), NOON + after, HOUR) is due
