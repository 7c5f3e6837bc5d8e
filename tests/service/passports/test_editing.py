"""A draft that grows a few data points at a time, written by several people, on both databases."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from service.errors import ConflictError, RefusedError
from service.passports.editing import (
    Origin,
    Seen,
    changed_numbers,
    content_at,
    mark_of,
    open_writing,
    save_points,
)
from service.passports.keeping import find_parts, find_versions
from service.passports.publishing import (
    Author,
    author_of_battery,
    author_of_model,
    find_draft_of,
    hand_in,
    publish,
    published_content,
)
from tests.service.passports.contents import CONTENT, content
from tests.service.passports.market import MAKER, PACK, Market, open_market


@pytest.fixture
def market(tmp_path: Path) -> Iterator[Market]:
    with open_market(tmp_path / "data") as opened:
        yield opened


def model(market: Market) -> Author:
    return author_of_model(market.register, "CQ-150", MAKER)


def save(market: Market, author: Author, *numbers: int, **values: Any) -> None:
    """Save these data points as they stand in CONTENT, or `p33=...`, as somebody who just looked."""
    changes = {nr: CONTENT[str(nr)] for nr in numbers} | {int(name[1:]): value for name, value in values.items()}
    seen = Seen(list(changes), mark_of(open_writing(market.register, author).content, list(changes)))
    save_points(market.register, author, changes, seen=seen)


def test_a_draft_grows_survives_and_is_published_as_a_whole(market: Market) -> None:
    first = open_writing(market.register, model(market))
    assert 4 in first.missing and first.blocking == first.missing
    of_battery = open_writing(market.register, author_of_battery(market.register, PACK, MAKER))
    assert 4 in of_battery.missing and of_battery.blocking == ()
    save(market, model(market), 4)
    save(market, model(market), *(int(nr) for nr in CONTENT if nr not in ("4", "60", "61")))
    writing = open_writing(market.register, model(market))
    assert writing.drafted and writing.missing == () and writing.left_to_batteries == (60, 61)
    publish(market.recorder, find_draft_of(market.register, model(market)), operator=MAKER)
    after = open_writing(market.register, model(market))
    assert not after.drafted and after.content == {int(nr): CONTENT[nr] for nr in content(without=(60, 61))}

    save(market, model(market), p33={"share_ppm": 600_000}, p5=None)
    draft = open_writing(market.register, model(market))
    assert changed_numbers(content_at(market.register, model(market), 1) or {}, draft.content) == (5, 33)
    assert content_at(market.register, model(market), 2) is None


def test_a_change_made_from_what_has_changed_since_is_refused_and_nothing_is_lost(market: Market) -> None:
    author = model(market)
    before = mark_of(open_writing(market.register, author).content, (33, 35))
    save(market, author, 33)
    with pytest.raises(ConflictError) as refused:
        save_points(market.register, author, {33: {"share_ppm": 1}}, seen=Seen((33, 35), before))
    assert refused.value.faults[0].message_zh
    assert open_writing(market.register, author).content == {33: CONTENT["33"]}


def test_the_last_value_of_a_draft_ends_it_and_a_published_content_keeps_one(market: Market) -> None:
    save(market, model(market), 33)
    save(market, model(market), p33=None)
    assert not open_writing(market.register, model(market)).drafted
    publish(market.recorder, hand_in(market.register, model(market), content()), operator=MAKER)
    with pytest.raises(RefusedError):
        save(market, model(market), **{f"p{nr}": None for nr in CONTENT})
    assert open_writing(market.register, model(market)).content


def test_of_a_battery_the_writing_says_who_says_what(market: Market) -> None:
    publish(market.recorder, hand_in(market.register, model(market), content()), operator=MAKER)
    market.must(MAKER, "report_soh", PACK, soce_ppm=990_000, remaining_capacity_mah=149_000, full_cycles=3)
    author = author_of_battery(market.register, PACK, MAKER)
    save(market, author, p24={"share_ppm": 10})
    writing = open_writing(market.register, author)
    origins = {nr: writing.origin(nr) for nr in (10, 24, 26, 27, 59, 61)}
    assert origins == {10: Origin.RECORDED, 24: Origin.OWN, 26: Origin.MODEL, 27: Origin.MODEL, 59: Origin.DESIGN,
                       61: Origin.MEASURED}  # fmt: skip
    assert writing.points[24].value == {"share_ppm": 10}
    assert published_content(market.register, PACK) == {}


def test_who_hands_in_late_drops_nothing_that_was_published_meanwhile(market: Market) -> None:
    late = model(market)
    publish(market.recorder, hand_in(market.register, model(market), content()), operator=MAKER)
    hand_in(market.register, late, content(without=(35,)))
    with market.register.read() as reader:
        [version] = find_versions(reader.connection, [late.subject])[late.subject]
        assert find_parts(reader.connection, market.register.vault, version.digests).keys() == version.digests.keys()


def test_two_people_who_save_at_the_same_moment_both_find_their_values(market_on_each: Market) -> None:
    author = model(market_on_each)
    numbers = (20, 21, 22, 23, 24, 33)
    with ThreadPoolExecutor(len(numbers)) as people:
        list(people.map(lambda nr: save(market_on_each, author, nr), numbers))
    assert tuple(open_writing(market_on_each.register, author).content) == numbers


@pytest.fixture(params=["sqlite", "postgresql"])
def market_on_each(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Market]:
    url = request.getfixturevalue("postgres").create_database() if request.param == "postgresql" else ""
    with open_market(tmp_path / "data", database_url=url) as opened:
        yield opened
