"""Delivering: every entry that a webhook's operator may see, in order, at least once, whatever receivers do."""

import random
import time
from datetime import timedelta
from itertools import count

import pytest
from standardwebhooks import Webhook as Checker

from ledger.entry import format_time, parse_entry
from service.errors import ConflictError, NotFoundError
from service.webhooks import delivering as module
from service.webhooks import outbox
from service.webhooks.delivering import LeaseLostError
from service.webhooks.outcomes import JITTER, RETRIES, Outcome, pause_after
from service.webhooks.subscriptions import (
    Reason,
    Webhook,
    disable_webhook,
    enable_webhook,
    load_webhook,
    make_secret,
    remove_webhook,
)
from tests.service.town import START, Town, pack
from tests.service.webhooks.receiver import (
    Receiver,
    answer,
    delivering,
    hang_up,
    receiving,
    reload,
    rounds,
    status,
    subscribe,
)

FIRST = 500


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """What was delivered is noted in every round."""
    monkeypatch.setattr(module, "NOTE_SECONDS", 0.0)


def register_packs(town: Town, count: int, first: int = FIRST) -> list[int]:
    """The indexes of as many new entries of the maker."""
    events = [town.tell("cq-cells", "register", pack(number)) for number in range(first, first + count)]
    return [each.index for each in town.must(*events)]


def attempts(town: Town, hook: Webhook) -> list[outbox.AttemptRow]:
    """Oldest first."""
    with town.register.read() as reader:
        return outbox.list_attempts(reader.connection, hook.id)[::-1]


def test_entries_arrive_in_order_signed_and_once(either_town: Town) -> None:
    town = either_town
    town.clock.now = town.clock.now.fromtimestamp(time.time(), tz=START.tzinfo)
    with receiving() as receiver, delivering(town) as deliverer:
        hook, secret = subscribe(town, receiver)
        indexes = register_packs(town, 30)
        rounds(deliverer, lambda: reload(town, hook).cursor == town.size())
        assert receiver.accepted == indexes
        assert len({each.event["id"] for each in receiver.received}) == 30
        for each in receiver.received:
            event = Checker(secret).verify(each.body, each.headers)
            assert event["id"] == each.headers["webhook-id"]
            assert each.headers["content-type"].startswith("application/cloudevents+json")
        assert receiver.received[0].line == "POST /hook?of=town HTTP/1.1"
        told = receiver.received[0].event
        entry = parse_entry(town.entries()[indexes[0]])
        assert (told["type"], told["subject"], told["specversion"]) == ("packtrail.event.register", pack(FIRST), "1.0")
        assert told["data"]["entry"]["event"]["id"] == entry.event.id and told["data"]["whole"]
        assert {each.outcome for each in attempts(town, hook)} == {Outcome.DELIVERED}
        assert receiver.connections == 1


def test_a_failure_is_tried_again_by_the_table_and_later_entries_wait(town: Town) -> None:
    with receiving() as receiver, delivering(town) as deliverer:
        hook, _ = subscribe(town, receiver)
        receiver.acts.extend([hang_up, status(500), status(302)])
        indexes = register_packs(town, 3)
        for failures in (1, 2, 3):
            rounds(deliverer, lambda count=failures: reload(town, hook).failures == count)
            held = reload(town, hook)
            assert held.cursor == indexes[0]
            pause, usual = held.next_at, RETRIES[failures - 1]
            assert (
                format_time(town.clock.now + usual * (1 - JITTER))
                <= pause
                <= format_time(town.clock.now + usual * (1 + JITTER))
            )
            deliverer.round()
            assert len(receiver.received) == failures
            town.clock.now += usual * (1 + JITTER)
        rounds(deliverer, lambda: reload(town, hook).cursor == town.size())
        assert receiver.accepted == indexes and reload(town, hook).failures == 0
        found = [each.outcome for each in attempts(town, hook)]
        assert found == [Outcome.UNREACHABLE, Outcome.REFUSED, Outcome.REFUSED, *[Outcome.DELIVERED] * 3]
        assert [each.status for each in attempts(town, hook)] == [0, 500, 302, 200, 200, 200]


def test_after_the_last_try_it_is_disabled_shown_and_goes_on_where_it_was(town: Town) -> None:
    with receiving() as receiver, delivering(town) as deliverer:
        hook, _ = subscribe(town, receiver)
        receiver.acts.extend([status(503)] * (len(RETRIES) + 1))
        indexes = register_packs(town, 2)
        begun = town.clock.now
        for failures in range(1, len(RETRIES) + 1):
            rounds(deliverer, lambda count=failures: reload(town, hook).failures == count)
            town.clock.now += RETRIES[failures - 1] * (1 + JITTER)
        rounds(deliverer, lambda: not reload(town, hook).is_enabled)
        assert reload(town, hook).reason == Reason.FAILED and town.clock.now - begun > timedelta(days=1.5)
        assert len(receiver.received) == len(RETRIES) + 1 and receiver.accepted == []
        later = register_packs(town, 1, FIRST + 50)
        assert not deliverer.round()
        with town.register.write_beside() as connection:
            enable_webhook(connection, hook.id)
        rounds(deliverer, lambda: reload(town, hook).cursor == town.size())
        assert receiver.accepted == indexes + later


