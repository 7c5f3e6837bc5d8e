"""One battery by any of its identifiers: what it is, what happened to it, the evidence, the label.

Everybody sees the public part. Who took part in the battery's life, regulators and the authority see all of it. The
answers say as of which checkpoint they are true.
"""

from typing import Any

from flask import Response
from flask.typing import ResponseReturnValue

from api import json
from api.auth import PUBLIC, READER, check_audience, present_caller, present_registry
from api.disclosing import note_battery
from api.document_gate import document_members, visible_documents
from api.edge import current_register
from api.labelling import CONTENT_TYPES, Look, draw_battery_label
from api.routes import Answer, Routes, Terms
from api.schemas.answers import BATTERY, HISTORY
from api.schemas.queries import LabelQuery
from api.v1.battery_parts import history_members, public_members, state_members
from service.errors import NotPermittedError, UnknownBatteryError
from service.evidence import absence_bundle, evidence_bundle
from service.history import History, battery_history, battery_now, may_read_all
from service.lookup import resolve_battery
from service.private.shown import disclose

routes = Routes("batteries")

_BUNDLE = {
    "type": "object",
    "description": "See ledger/README.md, section 11; python -m ledger verify checks it offline. Of a code that is not "
    "recorded it has no entries, and proves with the log's map that none of the entries before it names the code.",
}
_IMAGE = {"type": "string", "format": "binary"}


@routes.get(
    "/v1/batteries/<battery:identifier>",
    Terms(PUBLIC, "Its present state", answers=(Answer(200, "As the caller may see it", BATTERY),), errors=(404, 422)),
)
def show_battery(identifier: str) -> ResponseReturnValue:
    register = current_register()
    code = resolve_battery(register, identifier)
    if present_caller() is None:
        return _public(public_members(battery_now(register, code)))
    history = battery_history(register, code)
    members = public_members(history.now)
    if _sees_all(history):
        note_battery(history.now.state, "state")
        members |= {"state": state_members(disclose(register, history).now.state)}
    return _private(members)


@routes.get(
    "/v1/batteries/<battery:identifier>/history",
    Terms(PUBLIC, "What happened to it", answers=(Answer(200, "Oldest step first", HISTORY),), errors=(404, 422)),
)
def show_history(identifier: str) -> ResponseReturnValue:
    register = current_register()
    history = battery_history(register, resolve_battery(register, identifier))
    whole = _sees_all(history)
    if whole:
        note_battery(history.now.state, "history")
    members = history_members(disclose(register, history) if whole else history, whole=whole)
    members["documents"] = [document_members(each) for each in visible_documents(history.now.code)]
    return _public(members) if present_caller() is None else _private(members)


@routes.get(
    "/v1/batteries/<battery:identifier>/evidence",
    Terms(
        PUBLIC,
        "Its entries, their proofs and the keys that signed them, to be checked offline, for regulators and those who "
        "took part in its life; for everybody, the proof that nothing is recorded of a code",
        answers=(Answer(200, "A bundle", _BUNDLE),),
        errors=(401, 403, 404, 422),
    ),
)
def show_evidence(identifier: str) -> ResponseReturnValue:
    register = current_register()
    try:
        code = resolve_battery(register, identifier)
    except UnknownBatteryError as error:
        if error.absence is None:
            raise
        return _bundle(absence_bundle(register, error.absence.code), error.absence.code)
    check_audience(READER, present_caller(), {})
    history = battery_history(register, code)
    if not _sees_all(history):
        raise NotPermittedError("the evidence is for those who took part in the battery's life, and for regulators")
    note_battery(history.now.state, "evidence")
    return _bundle(evidence_bundle(register, code), code)


@routes.get(
    "/v1/batteries/<battery:identifier>/label",
    Terms(
        READER,
        "Its label, to look at; a print is recorded by POST /v1/labels",
        query=LabelQuery(),
        answers=tuple(
            Answer(200, "The label", _IMAGE, content.partition(";")[0]) for content in CONTENT_TYPES.values()
        ),
        errors=(404, 422),
    ),
)
def show_label(identifier: str, query: dict[str, Any]) -> ResponseReturnValue:
    register = current_register()
    now = battery_now(register, resolve_battery(register, identifier))
    form = query["format"]
    drawn = draw_battery_label(now, register.settings.base_url, Look(form, query["template"], query["dpi"]))
    response = Response(drawn, content_type=CONTENT_TYPES[form])
    response.headers["Content-Disposition"] = f'inline; filename="{now.code}.{form}"'
    return json.with_etag(response)


def _bundle(data: bytes, code: str) -> Response:
    response = Response(data, content_type=json.JSON)
    response.headers["Content-Disposition"] = f'attachment; filename="{code}.bundle.json"'
    return response


def _sees_all(history: History) -> bool:
    return may_read_all(present_caller(), history, present_registry())


def _public(members: dict[str, object]) -> Response:
    response = json.answer(members)
    response.headers["Cache-Control"] = "public, max-age=60"
    response.vary.add("Authorization")
    return json.with_etag(response)


def _private(members: dict[str, object]) -> Response:
    response = json.answer(members)
    response.headers["Cache-Control"] = "private, no-cache"
    response.vary.add("Authorization")
    return json.with_etag(response)
