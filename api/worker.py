"""A gunicorn worker whose own refusals are problems too: requests that are no HTTP never reach the application."""

import os
from typing import Any

import orjson
from gunicorn import util
from gunicorn.http import errors
from gunicorn.workers.gthread import ThreadWorker

from api.problem_table import PROBLEMS

_SLUGS: tuple[tuple[type[Exception], str], ...] = (
    (errors.LimitRequestLine, "address-too-long"),
    (errors.LimitRequestHeaders, "headers-too-large"),
    (errors.ParseException, "malformed"),
)


class ProblemWorker(ThreadWorker):
    """Threads that answer with RFC 9457 problems where gunicorn would send a page of HTML."""

    def handle_error(self, _request: Any, client: Any, _address: Any, error: BaseException) -> None:
        """Refuse a request that could not be read, or that failed outside the application, and close."""
        kind = PROBLEMS[next((slug for known, slug in _SLUGS if isinstance(error, known)), "internal")]
        trace_id = os.urandom(16).hex()
        if kind.slug == "internal":
            self.log.error("request failed outside the application, trace id %s", trace_id, exc_info=error)
        members = {
            "type": f"/problems/{kind.slug}",
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
