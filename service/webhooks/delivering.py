"""Delivering: one process reads the log for all webhooks, and a few threads send.

Each round notes what was delivered, looks at the webhooks and at the log, and gives each webhook that is free its next
entries. What was delivered is noted once a second for all webhooks together, in one short transaction, so that
recording goes on as if there were none; a crash repeats what was delivered since the last note, and skips nothing. The
webhooks of an organisation that is suspended wait, and are told of what came meanwhile once it is active again.
"""

import logging
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import islice
from queue import Empty, SimpleQueue
from typing import Any

import orjson

from ledger.entry import format_time
from service.errors import BusyError, ServiceError
from service.parties import PartyBook
from service.webhooks import outbox
from service.webhooks.choosing import Chooser
from service.webhooks.lanes import Lane, Load, send_all
from service.webhooks.messages import Message, Place
from service.webhooks.outbox import TEST, Attempt, Progress
from service.webhooks.outcomes import Outcome
from service.webhooks.sending import Network
from service.webhooks.subscriptions import Webhook, list_webhooks, open_secrets
from service.work import Register, RegisterReader

THREADS = 16
PACE_SECONDS, POLL_SECONDS = 0.1, 0.5
"""Between rounds, while there is something to send and while there is not."""
NOTE_SECONDS = 1.0
LEASE_SECONDS = 5.0
"""So often the lease is renewed, and places in the log are noted where nothing was sent."""
LOOK = 1_000
"""Entries looked at for one webhook in a round."""
TAKE, TAKE_BYTES = 200, 1_000_000
"""Deliveries given to a thread at once, and about how large they are together."""
BLOCK = 250
logger = logging.getLogger(__name__)


class LeaseLostError(ServiceError):
    """Another process delivers."""


@dataclass(frozen=True, slots=True)
class Stored:
    """An entry as it stands in the log, and its event."""

    index: int
    data: bytes
    event: dict[str, Any]


