"""Everything but entries and checkpoints can be thrown away: a rebuild restores it to the last byte."""

import random
import shutil
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, select
from sqlalchemy.exc import DBAPIError

from ledger.entry import format_hash
from ledger.errors import RollbackError
from service.db import tables
from service.recording.rebuilding import DERIVED, rebuild
from service.recording.replay import ReplayError
from service.settings import Settings
from service.work import Register
from tests.service.town import START, StillClock, Town, pack, vin
from tests.service.verification.test_register import execute, flip_entry, inside, verify

Rows = dict[str, list[tuple[Any, ...]]]


@pytest.fixture(scope="session")
def town_folder(complete_folder: Path) -> Path:
    return complete_folder


@pytest.fixture(scope="session")
def postgres_town_folder(complete_postgres_folder: tuple[Path, str]) -> tuple[Path, str]:
    return complete_postgres_folder


def contents(settings: Settings) -> Rows:
    """Every table whole, as plain values."""
    found: Rows = {}

    def act(connection: Connection) -> None:
        for table in tables.metadata.sorted_tables:
            rows = connection.execute(select(table)).all()
            found[table.name] = sorted(
                (tuple(bytes(v) if isinstance(v, memoryview) else v for v in row) for row in rows), key=repr
            )

    register = Register(settings, clock=StillClock(START), pinned=False)
    with register.read() as reader:
        act(reader.connection)
    register.close()
    return found


def rebuild_at(settings: Settings) -> int:
    register = Register(settings, clock=StillClock(START), pinned=False)
    try:
        return rebuild(register)
    finally:
        register.close()


def test_rebuilding_an_intact_register_changes_not_one_byte(either_settings: Settings) -> None:
    before = contents(either_settings)
    size = rebuild_at(either_settings)
    assert size == len(before["entry"])
    assert contents(either_settings) == before
    assert verify(either_settings).failures == ()


EMPTYING = {
    "event_id": "DELETE FROM event_id",
    "link": "UPDATE link SET before = NULL",
    "map_tile": "UPDATE map_tile SET hashes = hashes || hashes",
    "bucket": "UPDATE bucket SET rows = substr(rows, 2)",
    "tile": "DELETE FROM tile",
    "registry": "UPDATE registry SET idx = 3",
    "operator": "DELETE FROM operator WHERE id <> 'cq-city'",
    "operator_key": "UPDATE operator_key SET until = NULL",
    "model": "DELETE FROM model",
    "battery": "DELETE FROM battery",
    "identifier": "UPDATE identifier SET code = '001PE12ABCDEFGG2T0000001'",
    "duty_case": "UPDATE duty_case SET due_on = '2030-01-01'",
    "duty_sum": "DELETE FROM duty_sum",
    "duty_days": "DELETE FROM duty_days",
    "tree_state": "UPDATE tree_state SET edge = last_leaf, last_leaf = edge, last_at = kept_at",
}


HIDING = ("map_tile", "tile", "tree_state", "operator_key")
"""Found before tables are derived again and compared, which then is not done."""
TOGETHER = [name for name in EMPTYING if name not in HIDING]


@pytest.mark.parametrize("names", [TOGETHER, *([name] for name in HIDING)], ids=lambda names: names[0])
def test_a_rebuild_repairs_each_derived_table(town: Town, names: list[str]) -> None:
    before = contents(town.settings)
    execute(town.settings, *(EMPTYING[name] for name in names))
    found = verify(town.settings, signatures=False).failures
    assert found
    told = {failure.what.split(":")[0] for failure in found}
    assert [name for name in names if name not in HIDING and f"table {name}" not in told] == []
    rebuild_at(town.settings)
    assert verify(town.settings, signatures=False).failures == ()
    assert contents(town.settings) == before


def test_a_rebuild_repairs_all_derived_tables_at_once_in_both_engines(either_settings: Settings) -> None:
    before = contents(either_settings)
    filled = [table.name for table in DERIVED if before[table.name] and table.name != "registry"]
    execute(either_settings, *(f"DELETE FROM {name}" for name in filled))
    assert not verify(either_settings, signatures=False).ok
    rebuild_at(either_settings)
    assert contents(either_settings) == before
    assert verify(either_settings, signatures=False).failures == ()


