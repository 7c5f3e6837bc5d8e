"""One trace id per request, and one line of JSON per answer on stderr.

A trace id comes from the caller's `traceparent` (W3C Trace Context) or is made here. It stands in the log line, in the
answer's `X-Trace-Id` and in every problem. The line holds the path but neither query nor headers nor body: those are
where secrets are. Of a link that opens an account it holds the route alone.
"""

import os
import re
import time
from io import FileIO
from typing import cast

import structlog
from flask import Flask, Response, g, has_request_context, request
from structlog.typing import FilteringBoundLogger, Processor

from api.auth import present_caller
from api.edge import current_edge
from service.log_lines import LONGEST, STDERR, clean, write_line

_TRACEPARENT = re.compile(r"[0-9a-f]{2}-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}", re.ASCII)
_NO_TRACE = "0" * 32


def make_logger() -> FilteringBoundLogger:
    """A logger that writes JSON lines to stderr. Escaping by JSON keeps a line a line, whatever a path holds."""
    processors: list[Processor] = [
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        lambda _logger, _name, members: write_line(clean(members)),
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


def trace_if_any() -> str | None:
    """The same, None outside of any request."""
    return g.get("trace_id") if has_request_context() else None


def logged_path() -> str:
    """The present request's path as logs may hold it: one whose route has a `<secret>` in it is told by its route."""
    if request.url_rule is not None and "secret" in request.url_rule.arguments:
        return request.url_rule.rule
    return request.path[:LONGEST]


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
        path=logged_path(),
        route=route,
        status=response.status_code,
        ms=round(seconds * 1000, 2),
        bytes=response.content_length,
        operator=caller.operator if caller else None,
        key=caller.key_id if caller else None,
        person=caller.person if caller else None,
    )
    return response


_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
