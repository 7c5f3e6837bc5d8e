"""Questions about duties and reports, and their answers."""

import re
from datetime import date
from typing import Any

from marshmallow import Schema, ValidationError, fields, validate, validates_schema

from api.schemas.thresholds import BannedApplicationSchema, NeedSchema, RecycledContentSchema, TargetSchema
from service.domain.duties.clocks import Clock
from service.domain.duties.rows import DUTIES, Jurisdiction
from service.duties import MAX_PAGE, Place
from service.exports.stamp import END, Cells
from service.reports.layout import Encoding

OPERATOR = validate.Regexp(r"\A[a-z][a-z0-9-]{1,39}\Z", error="not the id of an operator")
_MONTH = validate.Regexp(r"\A[0-9]{4}-(0[1-9]|1[0-2])\Z", error="not a month as YYYY-MM")
_WHOSE = {"description": "Without it: all operators, for a regulator or the authority; else the caller."}
_MISSING = re.compile(r"([0-9]{1,15})~([A-Z0-9]{0,24})", re.ASCII)
_PLACE = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})~([0-9]{1,15})~([A-Z0-9]{0,24})~([a-z0-9-]{1,40})", re.ASCII)


class After(fields.String):
    """Where a page ends, as `next` of the page before told it."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **rest: Any) -> Any:
        match = _PLACE.fullmatch(super()._deserialize(value, attr, data, **rest))
        if match is None:
            raise ValidationError("not the end of a page")
        return match[1], int(match[2]), match[3], match[4]


def format_place(place: Place | tuple[int, str] | None) -> str | None:
    """A place in the form that `After` or `AfterMissing` reads."""
    return None if place is None else "~".join(map(str, place))


class AfterMissing(fields.String):
    """Where a page of missing batteries ends."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **rest: Any) -> Any:
        match = _MISSING.fullmatch(super()._deserialize(value, attr, data, **rest))
        if match is None:
            raise ValidationError("not the end of a page")
        return int(match[1]), match[2]


class DutiesQuery(Schema):
    """Which rows of the law."""

    jurisdiction = fields.String(load_default=None, validate=validate.OneOf([each.value for each in Jurisdiction]))
    on = fields.Date(load_default=None, metadata={"description": "Rows that hold for a fact of this day."})


class LateQuerySchema(Schema):
    """Whose cases, due when."""

    operator = fields.String(load_default=None, validate=OPERATOR, metadata=_WHOSE)
    since = fields.Date(data_key="from", load_default=None, metadata={"description": "First due day."})
    until = fields.Date(data_key="to", load_default=None, metadata={"description": "Last due day."})
    after = After(load_default=None, metadata={"description": "`next` of the page before."})
    limit = fields.Integer(load_default=100, validate=validate.Range(1, MAX_PAGE))


class MissingQuery(Schema):
    """Whose cases."""

    operator = fields.String(load_default=None, validate=OPERATOR, metadata=_WHOSE)
    after = AfterMissing(load_default=(-1, ""), metadata={"description": "`next` of the page before."})
    limit = fields.Integer(load_default=100, validate=validate.Range(1, MAX_PAGE))


class SumsQuery(Schema):
    """Whose sums, of which months."""

    operator = fields.String(load_default=None, validate=OPERATOR, metadata={"description": "Default: the caller."})
    since = fields.String(data_key="from", load_default=None, validate=_MONTH)
    until = fields.String(data_key="to", load_default=None, validate=_MONTH)


class ReportQuerySchema(Schema):
    """Whose report, of which duty and period, in which form."""

    operator = fields.String(load_default=None, validate=OPERATOR, metadata={"description": "Default: the caller."})
    duty = fields.String(required=True, validate=validate.OneOf(tuple(DUTIES)))
    since = fields.Date(data_key="from", required=True)
    until = fields.Date(data_key="to", required=True)
    format = fields.String(load_default="csv", validate=validate.OneOf(("csv", "json")))
    cells = fields.String(
        load_default=Cells.SPREADSHEET.value,
        validate=validate.OneOf(tuple(Cells)),
        metadata={"description": "Of the CSV. raw: as it is, to hand in, not to open in a spreadsheet."},
    )
    encoding = fields.String(
        load_default=None,
        validate=validate.OneOf([each.value for each in Encoding]),
        metadata={"description": "Of the CSV. Default: as the layout says."},
    )

    @validates_schema
    def check_period(self, data: dict[str, Any], **_: Any) -> None:
        since, until = data.get("since"), data.get("until")
        if isinstance(since, date) and isinstance(until, date) and until < since:
            raise ValidationError({"to": ["lies before `from`"]})


_DAY = {"format": "date"}


