"""One delivery over the wire: HTTP/1.1 over TLS to the address that was checked, with the name in SNI and Host.

Written on the socket, because of an answer nothing is wanted but its status, within a time and a size that hold
for all of it: name, connection, TLS, request and the head of the answer. The body of the answer is dropped unread, or
read into nothing where that leaves the connection open for the next delivery. A redirect is an answer like any other.

Source: RFC 9112; RFC 9110, sections 7.2 and 15.
"""

import re
import socket
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass, field

from service.webhooks.addresses import Reach, Resolve, Target, find_address, resolve_name
from service.webhooks.errors import DeliveryError
from service.webhooks.outcomes import Outcome

SECONDS = 10.0
"""For one attempt from the connection on, all in all."""
SPARE_SECONDS = 0.5
"""For the body of an answer, whose status is known already."""
MAX_HEAD = 16 * 1024
MAX_BODY = 64 * 1024
PIECE = 16 * 1024
_END = b"\r\n\r\n"
_STATUS = re.compile(rb"HTTP/1\.([01]) ([1-9][0-9]{2})(?: [^\r\n]*)?\r\n")
_LENGTH = re.compile(rb"\r\ncontent-length: *([0-9]{1,9}) *(?=\r\n)")
_UNSURE = re.compile(rb"\r\n(?:transfer-encoding:|connection: *close)")
_INTERIM = 5
"""Answers 1xx that may come before the one that counts."""


@dataclass(frozen=True, slots=True)
class Network:
    """How connections are made. `tls` verifies certificates for the name."""

    reach: Reach
    resolve: Resolve = resolve_name
    tls: ssl.SSLContext = field(default_factory=ssl.create_default_context)
    seconds: float = SECONDS


class Channel:
    """A way to one receiver. Its connection stays open between deliveries where the receiver lets it."""

    def __init__(self, network: Network, target: Target) -> None:
        self._network = network
        self._target = target
        self._socket: socket.socket | None = None
        self._heard = False

    def post(self, headers: Mapping[str, str], body: bytes) -> int:
        """Send, and give the status of the answer. Raises DeliveryError."""
        request = self._request(headers, body)
        reused = self._socket is not None
        try:
            return self._exchange(request)
        except DeliveryError as error:
            lost = reused and not self._heard and error.outcome in (Outcome.UNREACHABLE, Outcome.TLS)
            if not lost:  # the receiver may have closed a connection that lay idle: that is no failure
                raise
        return self._exchange(request)

    def close(self) -> None:
        """Let go of the connection."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def _exchange(self, request: bytes) -> int:
        give_up = time.monotonic() + self._network.seconds
        self._heard = False
        try:
            connection = self._socket or self._connect(give_up)
            connection.settimeout(_left(give_up))
            connection.sendall(request)
            status, head, rest = self._read_head(connection, give_up)
            if not _drop_body(connection, status, head, rest):
                self.close()
        except BaseException as error:
            self.close()
            raise _told(error) from None
        return status

    def _connect(self, give_up: float) -> socket.socket:
        target = self._target
        address = find_address(target, self._network.reach, self._network.resolve)
        connection = socket.create_connection((address, target.port), timeout=_left(give_up))
        self._socket = connection
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if target.tls:
            connection.settimeout(_left(give_up))
            self._socket = self._network.tls.wrap_socket(connection, server_hostname=target.host)
        return self._socket

    def _read_head(self, connection: socket.socket, give_up: float) -> tuple[int, bytes, bytes]:
        """Status, head in lower case and what came after it, of the first answer that is not 1xx."""
        data = b""
        for _ in range(_INTERIM):
            while _END not in data:
                if len(data) > MAX_HEAD:
                    raise DeliveryError(Outcome.PROTOCOL)
                connection.settimeout(_left(give_up))
                piece = connection.recv(PIECE)
                if not piece:
                    raise DeliveryError(Outcome.PROTOCOL if data else Outcome.UNREACHABLE)
                self._heard = True
                data += piece
            head, _, data = data.partition(_END)
            found = _STATUS.match(head + b"\r\n")
            if found is None:
                raise DeliveryError(Outcome.PROTOCOL)
            if int(found[2]) >= 200:
                return int(found[2]), head.lower() + b"\r\n", data
        raise DeliveryError(Outcome.PROTOCOL)

    def _request(self, headers: Mapping[str, str], body: bytes) -> bytes:
        target = self._target
        fixed = {"Host": target.authority, "User-Agent": "packtrail", "Content-Length": str(len(body))}
        fixed |= headers
        lines = [f"POST {target.path} HTTP/1.1", *(f"{name}: {value}" for name, value in fixed.items())]
        return "\r\n".join(lines).encode("ascii") + _END + body


def _drop_body(connection: socket.socket, status: int, head: bytes, rest: bytes) -> bool:
    """Read the answer's body into nothing; tells whether the connection can be used again."""
    lengths = _LENGTH.findall(head)
    length = 0 if status == 204 else int(lengths[0]) if len(lengths) == 1 else -1
    if not 0 <= length <= MAX_BODY or not head.startswith(b"http/1.1") or _UNSURE.search(head):
        return False
    left, give_up = length - len(rest), time.monotonic() + SPARE_SECONDS
    try:
        while left > 0:
            connection.settimeout(_left(give_up))
            piece = connection.recv(min(left, PIECE))
            if not piece:
                return False
            left -= len(piece)
    except OSError:
        return False
    return left == 0


def _left(give_up: float) -> float:
    left = give_up - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left


def _told(error: BaseException) -> BaseException:
    """An error of the wire as its outcome; others as they are."""
    if isinstance(error, TimeoutError):
        return DeliveryError(Outcome.TIMEOUT)
    if isinstance(error, ssl.SSLCertVerificationError):
        return DeliveryError(Outcome.TLS)
    if isinstance(error, ssl.SSLError):
        broke_off = isinstance(error, ssl.SSLEOFError | ssl.SSLZeroReturnError)
        return DeliveryError(Outcome.UNREACHABLE if broke_off else Outcome.TLS)
    return DeliveryError(Outcome.UNREACHABLE) if isinstance(error, OSError) else error
