"""What stands at the end of every export."""

from typing import Any

from service.exports.stamp import END, Cells

_TEXT = {"type": "string"}
EXPORT_END: dict[str, Any] = {
    "type": "object",
    "required": ["export", "filter", "cells", "count", "size", "root", "sha256"],
    "properties": {
        "export": _TEXT,
        "filter": {"type": "object", "additionalProperties": _TEXT, "description": "What was asked for"},
        "cells": {"enum": [each.value for each in Cells]},
        "count": {"type": "integer", "minimum": 0, "description": "Of rows"},
        "size": {"type": "integer", "minimum": 0, "description": "Of the log, as its checkpoint says"},
        "root": _TEXT,
        "sha256": {"type": "string", "pattern": "^[0-9a-f]{64}$", "description": "Of all bytes before the end mark"},
    },
    "additionalProperties": False,
}
LAST_LINE: dict[str, Any] = {
    "type": "object",
    "required": [END],
    "properties": {END: EXPORT_END},
    "additionalProperties": False,
}
