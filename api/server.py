"""Serving for real: gunicorn with threads, started from here instead of from a configuration file.

The order matters. The database is migrated, the register opened and checked, and the code loaded once, before anything
is forked: who starts the service sees the reason if it cannot start. Each worker then opens a register of its own,
because a database connection does not survive a fork.
"""

import logging
import os
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gunicorn.app.base import BaseApplication

from api.tls import Contexts, Files
from service.db.engine import open_engine
from service.db.migrate import migrate
from service.db.ownership import GUIDE
from service.db.rights import in_short, require_rights
from service.errors import SettingsError
from service.log_lines import capture
from service.maintenance import note_served
from service.recording.recorder import Recorder
from service.settings import Settings
from service.witnessing.guard import require_abreast
from service.work import Register

logger = logging.getLogger(__name__)

METRICS_FOLDER = "PROMETHEUS_MULTIPROC_DIR"
STOP_SECONDS = 8
"""What running requests get to finish after SIGTERM; the promise to the outside is 10."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where to listen, with how many processes of how many threads; with `tls` by https."""

    host: str = "127.0.0.1"
    port: int = 8000
    workers: int = 2
    threads: int = 8
    tls: Files | None = None

    @property
    def bind(self) -> str:
        """`host:port`, brackets around an IPv6 address."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


def serve(settings: Settings, place: Place) -> None:
    """Serve until SIGTERM or SIGINT, then leave the process.

    Raises SettingsError where there is no register to serve, RollbackError where the database is behind its pin.
    """
    if os.environ.get("FLASK_DEBUG", "0") not in ("", "0"):
        raise SettingsError("FLASK_DEBUG is set: a debugger on a public address runs anybody's code")
    check(settings)
    folder, master = tempfile.mkdtemp(prefix="packtrail-metrics-"), os.getpid()
    os.environ[METRICS_FOLDER] = folder
    try:
        # Not above: prometheus_client decides when it is imported whether several processes share their counts. Not in
        # each worker: what is loaded before the fork need not be loaded again, nor by one that replaces a dead one.
        from api.app import create_app

        _Server(settings, place, create_app).run()
    finally:
        if os.getpid() == master:  # a worker that ends comes by here too, while others still boot
            shutil.rmtree(folder, ignore_errors=True)


def check(settings: Settings) -> None:
    """Bring the tables up to date, open the register once, compare with pin and witnesses.

    Raises SettingsError, RollbackError, or NotPermittedError where the database role is too small to serve.
    """
    engine = open_engine(settings.database_url)
    try:
        migrate(engine)
        if excess := require_rights(engine):
            logger.warning("the database role could change the log (%s): see %s", in_short(excess), GUIDE)
    finally:
        engine.dispose()
    register = Register(settings)
    try:
        _ = register.signers  # a key that is missing is told at the start, not to the first sender
        require_abreast(register)
        note_served(Recorder(register))
    finally:
        register.close()


class _Server(BaseApplication):
    """The application as gunicorn asks for it."""

    def __init__(self, settings: Settings, place: Place, create_app: Callable[[Register, Recorder], Any]) -> None:
        self._settings = settings
        self._place = place
        self._create_app = create_app
        super().__init__()

    def load_config(self) -> None:
        options: dict[str, Any] = {
            "bind": self._place.bind,
            "workers": self._place.workers,
            "threads": self._place.threads,
            "worker_class": "api.worker.ProblemWorker",
            "timeout": 60,
            "graceful_timeout": STOP_SECONDS,
            "keepalive": 15,
            "control_socket_disable": True,
            "forwarded_allow_ips": "",  # what proxies say is read by api.peer, from those that are trusted
            "loglevel": "warning",
            "logger_class": "api.worker.JsonLogger",
            "proc_name": "packtrail",
            "child_exit": _forget_worker,
            "worker_tmp_dir": _memory_folder(),
        }
        if (files := self._place.tls) is not None:
            options |= {
                "certfile": str(files.certificate),
                "keyfile": str(files.key),
                "ssl_context": Contexts(files).for_gunicorn(),
            }
        for name, value in options.items():
            self.cfg.set(name, value)

    def load(self) -> Any:
        """Called in each worker, after the fork."""
        from api.tracing import trace_if_any

        capture(trace_if_any)
        register = Register(self._settings)
        register.is_abreast = True  # was found before the fork
        return self._create_app(register, Recorder(register))


def _forget_worker(_server: object, worker: Any) -> None:
    from prometheus_client.multiprocess import mark_process_dead

    mark_process_dead(worker.pid)  # type: ignore[no-untyped-call]


def _memory_folder() -> str | None:
    """For the workers' signs of life: on a disk that hangs they would be killed as if they had hung themselves."""
    folder = Path("/dev/shm")
    return str(folder) if folder.is_dir() and os.access(folder, os.W_OK) else None
