"""Verification finds one changed byte anywhere in the database, and names the entry where it is an entry.

An insider is played here: somebody with the rights of the database's owner, who drops the triggers first.
"""

from base64 import urlsafe_b64encode
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Column, Connection, LargeBinary, String, Table, create_engine, select, update

from ledger.entry import parse_entry
from ledger.log import Submission
from ledger.notes.note import Verifier, parse_signing_key, parse_vkey
from ledger.verification.audit import Report
from ledger.verification.verifying import Wishes
from service.db import tables
from service.db.engine import open_engine, sqlite_url, writing
from service.db.figure_tables import figure_cursor
from service.db.migrate import migrate
from service.db.store import SqlStore
from service.errors import SettingsError
from service.figures.following import Follower
from service.keys.logkeys import own_verifiers
from service.keys.vault import Vault
from service.packlist.following import fold
from service.private.erasing import Wish, erase_values
from service.settings import Settings
from service.verification.derived import OF_ANOTHER_VERSION, SEALED_OUT
from service.verification.register import verify_database
from service.verification.vouched import DERIVED
from tests.postgres import PostgresServer
from tests.service.conftest import copy_database, fresh_copy
from tests.service.town import AUTHORITY, WORKSHOP, Town, copy_town, fold_town, pack, vin

CHANGED_VALUE = (
    "UPDATE private_value SET sealed = (SELECT sealed FROM private_value p WHERE p.idx > 40 LIMIT 1) "
    "WHERE sealed IS NOT NULL"
)


@pytest.fixture(scope="session")
def town_folder(complete_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """With rows in the tables that follow behind the log, too."""
    folder = tmp_path_factory.mktemp("folded") / "data"
    copy_town(complete_folder, folder)
    fold_town(folder)
    return folder


@pytest.fixture(scope="session")
def postgres_town_folder(
    complete_postgres_folder: tuple[Path, str], tmp_path_factory: pytest.TempPathFactory, postgres: PostgresServer
) -> tuple[Path, str]:
    folder, url = tmp_path_factory.mktemp("folded-pg") / "data", copy_database(postgres, complete_postgres_folder[1])
    copy_town(complete_postgres_folder[0], folder)
    fold_town(folder, url=url)
    return folder, url


def verify(settings: Settings, *, signatures: bool = True) -> Report:
    vault = Vault.open(settings.master_key_file)
    return verify_database(settings.database_url, verifiers(settings), signatures=signatures, vault=vault)


def verifiers(settings: Settings) -> list[Verifier]:
    lines = settings.log_key_file.read_text().split()
    return [parse_vkey(parse_signing_key(line).vkey) for line in lines]


def inside(settings: Settings, act: Callable[[Connection], None]) -> None:
    """Do what the triggers would forbid, in one transaction."""
    engine = open_engine(settings.database_url)
    with engine.connect() as plain:
        connection = writing(plain)
        if engine.dialect.name == "postgresql":
            connection.exec_driver_sql("SET session_replication_role = replica")
        else:
            triggers = connection.exec_driver_sql("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").all()
            for name, _ in triggers:
                connection.exec_driver_sql(f"DROP TRIGGER {name}")
        act(connection)
        if engine.dialect.name == "sqlite":  # or their absence would be found too
            for _, sql in triggers:
                connection.exec_driver_sql(sql)
        connection.commit()
    engine.dispose()


def execute(settings: Settings, *statements: str) -> None:
    def act(connection: Connection) -> None:
        for statement in statements:
            assert connection.exec_driver_sql(statement).rowcount != 0, statement

    inside(settings, act)


def flip(data: bytes, at: int) -> bytes:
    """The bytes with one bit changed."""
    at %= len(data)
    return data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]


def flip_entry(settings: Settings, index: int, at: int) -> None:
    def act(connection: Connection) -> None:
        column = tables.entry.c
        data = bytes(connection.execute(select(column.data).where(column.idx == index)).scalar_one())
        connection.execute(tables.entry.update().where(column.idx == index).values(data=flip(data, at)))

    inside(settings, act)


