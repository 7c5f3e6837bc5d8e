"""Webhooks as they are stored: what is refused, how secrets are kept, whose webhook is whose."""

from base64 import b64decode
from pathlib import Path

import pytest
from sqlalchemy import select

from service.db.webhook_tables import webhook_attempt, webhook_secret, webhook_wish
from service.errors import ConflictError, NotFoundError
from service.keys.rewrapping import rewrap
from service.webhooks import outbox, subscriptions
from service.webhooks.addresses import Reach
from service.webhooks.errors import WebhookRefusedError
from service.webhooks.signature import PREFIX
from service.webhooks.subscriptions import MOST, OVERLAP, Reason, Wanted, Webhook
from tests.service.town import Town

URL = "https://hooks.example.cn/batteries"


def add(town: Town, operator: str = "cq-cells", wanted: Wanted = Wanted(URL)) -> Webhook:  # noqa: B008
    with town.register.write_beside() as connection:
        return subscriptions.add_webhook(connection, operator, wanted, reach=Reach(), now=town.clock.now)


def secret(town: Town, hook: Webhook) -> str:
    with town.register.write_beside() as connection:
        return subscriptions.make_secret(connection, town.register.vault, hook.id, now=town.clock.now)


def parse_secret(text: str) -> bytes:
    return b64decode(text.removeprefix(PREFIX))


def in_force(town: Town, hook: Webhook) -> list[bytes]:
    with town.register.read() as reader:
        return subscriptions.open_secrets(reader.connection, town.register.vault, [hook.id], now=town.clock.now)[
            hook.id
        ]


def test_a_webhook_is_told_from_now_on_and_is_its_operators_alone(either_town: Town) -> None:
    town = either_town
    hook = add(town, wanted=Wanted(URL, ("sell", "install", "sell"), ("maker",)))
    assert (hook.cursor, hook.is_enabled, hook.kinds) == (town.size(), True, {"sell", "install"})
    with town.register.read() as reader:
        assert subscriptions.list_webhooks(reader.connection, "cq-cells") == [hook]
        assert subscriptions.list_webhooks(reader.connection, "cq-motors") == []
        for id_, operator in ((hook.id, "cq-motors"), ("0" * 36, None)):
            with pytest.raises(NotFoundError):
                subscriptions.load_webhook(reader.connection, id_, operator=operator)


@pytest.mark.parametrize(
    ("wanted", "pointer"),
    [(Wanted("http://hooks.example.cn/"), "/url"), (Wanted(URL, ("sell", "buy")), "/kinds/1")],
)
def test_what_cannot_be_is_refused_and_nothing_is_stored(town: Town, wanted: Wanted, pointer: str) -> None:
    with pytest.raises(WebhookRefusedError) as caught:
        add(town, wanted=wanted)
    assert caught.value.faults[0].pointer == pointer
    with town.register.read() as reader:
        assert subscriptions.list_webhooks(reader.connection) == []


def test_an_operator_has_so_many_webhooks_and_no_more(town: Town) -> None:
    for _ in range(MOST):
        add(town)
    with pytest.raises(WebhookRefusedError, match=str(MOST)):
        add(town)
    add(town, "cq-motors")


def test_a_secret_is_kept_sealed_and_signs_for_a_day_after_its_rotation(either_town: Town, tmp_path: Path) -> None:
    town = either_town
    hook = add(town)
    old = secret(town, hook)
    town.clock.move(minutes=1)
    new = secret(town, hook)
    assert in_force(town, hook) == [parse_secret(new), parse_secret(old)]
    with town.register.read() as reader:
        for row in reader.connection.execute(select(webhook_secret)):
            assert all(parse_secret(text) not in bytes(row.sealed) for text in (old, new))
    rewrap(town.register, tmp_path / "master")
    assert len(in_force(town, hook)) == 2
    town.clock.now += OVERLAP
    assert in_force(town, hook) == [parse_secret(new)]
    with town.register.write_beside() as connection:
        subscriptions.forget_secrets(connection, now=town.clock.now)
        assert len(list(connection.execute(select(webhook_secret)))) == 1


def test_what_belongs_to_a_webhook_goes_with_it(town: Town) -> None:
    hook, other = add(town), add(town)
    for each in (hook, other):
        secret(town, each)
        with town.register.write_beside() as connection:
            outbox.wish(connection, each, outbox.TEST, now=town.clock.now)
    with town.register.write_beside() as connection:
        subscriptions.remove_webhook(connection, hook.id)
        for table in (webhook_secret, webhook_wish, webhook_attempt):
            assert {row.webhook for row in connection.execute(select(table))} <= {other.id}


def test_a_webhook_that_is_disabled_twice_keeps_the_first_reason(town: Town) -> None:
    hook = add(town)
    with town.register.write_beside() as connection:
        for reason in (Reason.GONE, Reason.ASKED):
            subscriptions.disable_webhook(connection, hook.id, reason, now=town.clock.now)
        disabled = subscriptions.load_webhook(connection, hook.id)
        assert (disabled.is_enabled, disabled.reason) == (False, Reason.GONE)
        assert not subscriptions.is_any_enabled(connection)
        with pytest.raises(ConflictError):
            outbox.wish(connection, disabled, outbox.TEST, now=town.clock.now)
        subscriptions.enable_webhook(connection, hook.id)
        assert subscriptions.is_any_enabled(connection)
