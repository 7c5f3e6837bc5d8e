"""A lean HTTP client for load: requests made beforehand, kept-alive sockets, nothing parsed but length and status."""

import socket
import threading
import time
from collections.abc import Sequence


def request(method: str, path: str, body: bytes = b"", *, token: str = "", content: str = "application/json") -> bytes:
    """The bytes of a request."""
    lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1"]
    if token:
        lines.append(f"Authorization: Bearer {token}")
    if method == "POST":
        lines += [f"Content-Type: {content}", f"Content-Length: {len(body)}"]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def send_all(port: int, requests: Sequence[bytes], *, connections: int) -> float:
    """Send every request once over so many connections; gives the seconds. Raises on an answer that is not 2xx."""
    threads, errors = [], []

    def work(share: Sequence[bytes]) -> None:
        try:
            _send(port, share)
        except (OSError, AssertionError) as error:
            errors.append(error)

    for number in range(connections):
        threads.append(threading.Thread(target=work, args=(requests[number::connections],)))
    start = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    seconds = time.perf_counter() - start
    if errors:
        raise errors[0]
    return seconds


def _send(port: int, requests: Sequence[bytes]) -> None:
    connection = socket.create_connection(("127.0.0.1", port), timeout=60)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    with connection:
        for each in requests:
            connection.sendall(each)
            _receive(connection)


def _receive(connection: socket.socket) -> None:
    data = connection.recv(65536)
    while b"\r\n\r\n" not in data:
        more = connection.recv(65536)
        assert more, "the server hung up"
        data += more
    head, _, body = data.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 2"), data[:600]
    length = int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0])
    missing = length - len(body)
    while missing > 0:
        more = connection.recv(min(missing, 1 << 20))
        assert more, "the server hung up"
        missing -= len(more)
