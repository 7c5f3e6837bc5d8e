"""What PostgreSQL says of its own pages and indexes, where amcheck is there; and that it was not asked where it is not.

The damage is real: an index that was told nothing while a row was exchanged, rows older than their table says.
"""

from collections.abc import Iterator
from urllib.parse import urlsplit

import psycopg
import pytest

from service.settings import Settings
from service.verification.register import verify_database
from tests.postgres import PostgresServer
from tests.service.conftest import fresh_copy
from tests.service.verification.test_register import verifiers, verify

READY = "UPDATE pg_index SET indisready = {} WHERE indexrelid = 'identifier_pkey'::regclass"


@pytest.fixture
def settings(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return fresh_copy(request, "postgresql", tmp_path_factory.mktemp("pages") / "data")


@pytest.fixture
def owner(settings: Settings) -> Iterator[psycopg.Connection]:
    """A superuser in the database."""
    with psycopg.connect(settings.database_url, autocommit=True) as connection:
        yield connection


def test_without_amcheck_the_verdict_says_that_nothing_was_asked(settings: Settings) -> None:
    report = verify(settings, signatures=False)
    assert report.ok
    assert "database_indexes" not in report.checked
    assert [note for note in report.notes if "CREATE EXTENSION amcheck" in note]


def test_with_amcheck_tables_and_indexes_are_counted_and_damage_is_named(
    settings: Settings, owner: psycopg.Connection
) -> None:
    owner.execute("CREATE EXTENSION amcheck")
    report = verify(settings, signatures=False)
    assert report.ok
    assert report.checked["database_indexes"] > report.checked["database_tables"] > 60
    assert not [note for note in report.notes if "amcheck" in note]
    value, code = owner.execute("SELECT value, code FROM identifier ORDER BY value LIMIT 1").fetchone() or ("", "")
    owner.execute(READY.format("false"))
    owner.execute("DELETE FROM identifier WHERE value = %s", (value,))
    owner.execute("INSERT INTO identifier VALUES (%s, %s)", (value, code))
    owner.execute(READY.format("true"))
    owner.execute("UPDATE pg_class SET relfrozenxid = pg_current_xact_id()::xid WHERE relname = 'model'")
    told = [each.what for each in verify(settings, signatures=False).failures]
    assert [each for each in told if each.startswith("database index identifier_pkey: heap tuple")]
    assert [each for each in told if each.startswith("database table model: block 0: xmin")]


def test_a_role_that_may_not_call_it_is_told_so(
    settings: Settings, owner: psycopg.Connection, postgres: PostgresServer
) -> None:
    name = urlsplit(settings.database_url).path.removeprefix("/")
    role = f"reader_{name}"
    owner.execute("CREATE EXTENSION amcheck")
    owner.execute(f"CREATE ROLE {role} LOGIN")
    owner.execute(f"GRANT SELECT ON ALL TABLES IN SCHEMA public TO {role}")
    url = postgres.url(name).replace("postgres@", f"{role}@")
    report = verify_database(url, verifiers(settings), signatures=False)
    assert report.ok
    assert [note for note in report.notes if "GRANT EXECUTE ON FUNCTION" in note]
    owner.execute(f"DROP OWNED BY {role}")
    owner.execute(f"DROP ROLE {role}")
