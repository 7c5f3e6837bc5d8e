"""A kept-alive connection to a register that measures each request."""

import http.client
import time
from typing import NamedTuple
from urllib.parse import urlsplit

from service.errors import SettingsError
from service.hammering.tally import Tally
from service.verification.remote import MAX_ANSWER, RemoteError

SECONDS = 30
BUSY = (429, 503)


class UnexpectedError(RemoteError):
    """The register answered, but not as it must."""


class Reply(NamedTuple):
    status: int
    body: bytes


class Line:
    """One thread's connection to `base_url`; opened again after an error. `api_key` is sent with every request."""

    def __init__(self, base_url: str, tally: Tally, *, api_key: str | None = None) -> None:
        parts = urlsplit(base_url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise SettingsError("a register's address is like https://id.example.cn")
        self._parts = parts
        self._tally = tally
        self._headers = {"Authorization": f"Bearer {api_key}"} if api_key else {}
        self._open: http.client.HTTPConnection | None = None

    def get(self, kind: str, path: str) -> bytes:
        """The body of a 200. Raises UnexpectedError for another answer, RemoteError where there is none."""
        reply = self.ask(kind, "GET", path)
        if reply.status != 200:
            raise UnexpectedError(f"GET {path} answers {reply.status}")
        return reply.body

    def ask(self, kind: str, method: str, path: str, body: bytes | None = None) -> Reply:
        """Any answer. Raises RemoteError where there is none, or where the register says it is busy."""
        headers = self._headers | ({"Content-Type": "application/json"} if body is not None else {})
        start = time.perf_counter()
        try:
            connection = self._connection()
            connection.request(method, self._parts.path.rstrip("/") + path, body, headers)
            answer = connection.getresponse()
            reply = Reply(answer.status, answer.read(MAX_ANSWER))
            if answer.will_close or not answer.isclosed():
                self.close()
        except (OSError, http.client.HTTPException) as error:
            self.close()
            self._tally.count("broken off")
            raise RemoteError(f"{method} {path}: {error or type(error).__name__}") from None
        if reply.status in BUSY:
            self._tally.count("busy")
            raise RemoteError(f"{method} {path}: busy")
        self._tally.time(kind, time.perf_counter() - start)
        return reply

    def close(self) -> None:
        if self._open is not None:
            self._open.close()
        self._open = None

    def _connection(self) -> http.client.HTTPConnection:
        if self._open is None:
            secure = self._parts.scheme == "https"
            make = http.client.HTTPSConnection if secure else http.client.HTTPConnection
            self._open = make(str(self._parts.hostname), self._parts.port, timeout=SECONDS)
        return self._open
