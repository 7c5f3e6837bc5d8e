"""A witness's few addresses, as a plain ASGI application.

    POST /add-checkpoint, /witness/add-checkpoint    cosign, or say why not
    GET  /<sha256 of origin>/checkpoint              the newest cosigned checkpoint, also below /witness
    GET  /                                           the witness's public keys, one a line
    GET  /livez                                      whether it answers

Its own work is half a millisecond a request, and less without ML-DSA-44: threads that take turns, or a framework,
would cost more than that. Source: C2SP tlog-witness; its status codes stand in one table here, the decisions are those
of ledger.notes.witness.
"""

import asyncio
import logging
import re
from collections.abc import Awaitable, Callable
from typing import Any

from ledger.errors import MalformedError
from ledger.notes.note import format_signatures
from ledger.notes.witness import MAX_REQUEST, Verdict
from service.errors import BusyError
from service.witness.cosigning import Answer, Witness
from service.witness.counter import Counter

PREFIX = "/witness"
BODY_SECONDS = 15.0
TEXT, SIZE = b"text/plain; charset=utf-8", b"text/x.tlog.size"
STATUS = {
    Verdict.COSIGN: 200,
    Verdict.UNKNOWN_LOG: 404,
    Verdict.NOT_SIGNED: 403,
    Verdict.TOO_OLD: 400,
    Verdict.CONFLICT: 409,
    Verdict.INCONSISTENT: 422,
}
REFUSALS = {
    404: "nothing here",
    405: "this address takes another method",
    408: "the request took too long to arrive",
    413: "the request is too long",
    500: "internal error",
}
_log = logging.getLogger("packtrail.witness")
_CHECKPOINT = re.compile(r"/([0-9a-f]{64})/checkpoint")

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]
Reply = tuple[int, bytes, bytes]
"""Status, content type, body."""


class _TooLongError(Exception):
    """The body of a request exceeds what a request can be."""


def create_app(witness: Witness) -> Application:
    """The ASGI application of one witness."""
    counter = Counter(witness)
    keys = "".join(f"{vkey}\n" for vkey in witness.vkeys).encode()

    async def reply(scope: Scope, receive: Receive) -> Reply:
        method, path = scope["method"], scope["path"].removeprefix(PREFIX)
        if path == "/add-checkpoint":
            return await _add(counter, receive) if method == "POST" else _refuse(405)
        found = _CHECKPOINT.fullmatch(path)
        if not found and path not in ("", "/", "/livez"):
            return _refuse(404)
        if method not in ("GET", "HEAD"):
            return _refuse(405)
        if found:
            note = witness.newest(found[1])
            return _refuse(404) if note is None else (200, TEXT, note)
        return 200, TEXT, b"alive\n" if path == "/livez" else keys

    async def application(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        try:
            status, content, body = await reply(scope, receive)
        except BusyError as error:
            status, content, body = _refuse(503, str(error))
        except Exception as error:
            _log.error("%s failed", scope["path"], exc_info=error)
            status, content, body = _refuse(500)
        headers = _headers(scope, status, content, len(body))
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else body})

    return application


async def _add(counter: Counter, receive: Receive) -> Reply:
    try:
        async with asyncio.timeout(BODY_SECONDS):
            body = await _read(receive)
        return _answer(await counter.add_checkpoint(body))
    except TimeoutError:
        return _refuse(408)
    except _TooLongError:
        return _refuse(413)
    except MalformedError as error:
        return _refuse(400, str(error))


async def _read(receive: Receive) -> bytes:
    body = b""
    while True:
        message = await receive()
        body += bytes(message.get("body", b""))
        if len(body) > MAX_REQUEST:
            raise _TooLongError
        if not message.get("more_body"):
            return body


def _answer(answer: Answer) -> Reply:
    status = STATUS[answer.verdict]
    if answer.verdict is Verdict.COSIGN:
        return status, TEXT, format_signatures(answer.cosignatures)
    if answer.verdict is Verdict.CONFLICT:
        return status, SIZE, b"%d\n" % answer.size
    return _refuse(status, answer.verdict.value)


def _refuse(status: int, why: str = "") -> Reply:
    return status, TEXT, f"{why or REFUSALS[status]}\n".encode()


def _headers(scope: Scope, status: int, content: bytes, length: int) -> list[tuple[bytes, bytes]]:
    headers = [
        (b"content-type", content),
        (b"content-length", b"%d" % length),
        (b"x-content-type-options", b"nosniff"),
    ]
    if status == 405:
        headers.append((b"allow", b"POST" if scope["path"].endswith("/add-checkpoint") else b"GET, HEAD"))
    elif status == 503:
        headers.append((b"retry-after", b"1"))
    elif status in (408, 413):
        headers.append((b"connection", b"close"))
    elif scope["method"] != "POST":
        headers.append((b"cache-control", b"no-cache"))
    return headers
