"""One webhook as it is being told: what a thread is given to send, and what it tells of each attempt.

A thread touches no database. It sends in order over one connection, and stops at the first delivery that fails.
"""

import logging
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from datetime import timedelta
from typing import NamedTuple

from ledger.entry import format_time
from service.clock import Clock
from service.webhooks.addresses import parse_url
from service.webhooks.errors import DeliveryError, WebhookRefusedError
from service.webhooks.messages import CONTENT_TYPE, Message
from service.webhooks.outbox import Attempt, Progress
from service.webhooks.outcomes import Outcome, pause_after
from service.webhooks.sending import Channel, Network
from service.webhooks.signature import sign
from service.webhooks.subscriptions import Reason, Webhook

IDLE_SECONDS = 30.0
"""For so long a connection is kept open for the next delivery."""
logger = logging.getLogger(__name__)


class Load(NamedTuple):
    """What a thread is to send, in this order. wishes: somebody asked for these, out of turn."""

    hook: Webhook
    messages: Sequence[Message]
    secrets: Sequence[bytes]
    wishes: bool = False


@dataclass(slots=True)
class Lane:
    """at: the next entry to look at. failures: in a row. failed: not noted yet. move: what is to be noted.

    dropped: its webhook was disabled or removed, so that its thread is to stop.
    """

    at: int
    failures: int
    failed: bool = False
    move: Progress | None = None
    busy: Future[None] | None = None
    channel: Channel | None = None
    used_at: float = 0.0
    dropped: threading.Event = field(default_factory=threading.Event)

    @property
    def is_free(self) -> bool:
        """Whether it can be given something to send."""
        return self.busy is None and not self.dropped.is_set()

    def settle(self, hook: str, attempt: Attempt) -> None:
        """Take in what became of an attempt that was in turn."""
        if attempt.outcome is Outcome.DELIVERED:
            self.failures = 0
            self.move = Progress(hook, attempt.index + 1)
            return
        self.failures, self.failed, self.at = self.failures + 1, True, attempt.index
        pause = pause_after(self.failures)
        end = Reason.GONE if attempt.outcome is Outcome.GONE else Reason.FAILED if pause is None else None
        next_at = "" if end else format_time(attempt.at + (pause or timedelta()))
        self.move = Progress(hook, attempt.index, self.failures, next_at, end)

    def rest(self) -> None:
        """Close a connection that lies idle."""
        if self.channel is not None and time.monotonic() > self.used_at + IDLE_SECONDS:
            self.channel.close()

    def end(self) -> None:
        """Let go of the connection. Its thread has ended."""
        if self.channel is not None:
            self.channel.close()


def send_all(lane: Lane, load: Load, network: Network, clock: Clock, tell: Callable[[Load, Attempt], None]) -> None:
    """Send, and tell of each attempt as soon as it is over."""
    for attempt in _attempts(lane, load, network, clock):
        tell(load, attempt)
        if attempt.outcome is not Outcome.DELIVERED and not load.wishes:
            break
    lane.used_at = time.monotonic()


def _attempts(lane: Lane, load: Load, network: Network, clock: Clock) -> Iterator[Attempt]:
    for message in load.messages:
        if lane.dropped.is_set():
            return
        at, begun, status = clock(), time.monotonic(), 0
        headers = sign(load.secrets, message.id, at, message.body) | {"content-type": CONTENT_TYPE}
        try:
            if lane.channel is None:
                lane.channel = Channel(network, parse_url(load.hook.url, network.reach))
            status = lane.channel.post(headers, message.body)
            outcome = _meaning(status)
        except WebhookRefusedError:  # it was taken when the settings let webhooks reach further
            outcome = Outcome.ADDRESS
        except DeliveryError as error:
            outcome = error.outcome
        except Exception:  # a defect of ours: it must not keep others from being told
            logger.exception("webhook %s", load.hook.id)
            outcome = Outcome.PROTOCOL
        taken = round(1000 * (time.monotonic() - begun))
        yield Attempt(load.hook.id, message.event, message.kind, message.index, at, outcome, status, taken, load.wishes)


def _meaning(status: int) -> Outcome:
    if status == 410:
        return Outcome.GONE
    return Outcome.DELIVERED if 200 <= status < 300 else Outcome.REFUSED