class DutySchema(Schema):
    """A duty to record or report."""

    id = fields.String(required=True)
    jurisdiction = fields.String(required=True)
    title = fields.String(required=True)
    title_zh = fields.String(required=True)
    roles = fields.List(fields.String(), required=True)
    trigger = fields.String(required=True, metadata={"description": "The kind of event that begins it."})
    answers = fields.List(fields.String(), required=True, metadata={"description": "Kinds of events that answer it."})
    days = fields.Integer(required=True, allow_none=True)
    clock = fields.String(required=True, validate=validate.OneOf([each.value for each in Clock]))
    clock_zh = fields.String(required=True)
    state = fields.String(required=True, validate=validate.OneOf(("judged", "source needed", "unjudged")))
    set_by = fields.Integer(
        required=True, allow_none=True, metadata={"description": "Entry in which the authority set the days."}
    )
    unjudged = fields.String(required=True, allow_none=True)
    unjudged_zh = fields.String(required=True, allow_none=True)
    since = fields.String(data_key="from", required=True, metadata=_DAY)
    until = fields.String(required=True, allow_none=True)
    article = fields.String(required=True)
    source = fields.String(required=True)


class MilestoneSchema(Schema):
    """What the law asks from or until a day."""

    id = fields.String(required=True)
    jurisdiction = fields.String(required=True)
    title = fields.String(required=True)
    title_zh = fields.String(required=True)
    since = fields.String(data_key="from", required=True, allow_none=True)
    until = fields.String(required=True, allow_none=True)
    article = fields.String(required=True)
    source = fields.String(required=True)


class CountingSchema(Schema):
    """How days are counted."""

    id = fields.String(required=True)
    title = fields.String(required=True)
    title_zh = fields.String(required=True)
    source = fields.String(required=True)


class DutiesSchema(Schema):
    """The rows of the law."""

    duties = fields.List(fields.Nested(DutySchema), required=True)
    milestones = fields.List(fields.Nested(MilestoneSchema), required=True)
    targets = fields.List(fields.Nested(TargetSchema), required=True)
    recycled_content = fields.List(fields.Nested(RecycledContentSchema), required=True)
    banned_applications = fields.List(fields.Nested(BannedApplicationSchema), required=True)
    licences = fields.List(fields.Nested(NeedSchema), required=True)
    counting = fields.List(fields.Nested(CountingSchema), required=True)


class CaseSchema(Schema):
    """What was due, and how late it is or was."""

    duty = fields.String(required=True)
    title = fields.String(required=True)
    title_zh = fields.String(required=True)
    article = fields.String(required=True)
    operator = fields.String(required=True)
    code = fields.String(required=True, allow_none=True)
    entry = fields.Integer(required=True, metadata={"description": "The entry that began it."})
    since = fields.String(required=True, metadata=_DAY)
    due_on = fields.String(required=True, allow_none=True)
    answer = fields.Integer(required=True, allow_none=True, metadata={"description": "The entry that answers it."})
    answered_on = fields.String(required=True, allow_none=True)
    days_late = fields.Integer(required=True)


class LateSchema(Schema):
    """A page of cases, the longest due first."""

    today = fields.String(required=True, metadata=_DAY)
    operator = fields.String(required=True, allow_none=True)
    cases = fields.List(fields.Nested(CaseSchema), required=True)
    next = fields.String(required=True, allow_none=True)


class MissingCaseSchema(Schema):
    """A vehicle scrapped without its battery."""

    entry = fields.Integer(required=True, metadata={"description": "The entry of the scrapped vehicle."})
    code = fields.String(required=True, allow_none=True, metadata={"description": "The pack that is missing."})
    found = fields.String(required=True, allow_none=True, metadata={"description": "The pack that was there instead."})
    certificate_no = fields.String(required=True)
    operator = fields.String(required=True)
    since = fields.String(required=True, metadata=_DAY)


class MissingSchema(Schema):
    """A page of open cases."""

    title = fields.String(required=True)
    title_zh = fields.String(required=True)
    source = fields.String(required=True)
    cases = fields.List(fields.Nested(MissingCaseSchema), required=True)
    next = fields.String(required=True, allow_none=True)


class SumSchema(Schema):
    """What came of one duty in one month."""

    operator = fields.String(required=True)
    duty = fields.String(required=True)
    month = fields.String(required=True)
    cases = fields.Integer(required=True)
    answered = fields.Integer(required=True)
    late = fields.Integer(required=True, metadata={"description": "Of those answered."})
    mean_days = fields.Float(required=True, allow_none=True, metadata={"description": "From fact to record."})


class ReportSchema(Schema):
    """A report as JSON."""

    title = fields.String(required=True)
    operator = fields.String(required=True)
    duty = fields.String(required=True)
    article = fields.String(required=True)
    since = fields.String(data_key="from", required=True, metadata=_DAY)
    until = fields.String(data_key="to", required=True, metadata=_DAY)
    columns = fields.List(fields.Dict(), required=True)
    rows = fields.List(fields.Dict(), required=True)
    end = fields.Dict(data_key=END, required=True, metadata={"description": "Count, filter, checkpoint, SHA-256."})
