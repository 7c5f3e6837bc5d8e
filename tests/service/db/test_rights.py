"""On PostgreSQL a register is served under a role that can add to the log and not change it; its owner can do more."""

import json
import secrets
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy import Connection, Engine, select

from api.server import check
from service.db.engine import open_engine
from service.db.figure_tables import figure_cursor
from service.db.migrate import migrate
from service.db.ownership import LOG
from service.db.packlist_tables import pack_cursor
from service.db.rights import find_excess, find_lacking, give, grants, require_rights
from service.errors import NotPermittedError, SettingsError
from service.people import sessions
from service.people.accounts import Invited
from service.people.acts import By
from service.people.entering import make_person
from service.people.roles import PersonRole
from service.private.erasing import Wish, erase_values
from service.recording.rebuilding import rebuild
from service.recording.recorder import Recorder
from service.verification.register import verify_database
from service.webhooks.subscriptions import Wanted, add_webhook, make_secret
from service.work import Register
from tests.postgres import PostgresServer
from tests.scene import MAKER, Scene, Server, running_server, set_scene
from tests.service.webhooks.receiver import TRIAL

DENIED = ("permission denied", "must be owner")
FIRST = {"entry": "idx", "checkpoint": "size", "tile": "level", "event_id": "idx", "link": "id"}
CHANGES = (
    "UPDATE {table} SET {column} = {column}",
    "DELETE FROM {table}",
    "TRUNCATE {table}",
    "ALTER TABLE {table} DISABLE TRIGGER {table}_append_only",
    "ALTER TABLE {table} DISABLE TRIGGER ALL",
    "ALTER TABLE {table} RENAME TO other",
    "DROP TRIGGER {table}_append_only ON {table}",
    "DROP TABLE {table}",
    "CREATE RULE hidden AS ON INSERT TO {table} DO INSTEAD NOTHING",
    "CREATE TRIGGER mine BEFORE INSERT ON {table} EXECUTE FUNCTION suppress_redundant_updates_trigger()",
    "CREATE OR REPLACE FUNCTION packtrail_append_only() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'",
    "SET session_replication_role = replica",
    "DROP SCHEMA public CASCADE",
)


@dataclass(frozen=True)
class Guarded:
    """A database whose tables belong to `owner`, served as `role`; the addresses of both."""

    owner: str
    role: str
    owner_url: str
    url: str


@dataclass(frozen=True)
class Spare:
    """A role, its engine and its owner's, and a connection of the server's own administrator."""

    role: str
    engine: Engine
    own: Engine
    admin: psycopg.Connection[Any]

    def change(self, statement: str) -> None:
        self.admin.execute(statement.format(self.role))  # type: ignore[arg-type]


def guard_empty(postgres: PostgresServer) -> Guarded:
    """A database without tables that belongs to its owner, and a role without rights."""
    mark = secrets.token_hex(4)
    owner, role, url = f"own_{mark}", f"app_{mark}", postgres.create_database()
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f"CREATE ROLE {owner} LOGIN; CREATE ROLE {role} LOGIN")  # type: ignore[arg-type]
        connection.execute(f"ALTER DATABASE {connection.info.dbname} OWNER TO {owner}")  # type: ignore[arg-type]
    return Guarded(owner, role, url.replace("postgres@", f"{owner}@"), url.replace("postgres@", f"{role}@"))


def guard(postgres: PostgresServer) -> Guarded:
    """A migrated database whose role for serving has its rights."""
    made = guard_empty(postgres)
    engine = open_engine(made.owner_url)
    migrate(engine)
    give(engine, made.role)
    engine.dispose()
    return made


@pytest.fixture(scope="module")
def guarded(postgres: PostgresServer) -> Guarded:
    return guard(postgres)


@pytest.fixture(scope="module")
def refusals(postgres: PostgresServer) -> int:
    """How often the server has refused anything before the register is founded."""
    return _refusals(postgres)


@pytest.fixture(scope="module")
def scene(guarded: Guarded, refusals: int, tmp_path_factory: pytest.TempPathFactory) -> Scene:
    """A register that was founded, and packs registered, under the role that serves."""
    return set_scene(tmp_path_factory.mktemp("guarded"), packs=4, database_url=guarded.url)


@pytest.fixture(scope="module")
def server(scene: Scene) -> Iterator[Server]:
    with running_server(scene, workers=1) as running:
        yield running


@pytest.fixture
def register(scene: Scene) -> Iterator[Register]:
    opened = Register(scene.settings)
    yield opened
    opened.close()


def _refusals(postgres: PostgresServer) -> int:
    return sum(postgres.log().count(words) for words in DENIED)


