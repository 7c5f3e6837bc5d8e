"""The form of one action on one battery, and what became of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from flask import request
from flask.typing import ResponseReturnValue

from api.auth import RECORDER, present_registry, signed_in
from api.desk.opening import desk_routes, go
from api.edge import current_register
from api.language import Catalogue
from api.naming import operator_name
from api.pages.answers import visit_of_request
from api.pages.rendering import format_moment
from api.problems import Problem
from api.routes import Terms
from api.telling import Refused, event_id, new_event_id, tell
from api.workshop.battery import InHand, battery_page, take_in_hand
from api.workshop.opening import PATH, battery_path, sent, show_phone
from api.workshop.words import kind_title, other_word
from service.domain.events import KINDS
from service.domain.names import OP_STATES
from service.domain.rules_use import date_in_china
from service.errors import Fault, FaultyError, NotFoundError
from service.imports.cells import CellError
from service.imports.columns import fold
from service.lookup import resolve_battery
from service.recording.recorder import Recorded
from service.recording.registry import Registry
from service.workshop.forms import Form, Known, make_form
from service.workshop.own_work import Done, read_entries, recent_values
from service.workshop.reading import OCCURRED_AT, other_name, read_form

routes = desk_routes("workshop action")

MOST_OPERATORS = 100
"""That are offered to choose from; others are typed."""


@dataclass(frozen=True, slots=True)
class Failure:
    """What kept a form from being recorded. errors: by field in the order of the form, in English and Chinese."""

    errors: Mapping[str, Sequence[tuple[str, str]]] = field(default_factory=dict)
    problem: Problem | None = None

    @property
    def status(self) -> int:
        return self.problem.kind.status if self.problem else 422


@routes.get(f"{PATH}/b/<code>/<kind>", Terms(RECORDER, "The form of an action on the battery in hand"))
def show_form(code: str, kind: str) -> ResponseReturnValue:
    found = _in_hand(code)
    if found.now.code != code:
        return go(f"{battery_path(found.now.code)}/{kind}")
    form = form_of(found, kind)
    return go(battery_path(code)) if form is None else _page(found, form, new_event_id())


@routes.post(f"{PATH}/b/<code>/<kind>", Terms(RECORDER, "Record an action on the battery in hand"))
def record(code: str, kind: str) -> ResponseReturnValue:
    id_ = event_id(request.form.get("event_id", ""))
    found = _in_hand(code)
    if (index := own_indexes([id_]).get(id_)) is not None:
        return go(f"{PATH}/done/{index}/again")
    form = form_of(found, kind)
    if form is None:
        return battery_page(found, missed=kind if kind in KINDS else "")
    told = read_form(form, sent, find_operator, now=current_register().clock())
    if told.faults:
        return _page(found, form, id_, Failure(by_field(told.faults, form)))
    [outcome] = tell([{**told.members, "id": id_}])
    if isinstance(outcome, Recorded):
        return go(f"{PATH}/done/{outcome.index}")
    if (index := own_indexes([id_]).get(id_)) is not None:  # sent twice at once
        return go(f"{PATH}/done/{index}/again")
    return _page(take_in_hand(found.now.code, signed_in().operator), form, id_, _failure(outcome, form))


@routes.get(f"{PATH}/done/<int:index>", Terms(RECORDER, "What was recorded"))
def show_done(index: int) -> ResponseReturnValue:
    return _done(index, again=False)


@routes.get(f"{PATH}/done/<int:index>/again", Terms(RECORDER, "What was recorded, when it was sent before"))
def show_done_before(index: int) -> ResponseReturnValue:
    return _done(index, again=True)


def form_of(found: InHand, kind: str) -> Form | None:
    """The form of what may be done with the battery now; None where that may not."""
    offer = found.offers.find(kind)
    return None if offer is None else make_form(offer, found.now.state, known_of(kind))


def known_of(kind: str) -> Known:
    """What a form of this kind is filled in with."""
    register, operator = current_register(), signed_in().operator
    enrolled = present_registry().operators.get(operator)
    with register.read() as reader:
        recent = recent_values(reader, operator, kind)
    return Known(operator, enrolled.enrolment.region if enrolled else "", date_in_china(register.clock()), recent)


def operators_offered(registry: Registry, say: Catalogue) -> list[tuple[str, str]]:
    """Id and name of operators to choose from, by id; none where there are too many to be sent to a phone."""
    if len(registry.operators) > MOST_OPERATORS:
        return []
    return [(each, operator_name(each, registry, say)) for each in sorted(registry.operators)]


def find_operator(text: str) -> str:
    """The id of the operator that somebody named by its id or name. Raises CellError."""
    operators, wanted = present_registry().operators, fold(text)
    if text in operators:
        return text
    named = [
        each.id
        for each in operators.values()
        if wanted in (fold(each.id), fold(each.enrolment.name), fold(each.enrolment.name_en or ""))
    ]
    if len(named) == 1:
        return named[0]
    if named:
        raise CellError(
            "several", f"several organisations are called so: {', '.join(named[:5])}", "有多个同名主体，请填写编号"
        )
    raise CellError("unknown", "no organisation of this id or name is enrolled", "没有此编号或名称的登记主体")


def named_operators(form: Form, registry: Registry, say: Catalogue) -> dict[str, str]:
    """The names of the operators that a form is filled in with, or was, by id."""
    fields = [each for each in form.fields if each.spec.kind == "operator"]
    ids = {
        text.strip() for each in fields for text in (each.value, *sent(each.name)) if text.strip() in registry.operators
    }
    return {each: operator_name(each, registry, say) for each in sorted(ids)}


def asks_operator(form: Form) -> bool:
    """Whether it has a field for an operator."""
    return any(each.spec.kind == "operator" for each in form.fields)


def by_field(faults: Sequence[Fault], form: Form) -> dict[str, list[tuple[str, str]]]:
    """The messages, in both languages, by field in the order of the form; "" for those of none of its fields."""
    names = [*(other_name(each.before) for each in form.others), *(each.name for each in form.fields), OCCURRED_AT]
    found: dict[str, list[tuple[str, str]]] = {}
    for name in (*names, ""):
        mine = [each for each in faults if (each.pointer if each.pointer in names else "") == name]
        if mine:
            found[name] = [(each.message_en, each.message_zh) for each in mine]
    return found


def own_indexes(ids: Sequence[str]) -> dict[str, int]:
    """The entries that record these events, of those that the organisation told itself, by the ids of the events."""
    with current_register().read() as reader:
        done = list(read_entries(reader.connection, list(reader.find(ids).values())))
    return {each.id: each.index for each in done if each.actor == signed_in().operator}


def _in_hand(text: str) -> InHand:
    """The battery. Raises NotFoundError, InvalidCode."""
    return take_in_hand(resolve_battery(current_register(), text), signed_in().operator)


def _own_entry(index: int) -> Done:
    with current_register().read() as reader:
        done = next(read_entries(reader.connection, [index])) if index < reader.size() else None
    if done is None or done.actor != signed_in().operator:
        raise NotFoundError(f"your organisation recorded no entry {index}")
    return done


def _done(index: int, *, again: bool) -> ResponseReturnValue:
    done = _own_entry(index)
    say = visit_of_request(current_register()).say
    return show_phone("w/done.html", done=done, again=again, title=kind_title(done.kind, say), path=battery_path)


def _page(found: InHand, form: Form, id_: str, failure: Failure | None = None) -> ResponseReturnValue:
    say = visit_of_request(current_register()).say
    response = show_phone(
        "w/form.html",
        status=200 if failure is None else failure.status,
        found=found,
        form=form,
        code=form.code,
        event_id=id_,
        title=kind_title(form.kind, say),
        failure=failure or Failure(),
        typed=sent if request.method == "POST" else None,
        operators=operators_offered(found.registry, say) if asks_operator(form) else [],
        named=named_operators(form, found.registry, say),
        present=_present(failure, found, say),
        path=battery_path(form.code),
        other_word=lambda others: other_word(form.kind, others),
        unfolded=_is_unfolded(form, failure),
    )
    if failure is not None and failure.problem is not None:
        response.headers.update(failure.problem.headers)
    return response


def _is_unfolded(form: Form, failure: Failure | None) -> bool:
    """Whether something in the folded part was filled in, or is wrong."""
    names = [OCCURRED_AT, *(each.name for each in form.folded_fields)]
    return failure is not None and any(name in failure.errors or "".join(sent(name)).strip() for name in names)


def _failure(refused: Refused, form: Form) -> Failure:
    error, problem = refused.error, refused.problem
    if not isinstance(error, FaultyError) or not error.faults:
        return Failure({"": [(problem.detail, problem.detail)]}, problem)
    return Failure(by_field([replace(each, pointer=_field_of(each.pointer)) for each in error.faults], form), problem)


def _field_of(pointer: str) -> str:
    """The field of the form that a fault of the event is about; "" for the event as a whole."""
    first, *rest = pointer.lstrip("/").split("/")
    if first in ("body", "private") and rest:
        return rest[0]
    return first if first == "occurred_at" else ""


def _present(failure: Failure | None, found: InHand, say: Catalogue) -> list[tuple[str, str]]:
    """What is recorded now, where that stands against what was to be recorded."""
    if failure is None or failure.problem is None or failure.problem.kind.status != 409:
        return []
    state = found.now.state
    status = OP_STATES[state.op_state]
    return [
        (say("w.status"), say.pick(status.en, status.zh)),
        (say("w.holder"), operator_name(state.holder, found.registry, say)),
        (say("w.last_event"), format_moment(state.last_occurred_at)),
    ]
