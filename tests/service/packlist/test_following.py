"""The list of batteries against a slow oracle that looks at every battery, on both engines."""

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from threading import Event

import pytest
from sqlalchemy import Connection, select

from service.db import bulk, tables, views
from service.db.packlist_tables import pack_cursor, pack_group, pack_row, recent_entry
from service.domain.states import BatteryState
from service.domain.wholes import seen_with_its_whole
from service.packlist import following
from service.packlist.following import RECENT, fold, follow, forget_list
from service.packlist.groups import Group, Tie, groups_of
from service.packlist.reading import Filter, count, count_facets, fitting, load_groups, read_page, walk
from service.packlist.supervising import read_overview
from service.passports.keeping import find_versions
from service.work import Register
from tests.service.town import Town

TODAY = date(2026, 11, 22)
Listed = Mapping[tuple[str, str], Group]


@pytest.fixture(scope="session")
def town_folder(complete_folder: Path) -> Path:
    return complete_folder


@pytest.fixture(scope="session")
def postgres_town_folder(complete_postgres_folder: tuple[Path, str]) -> tuple[Path, str]:
    return complete_postgres_folder


def expected(register: Register) -> Listed:
    """Of each operator and battery the group, from the states of all batteries there are."""
    with register.read() as reader:
        models = register.current_registry(reader.connection).models
        codes = list(reader.connection.execute(select(tables.battery.c.code)).scalars())
        states: dict[str, BatteryState] = views.load_states(reader.connection, codes)
        own = {code: found[-1] for code, found in find_versions(reader.connection, codes).items()}
    found = {}
    for code, state in states.items():
        seen = seen_with_its_whole(state, states)
        for group in groups_of(seen, models.get(state.model_id or ""), own.get(code)):
            found[group.operator, code] = group
    return found


def folded(connection: Connection) -> Listed:
    groups = {row.id: Group._make(row[1:-1]) for row in connection.execute(select(pack_group))}
    return {(row.operator, row.code): groups[row.grp] for row in connection.execute(select(pack_row))}


def test_what_is_folded_is_what_a_look_at_every_battery_finds(either_town: Town) -> None:
    register = either_town.register
    assert fold(register, limit=7) and fold(register, limit=64)
    follow(register, Event())
    assert not fold(register)
    wanted = expected(register)
    with register.read() as reader:
        assert folded(reader.connection) == wanted
        assert len(wanted) > 200
        counts = {row.id: row.batteries for row in reader.connection.execute(select(pack_group))}
        rows = list(reader.connection.execute(select(pack_row.c.grp)).scalars())
        assert {id_: number for id_, number in counts.items() if number} == {id_: rows.count(id_) for id_ in set(rows)}
        recent = list(reader.connection.execute(select(recent_entry)))
        assert all(sum(1 for row in recent if row.operator == each.operator) <= RECENT for each in recent)


def test_stretches_that_name_many_batteries_end_early(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(following, "BATTERIES_AT_ONCE", 3)
    assert fold(town.register)
    with town.register.read() as reader:
        assert 0 < following.read_cursor(reader.connection) < following.ENTRIES_AT_ONCE
    monkeypatch.setattr(following, "BATTERIES_AT_ONCE", 40)
    follow(town.register, Event())
    with town.register.read() as reader:
        assert folded(reader.connection) == expected(town.register)


def test_a_list_of_very_many_groups_is_walked_to_its_end(either_town: Town) -> None:
    number, group = 1_100, Group("many", Tie.MADE, "pack", "", "IN_USE", "2026-05", "none", "")
    groups = [(n, *group._replace(model=f"M{n}"), 1) for n in range(10_000, 10_000 + number)]
    rows = [("many", f"001PE12ABCDEFGG2T{n:07d}", n) for n in range(10_000, 10_000 + number)]
    with either_town.register.write_beside() as connection:
        bulk.writer(connection).insert(pack_group, groups)
        bulk.writer(connection).insert(pack_row, rows)
    with either_town.register.read() as reader:
        registry = either_town.register.current_registry(reader.connection)
        loaded = load_groups(reader.connection, registry, "many", today=TODAY)
        assert len({line.code for line in walk(reader.connection, loaded)}) == number


def test_a_page_and_a_filter_agree_with_the_whole_list(either_town: Town) -> None:
    register = either_town.register
    follow(register, Event())
    wanted = expected(register)
    with register.read() as reader:
        registry = register.current_registry(reader.connection)
        operator = max({key[0] for key in wanted}, key=lambda each: sum(1 for key in wanted if key[0] == each))
        groups = load_groups(reader.connection, registry, operator, today=TODAY)
        mine = {code: group for (owner, code), group in wanted.items() if owner == operator}
        assert count(groups) == len(mine)
        for asked in (Filter(), Filter(level="pack"), Filter(month="2026", label="none"), Filter(tie="holds")):
            fit = fitting(groups, asked)
            lines = list(walk(reader.connection, fit))
            assert len({line.code for line in lines}) == len(lines) == count(fit)
            assert all(mine[line.code] == line.of.group for line in lines)
            paged, after = list[str](), None
            while True:
                page = read_page(reader.connection, fit, after=after, limit=11)
                paged += [line.code for line in page.lines]
                if (after := page.following) is None:
                    break
            assert paged == [line.code for line in lines]
        printed = count_facets(groups, Filter(label="none", level="pack"))["label"]
        assert printed == {
            label: number
            for label in ("none", "printed")
            if (number := sum(1 for g in mine.values() if g.label == label and g.level == "pack"))
        }
        for name, values in (("state", {g.state for g in mine.values()}), ("level", {g.level for g in mine.values()})):
            counts = count_facets(groups, Filter(label="none"))[name]
            assert counts == {
                value: number
                for value in values
                if (number := sum(1 for g in mine.values() if getattr(g, name) == value and g.label == "none"))
            }


def test_the_authority_counts_each_pack_once_whoever_has_it(either_town: Town) -> None:
    register = either_town.register
    follow(register, Event())
    made = [group for group in expected(register).values() if group.ties & Tie.MADE and group.level == "pack"]
    found = read_overview(register)
    assert found.complete + found.incomplete + found.unknown == sum(bool(group.passport) for group in made) > 0
    model = max({group.model for group in made})
    only = read_overview(register, model=model)
    assert {part.model for part in only.parts} == {model} and set(only.parts) <= set(found.parts)


def test_a_register_that_was_restored_is_folded_anew(town: Town) -> None:
    register = town.register
    follow(register, Event())
    with register.read() as reader:
        before = folded(reader.connection)
    with register.write_beside() as connection:
        connection.execute(pack_cursor.update().values(idx=10**9))
    follow(register, Event())
    with register.read() as reader:
        assert folded(reader.connection) == before
        assert following.read_cursor(reader.connection) == reader.size()
    with register.write_beside() as connection:
        forget_list(connection)
    with register.read() as reader:
        assert folded(reader.connection) == {}
