"""Readings from the journal into the table and the chains, on both engines: complete, in order, and shown in time."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from service.access import Caller
from service.db.access_tables import access_reading
from service.disclosure.chain import find_break
from service.disclosure.collecting import collect_readings, prune_readings
from service.disclosure.listing import PAGE, ReadingQuery, list_readings
from service.disclosure.readings import Disclosed, Way, format_reading, note_readings, parse_reading
from service.domain.retention import RETENTIONS, days_kept
from service.errors import RefusedError
from tests.service.passports.market import AUTHORITY, BUREAU, LAB, MAKER, PACK, TODAY, Market, open_market

WAY = Way("/v1/batteries/<identifier>/passport", "repair 维修")


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def opened(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Market]:
    url = "" if request.param == "sqlite" else request.getfixturevalue("postgres").create_database()
    folder: Path = tmp_path_factory.mktemp("readings")
    with open_market(folder / "data", database_url=url) as market:
        yield market


@pytest.fixture
def market(opened: Market) -> Market:
    """Without the readings of the test before; their chain stands where it stood."""
    collect_readings(opened.register)
    with opened.register.write_beside() as connection:
        connection.execute(access_reading.delete())
    return opened


def caller(operator: str, person: str | None = None) -> Caller:
    return Caller(operator, frozenset({"read"}), "" if person else "key", person)


def read(market: Market, operator: str = LAB, *, supervised: bool = False, subject: str = PACK) -> None:
    shown = [Disclosed(subject, MAKER, frozenset({"pt2", "pt4"}), supervised)]
    note_readings(market.register, caller(operator), shown, WAY)


def test_the_owner_is_told_who_read_what_when_and_for_what(market: Market) -> None:
    note_readings(market.register, caller(LAB, "person-7"), [Disclosed(PACK, MAKER, frozenset({"pt4", "pt2"}))], WAY)
    [reading] = list_readings(market.register, ReadingQuery(MAKER)).readings
    with market.register.read() as reader:
        assert reading["size"] == reader.size()
    told = {name: reading[name] for name in ("operator", "person", "key_id", "subject", "parts", "purpose")}
    assert told == {
        "operator": LAB, "person": "person-7", "key_id": "", "subject": PACK, "parts": ["pt2", "pt4"],
        "purpose": "repair 维修",
    }  # fmt: skip
    assert list_readings(market.register, ReadingQuery(LAB)).readings == ()


def test_what_an_owner_reads_of_its_own_leaves_nothing(market: Market) -> None:
    read(market, MAKER)
    assert list_readings(market.register, ReadingQuery(None)).readings == ()


def test_a_reading_by_supervision_is_shown_to_its_owner_after_the_days_that_are_set(market: Market) -> None:
    days = market.register.settings.supervision_days
    read(market, BUREAU, supervised=True)
    read(market, LAB)
    assert [each["operator"] for each in list_readings(market.register, ReadingQuery(MAKER)).readings] == [LAB]
    every = list_readings(market.register, ReadingQuery(None)).readings
    assert {(each["operator"], each["seq"] is None) for each in every} == {(BUREAU, True), (LAB, False)}
    before = market.clock.now
    try:
        market.clock.move(days=days, seconds=-1)
        assert len(list_readings(market.register, ReadingQuery(MAKER)).readings) == 1
        market.clock.move(seconds=1)
        shown = list_readings(market.register, ReadingQuery(MAKER)).readings
        assert [each["operator"] for each in shown] == [BUREAU, LAB]
        assert find_break(shown[::-1]) is None
    finally:
        market.clock.now = before


def test_readings_come_page_by_page_in_one_unbroken_chain(market: Market) -> None:
    for number in range(PAGE + 5):
        market.clock.move(seconds=1)
        read(market, subject=f"model:{number}")
    first = list_readings(market.register, ReadingQuery(MAKER))
    assert len(first.readings) == PAGE
    assert (first.seq, first.chain) == (first.readings[0]["seq"], first.readings[0]["chain"])
    rest = list_readings(market.register, ReadingQuery(MAKER, before=first.next))
    assert [each["subject"] for each in rest.readings] == [f"model:{number}" for number in (4, 3, 2, 1, 0)]
    assert rest.next is None
    chain = [*first.readings, *rest.readings][::-1]
    assert find_break(chain) is None
    every = list_readings(market.register, ReadingQuery(None))
    assert list_readings(market.register, ReadingQuery(None, before=every.next)).readings == rest.readings
    assert len(list_readings(market.register, ReadingQuery(MAKER, subject="model:7")).readings) == 1


@pytest.mark.parametrize("change", ["taken out", "changed", "put in"])
def test_an_owner_notices_that_a_reading_was_tampered_with(market: Market, change: str) -> None:
    for _ in range(4):
        read(market)
    chain = [dict(each) for each in list_readings(market.register, ReadingQuery(MAKER)).readings[::-1]]
    assert find_break(chain) is None
    if change == "taken out":
        del chain[2]
    elif change == "changed":
        chain[2]["operator"] = AUTHORITY
    else:
        chain.insert(2, chain[2] | {"operator": AUTHORITY})
    assert find_break(chain) == 2


def test_lines_that_were_taken_over_but_not_deleted_are_not_taken_twice(market: Market) -> None:
    read(market)
    folder = market.register.journal.folder
    copy = (folder / "open").read_bytes()
    collect_readings(market.register)
    (folder / "00000000000000000001.taken").write_bytes(copy + b"\nno reading\n\n{}\n")
    collect_readings(market.register)
    assert len(list_readings(market.register, ReadingQuery(MAKER)).readings) == 1
    assert list(folder.glob("*.taken")) == []


def test_old_readings_go_and_the_chain_goes_on(market: Market) -> None:
    read(market)
    [old] = list_readings(market.register, ReadingQuery(MAKER)).readings
    before, days = market.clock.now, days_kept("reading", TODAY.date())
    assert days >= 5 * 365
    try:
        market.clock.move(days=days)
        prune_readings(market.register)
        assert len(list_readings(market.register, ReadingQuery(MAKER)).readings) == 1
        market.clock.move(seconds=1)
        prune_readings(market.register)
        read(market)
        [new] = list_readings(market.register, ReadingQuery(MAKER)).readings
        assert new["seq"] == old["seq"] + 1
        assert find_break([old, new]) is None
    finally:
        market.clock.now = before


@pytest.mark.parametrize(
    "query", [ReadingQuery(MAKER, before="x"), ReadingQuery(None, before="12"), ReadingQuery(MAKER, before="9" * 19)]
)
def test_a_place_that_is_none_is_refused(market: Market, query: ReadingQuery) -> None:
    with pytest.raises(RefusedError, match="not a place"):
        list_readings(market.register, query)


def test_a_line_reads_back_as_it_was_written_and_others_read_as_nothing(market: Market) -> None:
    read(market)
    line = (market.register.journal.folder / "open").read_bytes().strip()
    found = parse_reading(line)
    assert found is not None
    assert format_reading(found) == line
    for bad in (line[:-1], b"[]", b"{}", b"1", b'{"id":1}', line.replace(b'"parts":', b'"part":'), b"\xff"):
        assert parse_reading(bad) is None


def test_every_retention_has_its_source() -> None:
    assert all(row.days > 0 and row.source for row in RETENTIONS)
    assert days_kept("reading", RETENTIONS[0].since - timedelta(days=1)) == RETENTIONS[0].days


def test_nobody_is_told_anything_where_the_journal_cannot_be_written(market: Market, tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_bytes(b"")
    kept, market.register.journal.folder = market.register.journal.folder, blocked / "access"
    market.register.journal.close()
    try:
        with pytest.raises(OSError, match="Not a directory"):
            read(market)
    finally:
        market.register.journal.folder = kept
    with market.register.read() as reader:
        assert reader.connection.execute(select(func.count()).select_from(access_reading)).scalar_one() == 0
