"""Spending by processes: little asked of the database, and the total never beyond what is stated."""

import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import pytest
from sqlalchemy.exc import OperationalError

from service.limits import leases
from service.limits.counting import Ask, Counting, Grant, open_counting
from service.limits.leases import LEASE_PART, Charge, Spending
from service.limits.rows import Limit, Per
from service.settings import Settings, read_settings
from tests.service.limits.conftest import race

RATE = Limit("key", Per.KEY, 640, 60, "", "")
"""640 units at once; a lease is at most 10."""


class Counted(Counting):
    """A real counting database that also says how often it was asked."""

    asked = 0

    def take(self, asks: Sequence[Ask], now: int) -> dict[str, Grant]:
        self.asked += 1
        return super().take(asks, now)


class Seconds:
    def __init__(self) -> None:
        self.now = 1_790_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def counting(tmp_path: Path) -> Iterator[Counted]:
    opened = open_counting(read_settings({}, data=tmp_path))
    counted = Counted(opened._engine)
    yield counted
    opened.close()


def pay(spending: Spending, cost: int = 1, *, subject: str = "k", limit: Limit = RATE) -> bool:
    return not any(each.wait for each in spending.spend([Charge(limit, subject, cost)]))


def test_a_process_alone_may_spend_what_the_bucket_holds_and_then_waits(counting: Counted) -> None:
    clock = Seconds()
    spending = Spending(counting, clock)
    assert [pay(spending) for _ in range(641)] == [True] * 640 + [False]
    [standing] = spending.spend([Charge(RATE, "k", 1)])
    assert standing.left == 0
    assert 0 < standing.wait <= 60 / 640 + 0.001
    clock.now += standing.wait
    assert pay(spending)


def test_who_was_refused_by_a_clock_that_was_ahead_is_not_refused_until_then(counting: Counted) -> None:
    clock = Seconds()
    spending = Spending(counting, clock)
    clock.now += 12 * 365 * 86_400
    assert [pay(spending) for _ in range(641)][-1] is False
    clock.now -= 12 * 365 * 86_400
    [standing] = spending.spend([Charge(RATE, "k", 1)])
    assert 0 < standing.wait <= 60 / 640 + 0.001
    assert standing.full_in <= 60
    clock.now += standing.wait
    assert pay(spending)


def test_who_asks_much_is_rarely_looked_up_and_who_asks_little_holds_nothing_back(counting: Counted) -> None:
    clock = Seconds()
    busy, idle = Spending(counting, clock), Spending(counting, clock)
    for _ in range(600):
        assert pay(busy)
    assert counting.asked <= 600 / 10 + 5
    counting.asked = 0
    for _ in range(10):
        clock.now += 5
        assert pay(idle, subject="quiet")
    assert counting.asked == 10
    [standing] = Spending(counting, clock).spend([Charge(RATE, "quiet", 1)])
    assert standing.left >= 638, "a lease of one unit at a time"


def test_those_who_do_not_listen_cost_no_more_look_ups(counting: Counted) -> None:
    spending = Spending(counting, Seconds())
    assert pay(spending, 640)
    counting.asked = 0
    assert [pay(spending) for _ in range(1_000)] == [False] * 1_000
    assert counting.asked == 1


def test_what_cannot_be_paid_whole_is_not_paid_at_all(counting: Counted) -> None:
    spending = Spending(counting, Seconds())
    poor = Limit("organisation", Per.ORGANISATION, 5, 60, "", "")
    assert pay(spending, 5, subject="o", limit=poor)
    for _ in range(20):
        rich, broke = spending.spend([Charge(RATE, "k", 1), Charge(poor, "o", 1)])
        assert (rich.wait, broke.wait > 0) == (0.0, True)
    assert [pay(spending) for _ in range(641)].count(True) >= 639, "at most a lease is lost, nothing is paid"


def test_a_cost_above_the_whole_bucket_is_the_whole_bucket(counting: Counted) -> None:
    spending = Spending(counting, Seconds())
    assert pay(spending, 10_000)
    assert not pay(spending)


def test_threads_of_one_process_get_together_what_there_is(counting: Counted) -> None:
    spending, found = Spending(counting, Seconds()), list[bool]()

    def work() -> None:
        found.extend([pay(spending, 3) for _ in range(60)])

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert 640 // 3 - 8 <= found.count(True) <= 640 // 3


def test_processes_let_through_together_what_is_stated(counted: Settings) -> None:
    """Four processes that spend as fast as they can for 1.2 seconds, through the end of a lease."""
    seconds, processes = 1.2, 4

    def work(ready: Callable[[], None]) -> int:
        spending = Spending(open_counting(counted))
        ready()
        ends, paid = time.monotonic() + seconds, 0
        while time.monotonic() < ends:
            paid += pay(spending, subject="many")
        return paid

    begun = time.monotonic()
    paid = race(processes, work)
    lasted = time.monotonic() - begun
    stated = RATE.amount + lasted * RATE.amount / RATE.seconds + processes * RATE.amount / LEASE_PART
    assert 600 <= sum(paid) <= stated


def test_a_counting_database_that_fails_stops_nobody_and_is_told_once(
    counting: Counted, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(asks: Sequence[Ask], now: int) -> Mapping[str, Grant]:
        raise OperationalError("", {}, Exception("disk I/O error"))

    monkeypatch.setattr(counting, "take", fail)
    spending = Spending(counting, Seconds())
    assert all(pay(spending) for _ in range(700))
    assert len([each for each in caplog.records if each.name == leases.__name__]) == 1


def test_a_process_remembers_a_bounded_number_of_buckets(counting: Counted, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(leases, "CAPACITY", 50)
    clock = Seconds()
    spending = Spending(counting, clock)
    for number in range(200):
        pay(spending, subject=str(number))
        clock.now += 0.001
    assert len(spending._purses) <= 50
