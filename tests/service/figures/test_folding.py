"""Folding entries by entries comes to what replaying them one by one comes to, whatever went wrong in between."""

import threading
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest
from sqlalchemy import Table, select
from sqlalchemy.exc import DBAPIError

from ledger.entry import parse_entry
from service.db.duty_tables import duty_sum
from service.db.figure_tables import (
    CUT_BOTH,
    CUT_MODEL,
    CUT_OPERATOR,
    CUT_WHOLE,
    FIGURE_TABLES,
    FOLDED,
    TOTAL,
    figure_battery,
    figure_delay,
    figure_flow,
    figure_health,
    figure_item,
    figure_prefix,
    figure_stock,
)
from service.demo.staging import Programme, open_stage
from service.figures.delays import UNFINISHED, YEAR
from service.figures.following import Follower, forget_figures
from service.figures.storing import read_cursor
from service.settings import read_settings
from service.verification.register import verify_database
from service.work import Register
from tests.service.demo.test_story import FOUNDER, UNTIL
from tests.service.figures.conftest import told
from tests.service.figures.oracle import Oracle
from tests.service.town import Town, pack

Rows = dict[tuple[Any, ...], tuple[Any, ...]]


def rows_of(register: Register, table: Table, cut: int | None = None) -> Rows:
    """All rows by their keys; of one cut, without it."""
    width = len(table.primary_key)
    query = select(table) if cut is None else select(table).where(table.c.cut == cut)
    with register.read() as reader:
        rows = [tuple(row) for row in reader.connection.execute(query)]
    begin = 0 if cut is None else 1
    return {row[begin:width]: row[width:] for row in rows}


def everything(register: Register) -> dict[str, Rows]:
    return {table.name: rows_of(register, table) for table in FIGURE_TABLES}


@pytest.fixture(params=["sqlite", "postgresql"])
def town(request: pytest.FixtureRequest) -> Town:
    found: Town = request.getfixturevalue("wrong_town" if request.param == "sqlite" else "wrong_postgres")
    return found


def test_stock_and_flows_are_what_the_rules_of_recording_make_of_every_entry(town: Town, tmp_path: Path) -> None:
    oracle = Oracle(town.register, tmp_path)
    assert rows_of(town.register, figure_stock, CUT_BOTH) == oracle.stock()
    assert rows_of(town.register, figure_flow, CUT_BOTH) == oracle.flows()
    assert {key[0] for key in rows_of(town.register, figure_battery)} == set(oracle.states)
    assert verify_database(town.settings.database_url, town.register.verifiers, vault=town.register.vault).ok


def test_a_whole_story_comes_to_the_same(tmp_path: Path) -> None:
    """Swaps, second lives, hand-overs, scrapped vehicles: everybody's day in Chongqing."""
    settings = read_settings({}, data=tmp_path / "var")
    with open_stage(settings, Programme(7, 40, UNTIL), FOUNDER) as stage:
        stage.perform(tick=lambda *_: None)
    register = Register(settings)
    Follower(register).catch_up()
    oracle = Oracle(register, tmp_path)
    assert rows_of(register, figure_stock, CUT_BOTH) == oracle.stock()
    assert rows_of(register, figure_flow, CUT_BOTH) == oracle.flows()
    register.close()


def test_each_cut_is_the_sum_of_the_finest(wrong_town: Town) -> None:
    for table in (figure_stock, figure_flow):
        finest = rows_of(wrong_town.register, table, CUT_BOTH)
        for cut in (CUT_WHOLE, CUT_OPERATOR, CUT_MODEL):
            sums: dict[tuple[Any, ...], list[int]] = {}
            for (operator, model, *rest), amounts in finest.items():
                kept = (operator if cut == CUT_OPERATOR else TOTAL, model if cut == CUT_MODEL else TOTAL, *rest)
                known = sums.setdefault(kept, [0, 0, 0])
                sums[kept] = [one + other for one, other in zip(known, amounts, strict=True)]
            wanted = {key: tuple(amounts) for key, amounts in sums.items() if any(amounts)}
            assert rows_of(wrong_town.register, table, cut) == wanted


@pytest.mark.parametrize("stretch", [1, 7])
def test_where_a_stretch_begins_makes_no_difference(town: Town, stretch: int) -> None:
    if stretch == 1 and town.settings.database_url.startswith("postgresql"):
        stretch = 23  # the same again, in fewer transactions
    before = everything(town.register)
    forget_figures(town.register)
    follower = Follower(town.register)
    while follower.fold_some(stretch):
        pass
    follower.refresh()
    assert everything(town.register) == before


