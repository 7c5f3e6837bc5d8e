"""Event ids recorded twice: all are found, with the entries that bear them, and no others."""

import random
from itertools import pairwise
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.verification import uniques
from ledger.verification.uniques import Twice, Uniques, pack_ids

IDS = st.lists(st.integers(0, 40), max_size=60)


def id_of(number: int) -> str:
    """An id whose last bytes, by which runs are sorted, are spread over all there are."""
    return str(UUID(int=random.Random(number).getrandbits(128)))


def found(runs: list[list[tuple[str, int]]]) -> list[Twice]:
    with Uniques() as seen:
        for run in runs:
            seen.add(pack_ids(run))
        return sorted(seen.twice())


def expected(pairs: list[tuple[str, int]]) -> list[Twice]:
    """As it is meant: each entry and the one before it with the same id."""
    places: dict[str, list[int]] = {}
    for id_, index in pairs:
        places.setdefault(id_, []).append(index)
    return sorted(Twice(id_, *each) for id_, all_ in places.items() for each in pairwise(all_))


@settings(deadline=None)
@given(IDS, st.integers(1, 9), st.sampled_from([1, 2, 7, 1000]))
def test_every_id_recorded_twice_is_found_with_both_entries_and_no_other(
    numbers: list[int], length: int, slice_: int
) -> None:
    """However the entries are cut into runs, and however many slices all of them are read in."""
    pairs = [(id_of(number), index) for index, number in enumerate(numbers)]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(uniques, "RUN", slice_)
        assert found([pairs[at : at + length] for at in range(0, len(pairs), length)]) == expected(pairs)


@pytest.mark.parametrize("last", [0, 1, 0x7FFF, 0x8000, 0xFFFE, 0xFFFF])
@pytest.mark.parametrize("slice_", [1, 3])
def test_ids_at_the_borders_of_slices_are_found(last: int, slice_: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Runs are cut by the last two bytes of an id, read backwards."""
    twin = str(UUID(bytes=bytes(14) + last.to_bytes(2, "big")[::-1]))
    others = [str(UUID(bytes=bytes(13) + b"\1" + number.to_bytes(2, "big")[::-1])) for number in range(0, 65536, 8191)]
    monkeypatch.setattr(uniques, "RUN", slice_)
    pairs = [(twin, 5), *((each, 10 + at) for at, each in enumerate(others))]
    assert found([pairs, [(twin, 9_000_000_000)]]) == [Twice(twin, 5, 9_000_000_000)]
    assert found([pairs]) == []


def test_nothing_is_found_in_nothing_and_nothing_is_kept_after_the_end() -> None:
    assert found([]) == found([[], []]) == []
    with Uniques() as seen:
        seen.add(pack_ids([(id_of(1), 0), (id_of(1), 1)]))
        seen.add(b"")
        assert len(list(seen.twice())) == 1
    assert list(seen.twice()) == []


@pytest.mark.parametrize("id_", ["", "0190f5fe", id_of(1) + "00", "g" * 32, id_of(1)[:-1] + "é"])
def test_what_is_no_id_is_refused(id_: str) -> None:
    with pytest.raises(ValueError):
        pack_ids([(id_, 1)])
