"""Publishing a model: filled in on a page or taken from a file, read over, and then recorded for good."""

from collections.abc import Sequence
from typing import Any

from flask import request
from flask.typing import ResponseReturnValue

from api.auth import READER, RECORDER, present_registry
from api.desk.field_boxes import Told, boxes_of, faults_by_box
from api.desk.field_texts import Texts, read_texts, texts_of_form, texts_of_value
from api.desk.models import NEW, PATH, may_publish
from api.desk.opening import desk_routes, go, person_caller, show
from api.edge import current_edge, current_register
from api.pages.answers import visit_of_request
from api.passport_values import body_lines
from api.problems import problem_of
from api.routes import Terms
from ledger.canonical import parse_json
from ledger.errors import MalformedError
from service.domain.bodies import PublishModel
from service.domain.errors import InvalidBody, Problem
from service.domain.events import body_mapping, parse_body
from service.domain.fields import fields_of
from service.domain.gbt34014 import CHEMISTRIES
from service.errors import Fault, FaultyError, NotFoundError, RefusedError
from service.operators import record_as

routes = desk_routes("new model desk")

PUBLISH, PREFIX = "publish_model", "m"
LARGEST_FILE = 100_000
SPECS = fields_of(PublishModel)


@routes.get(NEW, Terms(READER, "A model to fill in"))
def show_form() -> ResponseReturnValue:
    like = present_registry().models.get(request.args.get("like", ""))
    if like is None or like.maker != person_caller().operator:
        return _form(texts_of_value(SPECS, {}))
    return _form(texts_of_value(SPECS, body_mapping(like.body) | {"model_id": "", "gtin": ""}))


@routes.post(NEW, Terms(RECORDER, "Look over a model, or publish it"))
def look_or_publish() -> ResponseReturnValue:
    act = request.form.get("act", "")
    try:
        texts = _texts_of_file() if act == "file" else texts_of_form(SPECS, request.form, PREFIX)
    except FaultyError as error:
        return _form(texts_of_value(SPECS, {}), error=error)
    value, problems = _checked(texts)
    if problems or value is None or act in ("file", "change"):
        return _form(texts, problems=problems if act != "change" else ())
    if act != "publish":
        say = visit_of_request(current_register()).say
        return show("desk/new_model_check.html", new=NEW, lines=body_lines(SPECS, value, say), fields=_flat(texts))
    try:
        record_as(current_edge().recorder, person_caller().operator, PUBLISH, value)
    except FaultyError as error:
        found = [Problem(f.pointer.removeprefix("/body"), f.code, f.message_en, f.message_zh) for f in error.faults]
        return _form(texts, problems=found, error=error)
    except NotFoundError as error:
        return _form(texts, error=error)
    return go(f"{PATH}/{value['model_id']}")


def _form(texts: Texts, *, problems: Sequence[Problem] = (), error: Exception | None = None) -> ResponseReturnValue:
    say = visit_of_request(current_register()).say
    letters = [(each.letter, f"{each.letter} · {say.pick(each.en, each.zh)}") for each in CHEMISTRIES.values()]
    told = Told(say, faults_by_box(problems, PREFIX), {"chemistry": letters})
    boxes = boxes_of(SPECS, texts, PREFIX, told)
    return show(
        "desk/new_model.html",
        status=422 if problems else 200,
        problem=None if error is None else problem_of(error),
        new=NEW,
        boxes=boxes,
        wrong=[(box, words) for box in boxes for words in box.errors],
        further=[problem for problem in problems if not _has_box(problem)],
        may_publish=may_publish(),
    )


def _checked(texts: Texts) -> tuple[dict[str, Any] | None, list[Problem]]:
    """The body as it would be recorded, and what is wrong with it by the rules of the event."""
    sent = read_texts(SPECS, texts)
    try:
        return body_mapping(parse_body(PUBLISH, sent.value or {})), list(sent.problems)
    except InvalidBody as error:
        return None, [*sent.problems, *error.problems]


def _texts_of_file() -> Texts:
    """The body in a JSON file. Raises RefusedError for what is none, and for members that a model has not."""
    sent = request.files.get("file")
    data = sent.read(LARGEST_FILE + 1) if sent is not None else b""
    try:
        body = parse_json(data) if len(data) <= LARGEST_FILE else None
    except MalformedError:
        body = None
    if not isinstance(body, dict):
        raise RefusedError([Fault("/file", "file", *_NO_FILE)])
    unknown = sorted(set(body) - {spec.name for spec in SPECS})
    if unknown:
        raise RefusedError([Fault(f"/{name[:64]}", "unknown", *_UNKNOWN) for name in unknown[:20]])
    return texts_of_value(SPECS, body)


def _flat(texts: Texts) -> list[tuple[str, str]]:
    """The boxes by name, to be sent again as they are."""
    found = []
    for spec in SPECS:
        text = texts[spec.name]
        rows = text.items() if isinstance(text, dict) else [("", text)]
        found += [(f"{PREFIX}.{spec.name}{'.' if word else ''}{word}", each) for word, each in rows if each]
    return found


def _has_box(problem: Problem) -> bool:
    return problem.pointer.split("/")[1:2] != [] and problem.pointer.split("/")[1] in {spec.name for spec in SPECS}


_NO_FILE = (
    "a JSON object of at most 100 kB is needed, the body of publish_model: nothing was taken from the file",
    "应为不超过100 kB的JSON对象（publish_model的内容），未读取文件中的任何内容",
)
_UNKNOWN = ("a model has no such field: nothing was taken from the file", "型号没有此字段，未读取文件中的任何内容")
