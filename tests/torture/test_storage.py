"""Power that goes, disks that are full or fail, clocks that jump, each in short."""

import pytest

from tests.needs import missing
from tests.torture.controls import no_sync_before_answer, no_sync_before_power_loss
from tests.torture.disks import fail_all
from tests.torture.plan import BY_NAME, lacking


@pytest.mark.parametrize("name", ["sync-order", "power", "full-disk", "database-errors", "clock"])
def test_no_one_is_told_recorded_who_is_not(name: str) -> None:
    fault = BY_NAME[name]
    if lack := lacking(fault.needs):
        missing(lack)
    verdict = fault.run(fault.quick, 1)
    assert verdict.holds, verdict
    assert verdict.counts.get("acknowledged", 1) > 0


def test_a_disk_that_is_full_or_fails_makes_nobody_believe_a_lie() -> None:
    if lack := lacking("cc"):
        missing(lack)
    verdict = fail_all(5, 1)
    assert verdict.holds, verdict


def test_a_register_that_does_not_sync_is_found_out_by_a_power_cut() -> None:
    if lack := lacking("strace"):
        missing(lack)
    assert not no_sync_before_power_loss(1).holds


def test_an_answer_before_its_sync_is_found_out() -> None:
    if lack := lacking("strace"):
        missing(lack)
    verdict = no_sync_before_answer(1)
    assert verdict.counts["early"] > 0
    assert not verdict.holds