def test_recording_goes_on_after_a_rebuild(either_town: Town) -> None:
    town = either_town
    rebuild(town.register)
    town.must(
        town.tell("cq-cells", "register", pack(700_001)),
        town.tell("cq-motors", "install", pack(700_001), private={"vin": vin(3)}),
        town.tell("cq-motors", "report_soh", pack(700_001), full_cycles=990),
    )
    assert verify(town.settings).failures == ()


def test_the_append_only_triggers_stand_again_after_a_rebuild(either_town: Town) -> None:
    rebuild(either_town.register)
    engine = either_town.register.store.engine
    for table in ("entry", "checkpoint", "tile", "event_id", "link"):
        with pytest.raises(DBAPIError, match="append-only"), engine.begin() as connection:
            connection.exec_driver_sql(f"DELETE FROM {table}")


@pytest.mark.parametrize(
    ("either_settings", "index"),
    [*(("sqlite", index) for index in (0, 40, 300, 600)), ("postgresql", 300)],
    indirect=["either_settings"],
)
def test_a_rebuild_from_a_changed_entry_names_it_and_changes_nothing(either_settings: Settings, index: int) -> None:
    flip_entry(either_settings, index, 12)
    execute(either_settings, "DELETE FROM model WHERE id = 'CQ-50M'")
    before = contents(either_settings)
    with pytest.raises(ReplayError) as refused:
        rebuild_at(either_settings)
    assert refused.value.index == index
    assert contents(either_settings) == before


def test_a_rebuild_never_dresses_up_entries_that_were_not_signed(town: Town) -> None:
    """Wherever a byte was changed, in the signature and in the log's part too: nothing is rebuilt from it."""
    before = contents(town.settings)
    chance = random.Random(1)
    for _ in range(25):
        index = chance.randrange(len(before["entry"]))
        at = chance.randrange(len(before["entry"][0][1]))
        flip_entry(town.settings, index, at)
        with pytest.raises((ReplayError, RollbackError)) as refused:
            rebuild_at(town.settings)
        if isinstance(refused.value, ReplayError):
            assert refused.value.index >= index
        flip_entry(town.settings, index, at)
    assert contents(town.settings) == before


def test_a_rebuild_holds_the_entries_to_the_checkpoint_where_there_is_no_pin(town: Town) -> None:
    """The last entry still reads as one, and no rule of batteries looks at what was changed in it."""
    town.settings.pin_file.unlink()
    last = town.size() - 1
    data = town.entries()[last]
    start = data.rindex(b'"prev":"') + 8
    forged = data[:start] + format_hash(b"\7" * 32).encode() + data[start + 44 :]
    change = tables.entry.update().where(tables.entry.c.idx == last).values(data=forged)
    inside(town.settings, lambda connection: connection.execute(change))
    with pytest.raises(RollbackError, match="not those that were signed: nothing was rebuilt"):
        rebuild_at(town.settings)


def test_a_rebuild_of_an_old_copy_is_refused(town: Town, tmp_path: Path) -> None:
    town.close()
    shutil.copy(town.settings.data / "register.db", tmp_path / "old.db")
    newer = Town(town.settings, town.clock)
    newer.must(newer.tell("cq-cells", "register", pack(700_002)))
    newer.close()
    shutil.copy(tmp_path / "old.db", town.settings.data / "register.db")
    with pytest.raises(RollbackError, match="old copy"):
        rebuild_at(town.settings)


def test_a_rebuild_refuses_an_entry_that_the_rules_would_not_have_let_in(town: Town) -> None:
    """A battery registered twice, in entries that are well-formed."""
    rows: list[Any] = []
    inside(town.settings, lambda connection: rows.extend(connection.execute(select(tables.entry)).all()))
    twice = next(row for row in rows if b'"type":"register"' in bytes(row.data))
    execute(town.settings, f"UPDATE entry SET data = (SELECT data FROM entry WHERE idx = {twice.idx}) WHERE idx = 500")
    with pytest.raises(ReplayError) as refused:
        rebuild_at(town.settings)
    assert refused.value.index == 500


def test_a_rebuild_tells_how_far_it_is(town: Town) -> None:
    told: list[tuple[int, int]] = []
    rebuild(town.register, tick=lambda done, total: told.append((done, total)))
    assert told == sorted(told)
    assert told[-1] == (town.size(), town.size())