def size_of(settings: Settings) -> int:
    engine = open_engine(settings.database_url)
    with engine.connect() as connection:
        size: int = connection.execute(select(tables.tree_state.c.size)).scalar_one()
    engine.dispose()
    return size


# --- intact


def test_an_intact_register_verifies_and_says_what_was_checked(either_settings: Settings) -> None:
    report = verify(either_settings)
    assert report.failures == ()
    assert report.size == size_of(either_settings) == report.checked["entries"] == report.checked["signatures"]
    assert report.checked["tiles"] == report.size // 256 == 2
    assert report.checked["checkpoints"] >= 3
    assert report.checked["derived_rows"] > 2 * report.size
    assert ("database_pages" in report.checked) == either_settings.database_url.startswith("sqlite")


def test_without_the_vault_everything_is_compared_but_what_is_sealed(town: Town) -> None:
    execute(town.settings, CHANGED_VALUE)
    report = verify_database(town.settings.database_url, town.register.verifiers)
    assert report.ok
    assert report.checked["derived_rows"] > 2 * report.size
    assert not verify(town.settings).ok


def test_a_register_may_be_verified_while_it_is_written_to(either_town: Town) -> None:
    """What is appended after verification began is none of its business."""
    town, before = either_town, either_town.size()
    ticks: list[int] = []

    def write(_phase: str, checked: int, _total: int) -> None:
        if not ticks:
            town.must(*(town.tell("cq-cells", "register", pack(600_000 + n)) for n in range(5)))
        ticks.append(checked)

    report = verify_database(
        town.settings.database_url, town.register.verifiers, vault=town.register.vault, wishes=Wishes(tick=write)
    )
    assert ticks
    assert report.failures == ()
    assert report.size == before
    assert town.size() == before + 5


def test_a_live_and_busy_register_verifies_after_each_commit(either_town: Town) -> None:
    town = either_town
    for n in range(3):
        town.must(town.tell("cq-cells", "register", pack(600_000 + n), gtin="09521234000013"))
        assert verify(town.settings, signatures=False).failures == ()


@pytest.mark.parametrize("what", ["missing file", "no tables"])
def test_what_is_no_register_is_said_to_be_none(tmp_path: Path, town: Town, what: str) -> None:
    url = sqlite_url(tmp_path / "other.db")
    if what == "no tables":
        create_engine(url).connect().close()
    with pytest.raises(SettingsError):
        verify_database(url, town.register.verifiers)
    assert (tmp_path / "other.db").exists() == (what == "no tables")


def test_a_migrated_database_without_entries_is_not_passed_off_as_a_register(tmp_path: Path, town: Town) -> None:
    engine = open_engine(sqlite_url(tmp_path / "other.db"))
    migrate(engine)
    report = verify_database(sqlite_url(tmp_path / "other.db"), town.register.verifiers)
    assert not report.ok


def test_another_log_s_key_is_refused(town: Town) -> None:
    strangers = [parse_vkey("example.com/log/testdata+33d7b496+AeHTu4Q3hEIMHNqc6fASMsq3rKNx280NI+oO5xCFkkSx")]
    report = verify_database(town.settings.database_url, strangers)
    assert [failure.index for failure in report.failures] == [None]
    assert "checkpoint" in report.failures[0].what


# --- one byte of an entry

PLACES = {
    "the event's body": b'"body":{"',
    "the event's type": b'"type":"',
    "a subject": b'"subjects":["',
    "the signature": b"..",
    "the time of receipt": b'"log":{"at":"2026-05-01T0',
    "the battery's chain": b'"chain":[["001PE12ABCDEFGG2T0000',
    "the register's chain": b'"prev":"',
}


def either(sqlite: Iterable[Any], postgresql: Iterable[Any]) -> list[tuple[str, Any]]:
    """Cases on each engine: fewer on PostgreSQL, where what is not SQL is the same code."""
    return [*(("sqlite", case) for case in sqlite), *(("postgresql", case) for case in postgresql)]


