"""Webhooks of an organisation: made, tried, rotated, ended; what became of their deliveries. For administrators."""

from collections.abc import Callable
from uuid import UUID

from flask import request
from flask.typing import ResponseReturnValue
from sqlalchemy import Connection

from api.auth import MANAGER
from api.desk.opening import desk_routes, field, go, person_caller, show
from api.edge import current_register
from api.hooks import webhook_members
from api.pages.rendering import format_moment
from api.problems import problem_of
from api.routes import Terms
from ledger.entry import parse_time
from service.domain.events import KINDS
from service.errors import FaultyError
from service.webhooks import outbox, subscriptions
from service.webhooks.addresses import LONGEST
from service.webhooks.errors import WebhookRefusedError
from service.webhooks.outcomes import WORDS, Outcome
from service.webhooks.subscriptions import Reason, Tie, Wanted, Webhook

routes = desk_routes("desk-webhooks")

PLACE = "/desk/webhooks"
Act = Callable[[Connection, Webhook], None]


@routes.get(PLACE, Terms(MANAGER, "The webhooks of one's organisation"))
def show_webhooks() -> ResponseReturnValue:
    return _list()


@routes.post(PLACE, Terms(MANAGER, "Make a webhook"))
def make_webhook() -> ResponseReturnValue:
    register, now = current_register(), current_register().clock()
    wanted = Wanted(
        field("url", most=LONGEST), tuple(request.form.getlist("kinds")), tuple(request.form.getlist("ties"))
    )
    try:
        with register.write_beside() as connection:
            hook = subscriptions.add_webhook(
                connection, person_caller().operator, _checked(wanted), reach=register.settings.webhooks, now=now
            )
            secret = subscriptions.make_secret(connection, register.vault, hook.id, now=now)
    except WebhookRefusedError as error:
        return _list(error=error)
    return _one(hook.id, secret=secret)


@routes.get(f"{PLACE}/<uuid:webhook_id>", Terms(MANAGER, "A webhook and its deliveries"))
def show_webhook(webhook_id: UUID) -> ResponseReturnValue:
    return _one(str(webhook_id))


@routes.post(f"{PLACE}/<uuid:webhook_id>/rotate", Terms(MANAGER, "Make a new secret for a webhook"))
def rotate(webhook_id: UUID) -> ResponseReturnValue:
    register = current_register()
    with register.write_beside() as connection:
        hook = _own(connection, str(webhook_id))
        secret = subscriptions.make_secret(connection, register.vault, hook.id, now=register.clock())
    return _one(hook.id, secret=secret)


@routes.post(f"{PLACE}/<uuid:webhook_id>/disable", Terms(MANAGER, "Disable a webhook"))
def disable(webhook_id: UUID) -> ResponseReturnValue:
    now = current_register().clock()
    return _act(webhook_id, lambda c, hook: subscriptions.disable_webhook(c, hook.id, Reason.ASKED, now=now))


@routes.post(f"{PLACE}/<uuid:webhook_id>/enable", Terms(MANAGER, "Enable a webhook again"))
def enable(webhook_id: UUID) -> ResponseReturnValue:
    return _act(webhook_id, lambda connection, hook: subscriptions.enable_webhook(connection, hook.id))


@routes.post(f"{PLACE}/<uuid:webhook_id>/test", Terms(MANAGER, "Send a test to a webhook"))
def send_test(webhook_id: UUID) -> ResponseReturnValue:
    now = current_register().clock()
    return _act(webhook_id, lambda connection, hook: outbox.wish(connection, hook, outbox.TEST, now=now))


@routes.post(f"{PLACE}/<uuid:webhook_id>/redeliver/<uuid:event_id>", Terms(MANAGER, "Send an entry once more"))
def redeliver(webhook_id: UUID, event_id: UUID) -> ResponseReturnValue:
    now = current_register().clock()
    return _act(webhook_id, lambda connection, hook: outbox.wish(connection, hook, str(event_id), now=now))


@routes.post(f"{PLACE}/<uuid:webhook_id>/remove", Terms(MANAGER, "Remove a webhook"))
def remove(webhook_id: UUID) -> ResponseReturnValue:
    with current_register().write_beside() as connection:
        subscriptions.remove_webhook(connection, _own(connection, str(webhook_id)).id)
    return go(PLACE)


def _act(webhook_id: UUID, act: Act) -> ResponseReturnValue:
    try:
        with current_register().write_beside() as connection:
            act(connection, _own(connection, str(webhook_id)))
    except FaultyError as error:
        return _one(str(webhook_id), error=error)
    return go(f"{PLACE}/{webhook_id}")


def _list(*, error: FaultyError | None = None) -> ResponseReturnValue:
    with current_register().read() as reader:
        hooks = subscriptions.list_webhooks(reader.connection, person_caller().operator)
        size = reader.size()
    return show(
        "desk/webhooks.html",
        hooks=[webhook_members(hook, size) for hook in hooks],
        kinds=[kind for kind in KINDS.values() if kind.subjects.maximum],
        ties=list(Tie),
        when=_when,
        typed=field("url", most=LONGEST) if error else "",
        chosen={*request.form.getlist("kinds"), *request.form.getlist("ties")} if error else set(),
        problem=problem_of(error) if error else None,
    )


def _one(webhook_id: str, *, secret: str | None = None, error: FaultyError | None = None) -> ResponseReturnValue:
    with current_register().read() as reader:
        hook = _own(reader.connection, webhook_id)
        attempts, size = outbox.list_attempts(reader.connection, hook.id), reader.size()
    return show(
        "desk/webhook.html",
        hook=webhook_members(hook, size),
        attempts=attempts,
        words=WORDS,
        when=_when,
        unseen=Outcome.UNSEEN,
        kinds=KINDS,
        new_secret=secret,
        problem=problem_of(error) if error else None,
    )


def _when(text: str) -> str:
    return format_moment(parse_time(text))


def _own(connection: Connection, webhook_id: str) -> Webhook:
    return subscriptions.load_webhook(connection, webhook_id, operator=person_caller().operator)


def _checked(wanted: Wanted) -> Wanted:
    """As the form has it. Raises WebhookRefusedError where it was not our form."""
    if unknown := set(wanted.ties) - {tie.value for tie in Tie}:
        raise WebhookRefusedError("/ties", "tie", f"there is no tie {min(unknown)!r}", "没有此种关系")
    return wanted
