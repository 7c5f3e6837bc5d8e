"""Two processes that record in turn: each message of the other says that it has recorded the batch before."""

from multiprocessing.connection import Connection as Pipe


class PartnerGoneError(Exception):
    """The other process has ended before its turn was over."""


class Turns:
    """One end of the pipe between them."""

    def __init__(self, pipe: Pipe) -> None:
        self._pipe = pipe

    def wait(self, number: int) -> None:
        """Wait until the batch before `number` is recorded. Raises PartnerGoneError."""
        if number:
            try:
                self._pipe.recv_bytes()
            except (EOFError, OSError):
                raise PartnerGoneError from None

    def pass_on(self) -> bool:
        """Let the other process record. False where it has ended, be it that it has no batch left."""
        try:
            self._pipe.send_bytes(b"")
        except OSError:
            return False
        return True

    def finish(self) -> None:
        """Wait until the other process has ended."""
        while True:
            try:
                self._pipe.recv_bytes()
            except (EOFError, OSError):
                return

    def close(self) -> None:
        self._pipe.close()
