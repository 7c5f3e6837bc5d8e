"""Applications of organisations that want to take part. Anybody may send one; the authority decides on its pages."""

from typing import Any

from flask.typing import ResponseReturnValue

from api import json
from api.auth import PUBLIC
from api.edge import current_register
from api.json import ObjectBody
from api.peer import client_address, neighbourhood
from api.routes import Answer, Routes, Terms
from api.schemas.applications import HANDED_IN
from ledger.entry import format_time
from service.people import tries
from service.people.applications import Application, apply

routes = Routes("applications")


@routes.post(
    "/v1/applications",
    Terms(
        PUBLIC,
        "Apply for an organisation to take part",
        body=ObjectBody({"$ref": "#/components/schemas/Application"}),
        answers=(Answer(201, "Received; the authority decides", HANDED_IN),),
        errors=(413, 415, 422, 429),
    ),
)
def hand_in(body: dict[str, Any]) -> ResponseReturnValue:
    contact = body.pop("contact", "")
    received = receive(body, contact if isinstance(contact, str) else "")
    members = {"id": received.id, "state": received.state, "created_at": format_time(received.created_at)}
    return json.answer(members, 201)


def receive(enrolment: dict[str, Any], contact: str) -> Application:
    """Hand an application in for the present request's client. Raises TooManyTriesError and what `apply` raises."""
    register = current_register()
    now = register.clock()
    with register.write_beside() as connection:
        tries.count(connection, tries.of_forms("apply", neighbourhood(client_address())), now=now)
    with register.write_beside() as connection:
        return apply(connection, enrolment, contact.strip(), now=now)
