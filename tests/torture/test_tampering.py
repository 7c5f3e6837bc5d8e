"""Databases changed behind the register's back, old copies put back, and a verifier changed itself, each in short."""

import pytest

from tests.needs import missing
from tests.torture.mutants import mutants_of, runner_notices
from tests.torture.plan import BY_NAME, lacking


@pytest.mark.parametrize("name", ["mutations", "mutations-postgres"])
def test_every_change_of_the_database_is_found_and_no_clean_copy_is_accused(name: str) -> None:
    fault = BY_NAME[name]
    if lack := lacking(fault.needs):
        missing(lack)
    verdict = fault.run(fault.quick, 1)
    assert verdict.holds, verdict
    assert verdict.counts["logical"] >= fault.quick // 3
    assert verdict.counts["clean"] >= 1


def test_old_copies_and_forks_are_refused_or_proven() -> None:
    fault = BY_NAME["rollback"]
    verdict = fault.run(fault.quick, 1)
    assert verdict.holds, verdict
    assert verdict.counts["refused at the start"] >= 3
    assert verdict.counts["by a witness"] == 2


def test_a_change_of_the_verifier_itself_makes_a_test_fail() -> None:
    """Six changes; how many of all there are is for the long form."""
    verdict = runner_notices(6, 1)
    assert verdict.holds, verdict


def test_there_is_a_mutant_for_each_check_of_the_verifier() -> None:
    found = list(mutants_of("ledger/proof"))
    assert len(found) > 50
    assert len({mutant.source for mutant in found}) > 0.9 * len(found)
