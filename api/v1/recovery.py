"""Rates of recovery: a recycler sees its own, the regulator and the authority see all."""

from typing import Any

from flask.typing import ResponseReturnValue

from api import json
from api.auth import AUDITOR, READER, present_registry, signed_in
from api.edge import current_register
from api.recovery import row_members
from api.routes import Answer, Routes, Terms
from api.schemas.recovery import RECOVERY, RECOVERY_QUERY
from service.domain.rules_use import date_in_china
from service.errors import NotFoundError, NotPermittedError
from service.recovery import Period, read_recovery, usual_period

routes = Routes("recovery")


@routes.get(
    "/v1/recovery",
    Terms(
        READER,
        "How much of each material recyclers won back, and what the law asks for",
        query=RECOVERY_QUERY,
        answers=(Answer(200, "By recycler, step and material", RECOVERY),),
        errors=(404, 422),
    ),
)
def show_recovery(query: dict[str, Any]) -> ResponseReturnValue:
    register = current_register()
    operator = _whose(query["operator"])
    usual = usual_period(date_in_china(register.clock()))
    period = Period(query["first"], query["last"]) if query["first"] else usual
    rows = [row_members(row) for row in read_recovery(register, period, operator=operator)]
    return json.answer({"from": period.first, "to": period.last, "operator": operator, "rows": rows})


def _whose(operator: str | None) -> str | None:
    caller, registry = signed_in().operator, present_registry()
    if not AUDITOR.roles & registry.roles_of(caller):
        if operator not in (None, caller):
            raise NotPermittedError("a recycler sees its own rates only")
        return caller
    if operator is not None and operator not in registry.operators:
        raise NotFoundError("no such operator in this register")
    return operator