@pytest.mark.parametrize(
    ("either_settings", "place"), either(PLACES, ["the event's body", "the signature"]), indirect=["either_settings"]
)
def test_a_changed_byte_of_an_entry_is_found_and_the_entry_named(either_settings: Settings, place: str) -> None:
    engine = open_engine(either_settings.database_url)
    with engine.connect() as connection:
        data = bytes(connection.execute(select(tables.entry.c.data).where(tables.entry.c.idx == 300)).scalar_one())
    engine.dispose()
    flip_entry(either_settings, 300, data.rindex(PLACES[place]) + len(PLACES[place]))
    for signatures in (True, False):
        report = verify(either_settings, signatures=signatures)
        assert not report.ok
        assert report.failures[0].index == 300, report.failures


@pytest.mark.parametrize("index", [0, 1, 254, 255, 256, 511, 512, -2, -1])
def test_the_changed_entry_is_named_wherever_it_stands(town: Town, index: int) -> None:
    town.close()
    index %= town_size(town)
    flip_entry(town.settings, index, 40)
    for signatures in (True, False):
        report = verify(town.settings, signatures=signatures)
        assert not report.ok
        assert report.failures[0].index == index, report.failures


def town_size(town: Town) -> int:
    return size_of(town.settings)


@pytest.mark.parametrize("at", [0, 1, -1, -2])
def test_a_changed_byte_at_the_rim_of_an_entry_is_found(town: Town, at: int) -> None:
    flip_entry(town.settings, 400, at)
    assert verify(town.settings).failures[0].index == 400


def test_a_longer_or_shorter_entry_is_found(town: Town) -> None:
    execute(town.settings, "UPDATE entry SET data = CAST(data || x'20' AS BLOB) WHERE idx = 77")
    assert verify(town.settings).failures[0].index == 77
    execute(town.settings, "UPDATE entry SET data = x'' WHERE idx = 76")
    assert verify(town.settings).failures[0].index == 76


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE entry SET data = CAST(data AS TEXT) WHERE idx = 77",
        "UPDATE entry SET data = 5 WHERE idx = 77",
        "UPDATE tile SET hashes = CAST(hashes AS TEXT)",
        "UPDATE tree_state SET edge = 'no bytes'",
        "UPDATE tree_state SET size = 'many'",
        "UPDATE battery SET state = CAST(state AS TEXT)",
        "UPDATE bucket SET rows = 1.5",
        "UPDATE private_value SET sealed = 1",
        "UPDATE checkpoint SET note = CAST(note AS TEXT)",
    ],
)
def test_a_value_of_another_type_is_found_in_sqlite_which_takes_any(town: Town, statement: str) -> None:
    execute(town.settings, statement)
    report = verify(town.settings)
    table = statement.split()[1]
    assert [failure.what for failure in report.failures] == [
        f"table {table} holds a value of a type that was never written"
    ]
    assert report.failures[0].index == (77 if table == "entry" else None)


@pytest.mark.parametrize("changed", ["size = x'00'", "last_at = 7", "edge = 5000000000", "checkpoint = 'text'"])
def test_a_register_is_checked_with_its_own_keys_whatever_the_state_of_the_tree_holds(town: Town, changed: str) -> None:
    execute(town.settings, f"UPDATE tree_state SET {changed}")
    own = [(each.name, each.key_id) for each in own_verifiers(town.settings)]
    assert own == [(each.name, each.key_id) for each in verifiers(town.settings)]


def test_a_damaged_database_file_is_a_finding_and_no_crash(town: Town) -> None:
    """A disk error, or a clumsy editor: whatever page is hit, there is a report."""
    town.close()
    file = town.settings.data / "register.db"
    whole = file.read_bytes()
    for at in range(4096 * 3, len(whole), 4096 * 17):
        file.write_bytes(whole[:at] + b"\xff" * 600 + whole[at + 600 :])
        assert not verify(town.settings).ok, f"page {at // 4096}"


# --- rows of entries


def test_a_deleted_entry_is_named(either_settings: Settings) -> None:
    execute(either_settings, "DELETE FROM entry WHERE idx = 300")
    report = verify(either_settings)
    assert report.failures[0].index == 300
    assert "missing" in report.failures[0].what


