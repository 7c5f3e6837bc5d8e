"""Buckets in the database: what is taken was there, whoever takes it, on either engine."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from service.limits.counting import FILE, SECOND, Ask, Counting, open_counting
from service.settings import Settings
from tests.service.limits.conftest import race

NOW = 1_790_000_000 * SECOND


@pytest.fixture(scope="module")
def counting(counted: Settings) -> Iterator[Counting]:
    opened = open_counting(counted)
    yield opened
    opened.close()


def take(counting: Counting, bucket: str, units: int, *, at: float = 0, least: int | None = None) -> int:
    """From a bucket of 60 that fills in a minute, `at` seconds after NOW."""
    ask = Ask(bucket, 60, 60, units, units if least is None else least)
    return counting.take([ask], NOW + int(at * SECOND))[bucket].units


def test_a_bucket_gives_what_it_holds_and_fills_evenly(counting: Counting) -> None:
    assert [take(counting, "even", 50), take(counting, "even", 11), take(counting, "even", 10)] == [50, 0, 10]
    assert take(counting, "even", 1) == 0
    assert take(counting, "even", 1, at=0.999) == 0
    assert take(counting, "even", 1, at=1.0) == 1
    assert take(counting, "even", 31, at=31.0) == 0
    assert take(counting, "even", 30, at=31.0) == 30
    assert take(counting, "even", 60, at=3600) == 60, "an hour fills it once, not sixty times"


def test_who_would_take_less_gets_less_rather_than_nothing(counting: Counting) -> None:
    assert take(counting, "less", 55) == 55
    assert take(counting, "less", 10, least=2) == 2
    assert take(counting, "less", 10, least=4) == 0


def test_several_buckets_are_asked_at_once_and_each_answers_for_itself(counting: Counting) -> None:
    take(counting, "both-b", 60)
    asks = [Ask("both-b", 60, 60, 1, 1), Ask("both-a", 60, 60, 7, 7)]
    found = counting.take(asks, NOW)
    assert {name: grant.units for name, grant in found.items()} == {"both-a": 7, "both-b": 0}
    assert found["both-a"].full_at == NOW + 7 * SECOND


def test_a_clock_that_is_put_back_locks_nobody_out(counting: Counting) -> None:
    assert take(counting, "clock", 60, at=86_400) == 60
    assert take(counting, "clock", 1) == 0
    assert take(counting, "clock", 1, at=1) == 1


def test_processes_that_race_get_together_what_there_is(counted: Settings) -> None:
    """Six processes, 80 units each, from a bucket of 100: exactly 100 are given."""

    def work(ready: Callable[[], None]) -> int:
        counting, ask = open_counting(counted), Ask("race", 100, 100, 1, 1)
        ready()
        return sum(counting.take([ask], NOW)["race"].units for _ in range(80))

    assert sum(race(6, work)) == 100


def test_of_a_hundred_who_ask_at_once_for_the_last_unit_one_gets_it(counting: Counting) -> None:
    take(counting, "last", 59)
    with ThreadPoolExecutor(20) as pool:
        given = list(pool.map(lambda _: take(counting, "last", 1), range(100)))
    assert sorted(given) == [0] * 99 + [1]


def test_full_buckets_are_forgotten_and_others_kept(counting: Counting) -> None:
    take(counting, "old", 1)
    take(counting, "young", 60, at=100)
    assert counting.prune(NOW + 100 * SECOND) >= 1
    assert take(counting, "young", 1, at=100) == 0
    assert counting.prune(NOW + 10**6 * SECOND) >= 1


def test_the_last_use_of_a_key_never_moves_back(counting: Counting) -> None:
    day = datetime(2026, 5, 1, tzinfo=UTC)
    counting.note_use("abcdefghijkl", day + timedelta(minutes=2))
    counting.note_use("abcdefghijkl", day)
    assert counting.last_uses(["abcdefghijkl", "mnopqrstuvwx"]) == {"abcdefghijkl": "2026-05-01T00:02:00.000Z"}


def test_on_sqlite_the_register_itself_is_not_written_to(counting: Counting, counted: Settings) -> None:
    assert (counted.data / FILE).exists() is counted.database_url.startswith("sqlite")


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.integers(1, 60), st.integers(0, 30)), min_size=1, max_size=12))
def test_never_more_is_given_than_the_bucket_held_and_got(counting: Counting, asks: list[tuple[int, int]]) -> None:
    counting.prune(NOW * 2)
    moment, given = 0, 0
    for units, pause in asks:
        moment += pause
        given += take(counting, "property", units, at=moment, least=1)
        assert given <= 60 + moment
