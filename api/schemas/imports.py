"""What is asked of an import and answered about one."""

import json
from typing import Any

from marshmallow import Schema, ValidationError, fields, validate

from api.schemas.exports import LAST_LINE
from service.imports.jobs import State
from service.imports.kinds import CONTENTS
from service.imports.outcomes import Status
from service.imports.templates import LANGUAGES

_TRUTH: dict[str, Any] = {"truthy": {"true"}, "falsy": {"false"}, "load_default": False}
MOST_COLUMNS = 1_000


class ImportQuery(Schema):
    """What the file holds and what is to be done with it."""

    kind = fields.String(
        required=True,
        validate=validate.OneOf(tuple(CONTENTS)),
        metadata={"description": "models, packs, units, events, or a kind of event."},
    )
    mode = fields.String(
        load_default="all",
        validate=validate.OneOf(("all", "good")),
        metadata={"description": "all: every row or none, in one commit. good: the rows that have no fault."},
    )
    dry_run = fields.Boolean(**_TRUTH, metadata={"description": "Say what would become of each row; record nothing."})
    again = fields.Boolean(**_TRUTH, metadata={"description": "Also if the very same file was imported before."})
    name = fields.String(load_default="", validate=validate.Length(max=400), metadata={"description": "Of the file."})
    columns = fields.Method(
        deserialize="read_columns",
        load_default=dict,
        metadata={
            "type": "string",
            "description": 'JSON object: by header the field that it means, "" to leave it out. Remembered.',
        },
    )

    def read_columns(self, text: Any) -> dict[str, str]:
        """The mapping in the text."""
        try:
            value = json.loads(text)
        except (ValueError, TypeError, RecursionError):
            raise ValidationError("a JSON object of texts is needed") from None
        if not isinstance(value, dict) or len(value) > MOST_COLUMNS:
            raise ValidationError("a JSON object of texts is needed")
        if not all(isinstance(each, str) and len(each) <= 200 and len(header) <= 500 for header, each in value.items()):
            raise ValidationError("a JSON object of texts is needed")
        return value


class ImportListQuery(Schema):
    """Which page."""

    before = fields.String(load_default=None, validate=validate.Length(1, 36), metadata={"description": "An id."})


class RowsQuery(Schema):
    """Which rows, in which form."""

    rows = fields.String(load_default="all", validate=validate.OneOf(("all", "refused")))
    format = fields.String(
        load_default="csv",
        validate=validate.OneOf(("csv", "ndjson")),
        metadata={"description": "csv: for spreadsheets, safe from formulas. ndjson: every cell as it stood."},
    )


class TemplateQuery(Schema):
    """In which language and form."""

    lang = fields.String(load_default="zh", validate=validate.OneOf(LANGUAGES))
    format = fields.String(load_default="csv", validate=validate.OneOf(("csv", "xlsx")))


class FileSchema(Schema):
    """The file of an import."""

    name = fields.String(required=True)
    bytes = fields.Integer(required=True)
    sha256 = fields.String(required=True)
    form = fields.String(required=True, metadata={"description": "csv, xlsx or ndjson; empty until it was looked at."})
    encoding = fields.String(required=True, metadata={"description": "utf-8 or gb18030."})


class CountsSchema(Schema):
    """accepted + unchanged + refused + undecided + not_tried = done, and at the end = total."""

    total = fields.Integer(required=True, allow_none=True, metadata={"description": "null until rows were counted."})
    done = fields.Integer(required=True)
    accepted = fields.Integer(required=True, metadata={"description": "Recorded; of a dry run: would be recorded."})
    unchanged = fields.Integer(required=True, metadata={"description": "Recorded before as the same events."})
    refused = fields.Integer(required=True)
    undecided = fields.Integer(required=True, metadata={"description": "Of a dry run: hangs on earlier rows."})
    not_tried = fields.Integer(required=True)


class ColumnSchema(Schema):
    """What a column was taken for."""

    header = fields.String(required=True)
    field = fields.String(required=True, metadata={"description": "Empty: left out."})


class FileErrorSchema(Schema):
    """Why the whole file was refused."""

    code = fields.String(required=True)
    message = fields.String(required=True)
    message_zh = fields.String(required=True)
    row = fields.Integer(required=True, allow_none=True)


class RowErrorSchema(Schema):
    """One thing that is wrong with a row."""

    pointer = fields.String(required=True)
    column = fields.String(required=True)
    code = fields.String(required=True)
    message = fields.String(required=True)
    message_zh = fields.String(required=True)
    source = fields.String()


class RefusedRowSchema(Schema):
    """A row that was refused."""

    row = fields.Integer(required=True)
    status = fields.String(required=True)
    errors = fields.List(fields.Nested(RowErrorSchema), required=True)
    original = fields.Raw(
        metadata={"type": ["array", "string"], "description": "The cells of the row, or its line, while it is kept."}
    )


class ImportSchema(Schema):
    """An import and how far it has come."""

    id = fields.String(required=True)
    kind = fields.String(required=True)
    mode = fields.String(required=True)
    dry_run = fields.Boolean(required=True)
    state = fields.String(required=True, validate=validate.OneOf([each.value for each in State]))
    state_zh = fields.String(required=True)
    file = fields.Nested(FileSchema, required=True)
    counts = fields.Nested(CountsSchema, required=True)
    columns = fields.List(fields.Nested(ColumnSchema), required=True)
    error = fields.Nested(FileErrorSchema, required=True, allow_none=True)
    created_at = fields.String(required=True)
    started_at = fields.String(required=True)
    finished_at = fields.String(required=True)
    rows_per_second = fields.Integer(required=True)
    seconds_left = fields.Integer(required=True, allow_none=True)
    rows = fields.String(required=True, metadata={"description": "Where every row is, with what became of it."})
    errors = fields.List(fields.Nested(RefusedRowSchema), metadata={"description": "The first 50 rows refused."})
    again = fields.Boolean(metadata={"description": "The very same file was imported before: this is that import."})


class ImportListSchema(Schema):
    """Imports, newest first."""

    imports = fields.List(fields.Nested(ImportSchema), required=True)
    next = fields.String(required=True, allow_none=True, metadata={"description": "Where the next page is."})


_RECEIPT: dict[str, Any] = {
    "type": "object",
    "required": ["row", "index", "leaf_hash", "proof"],
    "properties": {
        "row": {"type": "integer"},
        "index": {"type": "integer", "description": "Of the entry"},
        "leaf_hash": {"type": "string", "description": "Base64"},
        "proof": {"type": "string", "description": "C2SP tlog-proof text, with the checkpoint."},
    },
    "additionalProperties": False,
}
RECEIPT_LINE: dict[str, Any] = {"oneOf": [_RECEIPT, LAST_LINE]}
_ROW: dict[str, Any] = {
    "type": "object",
    "required": ["row", "status", "original"],
    "properties": {
        "row": {"type": "integer"},
        "status": {"enum": [each.value for each in Status]},
        "index": {"type": "integer", "description": "Of the entry"},
        "errors": {"type": "array", "items": {"type": "object"}},
        "original": {"type": ["array", "string"], "description": "The cells of the row, or its line"},
    },
    "additionalProperties": False,
}
ROW: dict[str, Any] = {"oneOf": [_ROW, LAST_LINE]}
IMPORT, IMPORTS = ImportSchema(), ImportListSchema()
