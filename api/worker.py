"""A gunicorn worker that does the register's chores, and whose own refusals are problems like those of the application.

Requests that are no HTTP never reach the application, so they are answered here.
"""

import os
import ssl
from typing import Any, cast

import orjson
from flask import Flask
from gunicorn import util
from gunicorn.glogging import Logger
from gunicorn.http import errors

from api.edge import edge_of
from api.patience import PatientWorker
from api.problem_table import PROBLEMS
from api.tracing import trace_if_any
from service.chores import Chores
from service.errors import ServiceError
from service.garbage import collect_seldom
from service.log_lines import JsonLines
from service.upkeep import chores_of

_SLUGS: tuple[tuple[type[Exception], str], ...] = (
    (errors.LimitRequestLine, "address-too-long"),
    (errors.LimitRequestHeaders, "headers-too-large"),
    (errors.ParseException, "malformed"),
)


class JsonLogger(Logger):
    """What gunicorn says of itself, as lines like all others."""

    def setup(self, cfg: Any) -> None:
        super().setup(cfg)
        self.error_log.handlers = [JsonLines(trace_if_any)]


class ProblemWorker(PatientWorker):
    """Threads that answer with RFC 9457 problems where gunicorn would send a page of HTML."""

    _chores: Chores | None = None

    def run(self) -> None:
        """Serve until the end, with the chores beside it."""
        collect_seldom()
        edge = edge_of(cast(Flask, self.wsgi))

        def tell(who: str, error: Exception) -> None:
            unexpected = None if isinstance(error, ServiceError) else error
            trace_id = os.urandom(16).hex()
            edge.logger.error("needs attention", who=who, error=str(error), trace_id=trace_id, exc_info=unexpected)

        self._chores = Chores(edge.register.settings.data, tell)
        self._chores.start(chores_of(edge.recorder, self._chores))
        try:
            super().run()
        finally:
            self._chores.stop()

    def handle_exit(self, sig: int, frame: Any) -> None:
        """SIGTERM: the chores may end while the last requests are answered."""
        if self._chores is not None:
            self._chores.stopping.set()
        super().handle_exit(sig, frame)

    def handle_error(self, _request: Any, client: Any, _address: Any, error: BaseException) -> None:
        """Refuse a request that could not be read, or that failed outside the application, and close."""
        if isinstance(error, ssl.SSLError):  # a stranger who knocks at the port: nothing of ours failed
            self.log.debug("no TLS: %s", error)
            return
        kind = PROBLEMS[next((slug for known, slug in _SLUGS if isinstance(error, known)), "internal")]
        trace_id = os.urandom(16).hex()
        if kind.slug == "internal":
            more = {"trace_id": trace_id}
            self.log.error("request failed outside the application", exc_info=error, extra=more)
        members = {
            "type": f"{edge_of(cast(Flask, self.wsgi)).register.settings.base_url}/problems/{kind.slug}",
            "title": kind.title_en,
            "status": kind.status,
            "detail": kind.advice_en,
            "instance": "",
            "code": kind.slug,
            "trace_id": trace_id,
        }
        body = orjson.dumps(members)
        head = (
            f"HTTP/1.1 {kind.status} {kind.slug}\r\nConnection: close\r\nContent-Type: application/problem+json\r\n"
            f"X-Content-Type-Options: nosniff\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        try:
            util.write_nonblock(client, head.encode() + body)
        except OSError:
            self.log.debug("the client was gone")
