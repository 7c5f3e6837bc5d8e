"""Writers in several processes, PostgreSQL killed, and random walks beside a model, each in short."""

import pytest

from tests.needs import missing
from tests.torture.controls import backup_after_crash
from tests.torture.plan import BY_NAME, lacking


@pytest.mark.parametrize("name", ["writers", "writers-postgres", "kill-postgres", "model"])
def test_nothing_is_lost_doubled_or_out_of_order(name: str) -> None:
    fault = BY_NAME[name]
    if lack := lacking(fault.needs):
        missing(lack)
    verdict = fault.run(fault.quick, 1)
    assert verdict.holds, verdict


def test_a_register_that_goes_on_from_an_old_copy_is_found_out_by_the_model() -> None:
    verdict = backup_after_crash(1)
    assert not verdict.holds
    assert verdict.counts["steps"] > 0
