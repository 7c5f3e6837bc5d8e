"""What passports are read from follows from the entries: rebuilt, compared, and the same on both engines."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from ledger.entry import parse_entry
from ledger.verification.audit import Audit
from service.db.passport_tables import passport_source, passport_version
from service.domain.passport.tiers import ALL
from service.domain.states import PassportStatus
from service.passports.publishing import author_of_model, hand_in, publish
from service.passports.reading import read_passport
from service.recording.rebuilding import rebuild
from service.recording.recorder import Recorded
from service.verification.derived import compare_derived
from tests.postgres import PostgresServer
from tests.service.passports.contents import content
from tests.service.passports.market import MAKER, MOTORS, OTHER_PACK, PACK, REPAIR, SWAP, Market, open_market


@pytest.fixture(params=["sqlite", "postgresql"])
def market(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Market]:
    url = ""
    if request.param == "postgresql":
        server: PostgresServer = request.getfixturevalue("postgres")
        url = server.create_database()
    with open_market(tmp_path / "data", database_url=url) as opened:
        author = author_of_model(opened.register, "CQ-150", MAKER)
        publish(opened.recorder, hand_in(opened.register, author, content()), operator=MAKER)
        opened.place(PACK)
        opened.must(MAKER, "report_soh", PACK, soce_ppm=980_000, remaining_capacity_mah=148_000, full_cycles=10)
        opened.must(REPAIR, "report_incident", PACK, incident="flood", severity="minor", happened_on="2027-05-20")
        yield opened


def rows(market: Market) -> list[tuple[object, ...]]:
    with market.register.read() as reader:
        found = [
            *reader.connection.execute(select(passport_version).order_by(passport_version.c.subject)),
            *reader.connection.execute(
                select(passport_source).order_by(passport_source.c.code, passport_source.c.slot)
            ),
        ]
    return [tuple(row) for row in found]


def test_a_rebuild_derives_the_same_rows_and_the_same_passport(market: Market) -> None:
    before, passport = rows(market), read_passport(market.register, PACK, audiences=ALL)
    assert len(before) == 7
    rebuild(market.register)
    assert rows(market) == before
    assert read_passport(market.register, PACK, audiences=ALL) == passport


def test_a_row_changed_by_hand_is_found(market: Market) -> None:
    with market.register.write_beside() as connection:
        connection.execute(passport_source.update().where(passport_source.c.slot == "report_soh").values(idx=1))
    audit = Audit()
    with market.register.store.append() as tx:
        compare_derived(audit, tx, market.register.vault)
    assert any("passport_source" in failure.what for failure in audit.failures), audit.failures


def test_an_earlier_measurement_told_later_turns_nothing_back(market: Market) -> None:
    market.tell(
        MAKER,
        "report_soh",
        PACK,
        at="2027-05-31T04:00:00.000Z",
        soce_ppm=999_000,
        remaining_capacity_mah=149_900,
        full_cycles=1,
        late_reason="offline",
    )
    assert read_passport(market.register, PACK, audiences=ALL).points[61].value == {"soce_ppm": 980_000}


def test_a_corrected_measurement_shows_the_new_value(market: Market) -> None:
    told = market.must(MAKER, "report_soh", PACK, soce_ppm=970_000, remaining_capacity_mah=147_000, full_cycles=20)
    event_id = event_id_of(told.entry)
    market.must(MAKER, "correct", PACK, event_id=event_id, reason="incorrect_data", note="typo", soce_ppm=975_000)
    assert read_passport(market.register, PACK, audiences=ALL).points[61].value == {"soce_ppm": 975_000}


def test_a_placing_on_the_market_that_did_not_happen_leaves_a_draft(market: Market) -> None:
    told = market.place(OTHER_PACK)
    assert isinstance(told, Recorded)
    assert read_passport(market.register, OTHER_PACK, audiences=ALL).market == "EU"
    market.must(MAKER, "correct", OTHER_PACK, event_id=event_id_of(told.entry), reason="did_not_occur", note="error")
    after = read_passport(market.register, OTHER_PACK, audiences=ALL)
    assert (after.status, after.market, after.placed_on) == (PassportStatus.DRAFT, None, None)


def event_id_of(entry: bytes) -> str:
    return parse_entry(entry).event.id


def test_repaired_is_a_note_beside_the_status_from_the_day_of_the_repair_on(market: Market) -> None:
    """Source: DIN DKE SPEC 99100:2025-02, 6.1.3.7 (f) and (g)."""
    vehicle = {"vin": "LSVAU2A34N2183294"}
    market.must(MOTORS, "install", PACK, **vehicle)
    market.clock.move(minutes=10)
    failed = market.must(REPAIR, "repair", PACK, safety_test_passed=False)
    assert read_passport(market.register, PACK, audiences=ALL).points[67].value == {"status": "original"}
    market.clock.move(days=1)
    market.must(REPAIR, "repair", PACK)
    now = read_passport(market.register, PACK, audiences=ALL).points[67].value
    assert now == {"status": "original", "repaired_on": "2027-06-02"}
    before = read_passport(market.register, PACK, audiences=ALL, at=parse_entry(failed.entry).at)
    assert before.points[67].value == {"status": "original"}


def test_the_health_told_at_a_swap_and_a_battery_discarded_stand_in_the_passport(market: Market) -> None:
    vehicle = {"vin": "LSVAU2A34N2183294"}
    market.must(MOTORS, "install", PACK, **vehicle)
    market.clock.move(minutes=10)
    market.must(SWAP, "swap", PACK, OTHER_PACK, **vehicle, soce_out_ppm=970_000, soce_in_ppm=990_000)
    for code, health in ((PACK, 970_000), (OTHER_PACK, 990_000)):
        point = read_passport(market.register, code, audiences=ALL).points[61]
        assert (point.value, point.method) == ({"soce_ppm": health}, "swap")
    market.clock.move(minutes=10)
    retired = market.must(SWAP, "retire", PACK, soce_ppm=970_000, discarded=True)
    market.clock.move(minutes=10)
    market.must(SWAP, "hand_over", PACK)
    for at in (None, parse_entry(retired.entry).at):
        assert read_passport(market.register, PACK, audiences=ALL, at=at).points[67].value["status"] == "waste"
