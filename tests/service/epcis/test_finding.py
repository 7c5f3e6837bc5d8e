"""Finding events on both engines, beside the slow and obvious way: tell every entry, then look at each event."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from service.access import Caller
from service.db.epcis_tables import event_facet
from service.epcis import finding
from service.epcis.errors import QueryTooLargeError
from service.epcis.finding import find_page
from service.epcis.naming import names_for
from service.epcis.querying import Query, parse_query
from service.epcis.telling import read_entries, tell_all
from service.epcis.writing import write_events
from service.private.values import Cabinet
from service.recording.rebuilding import rebuild
from tests.service.town import AUTHORITY, START, Town, pack

EVERYBODY = Caller(AUTHORITY, frozenset({"read"}), "key")
HEALTH = {"EQ_bizStep": "inspecting"}


def walk(town: Town, query: Query, caller: Caller = EVERYBODY) -> list[dict[str, Any]]:
    """All pages."""
    events: list[dict[str, Any]] = []
    for _ in range(2000):
        page = find_page(town.register, query, caller)
        assert len(page.found) <= query.per_page
        events += [each.event for each in page.found]
        if page.token is None:
            return events
        query = replace(query, token=page.token)
    raise AssertionError("the pages do not end")


def everything(town: Town) -> list[dict[str, Any]]:
    """Every EPCIS event of the register, in the order of the log."""
    register = town.register
    with register.read() as reader:
        indexes = list(reader.connection.execute(select(event_facet.c.idx).order_by(event_facet.c.idx)).scalars())
        told = tell_all(Cabinet(reader.connection, register.vault), read_entries(reader, indexes))
        codes = sorted({code for each in told.values() for code in each.subjects})
        names = names_for(reader.connection, register.settings.base_url, codes)
    return [event for index in indexes for event in write_events(told[index], names)]


def slowly(town: Town, query: Query) -> list[dict[str, Any]]:
    kept = [event for event in everything(town) if query.fits(event)]
    if query.order_by == "eventTime":
        kept.sort(key=lambda event: event["eventTime"])
    return kept[::-1] if query.descending else kept


@pytest.mark.parametrize("asked", [{}, HEALTH, {"EQ_action": "ADD"}, {"eventType": "TransformationEvent"}])
def test_pages_hold_what_looking_at_every_event_finds(either_town: Town, asked: dict[str, str]) -> None:
    for order in ("eventTime", "recordTime"):
        query = parse_query(asked | {"orderBy": order, "orderDirection": "ASC", "perPage": "97"})
        found, wanted = walk(either_town, query), slowly(either_town, query)
        key = order if order == "recordTime" else "eventTime"
        assert [event[key] for event in found] == [event[key] for event in wanted]
        assert sorted(map(str, found)) == sorted(map(str, wanted))


def test_parameters_of_members_find_what_looking_at_every_event_finds(either_town: Town) -> None:
    for name, value, number in (
        ("EXISTS_sensorElementList", "true", None),
        ("EQ_packtrail:type", "assemble|install", None),
        ("EXISTS_packtrail:partOf", "false", None),
        ("GE_ILMD_packtrail:mass_g", "90001", None),
        ("EXISTS_INNER_packtrail:vin", "true", None),
        ("LT_errorDeclarationTime", "2040-01-01T00:00:00Z", 0),
        ("HASATTR_bizLocation", "country", 0),
    ):
        query = parse_query({name: value, "perPage": "1000"})
        found, wanted = walk(either_town, query), slowly(either_town, query)
        assert sorted(map(str, found)) == sorted(map(str, wanted)), name
        assert bool(found) == (number is None), name


def test_a_query_that_allows_fewer_events_than_there_are_is_too_large(
    either_town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = len(slowly(either_town, parse_query({"EQ_bizStep": "assembling|installing"})))
    asked = {"EQ_bizStep": "assembling|installing", "perPage": "1"}
    page = find_page(either_town.register, parse_query(asked | {"maxEventCount": str(number)}), EVERYBODY)
    assert (len(page.found), page.token) == (number, None)
    with pytest.raises(QueryTooLargeError):
        find_page(either_town.register, parse_query(asked | {"maxEventCount": str(number - 1)}), EVERYBODY)
    monkeypatch.setattr(finding, "SCAN", number)
    assert (
        len(find_page(either_town.register, parse_query(asked | {"maxEventCount": "1000"}), EVERYBODY).found) == number
    )
    with pytest.raises(QueryTooLargeError, match="narrow"):
        find_page(either_town.register, parse_query({"maxEventCount": "1000"}), EVERYBODY)


def test_a_battery_is_found_with_all_its_events_and_no_other(either_town: Town) -> None:
    epc = f"{either_town.settings.base_url}/b/{pack(1)}"
    query = parse_query({"MATCH_anyEPC": epc, "orderDirection": "ASC", "perPage": "2"})
    found = walk(either_town, query)
    wanted = [event for event in everything(either_town) if pack(1)[7:] in str(event.get("epcList", "")) + str(event)]
    assert found
    assert {event["eventID"] for event in found} <= {event["eventID"] for event in wanted}
    assert all(any(pack(1)[7:] in epc for epc in _epcs(event)) for event in found)


def _epcs(event: dict[str, Any]) -> list[str]:
    lists = [event.get(name, []) for name in ("epcList", "childEPCs", "inputEPCList", "outputEPCList")]
    return [each for epcs in lists for each in epcs] + [event.get("parentID", "")]


def test_times_of_record_bound_what_is_found(either_town: Town) -> None:
    events = everything(either_town)
    middle = (START + timedelta(minutes=1)).isoformat()
    before = walk(either_town, parse_query({"LT_recordTime": middle, "perPage": "500", "orderBy": "recordTime"}))
    after = walk(either_town, parse_query({"GE_recordTime": middle, "perPage": "500", "orderBy": "recordTime"}))
    assert len(before) + len(after) == len(events)


def test_whoever_took_no_part_finds_nothing(either_town: Town) -> None:
    stranger = Caller("nobody-here", frozenset({"read"}), "key")
    assert walk(either_town, parse_query({"perPage": "1000"}), stranger) == []


def test_what_events_are_looked_up_by_is_the_same_after_a_rebuild(either_town: Town) -> None:
    def facets() -> list[Any]:
        with either_town.register.read() as reader:
            return list(reader.connection.execute(select(event_facet).order_by(event_facet.c.idx)))

    before = facets()
    rebuild(either_town.register)
    assert facets() == before
    with either_town.register.read() as reader:
        assert reader.connection.execute(select(func.count()).select_from(event_facet)).scalar_one() > 500
