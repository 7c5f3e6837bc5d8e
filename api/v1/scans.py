"""Sightings of labels, told by phones, and the alerts that a label may have been copied.

A sighting says no more than which label and about where. Who told it is not kept, except which organisation it was.
"""

from typing import Any

from flask.typing import ResponseReturnValue

from api import json
from api.auth import AUDITOR, PUBLIC, READER, present_caller, present_registry, signed_in
from api.copies import alert_members
from api.edge import current_register
from api.json import JsonBody
from api.routes import Answer, Routes, Terms
from api.schemas.copies import AlertSchema, AlertsQuery, AlertsSchema, ClosingSchema, NotedSchema, SightingSchema
from service.lookup import resolve_battery
from service.scans.alerts import close_alert, find_alerts, open_signs
from service.scans.noting import note_sighting

routes = Routes("scans")


@routes.post(
    "/v1/batteries/<battery:identifier>/sightings",
    Terms(
        PUBLIC,
        "Say that a label is before a camera now, and about where",
        body=JsonBody(SightingSchema()),
        answers=(Answer(201, "Kept for 30 days; whether the label may have been copied", NotedSchema()),),
        errors=(400, 404, 413, 415, 422, 503),
    ),
)
def note(identifier: str, body: dict[str, Any]) -> ResponseReturnValue:
    register, caller = current_register(), present_caller()
    code = resolve_battery(register, identifier)
    note_sighting(register, code, cell=body["cell"], operator=caller.operator if caller else None)
    with register.read() as reader:
        signs = open_signs(reader.connection, code)
    return json.answer({"code": code, "suspicious": bool(signs), "signs": [each.value for each in signs]}, 201)


@routes.get(
    "/v1/copy-alerts",
    Terms(
        READER,
        "Labels that may have been copied",
        query=AlertsQuery(),
        answers=(Answer(200, "All for regulators, else of batteries one made or held; oldest first", AlertsSchema()),),
        errors=(422,),
    ),
)
def show_alerts(query: dict[str, Any]) -> ResponseReturnValue:
    caller, limit = signed_in().operator, query["limit"]
    whose = None if AUDITOR.roles & present_registry().roles_of(caller) else caller
    with current_register().read() as reader:
        found = find_alerts(
            reader.connection, operator=whose, after=query["after"], limit=limit + 1, closed=query["closed"]
        )
    following = found[limit - 1].id if len(found) > limit else None
    return json.answer({"alerts": [alert_members(each) for each in found[:limit]], "next": following})


@routes.post(
    "/v1/copy-alerts/<int:alert_id>:close",
    Terms(
        AUDITOR,
        "Close an alert with what was found",
        body=JsonBody(ClosingSchema()),
        answers=(Answer(200, "The alert", AlertSchema()),),
        errors=(400, 404, 409, 413, 415, 422, 503),
    ),
)
def close(alert_id: int, body: dict[str, Any]) -> ResponseReturnValue:
    register = current_register()
    with register.write_beside() as connection:
        closed = close_alert(connection, alert_id, by=signed_in().operator, note=body["note"], now=register.clock())
    return json.answer(alert_members(closed))