def _ask(server: Server, scene: Scene, path: str, data: bytes | None = None, kind: str = "application/json") -> Any:
    headers = {"Authorization": f"Bearer {scene.api_key}", "Content-Type": kind, "Accept": "application/json"}
    request = urllib.request.Request(f"http://127.0.0.1:{server.port}{path}", data=data, headers=headers)
    with urllib.request.urlopen(request, timeout=30) as answer:
        return json.loads(answer.read())


def _import(server: Server, scene: Scene) -> dict[str, Any]:
    rows = "subjects,occurred_at,soce_ppm,remaining_capacity_mah,full_cycles,method\n"
    rows += f"{scene.packs[2]},2026-06-01 12:00,990000,148000,12,bms\n"
    sent = _ask(server, scene, "/v1/imports?kind=report_soh&mode=good", rows.encode(), "text/csv")
    give_up = time.monotonic() + 60
    while True:
        found: dict[str, Any] = _ask(server, scene, f"/v1/imports/{sent['id']}")
        if found["state"] not in ("waiting", "running") or time.monotonic() > give_up:
            return found
        time.sleep(0.1)


def _is_folded(connection: Connection, size: int) -> bool:
    figures = connection.execute(select(figure_cursor.c.size)).scalar_one_or_none()
    packs = connection.execute(select(pack_cursor.c.idx)).scalar_one_or_none()
    return figures is not None and packs is not None and min(figures, packs) >= size


def _is_chored(register: Register) -> bool:
    """Whether figures and lists have come as far as the log: the chores of the server may write."""
    give_up = time.monotonic() + 30
    while time.monotonic() < give_up:
        with register.read() as reader:
            if _is_folded(reader.connection, reader.size() - 1):
                return True
        time.sleep(0.1)
    return False


def test_under_the_role_everything_is_done_that_a_served_register_does(
    postgres: PostgresServer, scene: Scene, server: Server, register: Register, refusals: int
) -> None:
    event = {"type": "report_soh", "subjects": [scene.packs[0]], "occurred_at": "2026-06-01T08:00:00.000Z"}
    event |= {"body": {"soce_ppm": 990_000, "remaining_capacity_mah": 148_000, "full_cycles": 9, "method": "bms"}}
    receipt = _ask(server, scene, "/v1/events", json.dumps(event).encode())
    assert receipt["proof"].startswith("c2sp.org/tlog-proof@v1\n")
    assert _ask(server, scene, f"/b/{scene.packs[0]}")["status"]["op_state"]
    assert _ask(server, scene, "/readyz")["checks"]["tables"] is True
    assert _import(server, scene)["counts"]["accepted"] == 1
    with register.write_beside() as connection:
        now = register.clock()
        hook = add_webhook(connection, MAKER, Wanted("https://hooks.example.cn/x"), reach=TRIAL, now=now)
        make_secret(connection, register.vault, hook.id, now=now)
        invited = Invited(MAKER, "guarded", "李娜", PersonRole.ADMIN)
        person, _ = make_person(connection, invited, By("", now))
        sessions.begin(connection, person.id, sessions.FULL, now=now, device=sessions.Device("Firefox"))
    erased = erase_values(Recorder(register), scene.packs[0], Wish("PIPL, Art. 47", "asked for"), operator="authority")
    assert erased.count == 3
    assert _is_chored(register)
    report = verify_database(scene.settings.database_url, register.verifiers, vault=register.vault)
    assert report.ok, report.failures
    assert _refusals(postgres) == refusals, "\n".join(
        line for line in postgres.log().splitlines() if any(words in line for words in DENIED)
    )


@pytest.mark.parametrize("change", CHANGES)
def test_under_the_role_the_log_cannot_be_changed(guarded: Guarded, scene: Scene, change: str) -> None:
    def contents() -> list[Any]:
        with psycopg.connect(guarded.owner_url) as connection:
            tables = [connection.execute(f"SELECT * FROM {table} ORDER BY 1, 2").fetchall() for table in LOG]  # type: ignore[arg-type]
            guards = "SELECT tgname, tgenabled FROM pg_trigger WHERE NOT tgisinternal ORDER BY 1"
            return [*tables, connection.execute(guards).fetchall()]

    before = contents()
    assert before[0]
    for table in LOG:
        statement = change.format(table=table, column=FIRST[table])
        with psycopg.connect(guarded.url) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute(statement)  # type: ignore[arg-type]
    assert contents() == before


def test_serving_under_a_role_that_could_change_the_log_is_told_in_the_log_of_the_server(
    guarded: Guarded, scene: Scene, caplog: pytest.LogCaptureFixture
) -> None:
    check(scene.settings)
    assert "could change the log" not in caplog.text
    check(replace(scene.settings, database_url=guarded.owner_url))
    assert "the database role could change the log (owner of the table" in caplog.text


