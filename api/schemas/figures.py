"""Questions about figures, and their answers."""

from typing import Any

from marshmallow import Schema, fields, validate

from api.schemas.exports import EXPORT_END
from service.domain.states import OpState
from service.exports.stamp import END
from service.figures.figures import FIGURES
from service.figures.shapes import MAX_PAGE, Filter

_MONTH = validate.Regexp(r"\A[0-9]{4}-(0[1-9]|1[0-2])\Z", error="not a month as YYYY-MM")
_OPERATOR = validate.Regexp(r"\A[a-z][a-z0-9-]{1,39}\Z", error="not the id of an operator")
_DISTRICT = validate.Regexp(r"\A([0-9]{2}|[0-9]{4}|[0-9]{6})\Z", error="not 2, 4 or 6 digits of GB/T 2260")


class FigureQuery(Schema):
    """What narrows a figure down. Which of these it takes, and how it can be grouped, its description says."""

    since = fields.String(
        data_key="from", load_default=None, validate=_MONTH, metadata={"description": "First month, YYYY-MM."}
    )
    until = fields.String(
        data_key="to", load_default=None, validate=_MONTH, metadata={"description": "Last month, YYYY-MM."}
    )
    district = fields.String(
        load_default=None, validate=_DISTRICT, metadata={"description": "Of organisations enrolled there."}
    )
    operator = fields.String(load_default=None, validate=_OPERATOR)
    model = fields.String(load_default=None, validate=validate.Length(1, 40))
    jurisdiction = fields.String(load_default=None, validate=validate.OneOf(("CN", "EU")))
    by = fields.String(
        load_default=None,
        validate=validate.OneOf(sorted({by for each in FIGURES.values() for by in each.by})),
        metadata={"description": "How rows are grouped; default: the first way that the figure has."},
    )


class FigureRowsQuery(FigureQuery):
    """Which of the lists behind a figure, and from where on."""

    list = fields.String(
        load_default=None,
        validate=validate.OneOf(sorted({name for each in FIGURES.values() for name in each.lists})),
        metadata={"description": "Default: the first list that the figure has."},
    )
    state = fields.String(
        load_default=None,
        validate=validate.OneOf([each.value for each in OpState]),
        metadata={"description": "Of the batteries in the lists `state` and `orphans`."},
    )
    of = fields.String(
        load_default=None,
        validate=validate.Length(1, 90),
        metadata={"description": "What rows of some lists are narrowed down to, such as a duty: see docs/figures.md."},
    )
    after = fields.String(
        load_default=None, validate=validate.Length(1, 200), metadata={"description": "`next` of the page before."}
    )
    limit = fields.Integer(load_default=100, validate=validate.Range(1, MAX_PAGE))


def filter_of(query: dict[str, Any]) -> Filter:
    """The filter in a checked query."""
    names = ("since", "until", "district", "operator", "model", "jurisdiction", "by")
    return Filter(**{name: query[name] for name in names})


_TEXT, _COUNT = {"type": "string"}, {"type": "integer", "minimum": 0}
_TEXTS = {"type": "array", "items": _TEXT}
_COLUMN = {
    "type": "object",
    "required": ["key", "unit", "kind"],
    "properties": {"key": _TEXT, "unit": _TEXT, "kind": _TEXT},
    "additionalProperties": False,
}
_COLUMNS = {"type": "array", "items": _COLUMN}
_ROW = {"type": "object", "additionalProperties": {"type": ["string", "integer", "null"]}}
_FILTER = {"type": "object", "additionalProperties": _TEXT}
_FIGURE = {
    "number": {"type": "integer", "minimum": 1, "maximum": 16},
    "figure": _TEXT,
    "source": {"type": "string", "description": "The clause it comes from"},
    "by": _TEXTS,
    "filters": _TEXTS,
    "columns": _COLUMNS,
    "lists": _TEXTS,
}
_LAG = {"type": "integer", "minimum": 0, "description": "Entries that are recorded and not in the figures yet"}
_PARAMETER = {
    "name": _TEXT,
    "of": _TEXT,
    "value": _COUNT,
    "source": _TEXT,
    "since": {"type": ["string", "null"]},
    "until": {"type": ["string", "null"]},
}


def _object(properties: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "required": list(properties),
        "properties": properties,
        "additionalProperties": False,
    }


FIGURE_LIST: dict[str, Any] = _object(
    {
        "figures": {"type": "array", "items": _object(_FIGURE)},
        "parameters": {"type": "array", "items": _object(_PARAMETER)},
        "lag": _LAG,
    }
)
FIGURE_TABLE: dict[str, Any] = _object(
    {
        "figure": _TEXT,
        "number": _COUNT,
        "by": _TEXT,
        "filter": _FILTER,
        "source": _TEXT,
        "columns": _COLUMNS,
        "count": {"type": "integer", "minimum": 0, "description": "Rows that there are; at most 5,000 are here"},
        "size": {"type": "integer", "minimum": 0, "description": "Entries that the figures are made of"},
        "at": {"type": "string", "description": "When the last of them was recorded; empty before the first"},
        "lag": _LAG,
        "complete": {"type": "boolean", "description": "Whether all rows are here, of all entries"},
        "notes": _TEXTS,
        "rows": {"type": "array", "items": _ROW},
        END: EXPORT_END,
    }
)
FIGURE_ROWS: dict[str, Any] = _object(
    {
        "figure": _TEXT,
        "list": _TEXT,
        "filter": _FILTER,
        "columns": _COLUMNS,
        "rows": {"type": "array", "items": _ROW},
        "next": {"type": ["string", "null"]},
        "size": _COUNT,
        "lag": _LAG,
    }
)
