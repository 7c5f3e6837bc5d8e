"""What is offered to whom, and when: without a clock, a network or a database."""

import random
from collections.abc import Callable
from functools import partial
from itertools import pairwise

import pytest

from service.witnessing.rounds import (
    IDLE_SECONDS,
    KEEP_SECONDS,
    LONGEST_PAUSE,
    MEETING_SECONDS,
    Rounds,
    Standing,
)

NOTE = b"note"


def test_a_new_checkpoint_is_offered_once() -> None:
    rounds, standing = Rounds(), Standing(0)
    rounds.offer(10, NOTE, 0.0)
    offer = rounds.next_for(standing, 0.0)
    assert offer is not None and offer.size == 10
    standing.began(0.0)
    assert rounds.next_for(standing, 5.0) is None
    standing.succeeded(10, 5.0)
    assert rounds.next_for(standing, 6.0) is None


def test_nobody_is_asked_more_than_once_a_second() -> None:
    rounds, standing = Rounds(), Standing(0)
    asked = []
    for tick in range(100):
        now = tick / 10
        rounds.offer(tick + 1, NOTE, now)
        if offer := rounds.next_for(standing, now):
            asked.append(now)
            standing.began(now)
            standing.succeeded(offer.size, now)
    assert asked == [float(second) for second in range(10)]


def test_an_idle_register_asks_again_after_ten_minutes() -> None:
    rounds, standing = Rounds(), Standing(10)
    rounds.offer(10, NOTE, 0.0)
    standing.succeeded(10, 0.0)
    assert rounds.next_for(standing, IDLE_SECONDS - 1) is None
    offer = rounds.next_for(standing, IDLE_SECONDS)
    assert offer is not None and offer.size == 10


def test_who_fails_is_asked_less_and_less_often_but_never_given_up() -> None:
    standing, pauses = Standing(0), []
    for _ in range(40):
        standing.began(0.0)
        standing.failed(0.0)
        pauses.append(standing.not_before)
    assert pauses[:5] == [1, 2, 4, 8, 16]
    assert pauses[-1] == LONGEST_PAUSE
    standing.succeeded(1, 0.0)
    standing.failed(0.0)
    assert standing.not_before == 1


def cosign_slowly(latencies: tuple[Callable[[], float], Callable[[], float]]) -> list[int]:
    """Two witnesses that need so many seconds for each request, for two minutes, the second one two seconds late; the
    register has another checkpoint each second. Gives the sizes that both cosigned."""
    rounds, standings = Rounds(), [Standing(0), Standing(0)]
    running: list[tuple[float, int] | None] = [None, None]
    cosigned: list[set[int]] = [set(), set()]
    for tick in range(1200):
        now = tick / 10
        rounds.offer(1 + tick // 10, NOTE, now)
        for n, standing in enumerate(standings):
            job = running[n]
            if job is not None and now >= job[0]:
                cosigned[n].add(job[1])
                standing.succeeded(job[1], now)
                running[n] = None
            if (n == 0 or now >= 2) and (offer := rounds.next_for(standing, now)):
                standing.began(now)
                running[n] = (now + latencies[n](), offer.size)
    return sorted(cosigned[0] & cosigned[1])


def test_two_slow_witnesses_meet_on_the_same_checkpoint_while_the_register_grows() -> None:
    for seed in range(20):
        chance = random.Random(seed)
        slow = partial(chance.uniform, 2, MEETING_SECONDS - 1)
        met = cosign_slowly((slow, slow))
        assert len(met) >= 8, seed
        assert max(after - before for before, after in pairwise(met)) <= 3 * MEETING_SECONDS, seed


def test_without_meetings_two_slow_witnesses_would_miss_each_other(monkeypatch: pytest.MonkeyPatch) -> None:
    four = partial(float, 4)
    assert len(cosign_slowly((four, four))) >= 8
    monkeypatch.setattr("service.witnessing.rounds.MEETING_SECONDS", float("inf"))
    assert cosign_slowly((four, four)) == [1]


def test_what_is_on_offer_does_not_grow_with_the_register() -> None:
    rounds = Rounds()
    for second in range(1000):
        rounds.offer(second + 1, NOTE, float(second))
    assert len(rounds.newest_first()) <= KEEP_SECONDS + 2
    assert rounds.newest_first()[0].size == 1000


def test_a_witness_that_is_ahead_is_offered_nothing() -> None:
    rounds, standing = Rounds(), Standing(99)
    rounds.offer(10, NOTE, 0.0)
    assert rounds.next_for(standing, IDLE_SECONDS) is None