def test_a_receiver_that_is_gone_is_told_no_more(town: Town) -> None:
    with receiving() as receiver, delivering(town) as deliverer:
        hook, _ = subscribe(town, receiver)
        receiver.acts.append(status(410))
        register_packs(town, 2)
        rounds(deliverer, lambda: not reload(town, hook).is_enabled)
        assert (reload(town, hook).reason, len(receiver.received)) == (Reason.GONE, 1)


def test_no_webhook_waits_for_another_ones_receiver(town: Town) -> None:
    with receiving() as slow, receiving() as quick, delivering(town) as deliverer:
        held, _ = subscribe(town, slow)
        free, _ = subscribe(town, quick)
        slow.acts.append(lambda _: bool(time.sleep(0.2)))
        register_packs(town, 20)
        rounds(deliverer, lambda: len(quick.accepted) == 20, seconds=5)
        rounds(deliverer, lambda: reload(town, free).cursor == town.size())
        assert reload(town, held).cursor < town.size()


def test_while_a_secret_is_rotated_both_sign_and_then_only_the_new_one(town: Town) -> None:
    town.clock.now = town.clock.now.fromtimestamp(time.time() - 2 * 86_400, tz=START.tzinfo)
    with receiving() as receiver, delivering(town) as deliverer:
        hook, old = subscribe(town, receiver)
        with town.register.write_beside() as connection:
            new = make_secret(connection, town.register.vault, hook.id, now=town.clock.now)
        register_packs(town, 1)
        rounds(deliverer, lambda: len(receiver.accepted) == 1)
        assert len(receiver.received[0].headers["webhook-signature"].split()) == 2
        town.clock.move(days=2)
        register_packs(town, 1, FIRST + 1)
        rounds(deliverer, lambda: len(receiver.accepted) == 2)
        [signature] = receiver.received[1].headers["webhook-signature"].split()
        Checker(new).verify(receiver.received[1].body, receiver.received[1].headers)
        with pytest.raises(Exception, match="No matching signature"):
            Checker(old).verify(receiver.received[1].body, receiver.received[1].headers)
        assert signature.startswith("v1,")


def test_what_somebody_asks_for_is_sent_once_more_with_the_same_id_and_new_time(town: Town) -> None:
    with receiving() as receiver, delivering(town) as deliverer:
        hook, _ = subscribe(town, receiver)
        register_packs(town, 2)
        rounds(deliverer, lambda: reload(town, hook).cursor == town.size())
        wanted = receiver.received[0]
        town.clock.move(hours=1)
        with town.register.write_beside() as connection:
            for event in (wanted.event["data"]["entry"]["event"]["id"], outbox.TEST):
                outbox.wish(connection, reload(town, hook), event, now=town.clock.now)
                outbox.wish(connection, reload(town, hook), event, now=town.clock.now)
        rounds(deliverer, lambda: len(attempts(town, hook)) == 4)
        again, test = sorted(receiver.received[2:], key=lambda each: "sequence" not in each.event)
        assert again.body == wanted.body and again.headers["webhook-id"] == wanted.headers["webhook-id"]
        assert int(again.headers["webhook-timestamp"]) == int(wanted.headers["webhook-timestamp"]) + 3600
        assert (test.event["type"], test.event["data"]) == ("packtrail.webhook.test", {})
        for _ in range(5):
            deliverer.round()
        assert len(receiver.received) == 4


def test_nothing_is_sent_once_more_that_the_operator_may_not_see(town: Town) -> None:
    with receiving() as receiver, delivering(town) as deliverer:
        hook, _ = subscribe(town, receiver, "cq-recycle")
        [foreign] = register_packs(town, 1)
        event = parse_entry(town.entries()[foreign]).event.id
        with town.register.write_beside() as connection:
            outbox.wish(connection, reload(town, hook), event, now=town.clock.now)
            with pytest.raises(NotFoundError):
                outbox.wish(connection, hook, event[:-4] + "ffff", now=town.clock.now)
        rounds(deliverer, lambda: bool(attempts(town, hook)))
        assert [each.outcome for each in attempts(town, hook)] == [Outcome.UNSEEN] and receiver.received == []


