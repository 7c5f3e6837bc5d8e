"""Both verifiers give the same verdict on every file, golden or broken. The long form of this is in `make torture`."""

from itertools import islice

from tests.verifier import forks, mutants
from tests.verifier.agreement import agree, ask_second, compare, drawn, every_bit_somewhere, listed

SEED, DRAWN = 20_261_122, 150


def test_both_verifiers_say_the_same_of_every_listed_and_many_drawn_files() -> None:
    found = agree(DRAWN, SEED)
    assert found.disagreements == []
    assert found.files > 850
    assert found.located > 300
    assert min(found.verdicts[code] for code in (0, 1, 2)) >= 40


def test_what_is_golden_holds() -> None:
    found = compare([*mutants.goldens(), *mutants.golden_bundles(), *forks.goldens()])
    assert found.disagreements == []
    assert set(found.verdicts) == {0}


def test_no_bit_of_an_export_can_be_changed_unnoticed() -> None:
    """Asked of the second verifier alone, on bytes spread over the whole file."""
    flips = list(islice(every_bit_somewhere(SEED), 0, None, 61))
    answers = ask_second(flips)
    held = [flip.name for flip, answer in zip(flips, answers, strict=True) if answer["code"] == 0]
    assert len(flips) > 100
    assert held == []


def test_the_same_seed_draws_the_same_files() -> None:
    """But for signatures that are not the same twice, and hashes over them."""
    one, other = ([case.name.partition(": becomes")[0] for case in islice(drawn(7), 40)] for _ in range(2))
    assert one == other
    assert len(set(one)) > 30


def test_no_two_listed_cases_bear_one_name() -> None:
    names = [f"{case.kind} {case.name}" for case in listed()]
    assert len(set(names)) > len(names) * 0.9
    assert len(names) > 400
