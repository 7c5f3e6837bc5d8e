"""One case for the authority: what is known of it, the notes of those who looked into it, and all of it as a file.

A note is signed with the organisation and the time, and is never changed.
"""

from urllib.parse import quote

from flask.typing import ResponseReturnValue

from api.auth import AUDITOR, present_registry
from api.desk.case_kinds import BEHIND
from api.desk.figures.pages import present_speaker
from api.desk.files import answer_file
from api.desk.opening import desk_routes, field, go, person_caller, show
from api.disclosing import note_batteries
from api.edge import current_register
from api.problems import problem_of
from api.receipts import receipt_members
from api.routes import Terms
from ledger.entry import format_time
from service.cases.finding import CaseFile, find_case
from service.cases.notes import LONGEST, add_note, notes_of
from service.domain.titles import TITLES
from service.errors import FaultyError, NotFoundError, RefusedError
from service.exports.stamp import stamp_of
from service.exports.writing import write_json

routes = desk_routes("case files desk")

PATH = "/desk/cases/<kind>/<key>"
KINDS = ("late", "missing", "copies", "recovery", *BEHIND)
LONGEST_KEY = 200


@routes.get(PATH, Terms(AUDITOR, "One case, with its notes"))
def show_case(kind: str, key: str) -> ResponseReturnValue:
    return _page(_case(kind, key))


@routes.post(f"{PATH}/notes", Terms(AUDITOR, "Add a note to a case"))
def add(kind: str, key: str) -> ResponseReturnValue:
    register, case, text = current_register(), _case(kind, key), field("note", most=LONGEST)
    try:
        with register.write_beside() as connection:
            add_note(connection, case.name, text, by=person_caller().operator, now=register.clock())
    except RefusedError as error:
        return _page(case, typed=text, error=error)
    return go(f"/desk/cases/{kind}/{quote(key)}")


@routes.get(f"{PATH}.json", Terms(AUDITOR, "A case as a file: what is known, the entries with their proofs, the notes"))
def show_file(kind: str, key: str) -> ResponseReturnValue:
    register, case = current_register(), _case(kind, key)
    if case.code:
        note_batteries((case.code,), "entry")
    with register.read() as reader:
        stamp = stamp_of(reader, "case", {"list": kind, "key": key})
        checkpoint = reader.checkpoint().decode()
        entries = [receipt_members(reader.proven(index)) for index in case.entries]
        notes = notes_of(reader.connection, case.name)
    head = {
        "case": {"list": kind, "key": key, "code": case.code, "operator": case.operator, "facts": dict(case.facts)},
        "entries": entries,
        "checkpoint": checkpoint,
    }
    rows = ({"at": format_time(note.at), "operator": note.operator, "note": note.text} for note in notes)
    return answer_file(f"case-{kind}.json", b"".join(write_json(stamp, head, rows)), "application/json")


def _case(kind: str, key: str) -> CaseFile:
    if kind not in KINDS or len(key) > LONGEST_KEY:
        raise NotFoundError("there is no such case: /desk/cases lists them")
    return find_case(current_register(), kind, key)


def _page(case: CaseFile, *, typed: str = "", error: FaultyError | None = None) -> ResponseReturnValue:
    with current_register().read() as reader:
        notes = notes_of(reader.connection, case.name)
    return show(
        "desk/case.html",
        problem=None if error is None else problem_of(error),
        case=case,
        facts=[(TITLES.get(name), name, value) for name, value in case.facts.items() if value not in (None, "")],
        notes=notes,
        typed=typed,
        most=LONGEST,
        operators=present_registry().operators,
        speaker=present_speaker(),
    )
