"""Whether the process lives, whether it can do its work, and its numbers."""

import pysqlite3
from flask import Response
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import SQLAlchemyError

from api import json
from api.auth import PUBLIC
from api.edge import current_edge
from api.metrics import CONTENT_TYPE
from api.problem_table import PROBLEMS
from api.problems import Problem, answer_problem
from api.routes import Answer, Routes, Terms
from api.schemas.answers import READY
from ledger.errors import RollbackError
from service.db.migrate import is_current
from service.errors import SettingsError
from service.pin import check_pin
from service.work import Register

routes = Routes("operations")

_TEXT = {"type": "string"}
_ALIVE = {"type": "object", "required": ["alive"], "properties": {"alive": {"const": True}}}


@routes.get("/livez", Terms(PUBLIC, "Whether the process lives", answers=(Answer(200, "It does", _ALIVE),)))
def show_life() -> ResponseReturnValue:
    return json.answer({"alive": True})


@routes.get(
    "/readyz",
    Terms(
        PUBLIC,
        "Whether the process can do its work: database, tables, rollback pin",
        answers=(Answer(200, "It can", READY),),
        errors=(503,),
    ),
)
def show_readiness() -> ResponseReturnValue:
    checks = _check(current_edge().register)
    failed = [name for name, found in checks.items() if found is False]
    if failed:
        detail = f"not ready: {', '.join(failed)}"
        problem = Problem(PROBLEMS["unavailable"], detail, extra={"checks": checks}, headers={"Retry-After": "5"})
        return answer_problem(problem)
    return json.answer({"ready": True, "checks": checks})


@routes.get(
    "/metrics", Terms(PUBLIC, "Numbers for Prometheus", answers=(Answer(200, "Its text format", _TEXT, "text/plain"),))
)
def show_metrics() -> ResponseReturnValue:
    return Response(current_edge().metrics.exposition(), content_type=CONTENT_TYPE)


def _check(register: Register) -> dict[str, object]:
    """What was looked at; False is a reason not to be ready."""
    checks: dict[str, object] = {"database": False, "tables": False, "pin": False}
    try:
        with register.read() as reader:
            checks["size"] = reader.size()
            checks["database"] = True
            checks["tables"] = is_current(reader.connection)
            check_pin(register.settings.pin_file, reader)
            checks["pin"] = True
            checks["engine"] = reader.connection.dialect.name
    except (SQLAlchemyError, SettingsError, RollbackError) as error:
        current_edge().logger.error("not ready", exc_info=error)
    checks["sqlite"] = pysqlite3.sqlite_version
    return checks
