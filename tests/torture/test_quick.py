"""Each fault in short: enough to notice that a promise broke, not to prove that it never does."""

from tests.torture.faults import kill_server, kill_workers, send_again


def test_killed_workers_lose_and_double_nothing() -> None:
    verdict = kill_workers(kills=5, seed=1)
    assert verdict.acknowledged > 0
    assert verdict.holds, verdict


def test_a_killed_server_loses_and_doubles_nothing() -> None:
    verdict = kill_server(kills=2, seed=1)
    assert verdict.acknowledged > 0
    assert verdict.holds, verdict


def test_an_event_sent_three_times_at_once_is_recorded_once() -> None:
    verdict = send_again(seconds=2, seed=1)
    assert verdict.acknowledged > 0
    assert verdict.holds, verdict
