"""The answers about passports in other formats, as JSON schemas. The formats themselves their owners describe."""

from collections.abc import Iterable, Mapping
from typing import Any

from service.passports.formats.batterypass import SUBMODELS
from service.passports.formats.gefeg import SECTIONS

_TEXT: Mapping[str, Any] = {"type": "string"}
_PARTY: Mapping[str, Any] = {
    "type": "object",
    "properties": dict.fromkeys(("operator_id", "name", "name_en", "uscc"), _TEXT),
    "required": ["operator_id", "name"],
    "additionalProperties": False,
}


def _sections(names: Iterable[str]) -> Mapping[str, Any]:
    listed = tuple(names)
    return {
        "type": "object",
        "properties": {name: {"type": "object"} for name in listed},
        "required": list(listed),
        "additionalProperties": False,
    }


_REQUIRED = (
    "unique_identifier", "passport_identifier", "granularity", "status", "batch_identifier", "version",
    "version_sha256", "updated_at", "address",
)  # fmt: skip
_OPTIONAL = ("category", "model_identifier", "backup", "registration_identifier")

REGISTRY_RECORD: Mapping[str, Any] = {
    "type": "object",
    "properties": {
        "record": {
            "type": "object",
            "properties": {
                "v": {"type": "integer", "const": 1},
                **dict.fromkeys((*_REQUIRED, *_OPTIONAL), _TEXT),
                "operator": _PARTY,
                "manufacturer": _PARTY,
                "battery": {
                    "type": "object",
                    "properties": dict.fromkeys(("gb_code", "gtin", "serial"), _TEXT),
                    "required": ["gb_code", "serial"],
                    "additionalProperties": False,
                },
                "derived_from": {"type": "array", "items": _TEXT},
            },
            "required": ["v", "operator", "manufacturer", "battery", *_REQUIRED],
            "additionalProperties": False,
        },
        "sha256": {"type": "string", "description": "Of the record's canonical JSON (RFC 8785), base64"},
    },
    "required": ["record", "sha256"],
    "additionalProperties": False,
}

GEFEG: Mapping[str, Any] = {
    "type": "object",
    "description": "GEFEG BatteryPass-Ready, data model 1.0",
    "properties": {"Battery_Passport": _sections(SECTIONS)},
    "required": ["Battery_Passport"],
    "additionalProperties": False,
}
BATTERYPASS: Mapping[str, Any] = {**_sections(SUBMODELS), "description": "Battery Pass submodels, data model 1.2"}

CONTEXT: Mapping[str, Any] = {
    "type": "object",
    "properties": {"@context": {"type": "object"}},
    "required": ["@context"],
    "additionalProperties": False,
}