def test_rows_can_be_added_to_the_log_but_not_over_what_is_there(guarded: Guarded, scene: Scene) -> None:
    over = "INSERT INTO entry SELECT * FROM entry WHERE idx = 0 ON CONFLICT (idx) DO UPDATE SET data = excluded.data"
    with psycopg.connect(guarded.url) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute(over)
    with psycopg.connect(guarded.url) as connection, pytest.raises(psycopg.errors.UniqueViolation):
        connection.execute("INSERT INTO entry SELECT * FROM entry WHERE idx = 0")


def test_a_rebuild_needs_the_owner_and_says_so(register: Register) -> None:
    def batteries() -> int:
        with register.read() as reader:
            found: int = reader.connection.exec_driver_sql("SELECT count(*) FROM battery").scalar_one()
            return found

    before = batteries()
    with pytest.raises(NotPermittedError, match=r"for the owner of the tables.*app_.*is not.*operating\.md"):
        rebuild(register)
    assert batteries() == before > 0


def test_tables_of_an_older_version_need_the_owner_and_are_left_alone(guarded: Guarded, scene: Scene) -> None:
    current = "SELECT version_num FROM alembic_version"
    with psycopg.connect(guarded.owner_url, autocommit=True) as owner:
        [newest] = owner.execute(current).fetchone() or [None]
        owner.execute("UPDATE alembic_version SET version_num = '0025'")
        engine = open_engine(guarded.url)
        try:
            with pytest.raises(NotPermittedError, match=r"packtrail db migrate.*for the owner"):
                migrate(engine)
            assert owner.execute(current).fetchone() == ("0025",)
        finally:
            engine.dispose()
            owner.execute("UPDATE alembic_version SET version_num = %s", (newest,))


@pytest.fixture
def spare(guarded: Guarded) -> Iterator[Spare]:
    """Another role with the same rights on the same database, to spoil."""
    role = f"spare_{secrets.token_hex(4)}"
    admin = guarded.owner_url.replace(guarded.owner, "postgres")
    with psycopg.connect(admin, autocommit=True) as connection:
        connection.execute(f"CREATE ROLE {role} LOGIN")  # type: ignore[arg-type]
        made = Spare(
            role, open_engine(guarded.url.replace(guarded.role, role)), open_engine(guarded.owner_url), connection
        )
        give(made.own, role)
        yield made
        made.engine.dispose()
        made.own.dispose()


def test_a_role_that_is_too_small_is_told_what_it_lacks(spare: Spare) -> None:
    spare.change("REVOKE INSERT ON entry FROM {}")
    spare.change("REVOKE UPDATE, DELETE ON battery FROM {}")
    with spare.engine.connect() as connection:
        assert find_lacking(connection) == ["INSERT on entry", "UPDATE on battery", "DELETE on battery"]
    with pytest.raises(NotPermittedError, match=f"{spare.role} lacks INSERT on entry, .*packtrail db grant"):
        require_rights(spare.engine)
    give(spare.own, spare.role)
    assert require_rights(spare.engine) == []


def test_a_role_that_is_too_large_is_seen_through(guarded: Guarded, spare: Spare) -> None:
    spare.change("GRANT UPDATE (data) ON entry TO {}")
    spare.change("GRANT TRUNCATE, TRIGGER ON checkpoint TO {}")
    assert require_rights(spare.engine) == ["TRIGGER on checkpoint", "TRUNCATE on checkpoint", "UPDATE on entry"]
    give(spare.own, spare.role)
    assert require_rights(spare.engine) == [], "granting anew takes away what is too much"
    assert {f"owner of the table {table}" for table in LOG} <= set(require_rights(spare.own))
    spare.change(f"GRANT {guarded.owner} TO {{}}")
    assert "owner of the table entry" in require_rights(spare.engine), "by way of another role too"
    with spare.own.connect() as connection, pytest.raises(SettingsError, match="may act as the owner"):
        grants(connection, spare.role)


def test_rights_are_granted_to_roles_that_there_are_on_tables_of_this_version(guarded: Guarded, tmp_path: Path) -> None:
    own = open_engine(guarded.owner_url)
    with own.connect() as connection, pytest.raises(SettingsError, match="knows no role nobody_here"):
        grants(connection, "nobody_here")
    with own.connect() as connection, pytest.raises(SettingsError, match="may act as the owner"):
        grants(connection, guarded.owner)
    own.dispose()
    file = open_engine(f"sqlite:///{tmp_path / 'register.db'}")
    with file.connect() as connection:
        with pytest.raises(SettingsError, match="SQLite has no roles"):
            grants(connection, "app")
        assert (find_lacking(connection), find_excess(connection)) == ([], [])
    file.dispose()
