"""R-20: a receiver that answers wrongly, slowly, not at all or with resets, and a sender that is killed meanwhile."""

import multiprocessing
import random
import tempfile
import time
from collections import Counter
from dataclasses import replace
from datetime import timedelta
from multiprocessing.process import BaseProcess
from pathlib import Path

from service.db.webhook_tables import webhook
from service.settings import Settings
from service.webhooks import delivering, lanes, outbox
from service.webhooks.delivering import Deliverer
from service.webhooks.sending import Network
from service.webhooks.subscriptions import Wanted, Webhook, add_webhook, load_webhook, make_secret
from service.work import Register
from tests.scene import MAKER, set_scene
from tests.service.webhooks.receiver import TRIAL, Act, Receiver, answer, hang_up, receiving, status
from tests.torture.verdict import Verdict, require

HOLDER = "torture"
BAD = 0.2
"""The share of requests that meet something bad."""
SECONDS = 0.2
"""What an attempt gets here, in place of ten seconds; a failed one is tried again after some milliseconds."""
RUNS = (0.05, 3.0)
"""Seconds that a sender lives from its first delivery on, before it is killed."""


def hang(_connection: object) -> bool:
    time.sleep(1.5 * SECONDS)
    return False


ACTS: tuple[Act, ...] = (
    status(500),
    status(429),
    hang_up,
    hang,
    answer(b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nslow"),
    answer(b"HTTP/1.1 200 OK\r\nX: " + b"x" * 100_000, then=False),
    answer(b"HTTP/1.1 200", then=False),
    answer(b"220 mail.example.cn ESMTP\r\n\r\n"),
    answer(b"HTTP/1.1 301 Moved\r\nLocation: http://169.254.169.254/\r\nContent-Length: 0\r\n\r\n"),
)


def deliver_in_chaos(events: int, seed: int) -> Verdict:
    """So many entries to one webhook: each arrives, the first time of each in order, always under one id."""
    chance, kills = random.Random(seed), 0
    with tempfile.TemporaryDirectory(prefix="packtrail-webhooks-") as name, receiving() as receiver:
        settings = set_scene(Path(name) / "data", packs=events).settings
        receiver.acts.extend(chance.choice(ACTS) if chance.random() < BAD else None for _ in range(2 * events))
        register = Register(settings)
        hook = _subscribe(register, receiver)
        give_up = time.monotonic() + 60 + events
        while not (done := _is_done(register, hook)) and time.monotonic() < give_up:
            before, sender = len(receiver.received), _start(settings)
            while len(receiver.received) == before and not _is_done(register, hook) and time.monotonic() < give_up:
                time.sleep(0.02)
            until = time.monotonic() + chance.uniform(*RUNS)
            while time.monotonic() < until and not (done := _is_done(register, hook)):
                time.sleep(0.02)
            sender.kill()
            sender.join()
            kills += not done
        register.close()
    return _judge(receiver, events, kills, done=done)


def _judge(receiver: Receiver, events: int, kills: int, *, done: bool) -> Verdict:
    told = [each.index for each in receiver.received]
    first = list(dict.fromkeys(told))
    ids = {(each.index, each.event["id"]) for each in receiver.received}
    times = Counter(told)
    counts = {"deliveries": len(told), "kills": kills, "lost": events - len(first)}
    return require(
        counts,
        every_entry_was_delivered=done and len(first) == events,
        the_first_time_of_each_was_in_order=first == sorted(first),
        each_entry_had_one_id=len(ids) == len(first) == len({id_ for _, id_ in ids}),
        bad_answers_were_met=max(times.values(), default=0) > 1,
    )


def _subscribe(register: Register, receiver: Receiver) -> Webhook:
    """A webhook that is told of every registration from the first one on."""
    wanted, now = Wanted(receiver.url, ("register",)), register.clock()
    with register.write_beside() as connection:
        hook = add_webhook(connection, MAKER, wanted, reach=TRIAL, now=now)
        make_secret(connection, register.vault, hook.id, now=now)
        connection.execute(webhook.update().values(cursor=0))
    return replace(hook, cursor=0)


def _is_done(register: Register, hook: Webhook) -> bool:
    with register.read() as reader:
        return load_webhook(reader.connection, hook.id).cursor == reader.size()


def _start(settings: Settings) -> BaseProcess:
    context = multiprocessing.get_context("forkserver")  # what a sender imports is imported once
    context.set_forkserver_preload([__name__])
    process = context.Process(target=_deliver, args=(settings,), daemon=True)
    process.start()
    return process


def _deliver(settings: Settings) -> None:
    lanes.pause_after = lambda _: timedelta(milliseconds=20)  # type: ignore[assignment]
    delivering.NOTE_SECONDS = 0.1
    register = Register(settings)
    with register.write_beside() as connection:
        outbox.end_lease(connection, HOLDER)
    Deliverer(register, Network(TRIAL, seconds=SECONDS), HOLDER).run(time.sleep, lambda: False)
