"""Serving a witness: gunicorn with an event loop in each process, and bounds on what a connection may take.

On two cores threads did 400 requests a second where an event loop does well over a thousand: the work is small, and
threads spend their time handing the interpreter to each other.
"""

from pathlib import Path
from typing import Any

from gunicorn.app.base import BaseApplication
from gunicorn.asgi.protocol import ASGIProtocol
from gunicorn.workers import gasgi

from api.witness.app import create_app
from service.witness.cosigning import Witness
from service.witness.keys import Cosigner
from service.witness.store import WitnessStore

STOP_SECONDS = 8
"""What running requests get to finish after SIGTERM."""

HEADER_SECONDS = 15.0
MAX_CONNECTIONS = 1000
"""Of each process."""


def serve_witness(data: Path, cosigners: tuple[Cosigner, ...], *, bind: str, workers: int) -> None:
    """Serve on `host:port` until SIGTERM or SIGINT, then leave the process."""
    WitnessStore(data).close()  # who starts the witness sees why it cannot start
    _Server(data, cosigners, {"bind": bind, "workers": workers}).run()


class BoundedProtocol(ASGIProtocol):
    """A connection whose first request must have begun in the time that a kept-alive one has for its next."""

    worker: Any
    transport: Any
    _body_receiver: Any  # there is one while a request is answered

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        if self.worker.nr_conns > MAX_CONNECTIONS:
            transport.abort()
        else:
            self.worker.loop.call_later(HEADER_SECONDS, self._check)

    def _check(self) -> None:
        if self.req_count <= 1 and self._body_receiver is None:
            self.transport.abort()


class BoundedWorker(gasgi.ASGIWorker):
    """gunicorn's worker names its protocol in its module and nowhere else."""

    def init_process(self) -> None:
        vars(gasgi)["ASGIProtocol"] = BoundedProtocol
        super().init_process()


class _Server(BaseApplication):
    def __init__(self, data: Path, cosigners: tuple[Cosigner, ...], place: dict[str, Any]) -> None:
        self._data, self._cosigners, self._place = data, cosigners, place
        super().__init__()

    def load_config(self) -> None:
        options = self._place | {
            "worker_class": "api.witness.server.BoundedWorker",
            "graceful_timeout": STOP_SECONDS,
            "keepalive": 15,
            "control_socket_disable": True,
            "asgi_lifespan": "off",
            "loglevel": "warning",
            "proc_name": "packtrail-witness",
        }
        for name, value in options.items():
            self.cfg.set(name, value)

    def load(self) -> Any:
        """Called in each worker, after the fork."""
        return create_app(Witness(WitnessStore(self._data), self._cosigners))
