"""Webhooks of the caller's operator: made, listed, tried, rotated, ended; what became of deliveries (docs/webhooks.md).

Those of others are not there, whatever one asks about them. What is sent is sent by a process of its own, so that no
request waits for a receiver.
"""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from flask import Response
from flask.typing import ResponseReturnValue
from sqlalchemy import Connection

from api import json
from api.auth import MANAGER, signed_in
from api.edge import current_register
from api.hooks import attempt_members, webhook_members
from api.json import JsonBody
from api.routes import Answer, Routes, Terms
from api.schemas.webhooks import ATTEMPTS, NEW_SECRET, WEBHOOK, WEBHOOK_REQUEST, WEBHOOKS, DeliveriesQuery
from service.db.store import SqlReader
from service.webhooks import outbox, subscriptions
from service.webhooks.subscriptions import Reason, Wanted, Webhook

routes = Routes("webhooks")

_CHANGED = (404, 503)


@routes.get("/v1/webhooks", Terms(MANAGER, "The caller's webhooks", answers=(Answer(200, "Oldest first", WEBHOOKS),)))
def list_own() -> ResponseReturnValue:
    with current_register().read() as reader:
        found, size = subscriptions.list_webhooks(reader.connection, signed_in().operator), reader.size()
    return json.answer({"webhooks": [webhook_members(hook, size) for hook in found]})


@routes.post(
    "/v1/webhooks",
    Terms(
        MANAGER,
        "Be told of entries from now on",
        body=JsonBody(WEBHOOK_REQUEST),
        answers=(Answer(201, "The webhook with its secret", NEW_SECRET, headers={"Location": "The webhook"}),),
        errors=(400, 413, 415, 422, 503),
    ),
)
def make(body: dict[str, Any]) -> ResponseReturnValue:
    register = current_register()
    wanted = Wanted(body["url"], tuple(body["kinds"]), tuple(body["ties"]))
    reach, now = register.settings.webhooks, register.clock()
    with register.write_beside() as connection:
        hook = subscriptions.add_webhook(connection, signed_in().operator, wanted, reach=reach, now=now)
        secret = subscriptions.make_secret(connection, register.vault, hook.id, now=now)
    response = json.answer(webhook_members(hook, hook.cursor) | {"secret": secret}, 201)
    response.headers["Location"] = f"/v1/webhooks/{hook.id}"
    return response


@routes.get(
    "/v1/webhooks/<uuid:webhook_id>",
    Terms(MANAGER, "A webhook and how far it is", answers=(Answer(200, "It", WEBHOOK),), errors=(404,)),
)
def show(webhook_id: UUID) -> ResponseReturnValue:
    with current_register().read() as reader:
        return json.answer(webhook_members(_own(reader.connection, webhook_id), reader.size()))


@routes.delete(
    "/v1/webhooks/<uuid:webhook_id>",
    Terms(MANAGER, "Remove a webhook", answers=(Answer(204, "It is gone"),), errors=_CHANGED),
)
def remove(webhook_id: UUID) -> ResponseReturnValue:
    with current_register().write_beside() as connection:
        subscriptions.remove_webhook(connection, _own(connection, webhook_id).id)
    return Response(status=204)


@routes.post(
    "/v1/webhooks/<uuid:webhook_id>:disable",
    Terms(MANAGER, "Be told nothing more", answers=(Answer(200, "It", WEBHOOK),), errors=_CHANGED),
)
def disable(webhook_id: UUID) -> ResponseReturnValue:
    now = current_register().clock()
    return _change(webhook_id, lambda c, hook: subscriptions.disable_webhook(c, hook.id, Reason.ASKED, now=now))


@routes.post(
    "/v1/webhooks/<uuid:webhook_id>:enable",
    Terms(MANAGER, "Go on where it was disabled, at once", answers=(Answer(200, "It", WEBHOOK),), errors=_CHANGED),
)
def enable(webhook_id: UUID) -> ResponseReturnValue:
    return _change(webhook_id, lambda connection, hook: subscriptions.enable_webhook(connection, hook.id))


@routes.post(
    "/v1/webhooks/<uuid:webhook_id>:rotate",
    Terms(
        MANAGER,
        "Make a new secret; for a day both sign",
        answers=(Answer(200, "The webhook with the new secret", NEW_SECRET),),
        errors=_CHANGED,
    ),
)
def rotate(webhook_id: UUID) -> ResponseReturnValue:
    register = current_register()
    with register.write_beside() as connection:
        hook = _own(connection, webhook_id)
        secret = subscriptions.make_secret(connection, register.vault, hook.id, now=register.clock())
        members = webhook_members(hook, SqlReader(connection).size())
    return json.answer(members | {"secret": secret})


@routes.post(
    "/v1/webhooks/<uuid:webhook_id>:test",
    Terms(
        MANAGER,
        "Send a test; the outcome stands among the deliveries",
        answers=(Answer(202, "It will be sent", WEBHOOK),),
        errors=(*_CHANGED, 409),
    ),
)
def send_test(webhook_id: UUID) -> ResponseReturnValue:
    return _wish(webhook_id, outbox.TEST)


@routes.get(
    "/v1/webhooks/<uuid:webhook_id>/deliveries",
    Terms(
        MANAGER,
        "What became of deliveries of the last 14 days",
        query=DeliveriesQuery(),
        answers=(Answer(200, "A page", ATTEMPTS),),
        errors=(404,),
    ),
)
def list_deliveries(webhook_id: UUID, query: dict[str, Any]) -> ResponseReturnValue:
    with current_register().read() as reader:
        hook = _own(reader.connection, webhook_id)
        found = outbox.list_attempts(reader.connection, hook.id, before=query["before"])
    more = f"/v1/webhooks/{hook.id}/deliveries?before={found[-1].id}" if len(found) == outbox.PAGE else None
    return json.answer({"deliveries": [attempt_members(row) for row in found], "next": more})


@routes.post(
    "/v1/webhooks/<uuid:webhook_id>/deliveries/<uuid:event_uuid>:redeliver",
    Terms(
        MANAGER,
        "Send an entry once more, by its event's id",
        answers=(Answer(202, "It will be sent", WEBHOOK),),
        errors=(*_CHANGED, 409),
    ),
)
def redeliver(webhook_id: UUID, event_uuid: UUID) -> ResponseReturnValue:
    return _wish(webhook_id, str(event_uuid))


def _wish(webhook_id: UUID, event: str) -> ResponseReturnValue:
    now = current_register().clock()
    return _change(webhook_id, lambda connection, hook: outbox.wish(connection, hook, event, now=now), status=202)


def _change(webhook_id: UUID, act: Callable[[Connection, Webhook], None], *, status: int = 200) -> ResponseReturnValue:
    with current_register().write_beside() as connection:
        act(connection, _own(connection, webhook_id))
        members = webhook_members(_own(connection, webhook_id), SqlReader(connection).size())
    return json.answer(members, status)


def _own(connection: Connection, webhook_id: UUID) -> Webhook:
    return subscriptions.load_webhook(connection, str(webhook_id), operator=signed_in().operator)
