"""A gunicorn worker whose threads are for requests that have come, not for those that are still on their way.

gunicorn gives a connection a thread as soon as it is accepted, and there the thread waits for the head of the request.
As many slow senders as there are threads would keep everybody else out. Here a connection waits in the poller, where it
costs no thread, until the blank line behind the head has come: HEAD_SECONDS at most, and MAX_HEAD bytes. How much has
come is looked at without taking it, and the kernel is asked to wake us when there is more (SO_RCVLOWAT).

Of TLS only the first byte can be waited for in this way. A body is read by a thread, after the caller was let in; each
piece of it has to come within PIECE_SECONDS. A connection that was answered and is not closed by the other side waits
in the poller as well (RFC 9112, 9.6), where gunicorn would let its accepting thread wait.
"""

import selectors
import socket
import ssl
import struct
import time
from collections import deque
from functools import partial
from typing import Any

from gunicorn.http.errors import LimitRequestHeaders
from gunicorn.workers.gthread import TConn, ThreadWorker

HEAD_SECONDS = 10
PIECE_SECONDS = 20
LINGER_SECONDS = 2
MAX_HEAD = 65_536
MAX_LINGERING = 256
MAX_DRAINED = 4 * 2**20
_END = b"\r\n\r\n"


class _Connection(TConn):
    """seen: how many bytes of the next request had come when they were looked at last.

    lingers_until: when it is closed, once it was answered.
    """

    seen = 0
    lingers_until = 0.0

    def __init__(self, worker: "PatientWorker", client: socket.socket, address: Any, listening: Any) -> None:
        super().__init__(worker.cfg, client, address, listening)
        self._worker = worker

    def close(self, graceful: bool = False) -> None:
        if not (graceful and self._worker.linger(self)):
            super().close()


class PatientWorker(ThreadWorker):
    """Threads that begin with a whole head."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._lingering = deque[_Connection]()

    def accept(self, listener: Any) -> None:
        try:
            client, address = listener.accept()
        except (BlockingIOError, ConnectionAbortedError):
            return
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, struct.pack("ll", PIECE_SECONDS, 0))
        self.nr_conns += 1
        self._await_head(_Connection(self, client, address, listener.getsockname()))

    def handle(self, conn: Any) -> Any:
        """In a thread: refuse a head that is too long, or answer the request."""
        if conn.seen == MAX_HEAD:
            self.handle_error(None, conn.sock, conn.client, LimitRequestHeaders(f"a head of {MAX_HEAD} bytes or more"))
            return False
        return super().handle(conn)

    def on_client_socket_readable(self, conn: Any, client: Any) -> None:
        """The first bytes of another request on a connection that was kept."""
        self.poller.unregister(client)
        self.keepalived_conns.remove(conn)
        self._await_head(conn)

    def on_pending_socket_readable(self, conn: Any, client: Any) -> None:
        """More bytes of a head, or the end of what is sent."""
        if self._has_head(conn):
            super().on_pending_socket_readable(conn, client)

    def murder_pending(self) -> None:
        """Close what has waited long enough."""
        super().murder_pending()
        while self._lingering and self._lingering[0].lingers_until <= time.monotonic():
            self._end(self._lingering[0])

    def linger(self, conn: _Connection) -> bool:
        """Say that nothing more comes from here, and wait for the other side in the poller. False: close at once."""
        try:
            conn.sock.shutdown(socket.SHUT_WR)
            conn.sock.setblocking(False)
        except OSError:
            return False
        if len(self._lingering) == MAX_LINGERING:
            return False
        conn.seen, conn.lingers_until = 0, time.monotonic() + LINGER_SECONDS
        self._lingering.append(conn)
        self.poller.register(conn.sock, selectors.EVENT_READ, partial(self._drain, conn))
        return True

    def _await_head(self, conn: Any) -> None:
        conn.seen, conn.timeout = 0, time.monotonic() + HEAD_SECONDS
        if self._has_head(conn):
            conn.data_ready = True
            self.enqueue_req(conn)
        else:
            self.pending_conns.append(conn)
            self.poller.register(conn.sock, selectors.EVENT_READ, partial(self.on_pending_socket_readable, conn))

    def _has_head(self, conn: Any) -> bool:
        """Whether a thread can begin: the head is there, or no more of it will come, or it is for the thread to say."""
        if isinstance(conn.sock, ssl.SSLSocket):
            return True
        try:
            data = conn.sock.recv(MAX_HEAD, socket.MSG_PEEK)
        except BlockingIOError:
            return False
        except OSError:
            return True
        is_whole = self.cfg.is_ssl or _END in data or len(data) == conn.seen
        conn.seen = 0 if is_whole else len(data)
        conn.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVLOWAT, 1 if is_whole else conn.seen + 1)
        return is_whole or conn.seen == MAX_HEAD

    def _drain(self, conn: _Connection, client: Any) -> None:
        try:
            piece = client.recv(MAX_HEAD)
        except BlockingIOError:
            return
        except OSError:
            piece = b""
        conn.seen += len(piece)
        if not piece or conn.seen > MAX_DRAINED:
            self._end(conn)

    def _end(self, conn: _Connection) -> None:
        self._lingering.remove(conn)
        self.poller.unregister(conn.sock)
        conn.close()
