"""Sightings are kept coarsely and not for long, and raise an alert once."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from service.db.scan_tables import sighting
from service.domain.copies import CopySign
from service.domain.errors import InvalidCode
from service.errors import ConflictError, NotFoundError
from service.scans.alerts import close_alert, find_alerts, open_signs
from service.scans.noting import KEPT, forget_old, note_refusal, note_sighting
from tests.service.town import Town, pack

CHONGQING, HAMBURG = "wm7b9", "u1x0e"
PACK = pack(1)


def rows(town: Town) -> list[tuple[object, ...]]:
    with town.register.read() as reader:
        return [tuple(row)[1:] for row in reader.connection.execute(select(sighting))]


def signs(town: Town) -> list[CopySign]:
    with town.register.read() as reader:
        return open_signs(reader.connection, PACK)


def test_a_label_in_chongqing_and_an_hour_later_in_hamburg_raises_one_alert(either_town: Town) -> None:
    town = either_town
    assert note_sighting(town.register, PACK, cell=CHONGQING, operator=None) == []
    town.clock.move(hours=1)
    [found] = note_sighting(town.register, PACK, cell=HAMBURG, operator=None)
    assert (found.sign, found.first and found.first.cell, found.second.cell) == (CopySign.TOO_FAST, CHONGQING, HAMBURG)
    note_sighting(town.register, PACK, cell=CHONGQING, operator=None)
    assert signs(town) == [CopySign.TOO_FAST]
    with town.register.read() as reader:
        [alert] = find_alerts(reader.connection, operator=None, after=0, limit=10)
    assert alert.times == 2
    assert signs(town) == [CopySign.TOO_FAST]


def test_what_is_kept_is_the_label_the_minute_the_cell_and_nothing_else(town: Town) -> None:
    town.clock.move(seconds=42)
    note_sighting(town.register, PACK, cell=CHONGQING, operator=None)
    assert sighting.c.keys() == ["id", "code", "at", "cell", "operator"]
    [(code, at, cell, operator)] = rows(town)
    assert (code, cell, operator) == (PACK, CHONGQING, None)
    assert str(at).endswith(":00.000Z")


def test_an_organisation_is_where_it_is_enrolled(town: Town) -> None:
    note_sighting(town.register, PACK, cell=None, operator="cq-repair")
    [(_, _, cell, operator)] = rows(town)
    assert (cell, operator) == ("500112", "cq-repair")


def test_a_sighting_without_a_place_is_not_kept(town: Town) -> None:
    assert note_sighting(town.register, PACK, cell=None, operator=None) == []
    assert rows(town) == []


@pytest.mark.parametrize("cell", ["wm7b9h", "wm7b", "wm7ba", "WM7B9"])
def test_a_place_that_is_no_cell_is_refused_and_nothing_kept(town: Town, cell: str) -> None:
    with pytest.raises(InvalidCode):
        note_sighting(town.register, PACK, cell=cell, operator=None)
    assert rows(town) == []


def test_sightings_are_forgotten_after_thirty_days_and_no_longer_compared(town: Town) -> None:
    note_sighting(town.register, PACK, cell=CHONGQING, operator=None)
    town.clock.move(days=KEPT.days, minutes=1)
    assert note_sighting(town.register, PACK, cell=HAMBURG, operator=None) == []
    assert len(rows(town)) == 2
    forget_old(town.register)
    assert [row[2] for row in rows(town)] == [HAMBURG]


def test_an_alert_is_seen_by_maker_and_holder_and_by_no_stranger(town: Town) -> None:
    note_sighting(town.register, PACK, cell=CHONGQING, operator=None)
    note_sighting(town.register, PACK, cell=HAMBURG, operator=None)
    with town.register.read() as reader:
        seen = {
            operator: len(find_alerts(reader.connection, operator=operator, after=0, limit=10))
            for operator in ("cq-cells", "cq-motors", "cq-recycle")
        }
    assert seen == {"cq-cells": 1, "cq-motors": 1, "cq-recycle": 0}


def test_a_closed_alert_is_no_sign_and_the_next_sighting_may_raise_another(town: Town) -> None:
    for cell in (CHONGQING, HAMBURG):
        note_sighting(town.register, PACK, cell=cell, operator=None)
    with town.register.write_beside() as connection:
        [alert] = find_alerts(connection, operator=None, after=0, limit=10)
        closed = close_alert(connection, alert.id, by="cq-city", note="label replaced", now=town.clock())
        assert (closed.closed_by, closed.note) == ("cq-city", "label replaced")
        with pytest.raises(ConflictError, match="closed by cq-city"):
            close_alert(connection, alert.id, by="cq-city", note="again", now=town.clock())
        with pytest.raises(NotFoundError):
            close_alert(connection, alert.id + 1, by="cq-city", note="?", now=town.clock())
    assert signs(town) == []
    town.clock.move(minutes=1)
    note_sighting(town.register, PACK, cell=CHONGQING, operator=None)
    assert signs(town) == [CopySign.TOO_FAST]


def test_a_stranger_refused_by_the_life_of_a_battery_raises_an_alert_and_its_holder_does_not(town: Town) -> None:
    for party in ("cq-cells", "cq-motors"):
        note_refusal(town.register, party, PACK)
    assert signs(town) == []
    note_refusal(town.register, "cq-recycle", PACK)
    note_refusal(town.register, "cq-recycle", pack(9_999_999))
    assert signs(town) == [CopySign.TWO_LIVES]


def test_the_newest_sightings_are_looked_at_however_many_there_are(town: Town) -> None:
    for minute in range(25):
        town.clock.now += timedelta(minutes=minute % 2)
        note_sighting(town.register, PACK, cell=CHONGQING, operator=None)
    assert [each.sign for each in note_sighting(town.register, PACK, cell=HAMBURG, operator=None)] == [
        CopySign.TOO_FAST
    ]