@dataclass(slots=True)
class Window:
    """The log as of one round: what several webhooks look at is read once."""

    reader: RegisterReader
    _blocks: dict[int, list[Stored]] = field(default_factory=dict)

    def entries(self, start: int) -> Iterator[Stored]:
        """The entries from `start` on."""
        for number in range(start // BLOCK, -(-self.reader.size() // BLOCK)):
            if number not in self._blocks:
                first = number * BLOCK
                stored = enumerate(self.reader.entries(first, first + BLOCK), first)
                self._blocks[number] = [Stored(at, bytes(data), orjson.loads(data)["event"]) for at, data in stored]
            yield from (each for each in self._blocks[number] if each.index >= start)


class Deliverer:
    """Delivers for one register, as `holder` of the lease."""

    def __init__(self, register: Register, network: Network, holder: str) -> None:
        self._register = register
        self._network = network
        self._holder = holder
        self._lanes: dict[str, Lane] = {}
        self._told: SimpleQueue[tuple[Load, Attempt]] = SimpleQueue()
        self._attempts: list[Attempt] = []
        self._wished: set[tuple[str, str]] = set()
        self._noted_at = self._leased_at = float("-inf")
        self._pool = ThreadPoolExecutor(THREADS, thread_name_prefix="webhook")

    def run(self, pause: Callable[[float], object], is_over: Callable[[], bool]) -> None:
        """Deliver until it is over, or until no webhook is enabled. Raises LeaseLostError."""
        try:
            while not is_over() and self.round():
                pause(PACE_SECONDS if any(lane.busy for lane in self._lanes.values()) else POLL_SECONDS)
        finally:
            self.close()

    def close(self) -> None:
        """Let what is being sent come to its end, note it, and let another process deliver."""
        for lane in self._lanes.values():
            lane.dropped.set()
        self._pool.shutdown()
        self._collect()
        if self._leased_at > float("-inf"):
            self._note()
            with self._register.write_beside() as connection:
                outbox.end_lease(connection, self._holder)

    def round(self) -> bool:
        """Note what was done and give out what is next; tells whether a webhook is enabled. Waits for no receiver."""
        self._collect()
        now = time.monotonic()
        if now >= self._leased_at + LEASE_SECONDS or (self._attempts and now >= self._noted_at + NOTE_SECONDS):
            self._note()
        if time.monotonic() > self._leased_at + outbox.LEASE.total_seconds():
            return True  # the register is too busy to say that it is still ours to deliver
        with self._register.read() as reader:
            enabled = [hook for hook in list_webhooks(reader.connection) if hook.is_enabled]
            registry = self._register.current_registry(reader.connection)
            hooks = [hook for hook in enabled if registry.is_active(hook.operator)]
            self._follow(hooks)
            loads = self._gather(reader, hooks)
        for load in loads:
            lane = self._lanes[load.hook.id]
            arguments = (lane, load, self._network, self._register.clock, self._tell)
            lane.busy = self._pool.submit(send_all, *arguments)
        return bool(enabled)

    def _tell(self, load: Load, attempt: Attempt) -> None:
        self._told.put((load, attempt))

    def _collect(self) -> None:
        """Take in what the threads told, and which of them are free again."""
        free = [lane for lane in self._lanes.values() if lane.busy is not None and lane.busy.done()]
        while True:
            try:
                load, attempt = self._told.get_nowait()
            except Empty:
                break
            self._attempts.append(attempt)
            lane = self._lanes.get(attempt.webhook)
            if lane is not None and not load.wishes:
                lane.settle(attempt.webhook, attempt)
        for lane in free:
            lane.busy = None

    def _note(self) -> None:
        """Store it, if this process still is the one that delivers."""
        now = self._register.clock()
        moves = [lane.move for lane in self._lanes.values() if lane.move is not None]
        try:
            with self._register.write_beside() as connection:
                if not outbox.take_lease(connection, self._holder, now=now):
                    raise LeaseLostError("another process delivers to webhooks")
                outbox.note(connection, moves, self._attempts, now=now)
        except BusyError as error:
            logger.warning("%s", error)
            return
        self._noted_at = self._leased_at = time.monotonic()
        self._wished -= {(each.webhook, each.event) for each in self._attempts}
        self._attempts = []
        for lane in self._lanes.values():
            lane.move, lane.failed = None, False

    def _follow(self, hooks: Sequence[Webhook]) -> None:
        """Drop the lanes of webhooks that are told no more, and open those of new ones."""
        enabled = {hook.id: hook for hook in hooks}
        for id_, lane in list(self._lanes.items()):
            if id_ not in enabled:
                lane.dropped.set()
            if lane.dropped.is_set() and lane.busy is None:
                lane.end()
                del self._lanes[id_]
                self._wished = {wish for wish in self._wished if wish[0] != id_}
        for hook in hooks:
            if hook.id not in self._lanes:
                self._lanes[hook.id] = Lane(hook.cursor, hook.failures)

    def _gather(self, reader: RegisterReader, hooks: Sequence[Webhook]) -> list[Load]:
        """What is next for each webhook that is free: entries in turn; if there are none, what somebody asked for."""
        free = [hook for hook in hooks if self._lanes[hook.id].is_free]
        chooser = Chooser(PartyBook(reader, self._register.current_registry(reader.connection)))
        window, now, loads = Window(reader), self._register.clock(), list[Load]()
        secrets = open_secrets(reader.connection, self._register.vault, [hook.id for hook in free], now=now)
        wishes = outbox.list_wishes(reader.connection, [hook.id for hook in free])
        for hook in free:
            lane = self._lanes[hook.id]
            lane.rest()
            due = not lane.failed and hook.next_at <= format_time(now)
            if due and (messages := self._next(lane, hook, chooser, window)):
                loads.append(Load(hook, messages, secrets[hook.id]))
            elif wish := self._wish(hook, wishes.get(hook.id, ()), chooser):
                loads.append(Load(hook, [wish], secrets[hook.id], wishes=True))
        return loads

    def _next(self, lane: Lane, hook: Webhook, chooser: Chooser, window: Window) -> list[Message]:
        """The next deliveries of a webhook; moves its lane past the entries that were looked at."""
        place, size = Place(self._register.settings.base_url, hook.id), 0
        messages: list[Message] = []
        for each in islice(window.entries(lane.at), LOOK):
            choice = chooser.choose(hook, each.event)
            if choice is not None:
                messages.append(place.message(each.index, each.data, choice))
                size += len(messages[-1].body)
            lane.at = each.index + 1
            if len(messages) >= TAKE or size >= TAKE_BYTES:
                break
        if not messages and lane.at > hook.cursor:
            lane.move = Progress(hook.id, lane.at)
        return messages

    def _wish(self, hook: Webhook, events: Sequence[str], chooser: Chooser) -> Message | None:
        """The first of these events that was not sent yet, if the operator may see it."""
        event = next((each for each in events if (hook.id, each) not in self._wished), None)
        if event is None:
            return None
        self._wished.add((hook.id, event))
        place, at = Place(self._register.settings.base_url, hook.id), self._register.clock()
        if event == TEST:
            return place.test(format_time(at))
        reader = chooser.book.reader
        [stored] = reader.entries_at(index := list(reader.find([event]).values())).values()
        choice = chooser.choose(hook, orjson.loads(stored)["event"])
        if choice is None:
            self._attempts.append(Attempt(hook.id, event, "", index[0], at, Outcome.UNSEEN, wish=True))
            return None
        return place.message(index[0], stored, choice)
