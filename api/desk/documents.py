"""Documents for people: those that the organisation added, and a form to add one."""

from typing import Any

from flask import request
from flask.typing import ResponseReturnValue

from api.auth import READER, RECORDER
from api.desk.opening import desk_routes, field, go, person_caller, show
from api.document_gate import check_may_add, check_may_remove, document_members, open_document, subject_of
from api.edge import current_register
from api.problems import problem_of
from api.routes import Terms
from api.v1.documents import hand_out
from ledger.entry import parse_time
from service.documents.keeping import PAGE, Document, add_document, find_document, list_own, remove_document, used_bytes
from service.domain.errors import InvalidCode
from service.domain.papers import RULES, Paper
from service.domain.passport.tiers import Tier
from service.errors import Fault, FaultyError, NotFoundError, RefusedError

routes = desk_routes("documents desk")

PATH = "/desk/documents"
AUDIENCES = {
    Tier.PT1: "documents.tier_pt1",
    Tier.PT2: "documents.tier_pt2",
    Tier.PT3: "documents.tier_pt3",
    Tier.PT4: "documents.tier_pt4",
}
"""For whom a part is, in words of the catalogue."""


@routes.get(PATH, Terms(READER, "The documents that one's organisation added"))
def show_documents() -> ResponseReturnValue:
    return _page()


@routes.get(f"{PATH}/<document_id>", Terms(READER, "A document, to download"))
def show_document(document_id: str) -> ResponseReturnValue:
    return hand_out(open_document(document_id))


@routes.post(PATH, Terms(RECORDER, "Add a document"))
def add() -> ResponseReturnValue:
    sent = request.files.get("file")
    try:
        subject, kind = subject_of(field("subject", most=300)), _kind()
        check_may_add(subject, kind)
        data = sent.read() if sent is not None else b""
        name = (sent.filename or "") if sent is not None else ""
        add_document(current_register(), person_caller(), subject, kind, name=name, data=data)
    except (FaultyError, NotFoundError, InvalidCode) as error:
        return _page(error=error)
    return go(PATH)


@routes.post(f"{PATH}/<document_id>/remove", Terms(RECORDER, "Remove a document"))
def remove(document_id: str) -> ResponseReturnValue:
    with current_register().read() as reader:
        found = find_document(reader.connection, document_id)
    check_may_remove(found)
    remove_document(current_register(), found.id)
    return go(PATH)


def _kind() -> Paper:
    try:
        return Paper(field("kind", most=40))
    except ValueError:
        raise RefusedError([Fault("/kind", "choice", "choose what the document is", "请选择文件类型")]) from None


def _page(*, error: Exception | None = None) -> ResponseReturnValue:
    register, operator = current_register(), person_caller().operator
    before = request.args.get("before", "")[:36] or None
    with register.read() as reader:
        found = list(list_own(reader.connection, operator, before=before))
        used = used_bytes(reader.connection, operator)
    limits = register.settings.documents
    return show(
        "desk/documents.html",
        problem=None if error is None else problem_of(error),
        documents=[_told(each) for each in found],
        older=found[-1].id if len(found) == PAGE else None,
        kinds=[(paper, AUDIENCES[RULES[paper].tier]) for paper in Paper],
        may_add="record" in person_caller().scopes,
        most_mb=min(limits.bytes, register.settings.max_body_bytes) // (1024 * 1024),
        used_mb=used // (1024 * 1024),
        quota_mb=limits.quota // (1024 * 1024),
        typed=field("subject", most=300) or request.args.get("subject", "")[:300],
    )


def _told(found: Document) -> dict[str, Any]:
    return document_members(found) | {
        "paper": found.kind,
        "audience": AUDIENCES[found.tier],
        "at": parse_time(found.added_at),
    }
