"""Bringing a database to its tables: once, however often and from however many processes."""

import subprocess
import sys

import pytest
from sqlalchemy import Engine, inspect

from service.db import tables
from service.db.engine import open_engine
from service.db.migrate import is_current, migrate
from service.db.store import SqlStore
from tests.needs import ROOT

MIGRATE = "import sys; from service.db import engine, migrate; migrate.migrate(engine.open_engine(sys.argv[1]))"


def describe(engine: Engine) -> dict[str, object]:
    """Columns, keys and indexes of every table, as the database says."""
    look = inspect(engine)
    return {
        name: (
            [(column["name"], str(column["type"]), column["nullable"]) for column in look.get_columns(name)],
            look.get_pk_constraint(name)["constrained_columns"],
            sorted(str(index["name"]) for index in look.get_indexes(name)),
        )
        for name in look.get_table_names()
    }


def test_an_empty_database_is_not_current_and_becomes_so(empty_url: str) -> None:
    engine = open_engine(empty_url)
    with engine.connect() as connection:
        assert not is_current(connection)
    migrate(engine)
    with engine.connect() as connection:
        assert is_current(connection)
    engine.dispose()


def test_migrating_twice_changes_nothing(engine: Engine) -> None:
    before = describe(engine)
    migrate(engine)
    assert describe(engine) == before
    with SqlStore(engine).read() as reader:
        assert reader.size() == 0


def test_versions_that_do_not_finish_leave_nothing(empty_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def stop(point: str) -> None:
        raise InterruptedError(point)

    monkeypatch.setattr("service.db.migrate.reach", stop)
    engine = open_engine(empty_url)
    with pytest.raises(InterruptedError, match="tables-made"):
        migrate(engine)
    assert inspect(engine).get_table_names() == []
    engine.dispose()


def test_processes_that_migrate_at_once_all_succeed(empty_url: str) -> None:
    command = [sys.executable, "-c", MIGRATE, empty_url]
    running = [subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, text=True) for _ in range(3)]
    for process in running:
        _, errors = process.communicate(timeout=60)
        assert process.returncode == 0, errors
    engine = open_engine(empty_url)
    with engine.connect() as connection:
        assert is_current(connection)
        for table in ("tree_state", "registry"):
            assert connection.exec_driver_sql(f"SELECT count(*) FROM {table}").scalar_one() == 1
    engine.dispose()


def test_the_migrated_tables_are_those_the_code_declares(engine: Engine) -> None:
    look = inspect(engine)
    assert set(look.get_table_names()) == {*tables.metadata.tables, "alembic_version"}
    for name, table in tables.metadata.tables.items():
        found = {column["name"]: column for column in look.get_columns(name)}
        assert list(found) == [column.name for column in table.columns]
        for column in table.columns:
            compiled = column.type.compile(engine.dialect)
            assert str(found[column.name]["type"].compile(engine.dialect)) == compiled, f"{name}.{column.name}"
            assert found[column.name]["nullable"] == column.nullable
        assert look.get_pk_constraint(name)["constrained_columns"] == [c.name for c in table.primary_key]
