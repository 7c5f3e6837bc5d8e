"""Lists of batteries that somebody pasted or chose: which are here, which are not, and what can be done with them."""

from collections.abc import Iterator, Sequence

from flask import request
from flask.typing import ResponseReturnValue

from api.auth import READER
from api.desk.files import answer_table
from api.desk.opening import asked_place, desk_routes, field, go, person_caller, show
from api.desk.pack_filters import FACETS, address, filter_of, words_of
from api.desk.packs import PATH as PACKS
from api.desk.packs import own_groups
from api.edge import current_register
from api.pages.answers import visit_of_request
from api.problems import problem_of
from api.routes import Terms
from service.domain.names import OP_STATES
from service.errors import RefusedError
from service.exports.stamp import stamp_of
from service.exports.writing import Value
from service.labelling import MOST as MOST_LABELS
from service.packlist.pasting import KEPT, LONGEST_NAME, MOST, Sought, keep_list, load_list, seek
from service.packlist.reading import fitting, walk
from service.recording.listings import load_known

routes = desk_routes("pack lists desk")

PATH = f"{PACKS}/lists"
SHOWN = 100
_PARTS = ("found", "missing")
_LONGEST = 500_000
"""Characters of a text that is pasted: more than a form has room for."""


@routes.get(PATH, Terms(READER, "Paste a list of batteries"))
def show_form() -> ResponseReturnValue:
    return show("desk/pack_paste.html", typed="", most=MOST, days=KEPT.days)


@routes.post(PATH, Terms(READER, "Look up a list of batteries, or keep a selection"))
def make_list() -> ResponseReturnValue:
    names = field("names", most=_LONGEST)
    try:
        text = names or " ".join(each[:LONGEST_NAME] for each in _chosen())
        register = current_register()
        with register.write_beside() as connection:
            id_ = keep_list(connection, person_caller().operator, text, now=register.clock())
    except RefusedError as error:
        return show("desk/pack_paste.html", typed=names, most=MOST, days=KEPT.days, problem=problem_of(error))
    return go(f"{PATH}/{id_}")


@routes.get(f"{PATH}/<list_id>", Terms(READER, "A list of batteries: what of it is here"))
def show_list(list_id: str) -> ResponseReturnValue:
    register, say = current_register(), visit_of_request(current_register()).say
    start = asked_place(digits=5)
    with register.read() as reader:
        registry = register.current_registry(reader.connection)
        pasted = load_list(reader.connection, list_id, person_caller().operator)
        sought = seek(reader.connection, registry, pasted.names)
        found = list(dict.fromkeys(each.code for each in sought if each.code))
        here = found[start : start + SHOWN]
        states = load_known(reader.connection, here, registry.models)
    rows = [
        {
            "code": code,
            "model": words_of("model", state.model_id, registry, say) if state.model_id else "",
            "status": words_of("state", state.op_state.value, registry, say),
            "tone": OP_STATES[state.op_state].tone,
        }
        for code, state in ((code, states[code]) for code in here)
    ]
    more = start + SHOWN
    place = f"{PATH}/{list_id}"
    return show(
        "desk/pack_list.html",
        kept={"from": str(start)} if start else None,
        id=list_id,
        days=KEPT.days,
        left_out=pasted.left_out,
        found=len(found),
        missing=[each for each in sought if not each.code],
        shown=SHOWN,
        rows=rows,
        start=start,
        following=address(place, {"from": str(more)}) if more < len(found) else None,
        codes=" ".join(found),
        repeated=sum(1 for each in sought if each.code) - len(found),
        most_labels=MOST_LABELS,
        files={part: address(f"{place}.csv", {"part": part}) for part in _PARTS},
    )


@routes.get(f"{PATH}/<list_id>.csv", Terms(READER, "What of a list is here, or is not, as a file"))
def export_list(list_id: str) -> ResponseReturnValue:
    register = current_register()
    part = "missing" if request.args.get("part") == "missing" else "found"
    with register.read() as reader:
        registry = register.current_registry(reader.connection)
        pasted = load_list(reader.connection, list_id, person_caller().operator)
        sought = seek(reader.connection, registry, pasted.names)
        stamp = stamp_of(reader, f"list-{part}", {"list": list_id})
    rows = [_row(each) for each in sought if bool(each.code) == (part == "found")]
    header = ("given", "code") if part == "found" else ("given", "reason_en", "reason_zh")
    return answer_table(f"batteries-{part}-{list_id[:8]}", stamp, header, rows)


def _row(sought: Sought) -> Sequence[Value]:
    return (sought.name, sought.code) if sought.code else (sought.name, *sought.why)


def _chosen() -> Iterator[str]:
    """The codes that were ticked, or all that the filter leaves; of these up to one more than a list can have."""
    if request.form.get("all") is None:
        yield from request.form.getlist("code")[: MOST + 1]
        return
    with current_register().read() as reader:
        _, groups = own_groups(reader)
        fit = fitting(groups, filter_of({name: field(name) for name in FACETS}))
        for at, line in enumerate(walk(reader.connection, fit)):
            if at > MOST:
                return
            yield line.code