def test_a_webhook_that_is_disabled_or_removed_is_told_nothing_more(town: Town) -> None:
    with receiving() as receiver, delivering(town) as deliverer:
        disabled, _ = subscribe(town, receiver)
        removed, _ = subscribe(town, receiver)
        kept, _ = subscribe(town, receiver)
        deliverer.round()
        with town.register.write_beside() as connection:
            disable_webhook(connection, disabled.id, Reason.ASKED, now=town.clock.now)
            remove_webhook(connection, removed.id)
            with pytest.raises(ConflictError):
                outbox.wish(connection, load_webhook(connection, disabled.id), outbox.TEST, now=town.clock.now)
        register_packs(town, 5)
        rounds(deliverer, lambda: reload(town, kept).cursor == town.size())
        assert len(receiver.received) == 5 and {each.event["id"][:36] for each in receiver.received} == {kept.id}
        with pytest.raises(NotFoundError):
            reload(town, removed)


def test_only_the_holder_of_the_lease_delivers_until_it_ends(either_town: Town) -> None:
    town = either_town
    with receiving() as receiver:
        hook, _ = subscribe(town, receiver)
        with town.register.write_beside() as connection:
            assert outbox.take_lease(connection, "other", now=town.clock.now)
            assert outbox.take_lease(connection, "other", now=town.clock.now)
        register_packs(town, 1)
        with pytest.raises(LeaseLostError), delivering(town) as deliverer:
            deliverer.round()
        assert receiver.received == []
        town.clock.now += outbox.LEASE
        with delivering(town) as deliverer:
            rounds(deliverer, lambda: reload(town, hook).cursor == town.size())
        with town.register.write_beside() as connection:
            assert outbox.take_lease(connection, "other", now=town.clock.now)  # was given back at the end


def test_one_that_lost_the_lease_notes_nothing(town: Town) -> None:
    with receiving() as receiver:
        hook, _ = subscribe(town, receiver)
        register_packs(town, 1)
        with pytest.raises(LeaseLostError), delivering(town) as deliverer:
            deliverer.round()
            town.clock.now += outbox.LEASE
            with town.register.write_beside() as connection:
                assert outbox.take_lease(connection, "other", now=town.clock.now)
            rounds(deliverer, lambda: False)
        assert reload(town, hook).cursor == hook.cursor and attempts(town, hook) == []


def test_attempts_are_kept_for_two_weeks(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outbox, "KEPT_ATTEMPTS", 3)
    ticks = count()  # attempts of one moment that are noted in two rounds would have no order
    monkeypatch.setattr(town.register, "clock", lambda: town.clock.now + timedelta(milliseconds=next(ticks)))
    with receiving() as receiver, delivering(town) as deliverer:
        hook, _ = subscribe(town, receiver)
        indexes = register_packs(town, 5)
        rounds(deliverer, lambda: reload(town, hook).cursor == town.size())
        with town.register.write_beside() as connection:
            outbox.forget_attempts(connection, now=town.clock.now + timedelta(days=13))
        assert [each.index for each in attempts(town, hook)] == indexes[2:]
        with town.register.write_beside() as connection:
            outbox.forget_attempts(connection, now=town.clock.now + timedelta(days=15))
        assert attempts(town, hook) == []


def chaos(receiver: Receiver, seed: int) -> None:
    """Half of what comes in meets something bad: errors, time-outs, slow and endless answers, resets, no HTTP."""
    chance = random.Random(seed)
    bad = (
        status(500),
        status(429),
        hang_up,
        answer(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nslo"),
        answer(b"HTTP/1.1 200", then=False),
        answer(b"220 mail.example.cn ESMTP\r\n\r\n"),
        answer(b"HTTP/1.1 301 Moved\r\nLocation: http://169.254.169.254/\r\nContent-Length: 0\r\n\r\n"),
        lambda _: bool(time.sleep(0.06)),
    )
    receiver.acts.extend(chance.choice(bad) for _ in range(40))


def test_a_chaotic_receiver_gets_every_entry_in_order(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("service.webhooks.lanes.pause_after", lambda _: timedelta())
    monkeypatch.setattr("service.webhooks.sending.SPARE_SECONDS", 0.02)
    with receiving() as receiver, delivering(town, seconds=0.05) as deliverer:
        hook, _ = subscribe(town, receiver)
        chaos(receiver, 1)
        indexes = register_packs(town, 60)
        rounds(deliverer, lambda: reload(town, hook).cursor == town.size())
        told = [each.index for each in receiver.received]
        assert list(dict.fromkeys(told)) == indexes  # the first time of each is in order, and none is missing
        assert sorted(told) == told and len(told) > len(indexes)


def test_the_table_of_retries_ends(town: Town) -> None:
    assert pause_after(len(RETRIES) + 1) is None
    assert RETRIES[0] == timedelta(seconds=5) and RETRIES[-1] == timedelta(hours=24)
    assert sorted(RETRIES) == list(RETRIES)