def test_the_last_entry_deleted_is_found(either_settings: Settings) -> None:
    last = size_of(either_settings) - 1
    execute(either_settings, f"DELETE FROM entry WHERE idx = {last}")
    assert not verify(either_settings).ok


def test_swapped_entries_are_named(either_settings: Settings) -> None:
    execute(
        either_settings,
        "UPDATE entry SET idx = -1 WHERE idx = 300",
        "UPDATE entry SET idx = 300 WHERE idx = 301",
        "UPDATE entry SET idx = 301 WHERE idx = -1",
    )
    assert verify(either_settings).failures[0].index == 300


@pytest.mark.parametrize(
    ("either_settings", "at"), either([-1, "size", "far"], [-1, "far"]), indirect=["either_settings"]
)
def test_an_inserted_entry_is_found(either_settings: Settings, at: int | str) -> None:
    index = {"size": size_of(either_settings), "far": 2**40}.get(str(at), at)
    execute(either_settings, f"INSERT INTO entry SELECT {index}, data FROM entry WHERE idx = 300")
    assert not verify(either_settings).ok


def test_everything_deleted_is_found(either_settings: Settings) -> None:
    execute(either_settings, "DELETE FROM entry")
    assert not verify(either_settings).ok


def test_an_entry_that_no_rule_lets_in_is_named(town: Town) -> None:
    """The log itself took it: bytes, chains, signatures and tree are as they should be."""
    index, told = town.size(), town.tell("cq-cells", "register", pack(1))
    with town.register.store.append() as tx:
        town.register.log.append(tx, [told.submission], town.clock.now)
    report = verify(town.settings)
    assert [failure.index for failure in report.failures] == [index]
    assert "is registered already" in report.failures[0].what and not report.checked["derived_rows"]


def test_a_signed_event_that_the_log_itself_records_twice_is_named(either_town: Town) -> None:
    """Chains, tree and checkpoint are in order, for the log went along: only the event's id tells."""
    town, last = either_town, either_town.size() - 1
    with town.register.read() as reader:
        again = parse_entry(reader.entry(last) or b"")
    town.close()
    execute(town.settings, f"DELETE FROM event_id WHERE idx = {last}")
    engine = open_engine(town.settings.database_url)
    jws = (again.jws.encoded_header + b".." + urlsafe_b64encode(again.jws.signature).rstrip(b"=")).decode()
    with SqlStore(engine).append() as tx:
        batch = town.register.log.append(tx, [Submission(again.event, jws)], town.clock.now)
    engine.dispose()
    report = verify(town.settings)
    assert report.failures[0].index == batch.first
    assert f"is recorded as entry {last} already" in report.failures[0].what


# --- the tree


@pytest.mark.parametrize(
    ("either_settings", "at"), either([0, 31, 32 * 44, 32 * 255 + 31], [32 * 44]), indirect=["either_settings"]
)
def test_a_changed_byte_of_a_tile_names_the_entry(either_settings: Settings, at: int) -> None:
    def act(connection: Connection) -> None:
        column = tables.tile.c
        one = (column.level == 0) & (column.idx == 1)
        hashes = bytes(connection.execute(select(column.hashes).where(one)).scalar_one())
        connection.execute(tables.tile.update().where(one).values(hashes=flip(hashes, at)))

    inside(either_settings, act)
    assert verify(either_settings).failures[0].index == 256 + at // 32


def test_a_tile_that_grew_or_shrank_is_found(town: Town) -> None:
    execute(town.settings, "UPDATE tile SET hashes = CAST(hashes || x'00' AS BLOB) WHERE idx = 0")
    assert not verify(town.settings).ok
    execute(town.settings, "UPDATE tile SET hashes = x'' WHERE idx = 0")
    assert not verify(town.settings).ok


TREE_STATE = ("size", "last_leaf", "last_at", "kept_at", "checkpoint", "edge")


@pytest.mark.parametrize(
    ("either_settings", "column"), either(TREE_STATE, ["size", "edge"]), indirect=["either_settings"]
)
def test_a_change_of_the_state_of_the_tree_is_found(either_settings: Settings, column: str) -> None:
    inside(either_settings, lambda connection: change(connection, tables.tree_state.c[column]))
    assert not verify(either_settings).ok


