"""Frozen reports: figures as they were on a day, kept under the hash of their file, for ever the same.

What is frozen is what the page showed: all figures, or one, by the filter of that moment. Names of organisations and
models are frozen with them; the words for states and duties are of the version that shows it.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from flask import request
from flask.typing import ResponseReturnValue
from marshmallow import fields, validate

from api.auth import AUDITOR, present_registry
from api.desk.figures.asking import FIELDS, Asked, read_asked_of
from api.desk.figures.cards import BY, GROUPS
from api.desk.figures.pages import present_speaker, read_table
from api.desk.figures.words import Names, Speaker, present_names
from api.desk.files import answer_file
from api.desk.opening import desk_routes, field, go, person_caller, show
from api.edge import current_register
from api.language import LANGUAGES, catalogue
from api.pages.answers import visit_of_request
from api.routes import Terms
from service.errors import NotFoundError
from service.exports.stamp import END
from service.figures.figures import FIGURES
from service.figures.shapes import Column, Table
from service.frozen.reports import PAGE, Kept, count_reports, freeze, list_reports, read_report

routes = desk_routes("reports desk")

PATH = "/desk/reports"
BEFORE = fields.Integer(validate=validate.Range(1, 2**31 - 1))
_NAMED = ("operator", "model")
_DIGEST = re.compile(r"[0-9a-f]{64}")


@routes.get(PATH, Terms(AUDITOR, "The reports that were frozen, newest first"))
def show_reports() -> ResponseReturnValue:
    before = request.args.get("before")
    found = list_reports(current_register(), before=None if before is None else BEFORE.deserialize(before))
    older = found[PAGE - 1].number if len(found) > PAGE else None
    return show(
        "desk/reports.html",
        reports=found[:PAGE],
        older=older,
        count=count_reports(current_register()),
        operators=present_registry().operators,
        speaker=present_speaker(),
    )


@routes.post("/desk/figures/freeze", Terms(AUDITOR, "Freeze what a page of figures shows as a report"))
def freeze_figures() -> ResponseReturnValue:
    asked = read_asked_of({name: field(name) for name in FIELDS})
    if asked.fault is not None:
        raise asked.fault
    slug, by = field("figure"), field("by")
    if slug and slug not in FIGURES:
        raise NotFoundError("there is no such figure")
    slugs = [slug] if slug else [each for group in GROUPS.values() for each in group]
    tables = [read_table(each, asked, by=by if slug else BY.get(each)) for each in slugs]
    taken = asked.filter.asked() | ({"figure": slug, "by": tables[0].by} if slug else {})
    digest = freeze(
        current_register(),
        [_members(table, asked) for table in tables],
        by=person_caller().operator,
        asked=taken,
        names=_names(tables, present_names(present_registry())),
    )
    return go(f"{PATH}/{digest.hex()}")


@routes.get(f"{PATH}/<digest>", Terms(AUDITOR, "One report, to read and to print"))
def show_report(digest: str) -> ResponseReturnValue:
    kept = _kept(digest)
    document = kept.document
    speaker = Speaker(visit_of_request(current_register()).say, _frozen_names(document["names"]))
    return show(
        "desk/report.html",
        report=kept.report,
        digest=digest,
        document=document,
        tables=[(table, [Column(**_of(each)) for each in table["columns"]]) for table in document["rows"]],
        end=document[END],
        speaker=speaker,
    )


@routes.get(f"{PATH}/<digest>.json", Terms(AUDITOR, "The file of a report"))
def show_report_file(digest: str) -> ResponseReturnValue:
    return answer_file(f"report-{digest[:16]}.json", _kept(digest).content, "application/json")


def _kept(digest: str) -> Kept:
    if _DIGEST.fullmatch(digest) is None:
        raise NotFoundError("there is no such report")
    return read_report(current_register(), bytes.fromhex(digest))


def _members(table: Table, asked: Asked) -> dict[str, Any]:
    """A table as the file has it: with its titles in both languages, so that it can be read without PackTrail."""
    figure, both = table.figure, [Speaker(catalogue(each), lambda *_: None) for each in LANGUAGES]
    columns = [
        {"key": column.key, "unit": column.unit, "kind": column.kind}
        | {f"title_{each.say.language}": each.heading(column) for each in both}
        for column in table.columns
    ]
    return {
        "figure": figure.slug,
        "number": figure.number,
        **{f"title_{each.say.language}": each.say(figure.title_key) for each in both},
        "source": figure.source,
        "by": table.by,
        "columns": columns,
        "rows": table.rows,
        "count": table.count,
        "size": table.size,
        "at": table.at,
        "lag": table.lag,
        "notes": table.notes,
    }


def _of(column: Mapping[str, str]) -> dict[str, str]:
    return {name: column[name] for name in ("key", "unit", "kind")}


def _names(tables: Sequence[Table], names: Names) -> dict[str, dict[str, tuple[str, str]]]:
    """What the organisations and models of these tables are called now."""
    found: dict[str, dict[str, tuple[str, str]]] = {unit: {} for unit in _NAMED}
    for table in tables:
        for place, column in enumerate(table.columns):
            unit = "operator" if column.unit == "state" else column.unit  # a state may be a hand: see flows
            if unit not in _NAMED:
                continue
            for row in table.rows:
                name = names(unit, str(row[place]))
                if name is not None:
                    found[unit][str(row[place])] = name
    return found


def _frozen_names(found: Mapping[str, Mapping[str, Sequence[str]]]) -> Names:
    def name(unit: str, id_: str) -> tuple[str, str] | None:
        pair = found.get(unit, {}).get(id_)
        return None if pair is None else (pair[0], pair[1])

    return name
