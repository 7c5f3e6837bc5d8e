"""Many batteries, one action: paste their codes, see what will become of each, record those that can be."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from flask import request
from flask.typing import ResponseReturnValue

from api.auth import RECORDER, present_registry
from api.desk.opening import desk_routes, field, person_caller
from api.edge import current_register
from api.language import Catalogue
from api.pages.answers import visit_of_request
from api.problems import problem_of
from api.routes import Terms
from api.telling import Refused, event_id, new_event_id, tell
from api.workshop.action import (
    asks_operator,
    by_field,
    find_operator,
    known_of,
    named_operators,
    operators_offered,
    own_indexes,
)
from api.workshop.opening import MOST_SENT, PATH, battery_path, sent, show_phone
from api.workshop.words import kind_title, refusal_text
from service.domain.events import KINDS
from service.errors import Fault, FaultyError, RefusedError
from service.recording.recorder import Recorded
from service.workshop.batch import MOST, Fate, Line, begun_at, line_id, plan_batch
from service.workshop.forms import Form, fits_batch, make_shared_form
from service.workshop.offers import Refusal, on_phone
from service.workshop.reading import read_form, split_codes

routes = desk_routes("workshop batch")

Outcome = Recorded | Refused | int
"""What became of an event; the index of the entry that recorded it before."""


@dataclass(frozen=True, slots=True)
class Result:
    """What became of a line. index: of its entry; text: why there is none."""

    line: Line
    outcome: str
    index: int | None = None
    text: str = ""


@routes.get(f"{PATH}/batch", Terms(RECORDER, "Many batteries, one action"))
def show_batch() -> ResponseReturnValue:
    return _first_page()


@routes.post(f"{PATH}/batch", Terms(RECORDER, "See what would become of each battery, or record those that can be"))
def do_batch() -> ResponseReturnValue:
    codes, kind = field("codes", most=MOST_SENT), field("kind", most=40)
    count = len(split_codes(codes))
    try:
        if kind not in _kinds():
            raise RefusedError([Fault("/kind", "choice", "choose an action from the list", "请从列表中选择业务")])
        if not 1 <= count <= MOST:
            en, zh = f"name 1 to {MOST} batteries; these are {count}", f"请填写1至{MOST}个电池，当前为{count}个"
            raise RefusedError([Fault("/codes", "number", en, zh)])
    except RefusedError as error:
        return _first_page(error=error)
    register = current_register()
    lines = plan_batch(register, codes, kind, operator=person_caller().operator, now=register.clock())
    ready = [line.state for line in lines if line.fate is Fate.READY and line.state is not None]
    form = make_shared_form(kind, known_of(kind), ready)
    id_ = event_id(request.form.get("batch_id", "") or new_event_id())
    if field("act") != "record":
        return _second_page(form, lines, id_)
    return _record(form, lines, id_)


def _record(form: Form, lines: Sequence[Line], id_: str) -> ResponseReturnValue:
    told = read_form(form, sent, find_operator, now=begun_at(id_))
    if told.faults:
        return _second_page(form, lines, id_, faults=told.faults)
    ids = {line_id(id_, line.code): line.code for line in lines if line.code}
    before = own_indexes(list(ids))
    events = [{**told.members, "id": each, "subjects": [code]} for each, code in ids.items() if each not in before]
    outcomes: dict[str, Outcome] = dict(zip((event["subjects"][0] for event in events), tell(events), strict=True))
    outcomes |= {ids[each]: index for each, index in before.items()}
    say = visit_of_request(current_register()).say
    results = [_result(line, outcomes.get(line.code), say) for line in lines]
    return show_phone(
        "w/batch_done.html",
        title=kind_title(form.kind, say),
        results=results,
        counts=Counter(each.outcome for each in results),
        path=battery_path,
    )


def _result(line: Line, outcome: Outcome | None, say: Catalogue) -> Result:
    if line.fate is Fate.REPEATED or outcome is None:
        return Result(line, "repeated" if line.fate is Fate.REPEATED else "unknown")
    if isinstance(outcome, int):
        return Result(line, "again", outcome)
    if isinstance(outcome, Recorded):
        return Result(line, "again" if outcome.replayed else "recorded", outcome.index)
    error = outcome.error
    told = error.faults if isinstance(error, FaultyError) else ()
    words = say("punctuation.list").join(say.pick(fault.message_en, fault.message_zh) for fault in told)
    return Result(line, "refused", text=words or outcome.problem.detail)


def _kinds() -> list[str]:
    """What may be told of many batteries at once, by the organisation's roles."""
    roles = present_registry().roles_of(person_caller().operator)
    return [kind for kind in on_phone() if fits_batch(kind) and KINDS[kind].roles & roles]


def _first_page(*, error: RefusedError | None = None) -> ResponseReturnValue:
    say = visit_of_request(current_register()).say
    return show_phone(
        "w/batch.html",
        problem=None if error is None else problem_of(error),
        kinds=[(kind, kind_title(kind, say)) for kind in _kinds()],
        chosen=field("kind", most=40) if request.method == "POST" else request.args.get("kind", ""),
        codes=field("codes", most=MOST_SENT) if request.method == "POST" else "",
        most=MOST,
    )


def _second_page(form: Form, lines: Sequence[Line], id_: str, *, faults: Sequence[Fault] = ()) -> ResponseReturnValue:
    registry, say = present_registry(), visit_of_request(current_register()).say
    return show_phone(
        "w/batch_form.html",
        status=422 if faults else 200,
        form=form,
        batch_id=id_,
        title=kind_title(form.kind, say),
        lines=[(line, line_id(id_, line.code), _why(line, form.kind, say)) for line in lines],
        counts=Counter(line.fate.value for line in lines),
        codes="\n".join(line.text for line in lines),
        errors=by_field(faults, form),
        typed=sent if field("act") == "record" else None,
        named=named_operators(form, registry, say),
        operators=operators_offered(registry, say) if asks_operator(form) else [],
        path=battery_path,
    )


def _why(line: Line, kind: str, say: Catalogue) -> str:
    """Why a line is not ready."""
    if line.breach is None:
        return "" if line.fate is Fate.READY else say(f"w.line_{line.fate.value}")
    return refusal_text(Refusal(kind, 0, line.breach), say)