def test_of_two_that_fold_at_once_each_entry_is_counted_by_one(town: Town) -> None:
    before = everything(town.register)
    forget_figures(town.register)
    followers = [Follower(town.register) for _ in range(3)]

    def fold(follower: Follower) -> None:
        while follower.fold_some(5):
            pass

    threads = [threading.Thread(target=fold, args=(each,)) for each in followers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    followers[0].refresh()
    assert everything(town.register) == before


def test_a_stretch_that_could_not_be_written_is_folded_whole_the_next_time(wrong_town: Town) -> None:
    register = wrong_town.register
    before = everything(register)
    forget_figures(register)
    follower = Follower(register)
    with register.write_beside() as connection:
        connection.exec_driver_sql(
            "CREATE TRIGGER full BEFORE INSERT ON figure_cursor BEGIN SELECT RAISE(ABORT, 'the disk is full'); END"
        )
    with pytest.raises(DBAPIError):
        follower.catch_up()
    with register.write_beside() as connection:
        connection.exec_driver_sql("DROP TRIGGER full")
    follower.catch_up()
    assert everything(register) == before


def test_delays_that_were_counted_and_not_added_up_are_added_up_the_next_time(town: Town) -> None:
    register = town.register
    before = rows_of(register, figure_delay)
    alone = [key for key in before if TOTAL not in key and len(str(key[2])) > YEAR]
    assert alone and UNFINISHED not in before
    with register.write_beside() as connection:
        connection.execute(figure_delay.delete().where(figure_delay.c.actor == TOTAL))
        names = orjson.dumps(alone)
        connection.execute(figure_delay.insert().values((*UNFINISHED, 0, 0, 0, 0, names)))
    Follower(register).refresh()
    assert rows_of(register, figure_delay) == before


def test_days_that_corrections_move_are_counted_anew_though_the_sums_stay(town: Town) -> None:
    """Of two sales on one day one was a day sooner and one a day later."""
    register, sales = town.register, {}
    for data in town.entries():
        event = parse_entry(data).event
        if event.type == "sell" and event.subjects[0] in (pack(6), pack(7)):
            sales[event.subjects[0]] = event
    days = [date.fromisoformat(event.body["sold_on"]) for event in sales.values()]
    assert len(days) == 2 and days[0] == days[1]
    before, sums = rows_of(register, figure_delay), rows_of(register, duty_sum)
    for event, by in zip(sales.values(), (-1, 1), strict=True):
        moved = (days[0] + timedelta(days=by)).isoformat()
        told(town, "cq-motors", "correct", *event.subjects, event_id=event.id, mass_g=None, sold_on=moved)
    assert rows_of(register, duty_sum) == sums
    Follower(register).refresh()
    after = rows_of(register, figure_delay)
    assert after != before
    forget_figures(register)
    Follower(register).catch_up()
    assert rows_of(register, figure_delay) == after


def test_what_did_not_happen_and_what_was_told_anew_counts_as_it_is_now(wrong_town: Town) -> None:
    flows = rows_of(wrong_town.register, figure_flow, CUT_WHOLE)
    retired = [amounts[0] for key, amounts in flows.items() if key[-1] == "RETIRED"]
    assert sum(retired) == 4  # packs 3, 4, 8 and 10; not 1
    bands = {key[3]: amounts[0] for key, amounts in rows_of(wrong_town.register, figure_health).items() if amounts[0]}
    assert 400_000 not in bands
    assert 800_000 not in bands
    assert bands[850_000] >= 1


def test_codes_that_look_alike_and_light_loads_are_listed_until_they_are_put_right(wrong_town: Town) -> None:
    items = rows_of(wrong_town.register, figure_item)
    near = [(key[2], values[1]) for key, values in items.items() if key[0] == "near"]
    assert near == [(pack(7).replace("ABCDEFGG", "ABCDEFHG"), pack(7))]  # that of pack 6 was voided
    short = [(key[2], *values[3:]) for key, values in items.items() if key[0] == "shortfall"]
    assert short == [(pack(10), 250_000, 300_000)]  # pack 3 was weighed anew, 4 was not collected
    assert {key[0] for key in rows_of(wrong_town.register, figure_prefix)} >= {"001PE12ABCDEFG", "001PE12ABCDEFH"}


def test_an_altered_figure_is_found_when_the_register_verifies_itself(wrong_town: Town) -> None:
    with wrong_town.register.write_beside() as connection:
        connection.execute(figure_stock.update().where(figure_stock.c.cut == CUT_WHOLE).values(mass_g=1))
    url, verifiers = wrong_town.settings.database_url, wrong_town.register.verifiers
    failures = verify_database(url, verifiers, vault=wrong_town.register.vault).failures
    assert [each.what for each in failures] == ["table figure_stock: the row of 0 is not what the entries make of it"]
    forget_figures(wrong_town.register)
    Follower(wrong_town.register).catch_up()
    assert verify_database(url, verifiers, vault=wrong_town.register.vault).ok


def test_a_register_that_was_restored_to_an_earlier_moment_is_folded_anew(wrong_town: Town) -> None:
    before = {table.name: rows_of(wrong_town.register, table) for table in FOLDED}
    with wrong_town.register.write_beside() as connection:
        connection.exec_driver_sql("UPDATE figure_cursor SET size = size + 1")
    Follower(wrong_town.register).catch_up()
    assert {table.name: rows_of(wrong_town.register, table) for table in FOLDED} == before
    with wrong_town.register.read() as reader:
        assert read_cursor(reader.connection).size == reader.size()
