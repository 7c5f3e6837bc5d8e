"""A chaotic receiver and killed senders, in short."""

from tests.torture.plan import BY_NAME


def test_a_chaotic_receiver_and_killed_senders_lose_nothing() -> None:
    fault = BY_NAME["webhooks"]
    verdict = fault.run(fault.quick, 1)
    assert verdict.holds, verdict
    assert verdict.counts["lost"] == 0 and verdict.counts["deliveries"] > fault.quick
