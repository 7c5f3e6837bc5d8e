"""The passport of a model or battery, data point by data point: how it stands, and its sections to fill in.

What is valid is kept in the draft at once; what is not stands on the page with the reason, and nothing else is lost.
The same pages serve both: `Subject` says whose passport it is.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from flask import Response, request
from flask.typing import ResponseReturnValue

from api.auth import READER, RECORDER
from api.desk.field_boxes import Box, Boxes, Told, boxes_of, faults_by_box
from api.desk.field_texts import Texts, read_texts, texts_of_form, texts_of_value
from api.desk.opening import desk_routes, go, person_caller, show
from api.desk.passport_rows import SEEN_BY, PointRow, lacking, row_of, sections_of, standings_of
from api.desk.passport_subject import PATH, Subject, find_subject
from api.edge import current_register
from api.language import Catalogue
from api.pages.answers import visit_of_request
from api.problems import problem_of
from api.routes import Terms
from service.domain.errors import InvalidBody, Problem
from service.domain.fields import FieldSpec, fields_of
from service.domain.passport.completeness import needs_passport
from service.domain.passport.content import parse_content
from service.domain.passport.sections import SECTIONS, Section
from service.domain.passport.shapes import SHAPES
from service.domain.words import Category
from service.errors import FaultyError, NotFoundError
from service.passports.editing import Seen, Writing, mark_of, open_writing, save_points
from service.passports.keeping import find_versions
from service.passports.publishing import discard

routes = desk_routes("passports desk")

MORE = 3
"""Rows that are added to a list at a time."""


@dataclass(frozen=True, slots=True)
class PointForm:
    """A data point as it is filled in. valid: its value, None where it is not given; wrong: it cannot be kept."""

    row: PointRow
    boxes: list[Box | Boxes]
    valid: Mapping[str, Any] | None
    wrong: bool


@routes.get(PATH, Terms(READER, "How a passport stands, data point by data point"))
def show_passport(kind: str, subject: str) -> ResponseReturnValue:
    found = find_subject(kind, subject)
    writing, say = _open(found), visit_of_request(current_register()).say
    with current_register().read() as reader:
        versions = find_versions(reader.connection, [found.author.subject]).get(found.author.subject, [])
    return show(
        "desk/passport.html",
        kept=_kept(writing),
        **shared(found, writing, say),
        sections=sections_of(writing, say),
        missing=lacking(writing.missing, say),
        left=lacking(writing.left_to_batteries, say),
        newest=versions[-1] if versions else None,
        is_needed=_is_needed(found, writing),
        categories=list(Category),
    )


@routes.get(f"{PATH}/<section>", Terms(READER, "A section of a passport to fill in"))
def show_section(kind: str, subject: str, section: str) -> ResponseReturnValue:
    found, rows = find_subject(kind, subject), _section(section)
    writing = _open(found)
    texts = {nr: texts_of_value(fields_of(SHAPES[nr]), writing.content.get(nr, {})) for nr in _writable(writing, rows)}
    return _page(found, rows, writing, texts)


@routes.post(f"{PATH}/<section>", Terms(RECORDER, "Keep a section of a passport in the draft"))
def save_section(kind: str, subject: str, section: str) -> ResponseReturnValue:
    found, rows = find_subject(kind, subject), _section(section)
    writing, act = _open(found), request.form.get("act", "")
    texts = {nr: texts_of_form(fields_of(SHAPES[nr]), request.form, f"p{nr}") for nr in _writable(writing, rows)}
    seen = Seen(list(texts), request.form.get("was", ""))
    if act.startswith("more."):
        return _page(found, rows, writing, texts, more=act.removeprefix("more."), was=seen.mark)
    forms = _forms(writing, rows, texts, visit_of_request(current_register()).say)
    valid = {form.row.nr: form.valid for form in forms if not form.wrong}
    changes = {nr: value for nr, value in valid.items() if writing.content.get(nr) != value}
    try:
        if changes:
            save_points(current_register(), found.author, changes, seen=seen, category=writing.category)
    except FaultyError as error:
        return _page(found, rows, writing, texts, error=error)
    if len(valid) < len(forms):
        was = {} if changes else {"was": seen.mark}
        return _page(found, rows, _open(found), texts, kept=len(changes), **was)
    return go(found.passport)


@routes.post(f"{PATH}/discard", Terms(RECORDER, "Drop what was not published"))
def discard_draft(kind: str, subject: str) -> ResponseReturnValue:
    found = find_subject(kind, subject)
    discard(current_register(), found.author)
    return go(found.passport)


def shared(found: Subject, writing: Writing, say: Catalogue) -> dict[str, Any]:
    """What all pages of a passport show. to: an address of ours that keeps language and category."""
    return {
        "subject": found,
        "name": say.pick(*found.names),
        "writing": writing,
        "seen_by": SEEN_BY,
        "may_write": "record" in person_caller().scopes,
        "to": lambda path: _address(path, _kept(writing)),
    }


def _open(found: Subject) -> Writing:
    text = request.values.get("category", "")
    return open_writing(current_register(), found.author, category=Category(text) if text in list(Category) else None)


def _kept(writing: Writing) -> dict[str, str]:
    """The category, while the address alone says it."""
    author = writing.author
    is_known = author.category is not None or writing.drafted
    return {} if writing.category is None or is_known else {"category": writing.category.value}


def _address(path: str, kept: Mapping[str, str]) -> str:
    visit = visit_of_request(current_register())
    query = {**kept, **({"lang": visit.language} if visit.explicit else {})}
    return f"{path}?{urlencode(query)}" if query else path


def _section(key: str) -> Section:
    if key not in SECTIONS:
        raise NotFoundError("a passport has no such section")
    return SECTIONS[key]


def _writable(writing: Writing, section: Section) -> list[int]:
    return [each.row.nr for each in standings_of(writing, section) if each.writable]


def _is_needed(found: Subject, writing: Writing) -> bool:
    """Whether the law wants a passport of such a battery."""
    state, model = found.author.state, found.author.model
    energy_wh = state.energy_wh if state else model.body.energy_wh if model else 0
    return writing.category is None or needs_passport(writing.category, energy_wh)


def _page(
    found: Subject,
    section: Section,
    writing: Writing,
    texts: Mapping[int, Texts],
    **sent: Any,
) -> Response:
    """sent: `error` that kept it from being saved, `kept` how many were saved, `more` the list that gets more rows,
    `was` the mark of what these texts were made from, where nobody has been shown anything newer."""
    visit, error = visit_of_request(current_register()), sent.get("error")
    is_sent, more = request.method == "POST" and "more" not in sent, sent.get("more", "")
    rows = {nr: _with_rows(nr, each, more, empty=not is_sent) for nr, each in texts.items()}
    forms = _forms(writing, section, rows, visit.say, judged=is_sent)
    wrong = [form for form in forms if form.wrong]
    others = [row_of(writing, each, visit.say) for each in standings_of(writing, section) if not each.writable]
    return show(
        "desk/passport_section.html",
        status=422 if wrong else 200,
        problem=None if error is None else problem_of(error),
        kept=_kept(writing),
        **shared(found, writing, visit.say),
        section=section,
        forms=forms,
        elsewhere=[row for row in others if row.place != "none"],
        wrong=wrong,
        saved=sent.get("kept"),
        was=sent.get("was") or mark_of(writing.content, list(texts)),
    )


def _forms(
    writing: Writing, section: Section, texts: Mapping[int, Texts], say: Catalogue, *, judged: bool = True
) -> list[PointForm]:
    """judged: not while nobody has said that he is done."""
    forms = []
    for standing in standings_of(writing, section):
        nr = standing.row.nr
        if nr not in texts:
            continue
        specs = fields_of(SHAPES[nr])
        value, problems = _checked(nr, specs, texts[nr]) if judged else (None, [])
        boxes = boxes_of(specs, texts[nr], f"p{nr}", Told(say, faults_by_box(problems, f"p{nr}")))
        forms.append(PointForm(row_of(writing, standing, say), boxes, value, bool(problems)))
    return forms


def _checked(nr: int, specs: tuple[FieldSpec, ...], texts: Texts) -> tuple[dict[str, Any] | None, list[Problem]]:
    """The value as it is kept, and what is wrong with it by the rules of its data point."""
    sent = read_texts(specs, texts)
    if sent.value is None:
        return None, list(sent.problems)
    try:
        return parse_content({str(nr): sent.value})[nr], list(sent.problems)
    except InvalidBody as error:
        found = [each._replace(pointer=each.pointer.removeprefix(f"/{nr}")) for each in error.problems]
        return None, [*sent.problems, *found]


def _with_rows(nr: int, texts: Texts, more: str, *, empty: bool) -> Texts:
    """The same with rows to fill in: one in each list that has none, some more where they were asked for."""
    found = dict(texts)
    for spec in fields_of(SHAPES[nr]):
        if spec.kind == "items":
            blank = texts_of_form(spec.items, {}, "")
            added = MORE if more == f"p{nr}.{spec.name}" else 1 if empty and not texts[spec.name] else 0
            found[spec.name] = [*texts[spec.name], *[blank] * added]
    return found
