"""What the workshop's scripts are answered: a battery in hand, and what a phone takes along."""

from collections.abc import Mapping
from typing import Any

Schema = Mapping[str, Any]


def _object(**properties: Any) -> Schema:
    return {"type": "object", "required": list(properties), "properties": properties, "additionalProperties": False}


def _list(items: Schema) -> Schema:
    return {"type": "array", "items": items}


def _or_null(kind: str) -> Schema:
    return {"type": [kind, "null"]}


_TEXT: Schema = {"type": "string"}
_NUMBER: Schema = {"type": "integer"}
_YES_NO: Schema = {"type": "boolean"}
_WORDS = {"en": _TEXT, "zh": _TEXT}
_BOTH = _object(**_WORDS)
_LEVEL: Schema = {"enum": ["ok", "check", "stop"]}
_REASON = _object(reason=_TEXT, level=_LEVEL, **_WORDS)
_STATE = {"op_state": _TEXT, **_WORDS}
_FIELD = _object(
    name=_TEXT,
    type={"enum": ["integer", "text", "code", "codes", "operator", "region", "date", "choice", "boolean"]},
    required=_YES_NO,
    more={"type": "boolean", "description": "Put away, being optional"},
    restricted={"type": "boolean", "description": "Stands beside the register, as a commitment in the entry"},
    label=_BOTH,
    unit={"oneOf": [_BOTH, {"type": "null"}]},
    places={"type": "integer", "description": "The number typed in `unit` is moved by so many decimal places"},
    minimum=_or_null("integer"),
    maximum=_or_null("integer"),
    max_length=_or_null("integer"),
    pattern=_or_null("string"),
    choices=_list(_object(value=_TEXT, **_WORDS)),
    value={"type": ["string", "null"], "description": "Filled in beforehand"},
    suggestions=_list(_TEXT),
    offered={"type": "array", "items": _TEXT, "description": "Codes to choose several of"},
    subject={"type": "boolean", "description": "Its code stands among the subjects too"},
)
_OTHERS = _object(
    before={"type": "boolean", "description": "Named before the battery in hand"},
    minimum=_NUMBER,
    maximum=_NUMBER,
    label=_BOTH,
    codes={"type": "array", "items": _TEXT, "description": "Known beforehand: none is typed"},
)
_FORM = _object(kind=_TEXT, others=_list(_OTHERS), fields=_list(_FIELD))

IN_HAND = _object(
    code=_TEXT,
    as_of=_object(size=_NUMBER, at=_TEXT),
    verdict=_object(level=_LEVEL, **_WORDS, reasons=_list(_REASON)),
    state=_object(**_STATE, holder=_TEXT, count=_NUMBER),
    identity=_list(_object(name=_TEXT, label=_BOTH, value=_BOTH)),
    actions=_list(_object(kind=_TEXT, primary=_YES_NO, **_WORDS, form=_FORM)),
    not_now=_list(_object(kind=_TEXT, **_WORDS, reason=_BOTH)),
)
SNAPSHOT = _object(
    organisation=_TEXT,
    size=_NUMBER,
    at=_TEXT,
    checkpoint={"type": "string", "description": "The signed note that it was read under"},
    complete={"type": "boolean", "description": "Whether there are no more batteries than these"},
    most=_NUMBER,
    batteries=_list(
        _object(code=_TEXT, level=_LEVEL, reasons=_list(_REASON), op_state=_object(**_STATE), kinds=_list(_TEXT))
    ),
)
