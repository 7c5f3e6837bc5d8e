"""One trace id per request, and one line of JSON per answer on stderr.

A trace id comes from the caller's `traceparent` (W3C Trace Context) or is made here. It stands in the log line, in the
answer's `X-Trace-Id` and in every problem. The line holds the path but neither query nor headers nor body: those are
where secrets are.
"""

import os
import re
import time
from io import FileIO
from typing import cast

import orjson
import structlog
from flask import Flask, Response, g, request
from structlog.typing import FilteringBoundLogger, Processor

from api.auth import present_caller
from api.edge import current_edge

_TRACEPARENT = re.compile(r"[0-9a-f]{2}-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}", re.ASCII)
_NO_TRACE = "0" * 32
_LONGEST = 1024
STDERR = 2
"""The file descriptor: a line is one write to it, which neither a fork nor a replaced `sys.stderr` disturbs."""


def make_logger() -> FilteringBoundLogger:
    """A logger that writes JSON lines to stderr. Escaping by JSON keeps a line a line, whatever a path holds."""
    processors: list[Processor] = [
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        structlog.processors.JSONRenderer(serializer=orjson.dumps),
    ]
    logger = structlog.wrap_logger(
        structlog.BytesLogger(FileIO(STDERR, "w", closefd=False)),
        processors=processors,
        wrapper_class=structlog.BoundLogger,
    )
    return cast(FilteringBoundLogger, logger)


def trace_id() -> str:
    """The present request's trace id, 32 hexadecimal digits."""
    return cast(str, g.trace_id)


def install(app: Flask) -> None:
    """Begin a trace with each request and log each answer. Installed first, so that its line is written last."""
    app.before_request(_begin)
    app.after_request(_finish)


def _begin() -> None:
    g.began = time.perf_counter()
    match = _TRACEPARENT.fullmatch(request.headers.get("traceparent", ""))
    g.trace_id = match[1] if match and match[1] != _NO_TRACE else os.urandom(16).hex()


def _finish(response: Response) -> Response:
    edge = current_edge()
    seconds = time.perf_counter() - g.began
    route = request.url_rule.rule if request.url_rule else "(none)"
    method = request.method if request.method in _METHODS else "(other)"
    edge.metrics.requests.labels(method, route, str(response.status_code)).inc()
    edge.metrics.seconds.labels(route).observe(seconds)
    response.headers["X-Trace-Id"] = g.trace_id
    caller = present_caller()
    edge.logger.info(
        "answered",
        trace_id=g.trace_id,
        method=method,
        path=request.path[:_LONGEST],
        route=route,
        status=response.status_code,
        ms=round(seconds * 1000, 2),
        bytes=response.content_length,
        operator=caller.operator if caller else None,
        key=caller.key_id if caller else None,
    )
    return response


_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