@pytest.mark.parametrize("size", [-1, 0, 1, 2**40])
def test_no_size_of_the_tree_makes_verification_hang_or_crash(town: Town, size: int) -> None:
    execute(town.settings, f"UPDATE tree_state SET size = {size}")
    assert not verify(town.settings).ok


@pytest.mark.parametrize("at", [0, 25, 60, 200, -3])
def test_a_change_of_the_newest_checkpoint_is_found(town: Town, at: int) -> None:
    def act(connection: Connection) -> None:
        note = bytes(connection.execute(select(tables.tree_state.c.checkpoint)).scalar_one())
        connection.execute(tables.tree_state.update().values(checkpoint=flip(note, at)))

    inside(town.settings, act)
    report = verify(town.settings)
    assert not report.ok
    assert "checkpoint" in report.failures[0].what


@pytest.mark.parametrize("column", ["size", "note"])
def test_a_change_of_a_kept_checkpoint_is_found(either_settings: Settings, column: str) -> None:
    inside(either_settings, lambda connection: change(connection, tables.checkpoint.c[column]))
    report = verify(either_settings)
    assert not report.ok
    assert "kept checkpoint" in report.failures[0].what


def test_each_checkpoint_that_is_taken_out_of_the_history_is_missed(town: Town) -> None:
    settings, rows = town.settings, list[Any]()
    inside(settings, lambda connection: rows.extend(connection.execute(select(tables.checkpoint)).all()))
    assert len(rows) == 5
    for row in rows:
        execute(settings, f"DELETE FROM checkpoint WHERE size = {row.size}")
        report = verify(settings, signatures=False)
        assert "the history lacks a checkpoint" in report.failures[0].what
        again = tables.checkpoint.insert().values(size=row.size, note=bytes(row.note))
        inside(settings, lambda connection, again=again: connection.execute(again))
    assert verify(settings, signatures=False).ok


# --- what is kept from the entries


STEP = {"figure_health": 1_000}
"""More than one, where a few measurements may have been counted before their values were erased."""


