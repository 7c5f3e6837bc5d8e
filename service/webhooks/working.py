"""The process that delivers, beside the server: its processor time is its own, and it gives way to recording.

A chore of the server starts it when a webhook is enabled, and starts another one when it is killed. On each host one
process of the server has the chore; a row in the database sees to it that one host delivers.

    python -m service.webhooks.working HOLDER        with the settings in the environment
"""

import os
import signal
import subprocess
import sys
import threading
import time
from datetime import timedelta
from uuid import uuid4

from service.chores import Tell
from service.errors import ServiceError
from service.imports.working import worker_environment
from service.settings import read_settings
from service.webhooks import outbox
from service.webhooks.delivering import Deliverer, LeaseLostError
from service.webhooks.sending import Network
from service.webhooks.subscriptions import Reason, forget_secrets, is_any_enabled, list_webhooks
from service.work import Register

EVERY_SECONDS = 1.0
CLEAR_SECONDS = 3_600.0
POLL_SECONDS = 0.2
LOOK_SECONDS = 5.0
"""How often it is looked which webhooks were disabled."""
NICENESS = 10


class WebhookWork:
    """The chore: `work` starts the process if a webhook is enabled, and waits for its end."""

    def __init__(self, register: Register, stopping: threading.Event, tell: Tell) -> None:
        self._register, self._stopping, self._tell = register, stopping, tell
        self._ended: set[str] | None = None

    def work(self) -> None:
        """Raises ServiceError where the process failed."""
        self._tell_of_disabled()
        with self._register.read() as reader:
            if not is_any_enabled(reader.connection):
                return
        holder = str(uuid4())
        command = [sys.executable, "-m", "service.webhooks.working", holder]
        environment = worker_environment(self._register.settings) | self._register.settings.webhooks.environment()
        process = subprocess.Popen(command, env=environment, stdin=subprocess.DEVNULL)
        try:
            self._attend(process)
        finally:
            if process.poll() is None:
                process.terminate()
                process.wait()
        with self._register.write_beside() as connection:
            outbox.end_lease(connection, holder)
        if process.returncode and not self._stopping.is_set():
            raise ServiceError(f"the process that delivers to webhooks ended with {process.returncode}")

    def _attend(self, process: "subprocess.Popen[bytes]") -> None:
        look_at = time.monotonic() + LOOK_SECONDS
        while process.poll() is None and not self._stopping.wait(POLL_SECONDS):
            if time.monotonic() > look_at:
                self._tell_of_disabled()
                look_at = time.monotonic() + LOOK_SECONDS

    def _tell_of_disabled(self) -> None:
        """Tell of webhooks that were disabled because deliveries failed, once each."""
        with self._register.read() as reader:
            ended = {hook.id: hook for hook in list_webhooks(reader.connection) if hook.disabled_at}
        for id_ in sorted(ended.keys() - self._ended) if self._ended is not None else ():
            if (hook := ended[id_]).reason != Reason.ASKED:
                self._tell(f"webhook {id_} of {hook.operator}", ServiceError(f"is disabled: {hook.reason}"))
        self._ended = set(ended)


def clear_away(register: Register) -> None:
    """Delete attempts and secrets that are older than they are kept for."""
    now = register.clock()
    with register.write_beside() as connection:
        outbox.forget_attempts(connection, now=now)
        forget_secrets(connection, now=now)


def main(holder: str) -> int:
    """Deliver until SIGTERM, until the starter has gone, or until no webhook is enabled. Ends with 0 in each case."""
    starter, stopping = os.getppid(), threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stopping.set())
    os.nice(NICENESS)
    register = Register(read_settings())

    def is_over() -> bool:
        return stopping.is_set() or os.getppid() != starter

    try:
        while not is_over():
            try:
                Deliverer(register, Network(register.settings.webhooks), holder).run(stopping.wait, is_over)
                return 0
            except LeaseLostError:
                stopping.wait(outbox.LEASE / timedelta(seconds=3))
    finally:
        register.close()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
