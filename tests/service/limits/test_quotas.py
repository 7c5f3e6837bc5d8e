"""What an organisation may take in a day: whole or not at all, and once only."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from service.imports.jobs import State
from service.limits.changing import store_limit
from service.limits.quotas import QuotaError, take_quota
from service.programs.generation import announce
from tests.service.imports.packs import import_bytes, pack_file
from tests.service.town import Town

MAKER = "cq-cells"


def allow(town: Town, rows: int, seconds: int = 86_400) -> None:
    with town.register.write_beside() as connection:
        store_limit(connection, "import_rows", (rows, seconds))
    announce(town.settings.data)


def takes(town: Town, units: int, operator: str = MAKER) -> bool:
    try:
        take_quota(town.register, "import_rows", operator, units)
    except QuotaError:
        return False
    return True


def test_a_quota_is_taken_whole_and_comes_back_evenly(town: Town) -> None:
    allow(town, 10)
    assert [takes(town, 8), takes(town, 3), takes(town, 2), takes(town, 1)] == [True, False, True, False]
    assert takes(town, 1, "cq-repair"), "each organisation has its own"
    town.clock.move(hours=12)
    assert [takes(town, 6), takes(town, 5), takes(town, 11)] == [False, True, False]


def test_of_a_hundred_who_ask_at_once_as_many_get_it_as_there_is(either_town: Town) -> None:
    allow(either_town, 7)
    with ThreadPoolExecutor(10) as pool:
        found = list(pool.map(lambda _: takes(either_town, 1), range(100)))
    assert found.count(True) == 7


def test_a_file_beyond_the_days_rows_is_refused_whole_and_says_so_in_both_languages(town: Town) -> None:
    allow(town, 5)
    assert import_bytes(town, pack_file(range(1, 5))).state is State.FINISHED
    size = town.size()
    refused = import_bytes(town, pack_file(range(5, 8)))
    assert (refused.state, refused.recorded, town.size()) == (State.FAILED, 0, size)
    assert refused.error is not None and refused.error["code"] == "quota"
    assert "import_rows" in refused.error["en"] and "超过限额import_rows" in refused.error["zh"]
    assert import_bytes(town, pack_file(range(5, 8)), dry_run=True).state is State.FINISHED, "to try costs nothing"
    town.clock.move(hours=24)
    assert import_bytes(town, pack_file(range(5, 8))).state is State.FINISHED


@pytest.mark.parametrize("units", [1, 10])
def test_what_is_refused_is_not_taken(town: Town, units: int) -> None:
    allow(town, 10)
    assert not takes(town, 11)
    assert takes(town, 10 - units) or units == 10
    assert takes(town, units)
