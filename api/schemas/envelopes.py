"""The two envelopes an event arrives in.

    signed      {"event": {...}, "jws": "<header>..<signature>", "private": {"vin": {"value": "...", "salt": "..."}}}
    custodial   {"type": "...", "subjects": [...], "occurred_at": "...", "body": {...}, "id": "...",
                 "private": {"vin": "..."}}

A signed event has commitments in its body, and under `private` value and salt of each. In custody restricted values
are told plainly, in the body or under `private`.

Bodies are not looked at here: the domain checks them, all faults at once. A well-formed envelope passes on a look at
its members; only one that is not goes through its schema, which then says what is wrong with it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from marshmallow import Schema, ValidationError, fields

from api.json import load


class SignedSchema(Schema):
    """An event signed by its operator, with the signature beside it."""

    event = fields.Dict(keys=fields.String(), required=True, metadata={"description": "The signed part, whole."})
    jws = fields.String(required=True, metadata={"description": "Detached JWS: header, two dots, signature."})
    private = fields.Dict(
        keys=fields.String(),
        metadata={"description": "Restricted values by name, each with the salt of its commitment."},
    )


class CustodialSchema(Schema):
    """What happened, for the service to complete and to sign with the key it holds."""

    type = fields.String(required=True)
    occurred_at = fields.String(required=True, metadata={"format": "date-time"})
    subjects = fields.List(fields.String())
    body = fields.Dict(keys=fields.String())
    id = fields.String(metadata={"description": "UUID of version 7; makes a repetition harmless."})
    private = fields.Dict(keys=fields.String(), metadata={"description": "Restricted values by name."})


SIGNED = SignedSchema()
CUSTODIAL = CustodialSchema()

_SIGNED_TYPES: Mapping[str, type] = {"event": dict, "jws": str, "private": dict}
_CUSTODIAL_TYPES: Mapping[str, type] = {
    "type": str,
    "occurred_at": str,
    "subjects": list,
    "body": dict,
    "id": str,
    "private": dict,
}
_BESIDE = ("/jws", "/private")


@dataclass(frozen=True, slots=True)
class Signed:
    """An event as its operator signed it."""

    event: Mapping[str, Any]
    jws: str
    private: Mapping[str, Any] = field(default_factory=dict)

    def place(self, pointer: str) -> str:
        """Where in the envelope a fault of the event is."""
        return pointer if pointer.startswith(_BESIDE) else f"/event{pointer}"


@dataclass(frozen=True, slots=True)
class Custodial:
    """What happened, as its operator tells it."""

    members: Mapping[str, Any]
    private: Mapping[str, Any] = field(default_factory=dict)

    def place(self, pointer: str) -> str:
        """Where in the envelope a fault of the event is: the members have the same names."""
        return pointer


Envelope = Signed | Custodial


def parse_envelope(value: object) -> Envelope:
    """An envelope from decoded JSON. Raises ValidationError that names every member at fault."""
    if not isinstance(value, dict):
        raise ValidationError("an event is a JSON object")
    if "jws" in value or "event" in value:
        if not _fits(value, _SIGNED_TYPES, needed=("event", "jws")):
            load(SIGNED, value)
        return Signed(value["event"], value["jws"], value.get("private", {}))
    if not _fits(value, _CUSTODIAL_TYPES, needed=("type", "occurred_at")):
        load(CUSTODIAL, value)
    members = {name: given for name, given in value.items() if name != "private"}
    return Custodial(members, value.get("private", {}))


def _fits(value: Mapping[str, Any], types: Mapping[str, type], *, needed: tuple[str, ...]) -> bool:
    return all(name in value for name in needed) and all(
        type(given) is types.get(name) for name, given in value.items()
    )
