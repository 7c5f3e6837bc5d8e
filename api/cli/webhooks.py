"""packtrail webhook: have programs of an operator told of entries, and see what became of it."""

from typing import Any

import click

from api.cli.task import NETWORK, Failed, Task, in_columns, open_register, say, show
from api.hooks import attempt_members, webhook_members
from service.domain.events import KINDS
from service.domain.uuid7 import parse_uuid7
from service.errors import NotFoundError
from service.operators import current_registry
from service.settings import Settings
from service.webhooks import outbox, subscriptions
from service.webhooks.outcomes import WORDS, Outcome
from service.webhooks.sending import Network
from service.webhooks.subscriptions import Reason, Tie, Wanted, Webhook
from service.webhooks.trying import try_webhook

_TIES = [tie.value for tie in Tie]
_id = click.argument("id_", metavar="ID")


@click.group()
def webhook() -> None:
    """Tell programs of operators of new entries, by HTTPS: see docs/webhooks.md."""


@webhook.command(
    cls=Task,
    undone="the webhook was not added",
    example="webhook add cq-cells https://hooks.example.cn/batteries --tie maker",
)
@click.argument("operator")
@click.argument("url")
@click.option("--kind", "kinds", multiple=True, type=click.Choice(list(KINDS)), metavar="KIND", help="Only this kind.")
@click.option(
    "--tie", "ties", multiple=True, type=click.Choice([tie.value for tie in Tie]), help="Only batteries with this tie."
)
def add(
    settings: Settings, as_json: bool, operator: str, url: str, kinds: tuple[str, ...], ties: tuple[str, ...]
) -> None:
    """Tell URL of entries from now on, as far as OPERATOR may see them. Shows the secret, this once."""
    with open_register(settings) as register:
        if operator not in current_registry(register).operators:
            raise NotFoundError(f"{operator} is not enrolled: `packtrail operator add` enrols it")
        wanted, now = Wanted(url, kinds, ties), register.clock()
        with register.write_beside() as connection:
            hook = subscriptions.add_webhook(connection, operator, wanted, reach=settings.webhooks, now=now)
            secret = subscriptions.make_secret(connection, register.vault, hook.id, now=now)
    show(webhook_members(hook, hook.cursor) | {"secret": secret}, [hook.id, secret], as_json=as_json)
    say("Keep the secret: it is not shown again. A served register sends.")


@webhook.command("list", cls=Task, undone="no webhooks were listed", example="webhook list cq-cells")
@click.argument("operator", required=False)
def list_(settings: Settings, as_json: bool, operator: str | None) -> None:
    """List webhooks, of OPERATOR or of all: how far each is, and why one is disabled."""
    with open_register(settings) as register, register.read() as reader:
        found, size = subscriptions.list_webhooks(reader.connection, operator), reader.size()
    values = [webhook_members(hook, size) | {"operator": hook.operator} for hook in found]
    rows = [(v["id"], v["operator"], _state(v), f"{v['behind']} behind", v["url"]) for v in values]
    show(values, in_columns(rows) if rows else [], as_json=as_json)


@webhook.command(cls=Task, undone="the test was not delivered", example="webhook test ID")
@_id
def test(settings: Settings, as_json: bool, id_: str) -> None:
    """Send a test from here, now, and say what became of it. Exit code 3 where it was not delivered."""
    with open_register(settings) as register:
        tried = try_webhook(register, id_, Network(settings.webhooks))
    words = WORDS[tried.outcome]
    told = f"{words.en} ({tried.status})" if tried.status else words.en
    if tried.outcome is not Outcome.DELIVERED:
        raise Failed(f"the test was not delivered: {told}", NETWORK)
    show({"outcome": tried.outcome, "status": tried.status}, [f"{told} in {tried.milliseconds} ms"], as_json=as_json)


@webhook.command(cls=Task, undone="no secret was made", example="webhook rotate ID")
@_id
def rotate(settings: Settings, as_json: bool, id_: str) -> None:
    """Make a new secret. For 24 hours the one before signs too."""
    with open_register(settings) as register, register.write_beside() as connection:
        hook = subscriptions.load_webhook(connection, id_)
        secret = subscriptions.make_secret(connection, register.vault, hook.id, now=register.clock())
    show({"id": hook.id, "secret": secret}, [secret], as_json=as_json)


@webhook.command(cls=Task, undone="the webhook was not disabled", example="webhook disable ID")
@_id
def disable(settings: Settings, as_json: bool, id_: str) -> None:
    """Tell it nothing more. It keeps its place."""
    with open_register(settings) as register, register.write_beside() as connection:
        hook = subscriptions.load_webhook(connection, id_)
        subscriptions.disable_webhook(connection, hook.id, Reason.ASKED, now=register.clock())
    _done(hook, "disabled", as_json=as_json)


@webhook.command(cls=Task, undone="the webhook was not enabled", example="webhook enable ID")
@_id
def enable(settings: Settings, as_json: bool, id_: str) -> None:
    """Go on where it was disabled, at once."""
    with open_register(settings) as register, register.write_beside() as connection:
        hook = subscriptions.load_webhook(connection, id_)
        subscriptions.enable_webhook(connection, hook.id)
    _done(hook, "enabled", as_json=as_json)


@webhook.command(cls=Task, undone="the webhook was not removed", example="webhook remove ID")
@_id
def remove(settings: Settings, as_json: bool, id_: str) -> None:
    """Forget a webhook, its secrets and its deliveries."""
    with open_register(settings) as register, register.write_beside() as connection:
        hook = subscriptions.load_webhook(connection, id_)
        subscriptions.remove_webhook(connection, hook.id)
    _done(hook, "removed", as_json=as_json)


@webhook.command(cls=Task, undone="no deliveries were listed", example="webhook deliveries ID")
@_id
@click.option("--before", metavar="ATTEMPT", help="Those older than this one.")
def deliveries(settings: Settings, as_json: bool, id_: str, before: str | None) -> None:
    """List the newest 50 attempts of a webhook, newest first."""
    with open_register(settings) as register, register.read() as reader:
        hook = subscriptions.load_webhook(reader.connection, id_)
        found = outbox.list_attempts(reader.connection, hook.id, before=before)
    values = [attempt_members(row) for row in found]
    rows = [
        (v["at"], str(v["index"] or ""), v["type"] or "test", str(v["status"] or ""), v["words"], v["event"] or "")
        for v in values
    ]
    show(values, in_columns(rows) if rows else [], as_json=as_json)


@webhook.command(cls=Task, undone="nothing will be sent again", example="webhook redeliver ID EVENT")
@_id
@click.argument("event")
def redeliver(settings: Settings, as_json: bool, id_: str, event: str) -> None:
    """Have the entry of EVENT sent once more. A served register does so within seconds."""
    with open_register(settings) as register, register.write_beside() as connection:
        hook = subscriptions.load_webhook(connection, id_)
        outbox.wish(connection, hook, parse_uuid7(event), now=register.clock())
    show({"id": hook.id, "event": event}, [f"{event} will be sent to {hook.url}"], as_json=as_json)


def _done(hook: Webhook, what: str, *, as_json: bool) -> None:
    show({"id": hook.id, what: True}, [f"{hook.url} is {what}"], as_json=as_json)


def _state(values: dict[str, Any]) -> str:
    if not values["enabled"]:
        return f"disabled: {values['reason']}"
    return f"failed {values['failures']} times" if values["failures"] else "enabled"
