"""What an application of an organisation holds: the body of an enrolment without its id, and how to be reached."""

from typing import Any

from marshmallow import Schema, fields

from api.schemas.answers import TIME
from api.schemas.bodies import event_schemas
from service.people.applications import LONGEST_CONTACT


def application_schema() -> dict[str, Any]:
    """The JSON schema of the request; the domain checks it."""
    enrolment = event_schemas()["EnrolOperatorBody"]
    properties = {name: each for name, each in enrolment["properties"].items() if name != "operator_id"}
    contact = {
        "type": "string",
        "minLength": 1,
        "maxLength": LONGEST_CONTACT,
        "description": "Whom to ask, and how. Personal data: seen by the authority, erased 30 days after the decision.",
    }
    required = [name for name in enrolment["required"] if name != "operator_id"]
    return dict(enrolment) | {"properties": properties | {"contact": contact}, "required": [*required, "contact"]}


class HandedInSchema(Schema):
    """An application that was received."""

    id = fields.String(required=True, metadata={"format": "uuid"})
    state = fields.String(required=True, metadata={"enum": ["open"]})
    created_at = fields.String(required=True, metadata=TIME)


HANDED_IN = HandedInSchema()