def change(connection: Connection, column: Column[Any]) -> None:
    """One byte, or one unit, of this column of one row in the middle of its table."""
    table, name = column.table, column.name
    key = list(table.primary_key)
    rows = connection.execute(select(table).order_by(*key)).all()
    rows = [row for row in rows if table.name != "pack_group" or row.batteries]  # an empty group counts for nothing
    row = rows[len(rows) // 2]
    old = getattr(row, name)
    if isinstance(column.type, LargeBinary):
        new: Any = flip(bytes(old), len(bytes(old)) // 2)
    elif isinstance(column.type, String):
        new = ("B" if old[:1] == "A" else "A") + old[1:]
    else:
        new = 1_000_000 if old is None else old + STEP.get(table.name, 1)
        while name in table.primary_key and any(getattr(each, name) == new for each in rows):
            new += 1
    same = [each == getattr(row, each.name) for each in key]
    assert connection.execute(update(table).where(*same).values({name: new})).rowcount == 1


FOUND_SOONER = {
    "passport_version": ("of the passport of",),
    "tile": ("leaf hash", "tile"),
    "operator_key": ("the key held for", "does not hold the key"),
    "erasure": ("no entry says that it was erased", "this entry erases nothing"),
    "figure_cursor": ("table figure_",),
    "pack_cursor": (),
}
"""What a change of these tables may be called: it shows before tables are derived again and compared, or hides others.
"""
NOT_COMPARED = (figure_cursor.c.version,)
"""Figures of another version are folded anew."""


def is_told(name: str, report: Report) -> bool:
    """Whether a finding is about what this table holds: the first one, of a table that is changed alone."""
    told = (f"table {name}:", *FOUND_SOONER.get(name, ()))
    findings = report.failures[:1] if name in FOUND_SOONER else report.failures
    return any(words in failure.what for failure in findings for words in told)


def _last(table: Table) -> Column[Any]:
    return [column for column in table.columns if column not in NOT_COMPARED][-1]


ALONE = [table for table in DERIVED if table.name in FOUND_SOONER]
TOGETHER = [table for table in DERIVED if table.name not in FOUND_SOONER]
COLUMNS = [[column] for table in ALONE for column in table.columns if column not in NOT_COMPARED]
ROUNDS = [
    [columns[at] for table in TOGETHER if at < len(columns := list(table.columns))]
    for at in range(max(len(table.columns) for table in TOGETHER))
]
"""The first columns of the tables that are compared, then the second ones: each table is told of by itself."""
LAST = [[list(table.columns)[-1] for table in TOGETHER], *([_last(table)] for table in ALONE)]


@pytest.mark.parametrize(
    ("engine", "columns"),
    [
        *(("sqlite", each) for each in [*COLUMNS, *ROUNDS]),
        *(("postgresql", each) for each in LAST),
    ],
    ids=lambda given: given if isinstance(given, str) else f"{given[0]} and {len(given) - 1} more",
)
def test_a_change_of_any_derived_column_is_found(
    request: pytest.FixtureRequest, tmp_path: Path, engine: str, columns: list[Column[Any]]
) -> None:
    settings = fresh_copy(request, engine, tmp_path / "data")

    def act(connection: Connection) -> None:
        for column in columns:
            change(connection, column)

    inside(settings, act)
    report = verify(settings, signatures=False)
    assert [str(column) for column in columns if not is_told(column.table.name, report)] == []


@pytest.mark.parametrize("gone", [TOGETHER, *([table] for table in ALONE)], ids=lambda gone: gone[0].name)
def test_a_deleted_derived_row_is_found(town: Town, gone: list[Table]) -> None:
    keys = {table.name: next(iter(table.primary_key)).name for table in gone}
    rows = "DELETE FROM {0} WHERE {1} = (SELECT {1} FROM {0} ORDER BY {1} LIMIT 1)"
    execute(town.settings, *(rows.format(name, key) for name, key in keys.items()))
    report = verify(town.settings, signatures=False)
    assert [name for name in keys if not is_told(name, report)] == []


INSERTS = {
    "event_id": "INSERT INTO event_id VALUES ({blob}, 5)",
    "link": "INSERT INTO link VALUES (321, NULL)",
    "bucket": "INSERT INTO bucket VALUES (77, {blob})",
    "map_tile": "INSERT INTO map_tile VALUES (3, 3, {blob})",
    "erasure": "INSERT INTO erasure VALUES ({blob}, 5)",
    "registry": "INSERT INTO registry VALUES (2, 5)",
    "key_notice": "INSERT INTO key_notice SELECT 5, origin, type, body FROM key_notice",
    "tile": "INSERT INTO tile VALUES (3, 3, {blob})",
    "operator": "INSERT INTO operator SELECT 'zz', name, region, enrolment, idx FROM operator WHERE id = 'cq-city'",
    "operator_key": "INSERT INTO operator_key VALUES ('cq-city/secret', 'EdDSA', 0, {blob}, 0, NULL)",
    "model": "INSERT INTO model SELECT 'ZZ', maker, body, idx FROM model WHERE id = 'CQ-150'",
    "battery": "INSERT INTO battery SELECT '001PE12ABCDEFGG2T7777777', state FROM battery LIMIT 1",
    "identifier": "INSERT INTO identifier VALUES ('gs1:09521234000013/X', '001PE12ABCDEFGG2T0000001')",
    "duty_case": "INSERT INTO duty_case VALUES (1, '', 'cn73-sale', 'cq-x', '2026-05-01', '', NULL, NULL, 0)",
    "duty_sum": "INSERT INTO duty_sum VALUES ('cq-x', 'cn73-sale', '2026-05', 1, 1, 0, 3)",
    "duty_days": "INSERT INTO duty_days SELECT idx + 1, body FROM duty_days",
    "vehicle_slot": "INSERT INTO vehicle_slot SELECT '001PE12ABCDEFGG2T7777777', token FROM vehicle_slot LIMIT 1",
    "figure_battery": "INSERT INTO figure_battery SELECT '001PE12ABCDEFGG2T7777777', state, resumes, holder, maker, "
    "model, mass_g, energy_wh, made_on, last_at, waste, undo FROM figure_battery LIMIT 1",
    "figure_health": "INSERT INTO figure_health VALUES ('ZZ', '2026-05', 0, 50000, 1)",
    "figure_delay": "INSERT INTO figure_delay SELECT 'cq-x', duty, month, cases, answered, late, days, content "
    "FROM figure_delay WHERE actor <> '*' AND duty <> '*' LIMIT 1",
    "pack_row": "INSERT INTO pack_row SELECT 'cq-x', code, grp FROM pack_row LIMIT 1",
    "pack_group": "INSERT INTO pack_group SELECT 9999, operator, ties, level, model, state, month, label, passport, 3 "
    "FROM pack_group LIMIT 1",
    "recent_entry": "INSERT INTO recent_entry VALUES ('cq-cells', 0)",
    "pack_cursor": "INSERT INTO pack_cursor VALUES (2, 0)",
    "figure_cursor": "INSERT INTO figure_cursor SELECT 2, size, at, version FROM figure_cursor",
}


@pytest.mark.parametrize(
    "names",
    [[name for name in INSERTS if name not in FOUND_SOONER], *([name] for name in INSERTS if name in FOUND_SOONER)],
    ids=lambda names: names[0],
)
def test_an_inserted_derived_row_is_found(town: Town, names: list[str]) -> None:
    execute(town.settings, *(INSERTS[name].replace("{blob}", f"x'{'ab' * 16}'") for name in names))
    report = verify(town.settings, signatures=False)
    assert [name for name in names if not is_told(name, report)] == []


SWAPS = {
    "battery": "UPDATE battery SET state = (SELECT state FROM battery b WHERE b.code <> battery.code LIMIT 1)",
    "bucket": "UPDATE bucket SET rows = (SELECT rows FROM bucket b WHERE b.idx <> bucket.idx LIMIT 1)",
    "event_id": "UPDATE event_id SET idx = (SELECT max(idx) FROM event_id) - idx",
    "link": "UPDATE link SET before = (SELECT max(before) FROM link) - before",
    "map_tile": "UPDATE map_tile SET idx = 1000 - idx",
    "model": "UPDATE model SET body = (SELECT body FROM model m WHERE m.id <> model.id LIMIT 1)",
    "tile": "UPDATE tile SET idx = 1000 - idx",
}


NAMED = {
    "battery": (None, pack(60)),
    "event_facet": (300, None),
    "link": (301, None),
    "vehicle_slot": (None, pack(60)),
    "figure_battery": (None, pack(60)),
    "pack_row": (None, pack(60)),
}
SPOILED = (
    f"UPDATE battery SET state = CAST(state || ' ' AS BLOB) WHERE code = '{pack(60)}'",
    "UPDATE event_facet SET actor = 'cq-x' WHERE idx = 300",
    "DELETE FROM link WHERE id = 301 * 64",
    f"DELETE FROM vehicle_slot WHERE code = '{pack(60)}'",
    f"UPDATE figure_battery SET mass_g = 1 WHERE code = '{pack(60)}'",
    f"DELETE FROM pack_row WHERE code = '{pack(60)}'",
)


def test_a_finding_says_which_entry_and_which_battery_it_is_about(town: Town) -> None:
    execute(town.settings, *SPOILED)
    failures = verify(town.settings, signatures=False).failures
    found = {each.what.split()[1].rstrip(":"): (each.index, each.battery) for each in failures if "table" in each.what}
    assert {name: found.get(name) for name in NAMED} == NAMED
    places = [each.index for each in failures]
    named = [place for place in places if place is not None]
    assert len({*named}) > 1 and [*sorted(named), *[None] * (len(places) - len(named))] == places


def test_tables_that_take_the_master_key_are_left_out_without_it_and_that_is_said(town: Town) -> None:
    execute(town.settings, "DELETE FROM vehicle_slot", "UPDATE figure_health SET count = count + 1000")
    report = verify_database(town.settings.database_url, town.register.verifiers)
    assert report.ok
    assert report.notes[-1] == SEALED_OUT
    told = verify(town.settings)
    assert {each.what.split(":")[0] for each in told.failures} == {"table vehicle_slot", "table figure_health"}
    assert SEALED_OUT not in told.notes


def test_figures_of_another_version_are_not_compared_and_that_is_said(town: Town) -> None:
    execute(town.settings, "UPDATE figure_cursor SET version = version + 1", "UPDATE figure_stock SET mass_g = 1")
    report = verify(town.settings)
    assert report.ok
    assert report.notes[-1] == OF_ANOTHER_VERSION


# --- what follows behind the log


POWDER = {"material": "black_mass", "mass_g": 120_000, "lot": "BM-9", "content_ppm": {"nickel": 200_000}}


def test_tables_that_lag_behind_are_no_damage_and_are_compared_as_far_as_they_are(either_town: Town) -> None:
    """Records, corrections, an erasure and the end of a whole pack with its parts: nothing of it is folded yet."""
    town = either_town
    whole = pack(9_000_000)
    town.clock.move(days=2)
    town.must(town.tell("cq-motors", "retire", pack(7)), town.tell("cq-cells", "register", pack(600_001)))
    town.must(*(town.sign(WORKSHOP, "report_soh", pack(n), full_cycles=990) for n in (8, 9)))
    erase_values(town.recorder, pack(9), Wish("PIPL, Art. 47(1)", "asked for"), operator=AUTHORITY)
    town.must(
        town.tell("cq-motors", "install", whole, private={"vin": vin(9_000)}), town.tell("cq-motors", "sell", whole)
    )
    town.must(town.tell("cq-motors", "retire", whole))
    town.must(town.tell("cq-recycle", "collect", whole, from_operator="cq-motors"))
    town.must(town.tell("cq-recycle", "recycle", whole, outputs=[POWDER], input_mass_g=300_000, loss_mass_g=180_000))
    assert verify(town.settings, signatures=False).failures == ()
    fold(town.register, limit=2)
    Follower(town.register).fold_some(3)
    assert verify(town.settings, signatures=False).failures == ()
    execute(
        town.settings,
        f"UPDATE pack_row SET grp = grp + 1 WHERE code = '{pack(60)}'",
        f"UPDATE figure_battery SET mass_g = 1 WHERE code = '{pack(60)}'",
        "DELETE FROM recent_entry WHERE operator = 'cq-cells'",
    )
    told = {each.what.split(":")[0] for each in verify(town.settings, signatures=False).failures}
    assert {"table pack_row", "table figure_battery", "table recent_entry"} <= told


def test_a_measurement_that_was_counted_and_then_erased_is_no_damage(town: Town) -> None:
    erase_values(town.recorder, pack(9), Wish("PIPL, Art. 47(1)", "asked for"), operator=AUTHORITY)
    Follower(town.register).catch_up()
    assert verify(town.settings, signatures=False).failures == ()
    execute(town.settings, "UPDATE figure_health SET count = count + 1000")
    assert not verify(town.settings, signatures=False).ok


def test_delays_that_are_just_being_counted_are_no_damage(town: Town) -> None:
    """Stopped between counting and adding up: some rows are of before, some of after, and which is written down."""
    base = "actor <> '*' AND duty <> '*'"
    row = f"SELECT actor || '\",\"' || duty || '\",\"' || month FROM figure_delay WHERE {base} LIMIT 1"
    execute(
        town.settings,
        f"INSERT INTO figure_delay SELECT '*', '*', '', 0, 0, 0, 0, CAST('[[\"' || ({row}) || '\"]]' AS BLOB)",
        f"UPDATE figure_delay SET cases = 0 WHERE actor || '\",\"' || duty || '\",\"' || month = ({row})",
    )
    assert verify(town.settings, signatures=False).failures == ()
    execute(town.settings, "UPDATE figure_delay SET content = CAST('[]' AS BLOB) WHERE month = ''")
    assert not verify(town.settings, signatures=False).ok


@pytest.mark.parametrize("name", SWAPS)
def test_swapped_derived_rows_are_found(town: Town, name: str) -> None:
    execute(town.settings, SWAPS[name])
    assert not verify(town.settings, signatures=False).ok
